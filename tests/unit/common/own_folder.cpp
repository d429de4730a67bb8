// Gives every test process a temporary folder of its own: tests that run side by side share no file.
// file.
#include <stdlib.h>  // NOLINT(modernize-deprecated-headers): mkdtemp and setenv are POSIX

#include <filesystem>
#include <string>
#include <system_error>

namespace {

/// testing::TempDir(), std::filesystem::temp_directory_path() and child processes all follow these variables.
class OwnFolder {
 public:
  OwnFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "mtok-test-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) {
      return;
    }
    folder_ = pattern;
    ::setenv("TMPDIR", pattern.c_str(), 1);
    ::setenv("TEST_TMPDIR", pattern.c_str(), 1);
  }
  ~OwnFolder() {
    std::error_code ignored;
    if (!folder_.empty()) {
      std::filesystem::remove_all(folder_, ignored);
    }
  }
  OwnFolder(const OwnFolder&) = delete;
  OwnFolder& operator=(const OwnFolder&) = delete;

 private:
  std::filesystem::path folder_;
};

const OwnFolder kOwnFolder;  // before main, and gone after it

}  // namespace
