// The requests of a scenario in memory, at any pace, so that many simulations open no file for them.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/planner/scenario.hpp"
#include "sim/workload/request.hpp"

namespace mtok::planner {

class DemandInMemory {
 public:
  /// Reads the whole workload. Throws config::Error when it is unusable.
  explicit DemandInMemory(const Scenario& scenario);

  /// The same requests, arriving `factor` times as fast, under an open load.
  [[nodiscard]] WorkloadChoice faster(double factor) const;
  /// Requests per second from the first to the last arrival; 0 when all arrive at once.
  [[nodiscard]] double requests_per_s() const;

 private:
  std::vector<workload::Request> requests_;
  std::int64_t hash_block_size_ = 0;
};

}  // namespace mtok::planner
