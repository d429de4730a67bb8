// Searches devices per replica and replicas for the cheapest fleet that keeps the SLO.
#include "sim/planner/sizing.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace mtok::planner {
namespace {

constexpr std::int64_t kMostReplicas = 4096;

std::string broken_promise(const RunResult& result) {
  const engine::Slo& slo = result.scenario.slo;
  const engine::Metrics& metrics = result.metrics;
  const auto says = [](const char* what, Seconds is, Seconds promised) {
    return std::string(what) + " p99 " + units::to_text(is) + " above " + units::to_text(promised);
  };
  if (metrics.rejected > 0) {
    return std::to_string(metrics.rejected) + " requests can never fit";
  }
  if (slo.tpot_p99 && metrics.tpot.p99 > *slo.tpot_p99) {
    return says("TPOT", metrics.tpot.p99, *slo.tpot_p99);
  }
  if (slo.ttft_p99 && metrics.ttft.p99 > *slo.ttft_p99) {
    return says("TTFT", metrics.ttft.p99, *slo.ttft_p99);
  }
  if (slo.e2e_p99 && metrics.e2e.p99 > *slo.e2e_p99) {
    return says("end to end", metrics.e2e.p99, *slo.e2e_p99);
  }
  return "";
}

/// What more replicas cannot mend: requests that never fit, and without batching the time per token.
bool hopeless(const RunResult& result) {
  const engine::Slo& slo = result.scenario.slo;
  const bool unbatched = result.scheduler.max_num_seqs == 1;
  return result.metrics.rejected > 0 ||
         (unbatched && slo.tpot_p99 && result.metrics.tpot.p50 > *slo.tpot_p99);
}

class Search {
 public:
  Search(Scenario scenario, const Catalogue& catalogue)
      : scenario_(std::move(scenario)), catalogue_(catalogue) {
    scenario_.autoscaler.reset();  // the fewest that are always enough
  }

  /// `ceiling`: a bill that is not worth reaching.
  Sized fewest_replicas(std::optional<Usd> ceiling) {
    RunResult result = with(1);
    if (result.infeasible) {
      const std::string reason = result.infeasible->reason;
      return {.reason = reason, .result = std::move(result)};
    }
    if (result.metrics.slo_met || hopeless(result)) {
      const bool feasible = result.metrics.slo_met;
      const std::string reason = broken_promise(result);
      return {.feasible = feasible, .reason = reason, .result = std::move(result)};
    }
    // One replica was busy throughout, so the load is worth its makespan, in units of the time in which
    // requests arrive.
    const Seconds arrivals = last_arrival(result);
    const double worth = arrivals > Seconds{} ? between(SimTime{}, result.run.makespan) / arrivals
                                              : static_cast<double>(kMostReplicas);
    const auto most = std::min(kMostReplicas, 4 * static_cast<std::int64_t>(std::ceil(worth)) + 8);
    std::int64_t failed = 1;
    std::int64_t tried = std::clamp<std::int64_t>(static_cast<std::int64_t>(worth), 2, most);
    while (true) {
      const UsdPerSecond fleet =
          result.price.per_device * static_cast<double>(tried * scenario_.device_count);
      if (tried > most || (ceiling && fleet * arrivals > *ceiling)) {
        const std::string reason = broken_promise(result);
        return {.reason = reason, .result = std::move(result)};
      }
      result = with(tried);
      if (result.metrics.slo_met) {
        break;
      }
      failed = tried;
      tried += std::max<std::int64_t>(1, tried / 4);
    }
    return {.feasible = true, .result = fewest_between(failed, tried, std::move(result))};
  }

 private:
  RunResult with(std::int64_t replicas) {
    scenario_.replicas = replicas;
    return run(scenario_, catalogue_);
  }

  static Seconds last_arrival(const RunResult& result) {
    return between(SimTime{}, result.run.totals.last_arrival);
  }

  /// Halves the gap between a number of replicas that is too small and one that is enough.
  RunResult fewest_between(std::int64_t too_few, std::int64_t enough, RunResult best) {
    while (enough - too_few > 1) {
      const std::int64_t middle = too_few + (enough - too_few) / 2;
      RunResult result = with(middle);
      if (result.metrics.slo_met) {
        enough = middle;
        best = std::move(result);
      } else {
        too_few = middle;
      }
    }
    return best;
  }

  Scenario scenario_;
  const Catalogue& catalogue_;
};

}  // namespace

std::string nearest_miss(const RunResult& result) {
  const engine::Slo& slo = result.scenario.slo;
  const engine::Metrics& metrics = result.metrics;
  if (metrics.rejected > 0) {
    return std::to_string(metrics.rejected) + " requests can never fit";
  }
  std::string miss;
  double worst = 1;
  const auto look = [&](const char* what, Seconds is, std::optional<Seconds> promised) {
    if (promised && is / *promised > worst) {
      worst = is / *promised;
      miss = std::string("misses ") + what + " p99 by " + units::to_text(is - *promised);
    }
  };
  look("TTFT", metrics.ttft.p99, slo.ttft_p99);
  look("TPOT", metrics.tpot.p99, slo.tpot_p99);
  look("end to end", metrics.e2e.p99, slo.e2e_p99);
  return miss;
}

Sized fewest_replicas(const Scenario& scenario, const Catalogue& catalogue, std::optional<Usd> ceiling) {
  if (scenario.workload.load.kind == engine::Load::Kind::open) {
    return Search(scenario, catalogue).fewest_replicas(ceiling);
  }
  Sized sized{.result = run(scenario, catalogue)};
  sized.feasible = !sized.result.infeasible && sized.result.metrics.rejected == 0;
  sized.reason = sized.result.infeasible ? sized.result.infeasible->reason : broken_promise(sized.result);
  return sized;
}

Sized cheapest_fleet(const Scenario& scenario, const Catalogue& catalogue) {
  constexpr std::array<std::int64_t, 4> kDevices{1, 2, 4, 8};
  const model::Architecture architecture = model::load_architecture(scenario.model_file);
  Sized best;
  for (const std::int64_t devices : kDevices) {
    Scenario tried = scenario;
    tried.device_count = devices;
    tried.sharding = {.tensor = devices};
    if (!model::sharding_obstacle(architecture, tried.sharding).empty()) {
      continue;
    }
    std::optional<Usd> ceiling;
    if (best.feasible) {
      ceiling = best.result.bill.total.usd();
    }
    Sized sized = planner::fewest_replicas(tried, catalogue, ceiling);
    const bool better =
        sized.feasible && (!best.feasible || sized.result.bill.total < best.result.bill.total);
    if (better || (!best.feasible && (best.reason.empty() || !sized.result.infeasible))) {
      best = std::move(sized);
    }
  }
  return best;
}

}  // namespace mtok::planner
