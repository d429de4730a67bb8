// A fleet of several models: requests split by share, or small first and escalated.
#pragma once

#include "sim/planner/run.hpp"

namespace mtok::planner {

/// Runs a scenario with further models. Pools have replicas of their own and share nothing but the clock and
/// the bill, which is for all of them until the last request of any has ended.
///
/// Shares: each request goes to one model, drawn by a hash of its position. Cascade: all requests go to the
/// small model; those it cannot hold at once, and of the others a share drawn by a hash, go on to the large
/// one when the small answer is complete, and the small answer is thrown away. Times of such a request count
/// from its first arrival to the tokens of the large answer; both attempts are paid for.
///
/// Leaves out: the time and cost of judging an answer or a request; harder requests are not longer ones.
/// Requires a scenario with models; its load is open or offline. A cascade keeps its requests in memory.
[[nodiscard]] RunResult run_models(const Scenario& scenario, const Catalogue& catalogue,
                                   const Progress& progress, const RunOptions& options);

}  // namespace mtok::planner
