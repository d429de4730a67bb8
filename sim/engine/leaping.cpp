// The leaping engine: replicas advance to their next event in closed form.
#include "sim/engine/fleet_run.hpp"
#include "sim/engine/leaping_replica.hpp"

namespace mtok::engine {

RunRecord run_leaping(const RunPlan& plan, StepTimer& timer, workload::RequestSource& requests,
                      const KeepGoing& keep_going) {
  const bool speculates =
      plan.scheduler.speculation || (plan.decode_pool && plan.decode_pool->scheduler.speculation);
  if (speculates) {
    return run_stepwise(plan, timer, requests, keep_going);
  }
  return FleetRun<LeapingReplica>(plan, timer, requests, keep_going).run();
}

}  // namespace mtok::engine
