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
  std::string reason{};  ///< why not
  RunResult result{};    ///< of the cheapest fleet; of the last one tried when none keeps the SLO
};

/// The promise that a run breaks by the largest share of itself, and by how much: "misses TTFT p99 by 38 ms".
/// Empty when all hold.
[[nodiscard]] std::string nearest_miss(const RunResult& result);

/// The fewest replicas that keep the SLO on the scenario's own devices and sharding. The number of replicas
/// is found by growing from the offered load and halving the gap, so it is the fewest when more replicas
/// never hurt. With closed or offline load the replicas of the scenario stay. `ceiling`: a bill that is not
/// worth reaching.
[[nodiscard]] Sized fewest_replicas(const Scenario& scenario, const Catalogue& catalogue,
                                    std::optional<Usd> ceiling = {});

/// Tries 1, 2, 4 and 8 devices per replica (tensor parallel) where they fit, and for each the fewest replicas
/// that keep the SLO; returns the cheapest.
[[nodiscard]] Sized cheapest_fleet(const Scenario& scenario, const Catalogue& catalogue);

}  // namespace mtok::planner
