// One deployment under many request rates: what a token costs as the devices fill up.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "sim/planner/run.hpp"

namespace mtok::planner {

struct RatePoint {
  double requests_per_s = 0;  ///< mean of the arrivals
  RunResult result{};
};

/// Runs the scenario with its requests arriving at each of the rates, in parallel; the points keep their
/// order. Throws config::Error for files that cannot be used and for workloads without times of arrival.
[[nodiscard]] std::vector<RatePoint> sweep_rates(const Scenario& scenario, const Catalogue& catalogue,
                                                 std::span<const double> requests_per_s,
                                                 const Progress& progress = {});

}  // namespace mtok::planner
