// Speed of the engines: whole runs from file to bill, and how the cost of a request grows with what.
#include <benchmark/benchmark.h>

#include <cstdlib>
#include <filesystem>
#include <string>

#include "sim/planner/run.hpp"
#include "sim/planner/workload_facts.hpp"

namespace mtok {
namespace {

namespace fs = std::filesystem;
using planner::Engine;

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

planner::Scenario on(const std::string& model, const std::string& device, std::int64_t devices) {
  planner::Scenario scenario;
  scenario.name = model + " on " + device;
  scenario.model_file = catalogue().root() / ("models/" + model + ".yaml");
  scenario.device_file = catalogue().root() / ("hwprofiles/devices/" + device + ".yaml");
  scenario.device_count = devices;
  scenario.sharding.tensor = devices;
  return scenario;
}

/// The conversation trace on Llama-2-70B, eight replicas of two A100 with steps of 512 tokens; its requests
/// beyond 4,096 tokens are let through.
planner::Scenario conversation_a100() {
  planner::Scenario scenario = on("llama-2-70b", "a100-80gb-sxm", 2);
  scenario.workload.trace = conversation_trace();
  scenario.workload.trace_options.hash_block_size = 64;
  scenario.engine.max_num_batched_tokens = 512;
  scenario.engine.max_num_seqs = 128;
  scenario.engine.max_model_len = 16'384;
  scenario.replicas = 8;
  return scenario;
}

/// The same trace on four nodes of eight H100.
planner::Scenario conversation_h100() {
  planner::Scenario scenario = on("llama-2-70b", "h100-sxm", 8);
  scenario.workload = conversation_a100().workload;
  scenario.engine.max_model_len = 16'384;
  scenario.replicas = 4;
  return scenario;
}

/// Poisson arrivals of 1,024 / `output` tokens on Llama-3.1-8B, on each replica of one H100 `load` times 24
/// requests/s of 128 tokens, or as many tokens in longer ones.
planner::Scenario poisson(std::int64_t requests, std::int64_t replicas, std::int64_t output,
                          double load = 1) {
  planner::Scenario scenario = on("llama-3.1-8b", "h100-sxm", 1);
  workload::SyntheticSpec spec{.requests = requests};
  spec.arrivals.rate_per_s = 24 * load * static_cast<double>(replicas) * 128 / static_cast<double>(output);
  spec.input_tokens.mean = 1024;
  spec.output_tokens.mean = static_cast<double>(output);
  scenario.workload.synthetic = spec;
  scenario.replicas = replicas;
  return scenario;
}

/// A cache of 800 blocks for 64 sequences, so that many are preempted, and prompts of which half is shared.
planner::Scenario tight(std::int64_t requests) {
  planner::Scenario scenario = poisson(requests, 1, 128);
  scenario.workload.synthetic->shared_prefix = {.documents = 50, .tokens = 128, .zipf = 1};
  scenario.workload.synthetic->input_tokens.mean = 128;
  scenario.engine.max_num_seqs = 64;
  scenario.engine.num_gpu_blocks = 800;
  scenario.workload.load = {.kind = engine::Load::Kind::closed, .concurrency = 128};
  return scenario;
}

/// Everything that `mtok run` does but printing: read, check, simulate, price.
void measure(benchmark::State& state, const planner::Scenario& scenario, Engine engine) {
  double requests = 0;
  double steps = 0;
  for (auto _ : state) {
    const planner::RunResult result =
        planner::run(scenario, catalogue(), {}, {.engine = engine, .keep_requests = false});
    requests += static_cast<double>(result.metrics.completed);
    for (const engine::ReplicaRecord& replica : result.run.replicas) {
      steps += static_cast<double>(replica.steps);
    }
  }
  using benchmark::Counter;
  state.counters["s_per_request"] = Counter(requests, Counter::kIsRate | Counter::kInvert);
  state.counters["steps_per_request"] = steps / requests;
}

void ConversationA100(benchmark::State& state) {
  measure(state, conversation_a100(), static_cast<Engine>(state.range(0)));
}
void ConversationH100(benchmark::State& state) {
  measure(state, conversation_h100(), static_cast<Engine>(state.range(0)));
}
void Poisson20k(benchmark::State& state) {
  measure(state, poisson(20'000, 1, 128), static_cast<Engine>(state.range(0)));
}
void TightCache(benchmark::State& state) {
  measure(state, tight(200'000), static_cast<Engine>(state.range(0)));
}
// 0: the leaping engine, 1: the stepwise one.
BENCHMARK(ConversationA100)->Arg(0)->Arg(1)->Unit(benchmark::kMillisecond);
BENCHMARK(ConversationH100)->Arg(0)->Arg(1)->Unit(benchmark::kMillisecond);
BENCHMARK(Poisson20k)->Arg(0)->Arg(1)->Unit(benchmark::kMillisecond);
BENCHMARK(TightCache)->Arg(0)->Arg(1)->Unit(benchmark::kMillisecond);

void ByRequests(benchmark::State& state) {
  measure(state, poisson(state.range(0), 1, 128), Engine::leaping);
}
void ByReplicas(benchmark::State& state) {
  measure(state, poisson(100'000, state.range(0), 128), Engine::leaping);
}
void ByOutput(benchmark::State& state) {
  measure(state, poisson(20'000, 4, state.range(0), 0.5), Engine::leaping);
}
BENCHMARK(ByRequests)->RangeMultiplier(10)->Range(10'000, 10'000'000)->Unit(benchmark::kMillisecond);
BENCHMARK(ByReplicas)->RangeMultiplier(10)->Range(1, 1'000)->Unit(benchmark::kMillisecond);
BENCHMARK(ByOutput)->RangeMultiplier(8)->Range(1, 32'768)->Unit(benchmark::kMillisecond);

/// Only reading the trace.
void ReadTrace(benchmark::State& state) {
  const planner::Scenario scenario = conversation_a100();
  workload::Request request;
  for (auto _ : state) {
    const auto source = planner::open_workload(scenario);
    while (source->next(request)) {
      benchmark::DoNotOptimize(request.input_tokens);
    }
    state.SetBytesProcessed(state.bytes_processed() +
                            static_cast<std::int64_t>(fs::file_size(conversation_trace())));
  }
}
BENCHMARK(ReadTrace)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace mtok
