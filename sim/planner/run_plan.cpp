// From a scenario and what was found out about it to the engine's words.
#include "sim/planner/run_plan.hpp"

namespace mtok::planner {

engine::RunPlan plan_of(const RunResult& prepared, engine::StepTimer* decode_timer) {
  const Scenario& scenario = prepared.scenario;
  engine::RunPlan plan{.scheduler = prepared.scheduler,
                       .load = scenario.workload.load,
                       .router = scenario.router,
                       .replicas = scenario.replicas,
                       .devices_per_replica = scenario.device_count,
                       .autoscaler = scenario.autoscaler,
                       .failures = scenario.failures,
                       .seed = scenario.seed,
                       .slo = scenario.slo};
  for (const TenantChoice& tenant : scenario.tenants) {
    plan.tenants.push_back(tenant.name);
  }
  if (scenario.policy == SchedulingPolicy::fair) {
    for (const TenantChoice& tenant : scenario.tenants) {
      plan.scheduler.tenant_weights.push_back(tenant.weight);
    }
    plan.scheduler.tenant_weights.push_back(kWeightOfOthers);
  }
  if (prepared.decode_pool) {
    plan.decode_pool = {.scheduler = prepared.decode_pool->scheduler,
                        .timer = decode_timer,
                        .replicas = scenario.disaggregation->replicas,
                        .devices_per_replica = scenario.disaggregation->device_count,
                        .link = prepared.decode_pool->link};
    plan.decode_pool->scheduler.tenant_weights = plan.scheduler.tenant_weights;
  }
  return plan;
}

}  // namespace mtok::planner
