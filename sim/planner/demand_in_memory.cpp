// Keeps the requests of a scenario and gives them out at another pace.
#include "sim/planner/demand_in_memory.hpp"

#include <cmath>

#include "sim/planner/workload_facts.hpp"

namespace mtok::planner {

DemandInMemory::DemandInMemory(const Scenario& scenario) {
  const std::unique_ptr<workload::RequestSource> source = open_workload(scenario);
  for (workload::Request request; source->next(request);) {
    requests_.push_back(std::move(request));
  }
  hash_block_size_ = source->hash_block_size();
}

WorkloadChoice DemandInMemory::faster(double factor) const {
  auto requests = std::make_shared<std::vector<workload::Request>>(requests_);
  for (workload::Request& request : *requests) {
    request.arrival_ns = std::llround(static_cast<double>(request.arrival_ns) / factor);
  }
  return {.requests = std::move(requests), .requests_hash_block_size = hash_block_size_};
}

double DemandInMemory::requests_per_s() const {
  const double span = requests_.empty() ? 0 : static_cast<double>(requests_.back().arrival_ns) * 1e-9;
  return span > 0 ? static_cast<double>(requests_.size()) / span : 0;
}

}  // namespace mtok::planner
