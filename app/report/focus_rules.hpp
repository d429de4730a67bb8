// The rules of FOCUS 1.2 for single cells and across the cells of a row.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "sim/config/diagnostic.hpp"

namespace mtok::report {

struct FocusCell {
  std::string text{};
  bool quoted = false;
  config::Position at{};
};
/// Cells by the names of their columns.
using FocusRow = std::map<std::string_view, const FocusCell*>;

struct FocusFinding {
  config::Position at{};  ///< line 0: the row as a whole
  std::string message{};
};

/// What is wrong with a value of a column; empty when nothing is. Requires a value that is not null.
[[nodiscard]] std::string broken_format(std::string_view column, const std::string& text);
[[nodiscard]] std::vector<FocusFinding> broken_rules(const FocusRow& row);

}  // namespace mtok::report
