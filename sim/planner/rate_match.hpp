// How many prefill and how many decode replicas keep the promises of a scenario at least cost.
#pragma once

#include "sim/planner/sizing.hpp"

namespace mtok::planner {

/// Requires a scenario with disaggregation and open arrivals. First tokens do not depend on the decode pool,
/// so the two numbers are found one after the other, each by doubling and halving: the fewest prefill
/// replicas that keep the TTFT, then the fewest decode replicas with which everything is kept. That is the
/// cheapest pair when more replicas never hurt and no end-to-end time is promised; with one, more prefill
/// than needed could save decoders, which is not tried. Not feasible when more replicas no longer help.
[[nodiscard]] Sized match_pools(Scenario scenario, const Catalogue& catalogue);

}  // namespace mtok::planner
