// The tree that YAML and JSON files are read into: text kept as written, each value with its place.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sim/config/diagnostic.hpp"

namespace mtok::config {

/// One value of a file. Scalars keep the text of the file; what it means is decided by who asks for it, so a
/// YAML `NO` stays text and `010` never becomes a number.
struct Value {
  /// `quoted` is text in quotes: never a number or a boolean. `null` and `special` (JSON's tolerated NaN and
  /// Infinity) are errors when read.
  enum class Kind { plain, quoted, list, mapping, null, special };
  struct Entry;

  Value();
  Value(Kind a_kind, Position a_place, std::string a_text = {});

  Kind kind = Kind::null;
  Position at{};
  std::string text{};          ///< of a scalar
  std::vector<Value> items{};  ///< of a list
  std::vector<Entry> entries;  ///< of a mapping, in the order of the file, keys unique
};

struct Value::Entry {
  std::string key{};
  Position at{};  ///< of the key
  Value value{};
};

// Here, where an entry is complete: a vector of an incomplete type can be declared but not made.
inline Value::Value() = default;
inline Value::Value(Kind a_kind, Position a_place, std::string a_text)
    : kind(a_kind), at(a_place), text(std::move(a_text)) {}

inline constexpr int kMaxDepth = 64;
inline constexpr std::size_t kMaxYamlBytes = std::size_t{4} << 20U;
inline constexpr std::size_t kMaxJsonBytes = std::size_t{1} << 20U;

/// Both take the bytes of a whole file (a UTF-8 byte-order mark is accepted) and the name for messages; both
/// throw Error. YAML: one document whose root is a mapping; no aliases, anchors, tags, merge keys, duplicate
/// keys, nulls, control characters, line breaks inside quotes; depth <= 64; at most 500,000 values and 64 KiB
/// a text. JSON: RFC 8259 strictly, without duplicate keys; depth <= 64; NaN and Infinity become `special`;
/// `first_line` is the line number of the first line (for JSON lines).
[[nodiscard]] Value parse_yaml(const std::string& text, const std::string& file);
[[nodiscard]] Value parse_json(std::string_view text, const std::string& file, int first_line = 1);

/// Throws Error at the first byte that is not valid UTF-8, is a control character other than TAB, LF, CR, or
/// is one of the characters that reorder the text around them on a screen (U+202A..U+202E, U+2066..U+2069).
void check_text(std::string_view text, const std::string& file, int first_line = 1);

}  // namespace mtok::config
