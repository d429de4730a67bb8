// One deployment under many request rates, as text in every format.
#pragma once

#include <string>
#include <vector>

#include "app/report/form.hpp"
#include "sim/planner/rate_sweep.hpp"

namespace mtok::report {

/// JSON: schema `mtok.sweep/1`; CSV: one line a rate. Requires at least one point.
[[nodiscard]] std::string sweep_text(const std::vector<planner::RatePoint>& points, Form form);

}  // namespace mtok::report
