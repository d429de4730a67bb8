// Steps of real deployments: phases add up, rooflines hold, memory is divided as the framework says.
#include "sim/engine/deployment.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <string>

namespace mtok::engine {
namespace {

/// A shipped model on a shipped device under vLLM's profile.
struct Bench {
  explicit Bench(const std::string& model, const std::string& device_name = "h100-sxm")
      : architecture(model::load_architecture(root() + "/models/" + model + ".yaml")),
        device(hardware::make_device(
            hardware::load_device(root() + "/hwprofiles/devices/" + device_name + ".yaml",
                                  root() + "/hwprofiles/efficiency.yaml"))),
        framework(hardware::load_framework(root() + "/hwprofiles/frameworks/vllm.yaml")) {}

  [[nodiscard]] Deployment deployment() const {
    return {.architecture = &architecture, .device = device.get(), .framework = &framework};
  }
  static std::string root() { return MTOK_SOURCE_DIR; }

  model::Architecture architecture;
  std::unique_ptr<const hardware::Device> device;
  hardware::FrameworkProfile framework;
};

StepShape decodes(std::int64_t sequences, std::int64_t context) {
  return {.decode_sequences = sequences, .decode_context = sequences * context};
}

// 8.03e9 weights of 2 bytes less the embedding table (only one row is read) = 15.0 GB at 3.35 TB/s = 4.48 ms
// at the least.
TEST(CompiledStepTimer, ALoneDecodeReadsAllWeights) {
  const Bench bench("llama-3.1-8b");
  const auto timer = compile(bench.deployment());
  const StepCost cost = timer->cost_of(decodes(1, 100));
  EXPECT_GT(cost.duration.base(), 4.48e-3);
  EXPECT_LT(cost.duration.base(), 10e-3) << "kernels, launches and host time together";
  EXPECT_NEAR(cost.memory_peak.base(), 4.48e-3, 0.1e-3);
  EXPECT_EQ(cost.prefill, Seconds{});
  EXPECT_EQ(cost.decode, cost.duration);
}

TEST(CompiledStepTimer, PhasesAddUpInAMixedStep) {
  const Bench bench("llama-3.1-8b");
  const auto timer = compile(bench.deployment());
  const std::array<PrefillChunk, 2> chunks{
      {{.new_tokens = 512, .context = 1024, .prefix_hit = 1024}, {.new_tokens = 100, .emits = true}}};
  StepShape shape = decodes(32, 1000);
  shape.prefill = chunks;
  const StepCost cost = timer->cost_of(shape);
  EXPECT_DOUBLE_EQ((cost.prefill + cost.cached + cost.decode).base(), cost.duration.base());
  EXPECT_GT(cost.prefill, Seconds{});
  EXPECT_GT(cost.cached, Seconds{}) << "reading the hits costs something";
  EXPECT_LT(cost.cached, cost.prefill) << "and less than computing tokens";
  EXPECT_GT(cost.decode, Seconds{});
}

TEST(CompiledStepTimer, ContextAndBatchNeverMakeAStepCheaper) {
  const Bench bench("llama-3.1-8b");
  const auto timer = compile(bench.deployment());
  Seconds last;
  for (std::int64_t context = 1; context < 100'000; context *= 3) {
    const Seconds now = timer->cost_of(decodes(8, context)).duration;
    EXPECT_GE(now, last) << "at context " << context;
    last = now;
  }
}

// Splitting the batch over two data ranks halves what each device decodes and each rank's scheduler handles,
// so a step of 64 costs that of 32 alone.
TEST(CompiledStepTimer, DataRanksShareTheBatch) {
  Bench bench("llama-3.1-8b");
  bench.framework.host_hidden = 0;
  Deployment two = bench.deployment();
  two.sharding.data = 2;
  const auto one_rank = compile(bench.deployment());
  const auto two_ranks = compile(two);
  EXPECT_NEAR(two_ranks->cost_of(decodes(64, 1000)).duration.base(),
              one_rank->cost_of(decodes(32, 1000)).duration.base(), 1e-9);
  EXPECT_DOUBLE_EQ(two_ranks->idle_power().base(), 2 * one_rank->idle_power().base());
}

// Device time d and host time h: one after the other d + h, half hidden d + h - min(d, h) / 2, hidden max(d,
// h).
TEST(CompiledStepTimer, HostTimeHidesUnderTheDevicesWork) {
  Bench bench("llama-3.1-8b");
  const double host = 2e-3 + 1e-5 * 8;
  const auto duration = [&](double hidden) {
    bench.framework.step_overhead = Seconds(2e-3);
    bench.framework.sequence_overhead = Seconds(1e-5);
    bench.framework.host_hidden = hidden;
    return compile(bench.deployment())->cost_of(decodes(8, 1000)).duration.base();
  };
  const double device = duration(0) - host;
  EXPECT_GT(device, host);
  EXPECT_NEAR(duration(0.5), device + host / 2, 1e-12);
  EXPECT_NEAR(duration(1), device, 1e-12);
}

// Two stages run two micro-batches of 32 through all layers, and each waits once more for the head.
TEST(CompiledStepTimer, StagesWaitForTheOneWithTheHead) {
  Bench bench("llama-3.1-8b");
  bench.framework.step_overhead = Seconds{};
  bench.framework.sequence_overhead = Seconds{};
  Deployment two = bench.deployment();
  two.sharding.pipeline = 2;
  const double head = compile(bench.deployment())->cost_of(decodes(32, 1000)).duration.base();
  const double staged = compile(two)->cost_of(decodes(64, 1000)).duration.base();
  EXPECT_GT(staged, head + 1e-4) << "a head of 1 GB takes 0.3 ms on an H100";
  EXPECT_LT(staged, head + 1e-3);
}

TEST(CompiledStepTimer, NamesTheWindowsOfTheNetwork) {
  const auto windows_of = [](const std::string& model) {
    const Bench bench(model);
    const auto timer = compile(bench.deployment());
    return std::vector<std::int64_t>(timer->windows().begin(), timer->windows().end());
  };
  EXPECT_EQ(windows_of("gemma-3-27b"), std::vector<std::int64_t>{1024});
  EXPECT_TRUE(windows_of("llama-3.1-8b").empty());
}

// A window of 1024 keeps the cost of 52 of 62 layers flat beyond it: from 8k to 64k the step grows by the
// other 10 only.
TEST(CompiledStepTimer, WindowLayersStopGrowing) {
  const Bench bench("gemma-3-27b");
  const auto timer = compile(bench.deployment());
  const std::array<std::int64_t, 1> windowed{16 * 1024};
  const auto step = [&](std::int64_t context) {
    StepShape shape = decodes(16, context);
    shape.decode_windowed = windowed;
    return timer->cost_of(shape).duration.base();
  };
  // 16 sequences * 56k tokens * 10 layers * 2 * 16 heads * 128 * 2 B = 75 GB at 3.35 TB/s 22 ms at the
  // least.
  const double growth = step(64 * 1024) - step(8 * 1024);
  const double least = 16.0 * 56 * 1024 * 10 * 2 * 16 * 128 * 2 / 3.35e12;
  EXPECT_GE(growth, least);
  EXPECT_LT(growth, 3 * least);
}

// 80 GiB = 85.899 GB; 0.9 of it less 16.06 GB weights and 6.013 GB (5.6 GiB) activations = 55.24 GB;
// a block of 16 tokens is 16 * 131072 B = 2.097 MB: 26,339 blocks, give or take the rounding above.
TEST(MemoryPlan, DividesADeviceAsTheFrameworkSays) {
  const Bench bench("llama-3.1-8b");
  const MemoryPlan plan = plan_memory(bench.deployment(), 0.9, 16, bench.framework.max_num_batched_tokens);
  EXPECT_NEAR(plan.weights_total.base(), 16.06e9, 0.01e9);
  EXPECT_DOUBLE_EQ(plan.kv_per_token.base(), 131072);
  EXPECT_NEAR(static_cast<double>(plan.kv_blocks), 26'339, 10);
}

TEST(MemoryPlan, HasNoBlocksWhenTheWeightsDoNotFit) {
  const Bench bench("llama-3.1-70b");
  const MemoryPlan plan = plan_memory(bench.deployment(), 0.9, 16, bench.framework.max_num_batched_tokens);
  EXPECT_LT(plan.kv_per_device, Bytes{});
  EXPECT_EQ(plan.kv_blocks, 0);
}

StepShape decodes_of(std::int64_t sequences, std::int64_t context, std::int64_t reach,
                     std::array<std::int64_t, 1>& windowed) {
  windowed = {sequences * std::min(context, reach)};
  return {.decode_sequences = sequences, .decode_context = sequences * context, .decode_windowed = windowed};
}

// Beyond 2048 keys attention stops growing; each more key costs the indexer alone: 132 B of key, 8 B of score
// and choice in each of 78 layers, 10.9 kB, against 78 * 1284 B = 100 kB of a token within reach.
TEST(CompiledStepTimer, SparseAttentionGrowsByTheIndexerAloneBeyondItsReach) {
  const Bench bench("glm-5", "b200-sxm");
  Deployment deployment = bench.deployment();
  deployment.sharding = {.tensor = 8};
  const auto timer = compile(deployment);
  ASSERT_EQ(timer->windows().size(), 1U);
  EXPECT_EQ(timer->windows().front(), 2048);
  std::array<std::int64_t, 1> windowed{};
  const auto memory_at = [&](std::int64_t context) {
    return timer->cost_of(decodes_of(64, context, 2048, windowed)).memory_peak.base() * 7.7e12;
  };
  EXPECT_NEAR((memory_at(2000) - memory_at(1000)) / 64 / 1000, 78 * (1152 + 132 + 8), 1);
  EXPECT_NEAR((memory_at(20000) - memory_at(10000)) / 64 / 10000, 78 * (132 + 8), 1);
  const auto time_at = [&](std::int64_t context) {
    return timer->cost_of(decodes_of(64, context, 2048, windowed)).duration.base();
  };
  EXPECT_NEAR(time_at(40000) - time_at(30000), time_at(30000) - time_at(20000), 1e-9) << "linear";
}

// Prompts within reach are computed as without an indexer; one token more, and each query gathers its keys.
TEST(CompiledStepTimer, SparseAttentionChoosesKeysOfLongPromptsOnly) {
  const Bench bench("glm-5", "b200-sxm");
  Deployment deployment = bench.deployment();
  deployment.sharding = {.tensor = 8};
  const auto timer = compile(deployment);
  const auto memory_of = [&](std::int64_t tokens) {
    const std::array<PrefillChunk, 1> chunk{{{.new_tokens = tokens}}};
    return timer->cost_of({.prefill = chunk}).memory_peak;
  };
  EXPECT_LT(memory_of(2048) - memory_of(2047), Seconds(1e-4));
  EXPECT_GT(memory_of(2049) - memory_of(2048), Seconds(1e-3));
}

// 45 layers of 4.19 MB of state and 74 kB of convolution, read and written: 384 MB a sequence and step,
// whatever the context; 15 layers of 2 kB of cache a token.
TEST(CompiledStepTimer, LinearAttentionReadsAndWritesItsStateWhateverTheContext) {
  const Bench bench("qwen3.5-397b-a17b", "h200-sxm");
  const auto timer = compile(bench.deployment());
  EXPECT_TRUE(timer->windows().empty());
  const auto bytes_at = [&](std::int64_t context) {
    return timer->cost_of(decodes(100, context)).memory_peak.base() *
           bench.device->profile().memory_bandwidth.base();
  };
  EXPECT_NEAR((bytes_at(3000) - bytes_at(1000)) / 100 / 2000, 30720, 1);
  const double without_cache = bytes_at(1000) - 100.0 * 1000 * 30720;
  EXPECT_GT(without_cache, 100 * 384e6);
  const MemoryPlan plan = plan_memory(bench.deployment(), 0.9, 16, 8192);
  EXPECT_EQ(plan.state_per_sequence_per_device.base(), 192061440);
}

}  // namespace
}  // namespace mtok::engine
