// The fleet by month of the cheapest deployment of a plan.
#pragma once

#include "sim/planner/capacity.hpp"
#include "sim/planner/plan.hpp"

namespace mtok::planner {

/// Searches the plan for its cheapest candidate that keeps the promises and plans the capacity of that one,
/// by the plan's block `capacity`; without one, or without its growth, the demand grows as `growth` says.
/// Without such a candidate the answer is not feasible. `progress` counts the candidates, then the levels of
/// demand. Throws config::Error as search() and the capacity of a scenario.
[[nodiscard]] Capacity plan_capacity(const Plan& plan, const Catalogue& catalogue,
                                     const Progress& progress = {});

}  // namespace mtok::planner
