// Runs one scenario at many paces.
#include "sim/planner/rate_sweep.hpp"

#include <mutex>

#include "sim/config/diagnostic.hpp"
#include "sim/planner/demand_in_memory.hpp"
#include "sim/planner/parallel.hpp"

namespace mtok::planner {

std::vector<RatePoint> sweep_rates(const Scenario& scenario, const Catalogue& catalogue,
                                   std::span<const double> requests_per_s, const Progress& progress) {
  const DemandInMemory demand(scenario);
  const double now = demand.requests_per_s();
  if (now <= 0 || scenario.workload.load.kind != engine::Load::Kind::open) {
    throw config::Error(
        {.file = scenario.file.string(),
         .at = {1, 1},
         .message = "a sweep of rates needs an open load whose requests arrive one after the other"});
  }
  std::vector<RatePoint> points(requests_per_s.size());
  std::mutex mutex;
  std::int64_t done = 0;
  bool stopped = false;
  for_each_in_parallel(points.size(), [&](std::size_t i) {
    {
      const std::lock_guard lock(mutex);
      if (stopped) {
        return;
      }
    }
    Scenario own = scenario;
    own.workload = demand.faster(requests_per_s[i] / now);
    points[i] = {.requests_per_s = requests_per_s[i], .result = run(own, catalogue)};
    const std::lock_guard lock(mutex);
    stopped = progress && !progress(++done, static_cast<std::int64_t>(points.size()));
  });
  if (stopped) {
    points.clear();
  }
  return points;
}

}  // namespace mtok::planner
