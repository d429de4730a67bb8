// Searches the fewest replicas from a guess, up or down in growing steps, then halving the gap.
#include "sim/planner/staircase.hpp"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <mutex>

#include "sim/planner/demand_in_memory.hpp"
#include "sim/planner/parallel.hpp"
#include "sim/planner/sizing.hpp"

namespace mtok::planner {
namespace {

constexpr std::int64_t kMostReplicas = 4096;

class LevelSearch {
 public:
  LevelSearch(DemandLevel& level, Scenario scenario, const Catalogue& catalogue)
      : level_(level), scenario_(std::move(scenario)), catalogue_(catalogue) {}

  void from(std::int64_t guess) {
    std::int64_t enough = 0;  // 0: not found yet
    std::int64_t too_few = 0;
    std::int64_t tried = std::clamp<std::int64_t>(guess, 1, kMostReplicas);
    for (std::int64_t step = 1; enough == 0 || enough - too_few > 1; step *= 2) {
      if (keeps(tried)) {
        enough = tried;
      } else {
        too_few = tried;
      }
      if (hopeless_ || too_few >= kMostReplicas) {
        return;  // more replicas do not help
      }
      if (enough == 0) {
        tried = std::min(kMostReplicas, too_few + step);
      } else if (too_few == 0) {
        tried = std::max<std::int64_t>(1, enough - step);
      } else {
        tried = too_few + (enough - too_few) / 2;
      }
    }
    level_.feasible = true;
    level_.replicas = enough;
  }

 private:
  bool keeps(std::int64_t replicas) {
    scenario_.replicas = replicas;
    const RunResult result = run(scenario_, catalogue_);
    if (result.infeasible || result.metrics.rejected > 0) {
      level_.reason = result.infeasible ? result.infeasible->reason
                                        : std::to_string(result.metrics.rejected) + " requests can never fit";
      hopeless_ = true;
      return false;
    }
    if (!result.metrics.slo_met) {
      level_.reason = nearest_miss(result);
      return false;
    }
    const Seconds makespan = between(SimTime{}, result.run.makespan);
    level_.power = makespan > Seconds{} ? result.run.energy() / makespan : Watts{};
    level_.idle_power = result.device.tdp * result.device.idle_power_fraction *
                        static_cast<double>(result.scenario.device_count);
    return true;
  }

  DemandLevel& level_;
  Scenario scenario_;
  const Catalogue& catalogue_;
  bool hopeless_ = false;
};

}  // namespace

void size_levels(std::vector<DemandLevel>& levels, const Scenario& scenario, const Catalogue& catalogue,
                 std::int64_t first_guess, const Progress& progress) {
  const DemandInMemory demand(scenario);
  std::atomic<bool> stopped = false;
  std::mutex mutex;
  std::int64_t done = 0;
  for_each_in_parallel(levels.size(), [&](std::size_t i) {
    if (stopped) {
      levels[i].reason = "stopped";
      return;
    }
    Scenario own = scenario;
    own.workload = demand.faster(levels[i].factor);
    const double guess = std::ceil(static_cast<double>(first_guess) * levels[i].factor);
    LevelSearch(levels[i], std::move(own), catalogue).from(static_cast<std::int64_t>(guess));
    const std::lock_guard lock(mutex);
    if (progress && !progress(++done, static_cast<std::int64_t>(levels.size()))) {
      stopped = true;
    }
  });
}

std::int64_t replicas_for(const std::vector<DemandLevel>& levels, double factor) {
  std::int64_t most = 0;  // a lower level that needs more, by chance of its queue, counts for higher ones too
  for (const DemandLevel& level : levels) {
    most = std::max(most, level.replicas);
    if (level.factor >= factor) {
      break;
    }
  }
  return most;
}

}  // namespace mtok::planner
