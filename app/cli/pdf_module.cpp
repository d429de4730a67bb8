// Loads the library with the PDF writer from beside the program.
#include "app/cli/pdf_module.hpp"

#include <dlfcn.h>

#include <memory>
#include <system_error>

#include "app/cli/refusal.hpp"

namespace mtok::cli {
namespace {

namespace fs = std::filesystem;

constexpr const char* kLibrary = "libmtok_pdf.so";

/// Beside the program, or in lib/mtok of the same prefix; empty when it is in neither.
fs::path library() {
  std::error_code error;
  const fs::path folder = fs::read_symlink("/proc/self/exe", error).parent_path();
  for (const fs::path& place : {folder / kLibrary, folder.parent_path() / "lib" / "mtok" / kLibrary}) {
    if (fs::is_regular_file(place, error)) {
      return place;
    }
  }
  return {};
}

}  // namespace

bool has_pdf_writer() {
  return !library().empty();
}

void write_pdf_file(const report::PdfMemo& memo, const fs::path& file) {
  const fs::path path = library();
  // Stays loaded: Qt does not like to be unloaded.
  void* const module = path.empty() ? nullptr : dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  void* const symbol = module == nullptr ? nullptr : dlsym(module, "mtok_write_pdf");
  if (symbol == nullptr) {
    throw Refusal("this installation of mtok cannot write PDF: its library " + std::string(kLibrary) +
                      " is missing or cannot be loaded",
                  "it is built where Qt 6 (qt6-base-dev, qt6-svg-dev) is installed");
  }
  const auto write = reinterpret_cast<decltype(&mtok_write_pdf)>(symbol);  // NOLINT: dlsym knows no types
  std::string problem;
  write(memo, file.string(), problem);
  if (!problem.empty()) {
    throw Refusal(file.string() + " cannot be written: " + problem);
  }
}

}  // namespace mtok::cli
