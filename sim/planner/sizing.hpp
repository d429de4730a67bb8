// The cheapest fleet that keeps the promises of a scenario.
#pragma once

#include <string>
#include <vector>

#include "sim/planner/run.hpp"

namespace mtok::planner {

/// One pool of a fleet after sizing.
struct Sized {
  bool feasible = false;
  std::string reason{};  ///< why not
  RunResult result{};    ///< of the cheapest fleet; of the last one tried when none keeps the SLO
};

/// Tries 1, 2, 4 and 8 devices per replica (tensor parallel) where they fit, and for each the fewest replicas
/// that keep the SLO; returns the cheapest. The number of replicas is found by doubling from the offered load
/// and halving the gap, so it is the fewest when more replicas never hurt. With closed or offline load the
/// replicas of the scenario stay.
[[nodiscard]] Sized cheapest_fleet(const Scenario& scenario, const Catalogue& catalogue);

}  // namespace mtok::planner
