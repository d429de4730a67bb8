// Speed of the engines: whole runs from file to bill, and how the cost of a request grows with what.
#include <benchmark/benchmark.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>
#include <string>
#include <vector>

#include "sim/engine/deployment.hpp"
#include "sim/planner/run.hpp"
#include "sim/planner/workload_facts.hpp"
#include "sim/workload/trace.hpp"

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

/// Requests that were drawn before.
class Drawn final : public workload::RequestSource {
 public:
  explicit Drawn(workload::RequestSource& source) : block_size_(source.hash_block_size()) {
    workload::Request request;
    while (source.next(request)) {
      requests_.push_back(request);
    }
  }
  void rewind() { next_ = 0; }
  [[nodiscard]] bool next(workload::Request& request) override {
    if (next_ == requests_.size()) {
      return false;
    }
    request = requests_[next_++];
    return true;
  }
  [[nodiscard]] std::int64_t hash_block_size() const override { return block_size_; }

 private:
  std::int64_t block_size_;
  std::vector<workload::Request> requests_{};
  std::size_t next_ = 0;
};

/// The engine alone, its requests drawn beforehand: 64 sequences in a cache of 800 blocks, so that
/// many are preempted, or of 1,000; 128 new tokens behind one of 50 documents of 128, an id for every 16 or
/// 64 tokens.
void EngineAlone(benchmark::State& state) {
  const model::Architecture architecture =
      model::load_architecture(catalogue().root() / "models/llama-3.1-8b.yaml");
  const auto device =
      hardware::make_device(catalogue().device(catalogue().root() / "hwprofiles/devices/h100-sxm.yaml"));
  const hardware::FrameworkProfile framework =
      hardware::load_framework(*catalogue().find_framework("vllm", {}).file);
  const auto timer =
      engine::compile({.architecture = &architecture, .device = device.get(), .framework = &framework});
  workload::SyntheticSpec spec{.requests = 200'000};
  spec.input_tokens.mean = 128;
  spec.output_tokens.mean = 128;
  spec.shared_prefix = {.documents = 50, .tokens = 128, .zipf = 1};
  spec.hash_block_size = state.range(1);
  const engine::RunPlan plan{.scheduler = {.max_num_seqs = 64,
                                           .kv_pages = state.range(2),
                                           .kv_geometry = {.block_size = 16},
                                           .prefix_hash_block_size = spec.hash_block_size},
                             .load = {.kind = engine::Load::Kind::closed, .concurrency = 128},
                             .keep_requests = false};
  const auto run = state.range(0) == 0 ? engine::run_leaping : engine::run_stepwise;
  Drawn drawn(*workload::make_synthetic(spec, 1));
  double requests = 0;
  double preemptions = 0;
  for (auto _ : state) {
    drawn.rewind();
    const engine::RunRecord record = run(plan, *timer, drawn, {});
    requests += static_cast<double>(record.totals.completed);
    preemptions += static_cast<double>(record.totals.preemptions);
  }
  using benchmark::Counter;
  state.counters["s_per_request"] = Counter(requests, Counter::kIsRate | Counter::kInvert);
  state.counters["preemptions_per_request"] = preemptions / requests;
}
// 0: the leaping engine, 1: the stepwise one.
BENCHMARK(ConversationA100)->Arg(0)->Arg(1)->Unit(benchmark::kMillisecond);
BENCHMARK(ConversationH100)->Arg(0)->Arg(1)->Unit(benchmark::kMillisecond);
BENCHMARK(Poisson20k)->Arg(0)->Arg(1)->Unit(benchmark::kMillisecond);
BENCHMARK(EngineAlone)->ArgsProduct({{0, 1}, {64, 16}, {800, 1000}})->Unit(benchmark::kMillisecond);

void ByRequests(benchmark::State& state) {
  measure(state, poisson(state.range(0), 1, 128), Engine::leaping);
}
void ByReplicas(benchmark::State& state) {
  measure(state, poisson(100'000, state.range(0), 128), Engine::leaping);
}
/// Prompts of so many tokens, as many of them a second as have the tokens of prompts of 1,024.
void ByContext(benchmark::State& state) {
  planner::Scenario scenario = poisson(20'000, 4, 128, 0.2 * 1024 / static_cast<double>(state.range(0)));
  scenario.workload.synthetic->input_tokens.mean = static_cast<double>(state.range(0));
  measure(state, scenario, Engine::leaping);
}
void ByOutput(benchmark::State& state) {
  measure(state, poisson(20'000, 4, state.range(0), 0.2), Engine::leaping);
}
BENCHMARK(ByRequests)->RangeMultiplier(10)->Range(10'000, 10'000'000)->Unit(benchmark::kMillisecond);
BENCHMARK(ByReplicas)->RangeMultiplier(10)->Range(1, 1'000)->Unit(benchmark::kMillisecond);
BENCHMARK(ByContext)->RangeMultiplier(4)->Range(1'024, 130'000)->Unit(benchmark::kMillisecond);
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

/// Only reading a trace of plain numbers: seconds and two counts.
void ReadNumbers(benchmark::State& state) {
  const fs::path path = fs::temp_directory_path() / "mtok_bench_numbers.csv";
  {
    std::ofstream file(path);
    file << "arrival_s,input_tokens,output_tokens\n";
    std::mt19937 random(1);  // numbers of no pattern, of as many digits as in a conversation
    for (int row = 0; row < 500'000; ++row) {
      file << row / 10 << '.' << row % 10 << 100'000 + random() % 900'000 << ',' << 1 + random() % 4'000
           << ',' << 1 + random() % 700 << '\n';
    }
  }
  workload::Request request;
  for (auto _ : state) {
    const auto source = workload::open_trace(path, {});
    while (source->next(request)) {
      benchmark::DoNotOptimize(request.input_tokens);
    }
    state.SetBytesProcessed(state.bytes_processed() + static_cast<std::int64_t>(fs::file_size(path)));
  }
  fs::remove(path);
}
BENCHMARK(ReadNumbers)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace mtok
