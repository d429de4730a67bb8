// One value of a file as a number, a text or a flag; or a note that says why not.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/config/reader.hpp"
#include "sim/config/value.hpp"

namespace mtok::config {

/// The errors of a document so far, without file and excerpt: those are added for the few that are shown.
struct Notes {
  std::vector<Diagnostic> list{};

  void add(Position at, int width, std::string message, std::string hint = {}) {
    list.push_back({.at = at, .message = std::move(message), .width = width, .hint = std::move(hint)});
  }
};

/// A value with its full name, and where errors about it go.
struct Site {
  const Value& value;
  const std::string& path;
  Notes& notes;
  bool json = false;  ///< in JSON only what stands in quotes is text

  /// "path: message" at the value.
  void note(const std::string& message, std::string hint = {}) const;
  /// "path: expected EXPECTED, got VALUE" at the value.
  void note_expected(std::string_view expected, std::string hint = {}) const;
};

[[nodiscard]] bool is_scalar(const Value& value);
/// Bytes that the value takes in the file, as far as its text tells.
[[nodiscard]] int width_of(const Value& value);

// Each gives nullopt after noting an error.

[[nodiscard]] std::optional<double> number_of(const Site& site, Range range);
[[nodiscard]] std::optional<std::int64_t> integer_of(const Site& site, IntRange range);
[[nodiscard]] std::optional<bool> flag_of(const Site& site);
/// Text without control characters; line feeds and tabs may stand in it.
[[nodiscard]] std::optional<std::string> text_of(const Site& site);
/// The text of a plain or quoted value, for words and quantities.
[[nodiscard]] std::optional<std::string> scalar_of(const Site& site);
/// Notes an error when `value` lies outside; `shown_value` is how the file puts it.
[[nodiscard]] bool check_range(const Site& site, double value, Range range, std::string_view shown_value);

}  // namespace mtok::config
