// A decode pool of its own: read from a file, linked, run, priced, sized.
#include <gtest/gtest.h>

#include "sim/planner/kv_link.hpp"
#include "sim/planner/rate_match.hpp"
#include "tests/unit/planner/shipped.hpp"

namespace mtok::planner {
namespace {

using testing::catalogue;
using testing::ScenarioFile;
using testing::small_scenario;

Scenario load(const std::string& block) {
  const ScenarioFile file(
      "mtok: 1\nmodel: llama-3.1-8b\nhardware: {device: h100-sxm, count: 2}\n"
      "engine: {max_num_seqs: 64, max_num_batched_tokens: 4096}\n"
      "workload: {synthetic: {requests: 10, arrivals: {poisson: {rate_per_s: 4}}, input_tokens: {fixed: 8}, "
      "output_tokens: {fixed: 2}}}\n" +
      block);
  return load_scenario(file.path(), catalogue());
}

std::string error_of(const std::string& block) {
  try {
    static_cast<void>(load(block));
  } catch (const config::Error& error) {
    return error.diagnostics().front().message;
  }
  return "";
}

TEST(DecodePool, IsLikeThePrefillPoolWhereNothingElseIsSaid) {
  const Scenario s = load("disaggregation: {decode: {replicas: 3, engine: {max_num_seqs: 500}}}\n");
  ASSERT_TRUE(s.disaggregation);
  EXPECT_EQ(s.disaggregation->replicas, 3);
  EXPECT_EQ(s.disaggregation->device_file, s.device_file);
  EXPECT_EQ(s.disaggregation->sharding, s.sharding);
  EXPECT_EQ(s.disaggregation->engine.max_num_seqs, 500);
  EXPECT_EQ(s.disaggregation->engine.max_num_batched_tokens, 4096);
  EXPECT_FALSE(s.disaggregation->kv_transfer.bandwidth);
  EXPECT_EQ(devices_of(s), 2 + 3 * 2);
}

TEST(DecodePool, HasDevicesOfItsOwn) {
  const Scenario s = load(
      "disaggregation:\n  decode: {hardware: {device: h200-sxm, count: 4}, parallel: {data_parallel_size: "
      "2}}\n"
      "  kv_transfer: {bandwidth: 25 GB/s, latency: 30 us, layerwise: true}\n");
  EXPECT_EQ(s.disaggregation->device_file.stem(), "h200-sxm");
  EXPECT_EQ(s.disaggregation->sharding, (model::Sharding{.tensor = 2, .data = 2}));
  EXPECT_DOUBLE_EQ(s.disaggregation->kv_transfer.bandwidth->base(), 25e9);
  EXPECT_DOUBLE_EQ(s.disaggregation->kv_transfer.latency->base(), 30e-6);
  EXPECT_TRUE(s.disaggregation->kv_transfer.layerwise);
}

TEST(DecodePool, ErrorsNameTheBlock) {
  EXPECT_EQ(error_of("disaggregation: {}\n"), "disaggregation.decode: the key is missing");
  EXPECT_EQ(error_of("disaggregation: {decode: {parallel: {tensor_parallel_size: 4}}}\n"),
            "disaggregation.decode.parallel: tensor x pipeline x data is 4 devices, but hardware.count is 2");
  EXPECT_EQ(error_of("prices: {usd_per_device_hour: 2}\n"
                     "disaggregation: {decode: {hardware: {device: h200-sxm, count: 2}}}\n"),
            "disaggregation.decode.hardware: devices of their own need a price of their own");
  EXPECT_EQ(
      error_of("disaggregation: {decode: {engine: {kv_tiers: [{name: dram, capacity: 1 GB, bandwidth: 1 "
               "GB/s}]}}}\n"),
      "disaggregation.decode.engine.kv_tiers: a decode pool keeps no prefixes");
}

/// Counts the steps with prompts of the replicas from `first` on.
class PromptSteps final : public engine::RunObserver {
 public:
  explicit PromptSteps(std::size_t first) : first_(first) {}
  void step_ended(const engine::StepNote& note) override {
    found += note.replica >= first_ && note.prefill_sequences > 0 ? 1 : 0;
  }
  int found = 0;

 private:
  std::size_t first_;
};

// SGLang keeps prompts in steps of their own, and every sequence that came over the link once got such a
// step, which held up all the others.
TEST(DecodePool, ComputesNoPromptsWhateverTheFramework) {
  for (const char* framework : {"vllm", "sglang", "tensorrt-llm"}) {
    Scenario s = small_scenario(100, 50);
    s.engine.framework = framework;
    s.disaggregation = Disaggregation{.device_file = s.device_file, .engine = s.engine, .prices = s.prices};
    PromptSteps steps(1);
    const RunResult result = run(s, catalogue(), {}, {.observer = &steps});
    EXPECT_EQ(result.metrics.completed, 100);
    EXPECT_EQ(steps.found, 0) << framework;
  }
}

// Slower memories of the prefill pool are no concern of the decode pool: it neither has them nor warns.
TEST(DecodePool, HasNoTiersOfThePrefillPool) {
  Scenario s = load("disaggregation: {decode: {replicas: 1}}\n");
  s.engine.kv_tiers = {{.name = "dram", .capacity = Bytes(1e9), .bandwidth = BytesPerSecond(1e9)}};
  s.disaggregation->engine = s.engine;
  EXPECT_TRUE(decode_side(s).engine.kv_tiers.empty());
}

// 1 MB a page on each of 4 receiving devices, sent by 2: each sends 2 MB. At 1 GB/s that is 2 ms.
TEST(DecodePool, TheSlowerEndSetsTheRate) {
  const hardware::DeviceProfile device = catalogue().device(load("").device_file);
  const LinkEnd two{.device = &device, .sharding = {.tensor = 2}};
  const LinkEnd four{.device = &device, .sharding = {.tensor = 4, .data = 2}};
  const KvTransferChoice choice{.bandwidth = BytesPerSecond(1e9), .latency = Seconds(0.001)};
  const engine::KvLink link = link_between(two, four, Bytes(1e6), 32, choice);
  EXPECT_DOUBLE_EQ(link.per_page.base(), 0.002);
  EXPECT_DOUBLE_EQ(link.latency.base(), 0.001);
  EXPECT_EQ(link.send_lanes, 1);
  EXPECT_EQ(link.receive_lanes, 2);
  EXPECT_EQ(link.overlapped_layers, 0);
  EXPECT_DOUBLE_EQ(link_between(four, two, Bytes(1e6), 32, choice).per_page.base(), 0.001);
}

// Within one NVLink domain the cache goes much faster than over the network: 450 against 50 GB/s.
TEST(DecodePool, PoolsOfOneDomainUseItsLink) {
  const hardware::DeviceProfile device = catalogue().device(load("").device_file);
  const LinkEnd one{.device = &device, .sharding = {.tensor = 2}};
  const LinkEnd many{.device = &device, .sharding = {.tensor = 2}, .replicas = 4};
  const double near = link_between(one, one, Bytes(1e6), 32, {}).per_page.base();
  const double far = link_between(one, many, Bytes(1e6), 32, {}).per_page.base();
  EXPECT_NEAR(far / near, 9, 1e-9);
}

// One device at 3.6 USD/h and one at 7.2: 0.003 USD for each second of both.
TEST(DecodePool, EachPoolIsPaidAtItsPrice) {
  Scenario s = small_scenario(50, 10);
  s.disaggregation = Disaggregation{.device_file = s.device_file, .engine = s.engine, .prices = s.prices};
  s.disaggregation->prices.per_device = usd_per_hour(7.2);
  const RunResult result = run(s, catalogue());
  ASSERT_FALSE(result.infeasible);
  EXPECT_EQ(result.metrics.completed, 50);
  EXPECT_NEAR(result.bill.total.usd().base(), 0.003 * between(SimTime{}, result.run.makespan).base(), 1e-12);
  EXPECT_EQ(result.bill.parts.sum(), result.bill.total);
  EXPECT_EQ(result.run.decode_pool->transfers, 50);
}

TEST(DecodePool, SaysWhenItDoesNotFit) {
  Scenario s = small_scenario(10, 10);
  s.model_file = *catalogue().find_model("llama-3.1-70b", {}).file;
  s.formats = {};
  s.device_count = 4;
  s.sharding = {.tensor = 4};
  s.disaggregation = Disaggregation{.device_file = s.device_file, .engine = s.engine, .prices = s.prices};
  const RunResult result = run(s, catalogue());
  ASSERT_TRUE(result.infeasible);
  EXPECT_TRUE(result.infeasible->reason.starts_with("decode pool: ")) << result.infeasible->reason;
}

// One replica less of either kind breaks the SLO.
TEST(MatchPools, FindsTheFewestOfBothKinds) {
  Scenario s = small_scenario(2000, 400);
  s.slo = {.ttft_p99 = Seconds(0.15), .tpot_p99 = Seconds(0.007)};
  s.disaggregation = Disaggregation{.device_file = s.device_file, .engine = s.engine, .prices = s.prices};
  Sized sized = match_pools(s, catalogue());
  ASSERT_TRUE(sized.feasible) << sized.reason;
  s = sized.result.scenario;
  EXPECT_GT(s.replicas + s.disaggregation->replicas, 2);
  const auto kept = [&](std::int64_t fewer_prefill, std::int64_t fewer_decode) {
    Scenario less = s;
    less.replicas -= fewer_prefill;
    less.disaggregation->replicas -= fewer_decode;
    return run(less, catalogue()).metrics.slo_met;
  };
  EXPECT_TRUE(kept(0, 0));
  EXPECT_TRUE(s.replicas == 1 || !kept(1, 0));
  EXPECT_TRUE(s.disaggregation->replicas == 1 || !kept(0, 1));
}

TEST(MatchPools, GivesUpWhenMoreReplicasDoNotHelp) {
  Scenario s = small_scenario(50, 10);
  s.slo.tpot_p99 = Seconds(1e-4);
  s.disaggregation = Disaggregation{.device_file = s.device_file, .engine = s.engine, .prices = s.prices};
  const Sized sized = match_pools(s, catalogue());
  EXPECT_FALSE(sized.feasible);
  EXPECT_EQ(sized.reason, "no number of decode replicas keeps the SLO");
}

}  // namespace
}  // namespace mtok::planner
