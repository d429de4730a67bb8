// The figures of two runs side by side: before, after and the change, for programs and for the eye.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "app/report/json.hpp"
#include "sim/planner/diff.hpp"

namespace mtok::report {

/// One figure in two runs. What a run does not have is null, and "-" for the eye.
struct DiffLine {
  std::string key{};    ///< of the JSON, with its unit: "total_usd"
  std::string title{};  ///< for the eye
  Json before{};
  Json after{};
  Json change{};                     ///< after - before in the unit of the key; money exact
  std::optional<double> relative{};  ///< change / before; absent when before is 0
  std::string before_text{};
  std::string after_text{};
  std::string change_text{};

  [[nodiscard]] bool changed() const { return before != after; }
};

/// Lines of the bill; the last is the total.
[[nodiscard]] std::vector<DiffLine> bill_lines(const planner::Diff& diff);
/// Dollars per million tokens by kind.
[[nodiscard]] std::vector<DiffLine> rate_lines(const planner::Diff& diff);
/// Latencies, the SLO, the fleet and its use.
[[nodiscard]] std::vector<DiffLine> figure_lines(const planner::Diff& diff);
/// The factors of the bill; `change` is what each moves it by.
[[nodiscard]] std::vector<DiffLine> bill_cause_lines(const planner::Diff& diff);
/// The factors of the blended cost; `change` is what each moves it by, in USD per million tokens.
[[nodiscard]] std::vector<DiffLine> rate_cause_lines(const planner::Diff& diff);

/// "+5.0 %", "-5.0 %", "0.0 %".
[[nodiscard]] std::string signed_percent(std::optional<double> change);
/// Dollars with their sign: "+$0.10".
[[nodiscard]] std::string signed_dollars(Money amount);

}  // namespace mtok::report
