// A comparison of scenarios, or a ladder of techniques, as text in every format.
#pragma once

#include <optional>
#include <string>

#include "app/report/form.hpp"
#include "sim/planner/compare.hpp"

namespace mtok::report {

/// Schema `mtok.compare/1`; usd_per_mtok is the blended rate, decimal text or null.
[[nodiscard]] std::string compare_json(const planner::Comparison& comparison);
/// One line a row, the columns as in JSON.
[[nodiscard]] std::string compare_csv(const planner::Comparison& comparison);
[[nodiscard]] std::string compare_table(const planner::Comparison& comparison, bool colour);
[[nodiscard]] std::string compare_markdown(const planner::Comparison& comparison);
[[nodiscard]] std::string compare_text(const planner::Comparison& comparison, Form form);

/// Schema `mtok.ladder/1`: rows carry marginal_usd_per_mtok and alone_usd_per_mtok beside, the student
/// payback_months and one_time_usd.
[[nodiscard]] std::string ladder_json(const planner::Comparison& comparison);
[[nodiscard]] std::string ladder_csv(const planner::Comparison& comparison);
[[nodiscard]] std::string ladder_table(const planner::Comparison& comparison, bool colour);
[[nodiscard]] std::string ladder_markdown(const planner::Comparison& comparison);
[[nodiscard]] std::string ladder_text(const planner::Comparison& comparison, Form form);
/// A waterfall: from the first rung down to the last, one bar a technique.
[[nodiscard]] std::string ladder_svg(const planner::Comparison& comparison);

/// The share of the base's cost per token that a row saves; absent when either has none.
[[nodiscard]] std::optional<double> saving_of(const planner::Comparison& comparison, std::size_t row);

}  // namespace mtok::report
