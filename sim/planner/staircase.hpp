// The fewest replicas for each level of a demand, by simulation.
#pragma once

#include <string>
#include <vector>

#include "sim/planner/run.hpp"

namespace mtok::planner {

/// A multiple of the scenario's demand, and the fleet that serves it.
struct DemandLevel {
  double factor = 1;  ///< arrivals come so many times as fast
  std::int64_t replicas = 0;
  bool feasible = false;
  std::string reason{};
  Watts power{};       ///< that all devices draw on average
  Watts idle_power{};  ///< of one replica
};

/// Sizes every level, in parallel; `first_guess`: replicas for factor 1. The number is the fewest when more
/// replicas never hurt. `progress` counts levels; false stops, and levels not sized by then are not feasible.
void size_levels(std::vector<DemandLevel>& levels, const Scenario& scenario, const Catalogue& catalogue,
                 std::int64_t first_guess, const Progress& progress);

/// Replicas for a demand that was not simulated: those of the next higher level. Requires levels in rising
/// order of factor and a factor no higher than the last.
[[nodiscard]] std::int64_t replicas_for(const std::vector<DemandLevel>& levels, double factor);

}  // namespace mtok::planner
