// Searches devices per replica and replicas for the cheapest fleet that keeps the SLO.
#include "sim/planner/sizing.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "sim/planner/compiled_deployment.hpp"
#include "sim/planner/steady_state.hpp"
#include "sim/planner/techniques.hpp"
#include "sim/planner/workload_facts.hpp"

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

/// Percentiles of long runs come from a histogram with a relative error below 0.2 %.
constexpr double kSurelyBroken = 1.01;

/// Counts from which on a percentile of the run must be broken, whatever follows: of N requests more than
/// N / 100 for one of the promises.
engine::GiveUp when_hopeless(const engine::Slo& slo, std::int64_t requests) {
  engine::GiveUp limit;
  std::int64_t promises = 0;
  const auto take = [&](const std::optional<Seconds>& promise, std::optional<Seconds>& into) {
    if (promise) {
      into = *promise * kSurelyBroken;
      promises += 1;
    }
  };
  take(slo.ttft_p99, limit.slo.ttft_p99);
  take(slo.tpot_p99, limit.slo.tpot_p99);
  take(slo.e2e_p99, limit.slo.e2e_p99);
  limit.broken = promises * (requests / 100 + 2);
  return limit;
}

class Search {
 public:
  explicit Search(PreparedRun& prepared) : prepared_(prepared) {}

  /// `ceiling`: a bill that is not worth reaching.
  Sized fewest_replicas(std::optional<Usd> ceiling) {
    const Scenario& scenario = prepared_.loaded().scenario;
    facts_ = facts_of(scenario);
    arrivals_ = Seconds(static_cast<double>(facts_.last_arrival_ns) * 1e-9);
    limit_ = when_hopeless(scenario.slo, facts_.requests);
    const double worth = std::clamp(replicas_worth(), 1.0, static_cast<double>(kMostReplicas));
    const auto most = std::min(kMostReplicas, 4 * static_cast<std::int64_t>(std::ceil(worth)) + 8);
    const UsdPerSecond replica =
        prepared_.loaded().price.per_device * static_cast<double>(scenario.device_count);
    std::int64_t failed = 0;
    std::int64_t tried = static_cast<std::int64_t>(worth);
    for (std::int64_t stride = std::max<std::int64_t>(1, tried / 4);; stride *= 2) {
      RunResult result = probe(tried);
      if (result.metrics.slo_met) {
        return {.feasible = true, .result = fewest_between(failed, tried, std::move(result))};
      }
      const std::int64_t next = std::min(most, tried + stride);
      if (hopeless(result) || tried == most ||
          (ceiling && replica * static_cast<double>(next) * arrivals_ > *ceiling)) {
        return unkept(std::move(result), tried);
      }
      failed = tried;
      tried = next;
    }
  }

  [[nodiscard]] std::int64_t replays() const { return replays_; }

 private:
  [[nodiscard]] WorkloadFacts facts_of(const Scenario& scenario) const {
    return prepared_.facts().input_p99 > 0 ? prepared_.facts() : look_through(scenario);
  }

  /// The offered load in units of what one replica serves in a steady state, without drafts.
  [[nodiscard]] double replicas_worth() {
    const std::shared_ptr<CompiledDeployment> compiled = prepared_.compiled();
    if (facts_.output_tokens == 0) {
      return 1;
    }
    const RunResult& loaded = prepared_.loaded();
    const SteadyState steady = steady_state(*compiled->timer, loaded.scheduler, facts_, loaded.scenario.slo);
    const engine::Load& load = loaded.scenario.workload.load;
    if (load.kind == engine::Load::Kind::closed) {
      return static_cast<double>(load.concurrency) / static_cast<double>(steady.sequences);
    }
    return arrivals_ > Seconds{}
               ? static_cast<double>(facts_.requests) / arrivals_.base() / steady.requests_per_s
               : 1;
  }

  /// A run that ends early when the promises cannot be kept any more.
  RunResult probe(std::int64_t replicas) {
    ++replays_;
    return prepared_.with(replicas, limit_);
  }

  /// The whole run, so that the miss is told of all requests.
  Sized unkept(RunResult&& result, std::int64_t replicas) {
    if (result.run.cancelled) {
      ++replays_;
      result = prepared_.with(replicas);
    }
    const std::string reason = broken_promise(result);
    return {.reason = reason, .result = std::move(result)};
  }

  /// From a number of replicas that is enough down to one that is too small, in growing steps, then halves
  /// the gap.
  RunResult fewest_between(std::int64_t too_few, std::int64_t enough, RunResult best) {
    const auto look_at = [&](std::int64_t replicas) {
      RunResult result = probe(replicas);
      if (result.metrics.slo_met) {
        enough = replicas;
        best = std::move(result);
      } else {
        too_few = replicas;
      }
    };
    std::int64_t stride = 1;
    while (too_few == 0 && enough > 1) {
      look_at(std::max<std::int64_t>(1, enough - stride));
      stride *= 2;
    }
    while (enough - too_few > 1) {
      look_at(too_few + (enough - too_few) / 2);
    }
    return best;
  }

  PreparedRun& prepared_;
  WorkloadFacts facts_{};
  Seconds arrivals_{};
  engine::GiveUp limit_{};
  std::int64_t replays_ = 0;
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

Sized fewest_replicas(PreparedRun& prepared, std::optional<Usd> ceiling) {
  const RunResult& loaded = prepared.loaded();
  if (loaded.infeasible) {
    return {.reason = loaded.infeasible->reason, .result = loaded};
  }
  if (loaded.scenario.workload.load.kind == engine::Load::Kind::offline) {
    return with_replicas(prepared, loaded.scenario.replicas);
  }
  Search search(prepared);
  Sized sized = search.fewest_replicas(ceiling);
  sized.replays = search.replays();
  return sized;
}

Sized with_replicas(PreparedRun& prepared, std::int64_t replicas) {
  const RunResult& loaded = prepared.loaded();
  if (loaded.infeasible) {
    return {.reason = loaded.infeasible->reason, .result = loaded};
  }
  Sized sized{.result = prepared.with(replicas), .replays = 1};
  sized.feasible = sized.result.metrics.slo_met;
  sized.reason = broken_promise(sized.result);
  return sized;
}

Sized cheapest_fleet(const Scenario& scenario, const Catalogue& catalogue) {
  constexpr std::array<std::int64_t, 4> kDevices{1, 2, 4, 8};
  const model::Architecture architecture = catalogue.model(scenario.model_file);
  Sized best;
  for (const std::int64_t devices : kDevices) {
    Scenario tried = scenario;
    tried.device_count = devices;
    tried.sharding = {.tensor = devices};
    tried.disaggregation.reset();
    tried.autoscaler.reset();  // the fewest that are always enough
    const bool spreads = model::sharding_obstacle(architecture, tried.sharding).empty() &&
                         (!tried.speculation || draft_obstacle(*tried.speculation, tried, catalogue).empty());
    if (!spreads) {
      continue;
    }
    std::optional<Usd> ceiling;
    if (best.feasible) {
      ceiling = best.result.bill.total.usd();
    }
    PreparedRun prepared(tried, catalogue);
    const bool open = tried.workload.load.kind == engine::Load::Kind::open;
    Sized sized = open ? fewest_replicas(prepared, ceiling) : with_replicas(prepared, tried.replicas);
    if (!open) {
      sized.feasible = !sized.result.infeasible && sized.result.metrics.rejected == 0;
    }
    const bool better =
        sized.feasible && (!best.feasible || sized.result.bill.total < best.result.bill.total);
    if (better || (!best.feasible && (best.reason.empty() || !sized.result.infeasible))) {
      best = std::move(sized);
    }
  }
  return best;
}

}  // namespace mtok::planner
