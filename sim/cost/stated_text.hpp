// Reads a text that must not be empty: a source, a date, the name of a provider.
#pragma once

#include <string>
#include <string_view>

#include "sim/config/reader.hpp"

namespace mtok::cost {

/// The text of a required key; an empty one is an error of the file.
[[nodiscard]] inline std::string stated_text(config::Reader& reader, std::string_view key) {
  std::string text = reader.text(key);
  if (text.empty() && reader.is_scalar(key)) {
    reader.fail(key, "expected a text that says something, got an empty one");
  }
  return text;
}

}  // namespace mtok::cost
