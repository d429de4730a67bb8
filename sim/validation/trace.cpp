// Replays recorded requests of real engines.
#include <array>

#include "sim/validation/serving.hpp"
#include "sim/validation/serving_point.hpp"
#include "sim/validation/serving_run.hpp"

namespace mtok::validation {
namespace {

/// The deployment of a recorded run, as a serving point.
ServingPoint point_of(const RecordedRun& run) {
  ServingPoint point{.model = run.model, .weight_precision = "bf16", .gpu = run.gpu};
  point.tp = run.tp;
  point.n_gpus = run.tp;
  point.framework = "vllm";
  point.load_mode = "trace_replay";
  point.max_batch = run.max_num_seqs;
  return point;
}

struct Measure {
  const char* name = "";
  Seconds (*of)(const engine::Metrics&) = nullptr;
};
constexpr std::array<Measure, 6> kMeasures{{
    {"ttft_ms_mean", [](const engine::Metrics& m) { return m.ttft.mean; }},
    {"ttft_ms_p99", [](const engine::Metrics& m) { return m.ttft.p99; }},
    {"tpot_ms_mean", [](const engine::Metrics& m) { return m.tpot.mean; }},
    {"tpot_ms_p99", [](const engine::Metrics& m) { return m.tpot.p99; }},
    {"e2e_latency_ms_mean", [](const engine::Metrics& m) { return m.e2e.mean; }},
    {"e2e_latency_ms_p99", [](const engine::Metrics& m) { return m.e2e.p99; }},
}};

}  // namespace

std::vector<Outcome> validate_trace(const std::filesystem::path& file, const planner::Catalogue& catalogue) {
  std::vector<Outcome> outcomes;
  for (const RecordedRun& run : read_recorded_runs(file)) {
    const PointScenario point = scenario_of(point_of(run), catalogue, {.recorded = {run}});
    const PointResult predicted =
        point.scenario ? run_point(point, catalogue) : PointResult{.unsupported = point.unsupported};
    const engine::Metrics measured = engine::measure(engine::totals_of(run.measured.requests, {}), {});
    for (const Measure& measure : kMeasures) {
      Outcome outcome{.row_id = run.name + "/" + measure.name,
                      .metric = measure.name,
                      .unit = "ms",
                      .device = run.gpu,
                      .family = "trace_replay",
                      .series = run.name,
                      .measured = measure.of(measured).base() * 1e3,
                      .unsupported = predicted.unsupported};
      if (predicted.unsupported.empty()) {
        outcome.predicted = measure.of(predicted.metrics).base() * 1e3;
      }
      outcomes.push_back(std::move(outcome));
    }
  }
  return outcomes;
}

}  // namespace mtok::validation
