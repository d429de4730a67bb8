// Reads the workload of a plan into memory and moves it to the rate that is asked for.
#include "sim/planner/plan_demand.hpp"

#include <fmt/format.h>

#include "sim/config/sha256.hpp"

namespace mtok::planner {
namespace {

/// Mean requests a second from time zero to the last arrival; 0 when all come at once.
double mean_rate(const std::vector<workload::Request>& requests) {
  const std::int64_t last = requests.empty() ? 0 : requests.back().arrival_ns;
  return last > 0 ? static_cast<double>(requests.size()) / (static_cast<double>(last) * 1e-9) : 0;
}

void stretch(std::vector<workload::Request>& requests, double rate) {
  const double now = mean_rate(requests);
  for (workload::Request& request : requests) {
    request.arrival_ns = static_cast<std::int64_t>(static_cast<double>(request.arrival_ns) * now / rate);
  }
}

std::string digest_of(const Plan& plan, const PlanOptions& options) {
  const auto text = [](const auto& value) { return value ? units::shortest(value->base()) : "-"; };
  return fmt::format("{}|{}|{}|{}|{}",
                     plan.workload.trace ? config::sha256_of_file(*plan.workload.trace) : std::string("-"),
                     text(options.ttft), text(options.tpot),
                     options.requests_per_s ? units::shortest(*options.requests_per_s) : "-",
                     options.concurrency.value_or(0));
}

}  // namespace

PlanDemand read_demand(const Plan& plan, const PlanOptions& options) {
  const Scenario scenario{.workload = plan.workload, .seed = plan.seed};
  const std::unique_ptr<workload::RequestSource> source = open_workload(scenario);
  std::vector<workload::Request> requests;
  for (workload::Request request; source->next(request);) {
    requests.push_back(std::move(request));
  }
  if (options.requests_per_s) {
    stretch(requests, *options.requests_per_s);
  }
  PlanDemand demand{.skipped = source->skipped(), .digest = digest_of(plan, options)};
  demand.workload = {.requests_hash_block_size = source->hash_block_size(), .load = plan.workload.load};
  if (options.concurrency) {
    demand.workload.load = {.kind = engine::Load::Kind::closed, .concurrency = *options.concurrency};
  }
  if (demand.workload.load.kind == engine::Load::Kind::open && !requests.empty()) {
    demand.demand.last_arrival = Seconds(static_cast<double>(requests.back().arrival_ns) * 1e-9);
  }
  demand.workload.requests = std::make_shared<const std::vector<workload::Request>>(std::move(requests));
  demand.demand.facts = look_through({.workload = demand.workload});
  demand.workload.facts = std::make_shared<const WorkloadFacts>(demand.demand.facts);
  return demand;
}

}  // namespace mtok::planner
