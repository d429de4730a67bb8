// The catalogue of the command line, or why there is none.
#include "app/cli/data_root.hpp"

#include <filesystem>
#include <optional>
#include <string>

#include "app/cli/refusal.hpp"
#include "app/data/data_root.hpp"

namespace mtok::cli {
namespace {

[[noreturn]] void refuse(const std::string& message) {
  throw Refusal(message,
                std::string("set ") + data::kVariable + " to the folder that holds models/ and hwprofiles/");
}

}  // namespace

planner::Catalogue find_catalogue() {
  if (const std::optional<std::string> given = data::stated_root()) {
    if (!data::holds_data(*given)) {
      refuse(std::string(data::kVariable) + " is '" + *given +
             "', which does not hold the folders models/ and hwprofiles/");
    }
    return planner::Catalogue(*given).keeping();
  }
  const std::optional<std::filesystem::path> root = data::root_above_program();
  if (!root) {
    refuse(std::string(data::kVariable) +
           " is not set, and no folder above the program holds models/ and hwprofiles/");
  }
  return planner::Catalogue(*root).keeping();
}

}  // namespace mtok::cli
