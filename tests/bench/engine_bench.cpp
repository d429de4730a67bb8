// Speed of the reference engine on a real trace: requests and output tokens simulated per second of one core.
#include <benchmark/benchmark.h>

#include <cstdlib>
#include <filesystem>
#include <string>

#include "sim/planner/run.hpp"
#include "sim/planner/workload_facts.hpp"

namespace mtok {
namespace {

namespace fs = std::filesystem;

const planner::Catalogue& catalogue() {
  static const planner::Catalogue kCatalogue{fs::path(MTOK_SOURCE_DIR)};
  return kCatalogue;
}

/// The Azure conversation trace of 2023 where the shared data is at hand, else the shipped chat workload.
fs::path conversation_trace() {
  const char* const shared = std::getenv("MTOK_SHARED");
  const fs::path folder = shared != nullptr ? fs::path(shared) : fs::path(MTOK_SOURCE_DIR) / "../shared";
  const fs::path trace = folder / "data/traces/azure_llm_2023_conv.csv";
  return fs::exists(trace) ? trace : fs::path(MTOK_SOURCE_DIR) / "workloads/chat.csv";
}

planner::Scenario conversation() {
  planner::Scenario scenario;
  scenario.name = "conversation";
  scenario.workload.trace = conversation_trace();
  scenario.workload.trace_options.hash_block_size = 64;
  scenario.model_file = catalogue().root() / "models/llama-3.1-70b.yaml";
  scenario.device_file = catalogue().root() / "hwprofiles/devices/h100-sxm.yaml";
  scenario.device_count = 4;
  scenario.sharding.tensor = 4;
  scenario.formats = {.weights = kernel::NumberFormat::fp8,
                      .activations = kernel::NumberFormat::fp8,
                      .kv_cache = kernel::NumberFormat::fp8};
  scenario.replicas = 2;
  return scenario;
}

/// Everything that `mtok run` does but printing: read, check, simulate, price.
void RunConversation(benchmark::State& state) {
  const planner::Scenario scenario = conversation();
  double requests = 0;
  double tokens = 0;
  for (auto _ : state) {
    const planner::RunResult result = planner::run(scenario, catalogue());
    requests += static_cast<double>(result.metrics.completed);
    tokens += static_cast<double>(result.metrics.output_tokens);
  }
  state.counters["requests_per_s"] = benchmark::Counter(requests, benchmark::Counter::kIsRate);
  state.counters["output_tokens_per_s"] = benchmark::Counter(tokens, benchmark::Counter::kIsRate);
}
BENCHMARK(RunConversation)->Unit(benchmark::kMillisecond);

/// Only reading the trace.
void ReadTrace(benchmark::State& state) {
  const planner::Scenario scenario = conversation();
  workload::Request request;
  double requests = 0;
  for (auto _ : state) {
    const auto source = planner::open_workload(scenario);
    while (source->next(request)) {
      requests += 1;
    }
  }
  state.counters["requests_per_s"] = benchmark::Counter(requests, benchmark::Counter::kIsRate);
}
BENCHMARK(ReadTrace)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace mtok
