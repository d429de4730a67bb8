// The cheapest fleet that keeps the promises of a scenario.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sim/planner/run.hpp"

namespace mtok::planner {

/// One pool of a fleet after sizing.
struct Sized {
  bool feasible = false;
  std::string reason{};      ///< why not
  RunResult result{};        ///< of the cheapest fleet; of the last one tried when none keeps the SLO
  std::int64_t replays = 0;  ///< of the workload, those that were broken off included
};

/// The promise that a run breaks by the largest share of itself, and by how much: "misses TTFT p99 by 38 ms".
/// Empty when all hold.
[[nodiscard]] std::string nearest_miss(const RunResult& result);

/// The fewest replicas that keep the SLO on the scenario's own devices and sharding. The search starts at the
/// offered load over what one replica serves in a steady state, grows from there and halves the gap, so it
/// finds the fewest when more replicas never hurt. Runs that can keep no promise any more are broken off;
/// what is returned is a whole run. With an offline load the replicas of the scenario stay. `ceiling`:
/// a bill that is not worth reaching.
[[nodiscard]] Sized fewest_replicas(PreparedRun& prepared, std::optional<Usd> ceiling = {});
/// The same for a number of replicas that is given.
[[nodiscard]] Sized with_replicas(PreparedRun& prepared, std::int64_t replicas);

/// Tries 1, 2, 4 and 8 devices per replica (tensor parallel) where they fit, and for each the fewest replicas
/// that keep the SLO; returns the cheapest. One pool of one model. With closed or
/// offline load the replicas of the scenario stay, and a broken promise is no obstacle.
[[nodiscard]] Sized cheapest_fleet(const Scenario& scenario, const Catalogue& catalogue);

}  // namespace mtok::planner
