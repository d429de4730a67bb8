// Where results go: standard output or a file, in the form that was asked for.
#pragma once

#include <CLI/CLI.hpp>
#include <filesystem>
#include <functional>
#include <iosfwd>
#include <string>
#include <vector>

#include "app/report/form.hpp"

namespace mtok::cli {

/// The flags that all verbs with a result share.
struct Output {
  std::string file = "-";  ///< "-": standard output
  std::string format{};    ///< empty: by the ending of `file`, else a table
  bool quiet = false;

  /// Adds -o, --format and --quiet.
  void add_to(CLI::App& verb);
  [[nodiscard]] report::Form form() const;
  /// Writes the result where it was asked for. A reader that has gone away is no error; throws Refusal
  /// when the file cannot be written.
  void write(const std::string& text) const;
  /// Says notes on stderr, one line each, unless --quiet, or the reader sees them in the table anyway.
  void say(const std::string& kind, const std::vector<std::string>& notes) const;
};

/// Lets `write_to` fill a file of this name: under another name in the same folder first, renamed when all is
/// well, so that no reader sees half of it. A link stays and what it names is replaced; what is no regular
/// file, as /dev/null, is written in place. Throws Refusal when that fails.
void replace_file(const std::filesystem::path& file, const std::function<void(std::ostream&)>& write_to);
/// The same for a writer that opens the file by itself.
void replace_file_by_name(const std::filesystem::path& file,
                          const std::function<void(const std::filesystem::path&)>& write_to);
/// The whole text to standard output.
void write_to_stdout(std::string_view text);

}  // namespace mtok::cli
