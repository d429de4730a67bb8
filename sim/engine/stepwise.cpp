// The reference engine: every replica one step at a time.
#include "sim/engine/fleet_run.hpp"
#include "sim/engine/replica.hpp"

namespace mtok::engine {

RunRecord run_stepwise(const RunPlan& plan, StepTimer& timer, workload::RequestSource& requests,
                       const KeepGoing& keep_going) {
  return FleetRun<Replica>(plan, timer, requests, keep_going).run();
}

}  // namespace mtok::engine
