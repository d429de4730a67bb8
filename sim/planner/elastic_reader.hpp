// The blocks `autoscaler` and `failures` of a scenario's fleet.
#pragma once

#include "sim/config/reader.hpp"
#include "sim/planner/scenario.hpp"

namespace mtok::planner {

/// Reads them into the scenario, with the replicas that serve at the start: `fleet.replicas`, else the fewest
/// that the autoscaler may leave, at least one. Notes errors in the document of `fleet`, adds the defaults
/// that it takes.
void read_elastic(config::Reader& fleet, Scenario& scenario);

}  // namespace mtok::planner
