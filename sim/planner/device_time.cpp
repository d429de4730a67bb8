// Counts the devices of a run, and the time for which they are paid.
#include "sim/planner/run.hpp"

namespace mtok::planner {

std::int64_t devices_of(const RunResult& result) {
  std::int64_t devices = 0;
  for (const RunResult& model : result.pools) {
    devices += model.run.devices();
  }
  return result.pools.empty() ? result.run.devices() : devices;
}

Seconds paid_device_time(const RunResult& result) {
  const engine::RunRecord& run = result.run;
  if (!run.elastic) {
    return between(SimTime{}, run.makespan) * static_cast<double>(devices_of(result));
  }
  if (result.pools.empty()) {
    return Seconds(static_cast<double>(run.wall_ns()) * 1e-9) * static_cast<double>(run.devices_per_replica);
  }
  Seconds sum;
  for (const RunResult& pool : result.pools) {
    sum += paid_device_time(pool);
  }
  return sum;
}

}  // namespace mtok::planner
