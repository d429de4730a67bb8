// The fleet of the cheapest deployment by month, as its demand grows.
#include <cmath>

#include "sim/planner/parallel.hpp"
#include "sim/planner/plan.hpp"
#include "sim/planner/sizing.hpp"

namespace mtok::planner {
namespace {

/// The same requests, `factor` times as many a second.
WorkloadChoice faster(const WorkloadChoice& workload, double factor) {
  std::vector<workload::Request> requests = *workload.requests;
  for (workload::Request& request : requests) {
    request.arrival_ns = static_cast<std::int64_t>(static_cast<double>(request.arrival_ns) / factor);
  }
  WorkloadChoice choice = workload;
  choice.requests = std::make_shared<const std::vector<workload::Request>>(std::move(requests));
  choice.facts.reset();
  choice.facts = std::make_shared<const WorkloadFacts>(look_through({.workload = choice}));
  return choice;
}

}  // namespace

PlanHorizon fleet_by_month(const Scenario& deployment, const Growth& growth, const Catalogue& catalogue) {
  PlanHorizon horizon{.name = deployment.name, .feasible = true};
  std::vector<PlanMonth>& months = horizon.months;
  months.resize(static_cast<std::size_t>(growth.months) + 1);
  for_each_in_parallel(months.size(), [&](std::size_t i) {
    const double factor = std::pow(1 + growth.per_month, static_cast<double>(i));
    Scenario scenario = deployment;
    scenario.workload = faster(deployment.workload, factor);
    const WorkloadFacts& facts = *scenario.workload.facts;
    PreparedRun prepared(scenario, catalogue);
    const Sized sized = fewest_replicas(prepared);
    PlanMonth& month = months[i];
    month.month = static_cast<std::int64_t>(i);
    month.feasible = sized.feasible;
    if (facts.last_arrival_ns > 0) {
      month.requests_per_s =
          static_cast<double>(facts.requests) / (static_cast<double>(facts.last_arrival_ns) * 1e-9);
    }
    month.replicas = sized.result.scenario.replicas;
    month.devices = month.replicas * scenario.device_count;
    month.per_month = sized.result.bill.per_month;
  });
  for (const PlanMonth& month : months) {
    horizon.feasible = horizon.feasible && month.feasible;
    horizon.total += month.month < growth.months ? month.per_month : Usd{};
  }
  return horizon;
}

}  // namespace mtok::planner
