// Simulates a serving point and, where it is asked for, searches the fastest load.
#include "sim/validation/serving_run.hpp"

#include <algorithm>
#include <cmath>

#include "sim/planner/run.hpp"

namespace mtok::validation {
namespace {

constexpr std::uint64_t kSeed = 1;

/// Requests that a search sends at a rate: a stream of twice the longest that the limits let a request
/// of mean length stay, so that the batch settles, and enough for a 99th percentile.
std::int64_t samples_at(double samples_per_s, double output_mean, const engine::Slo& limits) {
  constexpr double kStays = 2;
  constexpr std::int64_t kFewest = 600;
  constexpr std::int64_t kMost = 3000;
  const Seconds stay = limits.e2e_p99.value_or(limits.ttft_p99.value_or(Seconds{}) +
                                               limits.tpot_p99.value_or(Seconds{}) * output_mean);
  return std::clamp(static_cast<std::int64_t>(kStays * samples_per_s * stay.base()), kFewest, kMost);
}

/// Samples per second between the end of the first quarter and the start of the last request: what a run of
/// many batches yields, without its ramp-up and drain. Of the whole run when that part is short.
double steady_rate(const engine::RunRecord& run, std::int64_t beams) {
  std::vector<SimTime> ends;
  SimTime last_start{};
  for (const engine::RequestRecord& request : run.requests) {
    if (request.outcome == engine::Outcome::completed) {
      ends.push_back(request.last_token);
      last_start = std::max(last_start, request.scheduled);
    }
  }
  std::sort(ends.begin(), ends.end());
  const auto from = ends.begin() + static_cast<std::ptrdiff_t>(ends.size() / 4);
  const auto to = std::upper_bound(from, ends.end(), last_start);
  const auto many = static_cast<std::ptrdiff_t>(ends.size() / 4);
  const bool steady = to - from > many && last_start > *from;
  const auto ended = static_cast<double>(steady ? to - from : std::ssize(ends));
  const Seconds time = steady ? between(*from, last_start) : between(SimTime{}, run.makespan);
  return time > Seconds{} ? ended / static_cast<double>(beams) / time.base() : 0;
}

/// A result of `samples_per_s` on all devices of a scenario.
PointResult result_of(const engine::Metrics& metrics, double samples_per_s, const PointScenario& point) {
  const planner::Scenario& scenario = *point.scenario;
  const auto beams = static_cast<double>(point.beams);
  const double samples = static_cast<double>(metrics.completed) / beams;
  // Beams beside the first are no output, and their prompts of one token stand for what they share.
  const double output = static_cast<double>(metrics.output_tokens) / beams / samples;
  const double input = static_cast<double>(metrics.input_tokens) / samples - (beams - 1);
  PointResult result{.metrics = metrics};
  result.samples_per_s = samples_per_s / static_cast<double>(planner::devices_of(scenario));
  result.output_tokens_per_s = result.samples_per_s * output;
  result.total_tokens_per_s = result.samples_per_s * (output + input);
  return result;
}

/// Who measured a system that its framework's default share of the memory does not hold gave it nearly all.
constexpr double kTightMemory = 0.95;

PointResult run_once(const PointScenario& point, const planner::Catalogue& catalogue) {
  planner::RunResult run = planner::run(*point.scenario, catalogue, {}, {.keep_requests = true});
  if (run.infeasible && point.scenario->engine.gpu_memory_utilization.value_or(0) < kTightMemory) {
    planner::Scenario tight = *point.scenario;
    tight.engine.gpu_memory_utilization = kTightMemory;
    if (tight.disaggregation) {
      tight.disaggregation->engine.gpu_memory_utilization = kTightMemory;
    }
    run = planner::run(tight, catalogue, {}, {.keep_requests = true});
  }
  if (run.infeasible) {
    return {.unsupported = "does not fit: " + run.infeasible->reason};
  }
  if (run.metrics.completed == 0) {
    return {.unsupported = "no request fits the KV cache"};
  }
  double samples_per_s = 0;
  if (point.benchmark) {
    samples_per_s = steady_rate(run.run, point.beams);
  } else if (const Seconds time = between(SimTime{}, run.run.makespan); time > Seconds{}) {
    samples_per_s = static_cast<double>(run.metrics.completed) / time.base();
  }
  return result_of(run.metrics, samples_per_s, point);
}

/// The fastest Poisson stream that keeps the limits, where a device bears more than `beat` samples per
/// second; else less than that. None can be faster than the offline run for long.
PointResult run_server(const PointScenario& point, double beat, const planner::Catalogue& catalogue) {
  const PointResult offline = run_once(point, catalogue);
  if (!offline.unsupported.empty() || offline.samples_per_s <= beat) {
    return offline;
  }
  const auto devices = static_cast<double>(point.scenario->device_count);
  const double most = offline.samples_per_s * devices;
  std::vector<workload::Request> requests = draw_requests(
      *point.benchmark, point.output_mean, samples_at(most, point.output_mean, *point.limits), kSeed);
  planner::Scenario scenario = *point.scenario;
  scenario.slo = *point.limits;
  scenario.workload.load.kind = engine::Load::Kind::open;
  engine::Metrics best = offline.metrics;
  const auto keeps = [&](double samples_per_s) {
    arrive_at_random(requests, point.beams, samples_per_s, kSeed);
    scenario.workload.requests = std::make_shared<const std::vector<workload::Request>>(requests);
    const planner::RunResult run = planner::run(scenario, catalogue, {}, {.keep_requests = true});
    if (run.metrics.slo_met) {
      best = run.metrics;
    }
    return run.metrics.slo_met;
  };
  if (beat > 0 && !keeps(beat * devices)) {
    return result_of(best, 0, point);
  }
  return result_of(best, std::min(most, highest_rate(most, keeps)), point);
}

/// As entries are tuned where their layout is open: twice the devices for each replica as long as each device
/// then bears more.
PointResult run_tuned_server(PointScenario point, const planner::Catalogue& catalogue) {
  PointResult best = run_server(point, 0, catalogue);
  planner::Scenario& scenario = *point.scenario;
  const model::Architecture architecture = model::load_architecture(scenario.model_file);
  while (best.unsupported.empty() && scenario.sharding.tensor * 2 <= point.tensor_may_grow_to) {
    scenario.sharding.tensor *= 2;
    scenario.device_count = scenario.sharding.devices();
    if (!model::sharding_obstacle(architecture, scenario.sharding).empty()) {
      break;
    }
    PointResult larger = run_server(point, best.samples_per_s, catalogue);
    if (!larger.unsupported.empty() || larger.samples_per_s <= best.samples_per_s) {
      break;
    }
    best = std::move(larger);
  }
  return best;
}

}  // namespace

PointResult run_point(const PointScenario& point, const planner::Catalogue& catalogue) {
  return point.limits ? run_tuned_server(point, catalogue) : run_once(point, catalogue);
}

double highest_rate(double start, const std::function<bool(double)>& keeps) {
  constexpr double kFirstStep = 1.1;
  constexpr double kClose = 1.02;
  constexpr double kLeastShare = 1e-3;
  double step = kFirstStep;
  double kept = 0;
  double broken = 0;
  double rate = start;
  const bool up = keeps(rate);
  while (true) {
    (up ? kept : broken) = rate;
    rate = up ? rate * step : rate / step;
    step *= step;
    if (rate < start * kLeastShare || rate > start / kLeastShare) {
      return kept;
    }
    if (keeps(rate) != up) {
      (up ? broken : kept) = rate;
      break;
    }
  }
  while (broken / kept > kClose) {
    rate = std::sqrt(broken * kept);
    (keeps(rate) ? kept : broken) = rate;
  }
  return kept;
}

}  // namespace mtok::validation
