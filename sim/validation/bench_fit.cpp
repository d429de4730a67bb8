// Repeats benchmarks, and searches the constants with which they come out.
#include "sim/validation/bench_fit.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <map>

#include "sim/engine/metrics.hpp"
#include "sim/hardware/device.hpp"
#include "sim/planner/parallel.hpp"
#include "sim/planner/workload_facts.hpp"
#include "sim/units/text.hpp"
#include "sim/workload/random.hpp"

namespace mtok::validation {
namespace {

constexpr std::int64_t kMostRequests = 300;
constexpr std::size_t kConstants = 5;
/// Logarithms of the factors of the constants, in 64ths: step, per sequence, request, bandwidth, peak.
using Place = std::array<int, kConstants>;
constexpr double kUnit = 1.0 / 64;

struct Constants {
  hardware::FrameworkProfile framework{};
  hardware::DeviceProfile device{};
};

double factor_of(int place) {
  return std::exp(place * kUnit);
}

Constants moved(const planner::RunResult& base, const Place& place) {
  Constants to{.framework = base.framework, .device = base.device};
  to.framework.step_overhead = to.framework.step_overhead * factor_of(place[0]);
  to.framework.sequence_overhead = to.framework.sequence_overhead * factor_of(place[1]);
  to.framework.request_overhead = to.framework.request_overhead * factor_of(place[2]);
  hardware::Efficiency& efficiency = to.device.efficiency;
  efficiency.bandwidth_fraction = std::min(1.0, efficiency.bandwidth_fraction * factor_of(place[3]));
  efficiency.peak_fraction = std::min(1.0, efficiency.peak_fraction * factor_of(place[4]));
  for (auto& [format, share] : efficiency.peak_fraction_of) {
    share = std::min(1.0, share * factor_of(place[4]));
  }
  return to;
}

/// A point's requests as they were sent.
struct Load {
  planner::WorkloadChoice workload{};
  bool queued = false;  ///< all at once: nothing comes over a network
};

Load load_of(const BenchPoint& point) {
  Load load;
  const std::int64_t most = std::max(kMostRequests, 2 * point.concurrency.value_or(0));
  const std::int64_t count = std::min(point.requests, most);
  workload::Random random = workload::Random::stream(1, "arrivals of a benchmark");
  auto requests = std::make_shared<std::vector<workload::Request>>();
  double at = 0;
  for (std::int64_t i = 0; i < count; ++i) {
    requests->push_back({.arrival_ns = std::llround(at * 1e9),
                         .input_tokens = std::max<std::int64_t>(1, std::llround(point.input_tokens)),
                         .output_tokens = std::max<std::int64_t>(1, std::llround(point.output_tokens))});
    at += point.rate_per_s ? random.exponential(1 / *point.rate_per_s) : 0;
  }
  load.workload.requests = std::move(requests);
  if (!point.rate_per_s && point.concurrency) {
    load.workload.load = {.kind = engine::Load::Kind::closed, .concurrency = *point.concurrency};
  } else if (!point.rate_per_s) {
    load.workload.load.kind = engine::Load::Kind::offline;
    load.queued = true;
  }
  return load;
}

/// Pairs of predicted and measured: |ln| of each, and |p - m| / m of each.
struct Residuals {
  std::vector<double> logs{};
  std::vector<double> apes{};

  void add(double predicted, double measured) {
    logs.push_back(std::abs(std::log(predicted / measured)));
    apes.push_back(std::abs(predicted / measured - 1));
  }
};

void add_residuals(const BenchPoint& measured, const BenchPrediction& predicted, Residuals& residuals) {
  if (measured.ttft && predicted.ttft > Seconds{}) {
    residuals.add(predicted.ttft.base(), measured.ttft->value.base());
  }
  if (measured.tpot && predicted.tpot > Seconds{}) {
    residuals.add(predicted.tpot.base(), measured.tpot->value.base());
  }
  if (measured.output_tokens_per_s && predicted.output_tokens_per_s > 0) {
    residuals.add(predicted.output_tokens_per_s, *measured.output_tokens_per_s);
  }
}

double median(std::vector<double> values) {
  if (values.empty()) {
    return 0;
  }
  std::sort(values.begin(), values.end());
  const std::size_t middle = values.size() / 2;
  return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

class Fitter {
 public:
  Fitter(const planner::RunResult& base, std::span<const BenchPoint> points) : base_(base), points_(points) {
    std::transform(points.begin(), points.end(), std::back_inserter(loads_), load_of);
  }

  /// Of all points; what was tried before is remembered.
  const std::vector<BenchPrediction>& predict(const Place& place) {
    std::vector<BenchPrediction>& predictions = tried_[place];
    if (predictions.empty()) {
      predictions.resize(points_.size());
      const Constants constants = moved(base_, place);
      planner::for_each_in_parallel(points_.size(),
                                    [&](std::size_t i) { predictions[i] = run(i, constants); });
    }
    return predictions;
  }

  /// The best place for all points but one; none left out: points_.size().
  Place search(std::size_t left_out) {
    constexpr std::array<int, 5> kSteps{32, 16, 8, 4, 2};
    constexpr int kSweeps = 4;
    Place best{};
    double least = loss(best, left_out);
    for (const int step : kSteps) {
      bool better = true;
      for (int sweep = 0; sweep < kSweeps && better; ++sweep) {
        better = false;
        for (std::size_t constant = 0; constant < kConstants; ++constant) {
          for (const int change : {step, -step}) {
            Place trial = best;
            trial.at(constant) = std::clamp(trial.at(constant) + change, -kFarthest, kFarthest);
            if (const double found = loss(trial, left_out); found < least) {
              least = found;
              best = trial;
              better = true;
            }
          }
        }
      }
    }
    return best;
  }

 private:
  static constexpr int kFarthest = 192;  // a factor of 20

  double loss(const Place& place, std::size_t left_out) {
    constexpr double kStay = 0.01;
    const std::vector<BenchPrediction>& predictions = predict(place);
    Residuals residuals;
    for (std::size_t i = 0; i < points_.size(); ++i) {
      if (i != left_out) {
        add_residuals(points_[i], predictions[i], residuals);
      }
    }
    double sum = 0;
    for (const double log : residuals.logs) {
      sum += log;
    }
    double away = 0;
    for (const int coordinate : place) {
      away += std::abs(coordinate) * kUnit;
    }
    return sum / static_cast<double>(std::max<std::size_t>(1, residuals.logs.size())) + kStay * away;
  }

  [[nodiscard]] BenchPrediction run(std::size_t at, const Constants& constants) const {
    const Load& load = loads_[at];
    const planner::Scenario& scenario = base_.scenario;
    const auto device = hardware::make_device(
        constants.device,
        model::weight_bytes_per_device(base_.architecture, scenario.formats.weights, scenario.sharding));
    const engine::Deployment deployment{.architecture = &base_.architecture,
                                        .device = device.get(),
                                        .framework = &constants.framework,
                                        .sharding = scenario.sharding,
                                        .formats = scenario.formats,
                                        .routing = {.skew = scenario.engine.moe_routing_skew.value_or(
                                                        model::typical_skew(base_.architecture))}};
    const std::unique_ptr<engine::StepTimer> timer = engine::compile(deployment);
    planner::Scenario sent = scenario;
    sent.workload = load.workload;
    const std::unique_ptr<workload::RequestSource> source = planner::open_workload(sent);
    const engine::RunRecord record = engine::run_leaping(
        {.scheduler = base_.scheduler,
         .load = load.workload.load,
         .router = scenario.router,
         .replicas = scenario.replicas,
         .devices_per_replica = scenario.device_count,
         .request_overhead = load.queued ? Seconds{} : constants.framework.request_overhead},
        *timer, *source, {});
    const engine::Metrics metrics = engine::measure(record.totals, record.inter_token);
    const BenchPoint& point = points_[at];
    const Seconds wall = between(SimTime{}, record.makespan);
    return {.ttft = point.ttft && point.ttft->median ? metrics.ttft.p50 : metrics.ttft.mean,
            .tpot = point.tpot && point.tpot->median ? metrics.tpot.p50 : metrics.tpot.mean,
            .output_tokens_per_s =
                wall > Seconds{} ? static_cast<double>(metrics.output_tokens) / wall.base() : 0};
  }

  const planner::RunResult& base_;
  std::span<const BenchPoint> points_;
  std::vector<Load> loads_;
  std::map<Place, std::vector<BenchPrediction>> tried_;
};

double error_of(const std::vector<FittedPoint>& points, const BenchPrediction FittedPoint::*which) {
  Residuals residuals;
  for (const FittedPoint& point : points) {
    add_residuals(point.measured, point.*which, residuals);
  }
  return median(residuals.apes);
}

std::vector<BenchConstant> constants_of(const planner::RunResult& base, const Constants& fitted) {
  const auto seconds = [](const char* name, Seconds before, Seconds after) {
    return BenchConstant{.name = name, .before = units::to_text(before), .after = units::to_text(after)};
  };
  const auto share = [](const char* name, double before, double after) {
    return BenchConstant{.name = name, .before = units::fixed(before, 3), .after = units::fixed(after, 3)};
  };
  return {
      seconds("host_time.step", base.framework.step_overhead, fitted.framework.step_overhead),
      seconds("host_time.per_sequence", base.framework.sequence_overhead, fitted.framework.sequence_overhead),
      seconds("host_time.request", base.framework.request_overhead, fitted.framework.request_overhead),
      share("efficiency.bandwidth_fraction", base.device.efficiency.bandwidth_fraction,
            fitted.device.efficiency.bandwidth_fraction),
      share("efficiency.peak_fraction", base.device.efficiency.peak_fraction,
            fitted.device.efficiency.peak_fraction)};
}

}  // namespace

std::string calibration_obstacle(const planner::Scenario& scenario) {
  if (scenario.disaggregation) {
    return "separate pools for prefill and decode";
  }
  if (scenario.speculation) {
    return "speculative decoding";
  }
  return scenario.models.empty() ? "" : "several models";
}

BenchFit fit_bench(const planner::Scenario& scenario, std::span<const BenchPoint> points,
                   const planner::Catalogue& catalogue) {
  BenchFit fit;
  planner::Scenario deployed = scenario;
  deployed.workload = load_of(points.front()).workload;
  fit.deployment = planner::PreparedRun(deployed, catalogue).loaded();
  if (fit.deployment.infeasible) {
    return fit;
  }
  Fitter fitter(fit.deployment, points);
  const Place best = fitter.search(points.size());
  const std::vector<BenchPrediction> before = fitter.predict({});
  const std::vector<BenchPrediction> after = fitter.predict(best);
  Residuals left_out;
  for (std::size_t i = 0; i < points.size(); ++i) {
    fit.points.push_back({.measured = points[i], .before = before[i], .after = after[i]});
    if (points.size() > 1) {
      fit.points.back().left_out = fitter.predict(fitter.search(i))[i];
      add_residuals(points[i], *fit.points.back().left_out, left_out);
    }
  }
  const Constants constants = moved(fit.deployment, best);
  fit.framework = constants.framework;
  fit.device = constants.device;
  fit.constants = constants_of(fit.deployment, constants);
  fit.error_before = error_of(fit.points, &FittedPoint::before);
  fit.error_after = error_of(fit.points, &FittedPoint::after);
  if (points.size() > 1) {
    fit.error_left_out = median(left_out.apes);
  } else {
    fit.warnings.emplace_back("one point can be fitted but not judged: give benchmarks at several loads");
  }
  return fit;
}

}  // namespace mtok::validation
