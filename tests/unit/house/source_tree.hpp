// The sources of this repository as the house rules see them: files, lines, code without comments and
// strings.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace mtok::house {

/// The root of the repository.
[[nodiscard]] std::filesystem::path repository();

/// One source file.
struct SourceFile {
  std::string path{};                ///< from the root, with slashes: "sim/units/money.hpp"
  std::vector<std::string> lines{};  ///< as written
  std::vector<std::string> code{};   ///< the same lines; comments are gone, strings are empty
};

/// Every .hpp and .cpp below sim/, app/ and tests/, in the order of their paths.
[[nodiscard]] std::vector<SourceFile> all_sources();

/// The text with comments blanked and string and character literals emptied, line breaks kept. Knows raw
/// strings and digit separators. Leaves out trigraphs and line continuations in comments.
[[nodiscard]] std::string without_comments_and_strings(std::string_view text);

/// What an #include line names.
struct Include {
  std::string target{};  ///< without brackets or quotes
  bool quoted = false;   ///< "..." rather than <...>
  std::size_t line = 0;  ///< from 1
};
[[nodiscard]] std::vector<Include> includes_of(const SourceFile& file);

/// "sim/units/money.hpp:12: what", which editors and people can follow.
[[nodiscard]] std::string place(const SourceFile& file, std::size_t line, std::string_view what);

[[nodiscard]] bool starts_with_one_of(std::string_view path, const std::vector<std::string>& prefixes);

/// The first two folders of a path below sim/ or app/ ("sim/units"), one or two for tests ("tests/golden",
/// "tests/unit/units"); empty for a file that lies in none.
[[nodiscard]] std::string room_of(std::string_view path);

}  // namespace mtok::house
