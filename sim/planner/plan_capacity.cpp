// Searches a plan and hands its cheapest deployment, with the demand, to the planning of capacity.
#include "sim/planner/plan_capacity.hpp"

#include "sim/planner/plan_demand.hpp"

namespace mtok::planner {

Capacity plan_capacity(const Plan& plan, const Catalogue& catalogue, const Progress& progress) {
  Plan now = plan;
  now.growth.reset();  // the months are those of the capacity
  now.buy.reset();
  const PlanResult found = search(now, catalogue, {.top_n = 1}, progress);
  if (found.cancelled) {
    return {.name = plan.name, .reason = "stopped", .cancelled = true};
  }
  if (found.rows.empty() || !found.rows.front().row.feasible) {
    return {.name = plan.name,
            .reason = "no candidate of the plan keeps the promises",
            .inputs = found.inputs,
            .assumptions = found.assumptions,
            .warnings = found.warnings};
  }
  const PlanRow& cheapest = found.rows.front();
  Scenario scenario = cheapest.deployment;
  scenario.name = plan.name + ": " + cheapest.row.name;
  scenario.workload = read_demand(plan, {}).workload;
  scenario.capacity = plan.capacity;
  scenario.stated = plan.stated;
  Capacity capacity = plan_capacity(scenario, catalogue, progress);
  if (plan.workload.trace) {  // its requests are in memory, so the run has not seen the file
    capacity.inputs.push_back(
        {.path = catalogue.shown(*plan.workload.trace), .sha256 = catalogue.digest(*plan.workload.trace)});
  }
  return capacity;
}

}  // namespace mtok::planner
