// Speculative decoding of real networks: read, fitted into memory, helpful in small batches, harmful in large
// ones.
#include <gtest/gtest.h>

#include "sim/planner/run.hpp"
#include "tests/unit/planner/shipped.hpp"

namespace mtok::planner {
namespace {

using testing::catalogue;
using testing::ScenarioFile;

std::string text(std::int64_t clients, const std::string& block) {
  return "mtok: 1\nmodel: llama-3.1-8b\nhardware: {device: h100-sxm}\nprices: {usd_per_device_hour: 2}\n"
         "workload: {synthetic: {requests: " +
         std::to_string(4 * clients) +
         ", arrivals: {poisson: {rate_per_s: 4}}, input_tokens: {fixed: 64}, output_tokens: {fixed: 128}}, "
         "load: {closed: {concurrency: " +
         std::to_string(clients) + "}}}\n" + block;
}

RunResult run_with(std::int64_t clients, const std::string& block) {
  const ScenarioFile file(text(clients, block));
  return run(load_scenario(file.path(), catalogue()), catalogue());
}

std::string drafts(const std::string& rate) {
  return "speculative_config: {method: draft_model, model: llama-3.2-1b, num_speculative_tokens: 3, "
         "acceptance_rate: " +
         rate + "}\n";
}

constexpr const char* kMtp =
    "speculative_config: {method: mtp, num_speculative_tokens: 1, acceptance_rate: 0.8}\n";

std::string error_of(const std::string& block) {
  const ScenarioFile file(text(1, block));
  try {
    static_cast<void>(load_scenario(file.path(), catalogue()));
  } catch (const config::Error& error) {
    return error.diagnostics().front().message;
  }
  return "";
}

TEST(SpeculativeConfig, ReadsOneRateOrOneForEachToken) {
  const ScenarioFile file(text(1, drafts("[0.8, 0.6, 0.5]")));
  const Scenario s = load_scenario(file.path(), catalogue());
  EXPECT_EQ(s.speculation->speculation.acceptance, (std::vector<double>{0.8, 0.6, 0.5}));
  EXPECT_EQ(s.speculation->draft_file.stem(), "llama-3.2-1b");
  const ScenarioFile mtp(text(1, kMtp));
  EXPECT_TRUE(load_scenario(mtp.path(), catalogue()).speculation->draft_file.empty());
}

TEST(SpeculativeConfig, ErrorsNameTheBlock) {
  EXPECT_EQ(error_of(drafts("[0.8]")),
            "speculative_config.acceptance_rate: give one rate, or one for each of num_speculative_tokens");
  EXPECT_NE(error_of(drafts("1.2")), "");
  EXPECT_NE(error_of("speculative_config: {method: draft_model, model: llama-3.2-1x, num_speculative_tokens: "
                     "3, acceptance_rate: 0.5}\n"),
            "");
}

// Throughput at the same number of clients. Alone, the weights are read once for 2.5 tokens; with 256 clients
// the products of rejected drafts cost more than the reads that they save.
TEST(SpeculativeRun, HelpsSmallBatchesMoreThanLargeOnes) {
  const auto gain = [](std::int64_t clients) {
    const double off = between(SimTime{}, run_with(clients, "").run.makespan).base();
    return off / between(SimTime{}, run_with(clients, drafts("0.7")).run.makespan).base();
  };
  EXPECT_GT(gain(1), 1.3);
  EXPECT_LT(gain(256), 1);
}

TEST(SpeculativeRun, WithoutAcceptanceIsNeverFaster) {
  for (const std::int64_t clients : {1, 8, 64}) {
    const SimTime off = run_with(clients, "").run.makespan;
    EXPECT_GT(run_with(clients, drafts("0")).run.makespan, off) << clients;
  }
}

TEST(SpeculativeRun, HigherAcceptanceIsNeverSlower) {
  SimTime last = kNever;
  for (const char* rate : {"0.2", "0.5", "0.8", "1"}) {
    const SimTime makespan = run_with(4, drafts(rate)).run.makespan;
    EXPECT_LT(makespan, last) << rate;
    last = makespan;
  }
}

// Weights of the draft model, 1.24 B in 16 bits, leave the KV budget; its keys and values share what is left.
TEST(SpeculativeRun, DraftsTakeMemory) {
  const RunResult off = run_with(1, "");
  const RunResult on = run_with(1, drafts("0.5"));
  EXPECT_NEAR((on.memory.weights_total - off.memory.weights_total).base(), 1.236e9 * 2, 0.05e9);
  EXPECT_NEAR((off.memory.kv_per_device - on.memory.kv_per_device).base(), 1.236e9 * 2, 0.05e9);
  // Llama-3.2-1B: 16 layers, 8 heads of 64, K and V, 16 bits.
  EXPECT_DOUBLE_EQ((on.memory.kv_per_token - off.memory.kv_per_token).base(), 16 * 8 * 64 * 2 * 2);
  EXPECT_LT(on.memory.kv_blocks, off.memory.kv_blocks);
}

// One of 32 layers more: its weights and cache.
TEST(SpeculativeRun, AnOwnLayerIsOneLayerMore) {
  const RunResult off = run_with(1, "");
  const RunResult on = run_with(1, kMtp);
  EXPECT_DOUBLE_EQ(on.memory.kv_per_token / off.memory.kv_per_token, 33.0 / 32);
  EXPECT_NEAR((on.memory.weights_total - off.memory.weights_total).base(), 218.1e6 * 2, 1e6);
  EXPECT_LT(on.metrics.tpot.p50, off.metrics.tpot.p50);
}

}  // namespace
}  // namespace mtok::planner
