// What a result depends on, as text in every format and as a tornado.
#pragma once

#include <string>

#include "app/report/form.hpp"
#include "sim/planner/sensitivity.hpp"

namespace mtok::report {

/// Schema `mtok.sensitivity/1`: options{trace, samples, ranges{KEY{low, high}}}, base, swings[{key, base,
/// low, high, unit, source, sampled, at_low, at_high, rank_correlation}], uncertainty{samples,
/// usd_per_mtok{p10,p50,p90}, …, slo_probability}. `trace`: the file name of one that was given in place of
/// the scenario's workload.
[[nodiscard]] std::string sensitivity_text(const planner::Sensitivity& sensitivity, Form form,
                                           const std::string& trace = {});
/// What the input is: "price of a device".
[[nodiscard]] std::string words_for(planner::Input input);
/// One bar an input, in dollars per million tokens.
[[nodiscard]] std::string sensitivity_svg(const planner::Sensitivity& sensitivity);
/// Schema `mtok.solution/1`: key, target_usd_per_mtok, value or null, and what the run gives there.
[[nodiscard]] std::string solution_text(const planner::Solution& solution, Form form);

}  // namespace mtok::report
