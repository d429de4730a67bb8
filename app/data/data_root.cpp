// Looks for models/ and hwprofiles/ in MTOK_DATA, above the program, and in share/mtok.
#include "app/data/data_root.hpp"

#include <cstdlib>
#include <system_error>

namespace mtok::data {

namespace fs = std::filesystem;

bool holds_data(const fs::path& folder) {
  std::error_code error;
  return fs::is_directory(folder / "models", error) && fs::is_directory(folder / "hwprofiles", error);
}

std::optional<std::string> stated_root() {
  const char* const given = std::getenv(kVariable);
  return given != nullptr && *given != '\0' ? std::optional<std::string>(given) : std::nullopt;
}

std::optional<fs::path> root_above_program() {
  std::error_code error;
  fs::path folder = fs::read_symlink("/proc/self/exe", error).parent_path();
  while (!folder.empty()) {
    for (const fs::path& candidate : {folder, folder / "share/mtok"}) {
      if (holds_data(candidate)) {
        return candidate;
      }
    }
    folder = folder == folder.parent_path() ? fs::path() : folder.parent_path();
  }
  return std::nullopt;
}

}  // namespace mtok::data
