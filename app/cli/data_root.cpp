// Looks for models/ and hwprofiles/ in MTOK_DATA or above the program.
#include "app/cli/data_root.hpp"

#include <cstdlib>
#include <system_error>

#include "app/cli/refusal.hpp"

namespace mtok::cli {
namespace {

namespace fs = std::filesystem;

constexpr const char* kVariable = "MTOK_DATA";

bool holds_data(const fs::path& folder) {
  std::error_code error;
  return fs::is_directory(folder / "models", error) && fs::is_directory(folder / "hwprofiles", error);
}

[[noreturn]] void refuse(const std::string& message) {
  throw Refusal(message,
                std::string("set ") + kVariable + " to the folder that holds models/ and hwprofiles/");
}

}  // namespace

planner::Catalogue find_catalogue() {
  if (const char* const given = std::getenv(kVariable); given != nullptr && *given != '\0') {
    if (!holds_data(given)) {
      refuse(std::string(kVariable) + " is '" + given +
             "', which does not hold the folders models/ and hwprofiles/");
    }
    return planner::Catalogue(given);
  }
  std::error_code error;
  fs::path folder = fs::read_symlink("/proc/self/exe", error).parent_path();
  while (!folder.empty() && !holds_data(folder)) {
    folder = folder == folder.parent_path() ? fs::path() : folder.parent_path();
  }
  if (folder.empty()) {
    refuse(std::string(kVariable) +
           " is not set, and no folder above the program holds models/ and hwprofiles/");
  }
  return planner::Catalogue(folder);
}

}  // namespace mtok::cli
