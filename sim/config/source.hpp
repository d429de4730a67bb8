// The bytes of one file while they are read: checks that come before any parsing, and errors with their line.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sim/config/diagnostic.hpp"
#include "sim/config/value.hpp"

namespace mtok::config {

/// A view of a file's text. The text and the name must outlive it.
struct Source {
  std::string_view text;
  const std::string& file;
  int first_line = 1;  ///< number of the first line of `text`, for a text that is one line of a file

  /// The error with its line as excerpt. Walks the text, so call it only for errors that will be shown.
  [[nodiscard]] Diagnostic error(Position at, std::string message, int width = 1,
                                 std::string hint = {}) const;
  [[noreturn]] void fail(Position at, std::string message, int width = 1, std::string hint = {}) const;
  /// The place of the byte at `offset`; walks the text.
  [[nodiscard]] Position position_of(std::size_t offset) const;
};

/// `text` without its UTF-8 byte-order mark.
[[nodiscard]] std::string_view without_mark(std::string_view text);

/// Refuses what no reader should see: too many bytes, nothing at all, a Git LFS pointer in place of the file,
/// bytes that are not text. `source.text` must come without its byte-order mark.
void check_source(const Source& source, std::size_t most_bytes);

/// A character of a text: its code point and its length in bytes. Length 0: not valid UTF-8 here.
struct Character {
  std::uint32_t code = 0;
  std::size_t bytes = 0;
};
[[nodiscard]] Character character_at(std::string_view text, std::size_t offset);

/// True for C0 and C1 control characters (TAB, LF, CR included) and DEL.
[[nodiscard]] bool is_control(std::uint32_t code);
/// True for the characters that reorder their surroundings on a screen: U+202A..U+202E and U+2066..U+2069.
[[nodiscard]] bool is_bidi_control(std::uint32_t code);
/// The text holds neither; `layout` allows TAB and LF. Requires valid UTF-8; anything else counts as not
/// clean.
[[nodiscard]] bool is_clean(std::string_view text, bool layout = false);

/// The index of the first entry whose key stands in an earlier entry; the number of entries when all differ.
[[nodiscard]] std::size_t first_repeated_key(const std::vector<Value::Entry>& entries);

}  // namespace mtok::config
