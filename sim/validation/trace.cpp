// Replays recorded requests of real engines.
#include <algorithm>
#include <array>

#include "sim/planner/run.hpp"
#include "sim/validation/serving.hpp"
#include "sim/validation/serving_point.hpp"
#include "sim/validation/table.hpp"

namespace mtok::validation {
namespace {

/// One recorded run: its deployment, its requests and how they fared.
struct Bench {
  std::string name{};
  ServingPoint point{};
  std::int64_t max_num_batched_tokens = 0;
  std::vector<workload::Request> requests{};
  engine::RunRecord measured{};
};

SimTime at(double seconds) {
  return SimTime{static_cast<std::int64_t>(seconds * 1e9)};
}

std::vector<Bench> read_benches(const std::filesystem::path& file) {
  Table table(file, {"bench", "model", "gpu", "tp", "input_tokens", "output_tokens", "queued_s",
                     "first_token_s", "last_token_s"});
  std::vector<Bench> benches;
  while (table.next()) {
    const std::string& name = table.cell("bench");
    if (benches.empty() || benches.back().name != name) {
      ServingPoint point{.model = table.cell("model"), .weight_precision = "bf16", .gpu = table.cell("gpu")};
      point.tp = table.integer("tp", 1);
      point.n_gpus = point.tp;
      point.framework = "vllm";
      point.isl_tokens = 1;
      point.osl_tokens = 1;
      point.load_mode = "offline_max";
      point.max_batch = table.integer("max_num_seqs", 256);
      benches.push_back({.name = name,
                         .point = std::move(point),
                         .max_num_batched_tokens = table.integer("max_num_batched_tokens", 8192)});
    }
    Bench& bench = benches.back();
    // The client's clock starts the request; the engine sees it when it is queued.
    const double queued = table.number("queued_s", table.number("arrival_s", 0));
    bench.requests.push_back({.arrival_ns = nanoseconds(at(queued)),
                              .input_tokens = table.integer("input_tokens", 1),
                              .output_tokens = table.integer("output_tokens", 1)});
    bench.measured.requests.push_back({.outcome = engine::Outcome::completed,
                                       .arrival = at(queued),
                                       .scheduled = at(table.number("scheduled_s", queued)),
                                       .first_token = at(table.number("first_token_s", 0)),
                                       .last_token = at(table.number("last_token_s", 0)),
                                       .input_tokens = bench.requests.back().input_tokens,
                                       .output_tokens = bench.requests.back().output_tokens});
  }
  for (Bench& bench : benches) {
    std::stable_sort(bench.requests.begin(), bench.requests.end(),
                     [](const auto& a, const auto& b) { return a.arrival_ns < b.arrival_ns; });
  }
  return benches;
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

/// The engine's metrics for a bench, or why there are none.
std::optional<engine::Metrics> replay(const Bench& bench, const planner::Catalogue& catalogue,
                                      std::string& unsupported) {
  PointScenario point = scenario_of(bench.point, catalogue, {});
  unsupported = point.unsupported;
  if (!point.scenario) {
    return std::nullopt;
  }
  point.scenario->engine.max_num_batched_tokens = bench.max_num_batched_tokens;
  point.scenario->workload = {.requests =
                                  std::make_shared<const std::vector<workload::Request>>(bench.requests)};
  const planner::RunResult result = planner::run(*point.scenario, catalogue);
  if (result.infeasible) {
    unsupported = result.infeasible->reason;
    return std::nullopt;
  }
  return result.metrics;
}

}  // namespace

std::vector<Outcome> validate_trace(const std::filesystem::path& file, const planner::Catalogue& catalogue) {
  std::vector<Outcome> outcomes;
  for (const Bench& bench : read_benches(file)) {
    std::string unsupported;
    const std::optional<engine::Metrics> predicted = replay(bench, catalogue, unsupported);
    const engine::Metrics measured = engine::measure(bench.measured, {});
    for (const Measure& measure : kMeasures) {
      Outcome outcome{.row_id = bench.name + "/" + measure.name,
                      .metric = measure.name,
                      .unit = "ms",
                      .device = bench.point.gpu,
                      .family = "trace_replay",
                      .series = bench.name,
                      .measured = measure.of(measured).base() * 1e3,
                      .unsupported = unsupported};
      if (predicted) {
        outcome.predicted = measure.of(*predicted).base() * 1e3;
      }
      outcomes.push_back(std::move(outcome));
    }
  }
  return outcomes;
}

}  // namespace mtok::validation
