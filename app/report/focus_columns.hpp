// The columns of FOCUS 1.2: the table from which rows are written and files are checked.
#pragma once

#include <span>
#include <string_view>

namespace mtok::report {

enum class FocusType { text, decimal, date_time, json };
enum class FocusLevel { mandatory, conditional, recommended };

struct FocusColumn {
  std::string_view name{};
  FocusType type = FocusType::text;
  FocusLevel level = FocusLevel::conditional;
  bool nulls = true;                            ///< an empty cell is allowed
  std::span<const std::string_view> allowed{};  ///< empty: any value
  bool not_negative = false;
};

/// All 57, by name. Source: FOCUS Specification 1.2 (May 2025), github FinOps-Open-Cost-and-Usage-Spec/
/// FOCUS_Spec, folder specification/columns.
[[nodiscard]] std::span<const FocusColumn> focus_columns();
/// Null for a name that is no column.
[[nodiscard]] const FocusColumn* focus_column(std::string_view name);

}  // namespace mtok::report
