// What to tell someone whose value cannot be read.
#pragma once

#include <string>
#include <string_view>

namespace mtok::config {

/// A hint for a text that is not a plain number (or, with `integer`, not a plain whole number); empty when
/// nothing about the text suggests what was meant.
[[nodiscard]] std::string advice_on_number(std::string_view text, bool integer);

/// A hint for a text that stands where "key: value" should: "tdp_w:700" lacks a space after the colon.
[[nodiscard]] std::string advice_on_bare_key(std::string_view text);

}  // namespace mtok::config
