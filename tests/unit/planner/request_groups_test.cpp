// Batch tier, tenants and adapters of a scenario, through a whole run.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "sim/planner/run.hpp"
#include "tests/unit/planner/shipped.hpp"

namespace mtok::planner {
namespace {

using testing::catalogue;
using testing::ScenarioFile;

const std::string kHead = "mtok: 1\nmodel: llama-3.1-8b\nhardware: {device: h100-sxm}\n";
const std::string kChat =
    "workload: {synthetic: {requests: 50, arrivals: {poisson: {rate_per_s: 20}}, input_tokens: {fixed: 200}, "
    "output_tokens: {fixed: 20}}}\n";

RunResult run_of(const std::string& text) {
  const ScenarioFile file(text);
  RunResult result = run(load_scenario(file.path(), catalogue()), catalogue());
  EXPECT_FALSE(result.infeasible);
  return result;
}

TEST(RequestGroups, TheBatchTierPaysForItsWork) {
  const RunResult alone = run_of(kHead + kChat);
  const RunResult both = run_of(
      kHead + kChat +
      "batch: {load: offline, synthetic: {requests: 30, arrivals: {poisson: {rate_per_s: 4}}, input_tokens: "
      "{fixed: 300}, output_tokens: {fixed: 30}}}\n");
  EXPECT_FALSE(alone.batch);
  ASSERT_TRUE(both.batch);
  EXPECT_EQ(both.batch->metrics.completed, 30);
  EXPECT_EQ(both.batch->metrics.output_tokens, 900);
  EXPECT_EQ(both.metrics.completed, 80);
  EXPECT_EQ(both.bill.parts.sum(), both.bill.total);
  EXPECT_GT(both.batch->cost.sum(), Money{});
  EXPECT_LT(both.batch->cost.sum(), both.bill.total - both.bill.parts.idle);
  // 30 x 330 of 30 x 330 + 50 x 220 tokens.
  EXPECT_DOUBLE_EQ(both.batch->token_share, 9900.0 / 20900);
  EXPECT_GT(*both.batch->per_token_with_idle, *both.batch->per_token);
  EXPECT_LT(*both.bill.per_token.blended, *alone.bill.per_token.blended) << "idle time was filled";
}

/// Sixty requests at once: of tenant a, of b and of nobody who is named, in turn.
RunResult run_of_tenants(const std::string& text) {
  const std::filesystem::path trace = std::filesystem::temp_directory_path() / "mtok_tenants_test.csv";
  {
    std::ofstream out(trace);
    out << "arrival_s,input_tokens,output_tokens,tenant\n";
    for (int i = 0; i < 60; ++i) {
      out << "0,200,20," << (i % 3 == 0 ? "a" : i % 3 == 1 ? "b" : "") << "\n";
    }
  }
  const ScenarioFile file(text);
  RunResult result = run(load_scenario(file.path(), catalogue(), trace), catalogue());
  std::filesystem::remove(trace);
  return result;
}

TEST(RequestGroups, TenantsAndIdleAreTheBill) {
  const RunResult result = run_of_tenants(kHead + kChat +
                                          "engine: {scheduling_policy: fair, max_num_seqs: 4}\n"
                                          "fleet: {tenants: [{name: a, weight: 4}, {name: b}]}\n");
  ASSERT_EQ(result.tenants.size(), 3U);
  Money paid = result.bill.parts.idle;
  for (const RequestGroup& tenant : result.tenants) {
    EXPECT_EQ(tenant.metrics.completed, 20) << tenant.name;
    paid += tenant.cost.sum();
  }
  EXPECT_EQ(paid, result.bill.total);
  EXPECT_EQ(result.tenants[2].name, "others");
  EXPECT_LT(result.tenants[0].metrics.ttft.mean, result.tenants[1].metrics.ttft.mean) << "the weightier one";
}

// Each tenant pays what it pays in the pools; with a cascade that is two answers for one.
TEST(RequestGroups, TenantsOfSeveralModelsPayInAllPools) {
  for (const std::string part : {"share: 0.5", "escalate: 0.3"}) {
    const RunResult result = run_of_tenants(kHead + kChat +
                                            "engine: {scheduling_policy: fair, max_num_seqs: 4}\n"
                                            "fleet: {tenants: [{name: a, weight: 4}, {name: b}], models: "
                                            "[{model: llama-3.2-1b, hardware: {device: "
                                            "l40s}, " +
                                            part + "}]}\n");
    ASSERT_EQ(result.tenants.size(), 3U) << part;
    ASSERT_EQ(result.pools.size(), 2U);
    Money paid = result.bill.parts.idle;
    for (std::size_t i = 0; i < 3; ++i) {
      const RequestGroup& tenant = result.tenants[i];
      EXPECT_EQ(tenant.metrics.completed, 20) << tenant.name;
      EXPECT_EQ(tenant.metrics.output_tokens, 20 * 20) << "of one answer each";
      EXPECT_EQ(tenant.cost.sum(),
                result.pools[0].tenants[i].cost.sum() + result.pools[1].tenants[i].cost.sum());
      paid += tenant.cost.sum();
    }
    EXPECT_EQ(paid, result.bill.total);
    EXPECT_LT(result.tenants[0].metrics.ttft.mean, result.tenants[1].metrics.ttft.mean)
        << "the weightier one";
  }
}

// One seat for decoding: who waits there takes turns by weight as well.
TEST(RequestGroups, TenantsTakeTurnsInBothPools) {
  const std::string fleet =
      "fleet: {tenants: [{name: a, weight: 8}, {name: b}]}\n"
      "disaggregation: {decode: {engine: {max_num_seqs: 1}}}\n";
  const RunResult fair = run_of_tenants(kHead + kChat + "engine: {scheduling_policy: fair}\n" + fleet);
  const RunResult fcfs = run_of_tenants(kHead + kChat + fleet);
  const auto ratio = [](const RunResult& r) {
    return r.tenants[0].metrics.tpot.mean.base() / r.tenants[1].metrics.tpot.mean.base();
  };
  EXPECT_NEAR(ratio(fcfs), 1, 0.1);
  EXPECT_LT(ratio(fair), 0.7);
  EXPECT_EQ(fair.run.makespan, fcfs.run.makespan) << "the same work in another order";
  Money paid = fair.bill.parts.idle;
  for (const RequestGroup& tenant : fair.tenants) {
    paid += tenant.cost.sum();
  }
  EXPECT_EQ(paid, fair.bill.total);
}

// Every pool has slots of the size that its own network takes; a request asks for its adapter wherever it
// goes.
TEST(RequestGroups, EveryModelHasItsAdapters) {
  const std::string models =
      "fleet: {models: [{model: llama-3.2-1b, hardware: {device: l40s}, share: 0.5}]}\n"
      "engine: {enable_lora: true, max_loras: 2}\nlora: {adapters: 6}\n";
  const RunResult result = run_of(kHead + kChat + models);
  ASSERT_EQ(result.pools.size(), 2U);
  EXPECT_GT(result.pools[1].memory.adapters_per_device, result.pools[0].memory.adapters_per_device);
  EXPECT_EQ(result.metrics.completed, 50);
  for (const RunResult& pool : result.pools) {
    EXPECT_GE(pool.run.replicas[0].adapter_loads, 6) << "six adapters take turns in two slots";
  }
}

TEST(RequestGroups, AdaptersTakeRoomAndTime) {
  const std::string offline = "workload: {load: offline, " + kChat.substr(std::string("workload: {").size());
  const RunResult without = run_of(kHead + offline);
  const RunResult with = run_of(kHead + offline +
                                "engine: {enable_lora: true, max_loras: 4, max_lora_rank: 16}\n"
                                "lora: {adapters: 8, skew: 1}\n");
  EXPECT_EQ(with.metrics.completed, 50);
  EXPECT_EQ(with.scheduler.adapters.max_loras, 4);
  EXPECT_EQ(with.memory.kv_per_device + with.memory.adapters_per_device, without.memory.kv_per_device);
  // 32 layers, rank 16, 16 bits: qkv 3 x 4096 + 6144, o 2 x 4096, gate and up 2 x 4096 + 28672, down 14336 +
  // 4096.
  constexpr double kAdapter = 2.0 * 32 * 16 * (18432 + 8192 + 36864 + 18432);
  EXPECT_DOUBLE_EQ(with.memory.adapters_per_device.base(), 4 * kAdapter);
  EXPECT_GE(with.run.replicas[0].adapter_loads, 8);
  EXPECT_GT(with.bill.total, without.bill.total);
  EXPECT_GT(with.run.makespan, without.run.makespan);
}

}  // namespace
}  // namespace mtok::planner
