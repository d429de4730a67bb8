// A scenario file becomes a scenario, its defaults are listed, and its errors come all at once.
#include "sim/planner/scenario.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "sim/planner/shared_blocks.hpp"
#include "sim/planner/workload_facts.hpp"
#include "tests/unit/planner/shipped.hpp"

namespace mtok::planner {
namespace {

using testing::catalogue;
using testing::ScenarioFile;

constexpr const char* kWorkload =
    "workload: {synthetic: {requests: 10, arrivals: {poisson: {rate_per_s: 4}}, input_tokens: {fixed: 8}, "
    "output_tokens: {fixed: 2}}}\n";

Scenario load(const std::string& text) {
  const ScenarioFile file(text);
  return load_scenario(file.path(), catalogue());
}

std::vector<config::Diagnostic> errors_of(const std::string& text) {
  try {
    static_cast<void>(load(text));
  } catch (const config::Error& error) {
    return error.diagnostics();
  }
  return {};
}

TEST(Scenario, TakesTensorParallelismFromTheNumberOfDevices) {
  const Scenario s =
      load("mtok: 1\nmodel: llama-3.1-8b\nhardware: {device: h100-sxm, count: 4}\n" + std::string(kWorkload));
  EXPECT_EQ(s.sharding.tensor, 4);
  EXPECT_EQ(s.sharding.devices(), 4);
}

TEST(Scenario, TakesFormatsFromTheCheckpoint) {
  const Scenario s =
      load("mtok: 1\nmodel: deepseek-v3\nhardware: {device: h200-sxm, count: 8}\n" + std::string(kWorkload));
  EXPECT_EQ(s.formats.weights, kernel::NumberFormat::fp8_block);
  EXPECT_EQ(s.formats.activations, kernel::NumberFormat::fp8_block);
  EXPECT_EQ(s.formats.kv_cache, kernel::NumberFormat::bf16);
}

TEST(Scenario, RefusesATraceOutsideItsFolderOnce) {
  const testing::ScenarioFile file(
      "mtok: 1\nworkload: {trace: ../x.csv}\nmodel: llama-3.1-8b\nhardware: {device: h100-sxm}\n");
  try {
    static_cast<void>(load_scenario(file.path(), catalogue()));
    FAIL();
  } catch (const config::Error& error) {
    EXPECT_EQ(error.diagnostics().front().message,
              "workload.trace: expected a path inside the folder of this file, got '../x.csv'");
    EXPECT_EQ(error.diagnostics().front().at.line, 2);
  }
}

TEST(Scenario, ListsTheDefaultsInForce) {
  const Scenario s =
      load("mtok: 1\nmodel: llama-3.1-8b\nhardware: {device: h100-sxm}\n" + std::string(kWorkload));
  for (const char* key :
       {"workload.load", "formats.weights", "engine.framework", "fleet.replicas", "prices"}) {
    EXPECT_TRUE(std::any_of(s.defaults.begin(), s.defaults.end(), [&](const Assumption& a) {
      return a.key == key;
    })) << key;
  }
}

const std::string kHead =
    "mtok: 1\nmodel: llama-3.1-8b\nhardware: {device: h100-sxm}\n" + std::string(kWorkload);

TEST(Scenario, ReadsAnAutoscalerAndFailures) {
  const Scenario s =
      load(kHead +
           "fleet:\n"
           "  autoscaler: {min_replicas: 2, max_replicas: 6, target_queue: 4, provisioning_delay_s: 90}\n"
           "  failures: {mtbf_h: 1000, repair_s: 600, spares: 1}\n");
  EXPECT_EQ(s.replicas, 2);
  ASSERT_TRUE(s.autoscaler && s.failures);
  EXPECT_EQ(s.autoscaler->max_replicas, 6);
  EXPECT_EQ(s.autoscaler->target_queue, 4);
  EXPECT_FALSE(s.autoscaler->target_utilization);
  EXPECT_EQ(s.autoscaler->scrape_interval, Seconds(15));
  EXPECT_EQ(s.autoscaler->provisioning_delay, Seconds(90));
  EXPECT_EQ(s.autoscaler->cooldown, Seconds(300));
  EXPECT_EQ(s.failures->mtbf, Seconds(3.6e6));
  EXPECT_EQ(s.failures->mttr, Seconds(600));
  EXPECT_EQ(s.failures->spares, 1);
  EXPECT_TRUE(std::any_of(s.defaults.begin(), s.defaults.end(),
                          [](const Assumption& a) { return a.key == "fleet.autoscaler.scrape_interval_s"; }));
}

const std::string kBatch =
    "batch: {load: offline, synthetic: {requests: 5, arrivals: {poisson: {rate_per_s: 4}}, input_tokens: "
    "{fixed: 16}, output_tokens: {fixed: 2}}}\n";

// All of the batch tier at time zero, interactive ones first at equal times.
TEST(Scenario, ABatchTierIsMergedByArrival) {
  const Scenario s = load(kHead + kBatch);
  ASSERT_TRUE(s.batch);
  const std::unique_ptr<workload::RequestSource> source = open_workload(s);
  workload::Request request;
  std::string tiers;
  std::int64_t last = 0;
  while (source->next(request)) {
    tiers += request.batch ? 'b' : 'i';
    EXPECT_EQ(request.input_tokens, request.batch ? 16 : 8);
    EXPECT_GE(request.arrival_ns, last);
    last = request.arrival_ns;
  }
  EXPECT_EQ(tiers, "ibbbbbiiiiiiiii");
  EXPECT_EQ(known_facts(s)->requests, 15);
}

TEST(Scenario, ABatchTierNeedsArrivalsBesideIt) {
  std::string closed = kHead + kBatch;
  closed.replace(closed.find("workload: {"), 11, "workload: {load: offline, ");
  ASSERT_EQ(errors_of(closed).size(), 1U);
  EXPECT_NE(errors_of(closed).front().message.find("needs an open load"), std::string::npos);
}

TEST(Scenario, ReadsTenantsAndTheirPolicy) {
  const Scenario s = load(kHead +
                          "engine: {scheduling_policy: fair}\n"
                          "fleet: {tenants: [{name: search, weight: 3}, {name: chat}]}\n");
  ASSERT_EQ(s.tenants.size(), 2U);
  EXPECT_EQ(s.tenants[0].name, "search");
  EXPECT_EQ(s.tenants[0].weight, 3);
  EXPECT_EQ(s.tenants[1].weight, 1);
  EXPECT_EQ(s.policy, SchedulingPolicy::fair);
}

// The weight stands in line 5, after the 36 columns of `fleet: {tenants: [{name: a, weight: `.
TEST(Scenario, RefusesTenantsThatCannotTakeTurns) {
  const std::vector<config::Diagnostic> zero =
      errors_of(kHead + "fleet: {tenants: [{name: a, weight: 0}]}\n");
  ASSERT_EQ(zero.size(), 1U);
  EXPECT_EQ(zero[0].at.line, 5);
  EXPECT_EQ(zero[0].at.column, 37);
  EXPECT_NE(zero[0].message.find("weight"), std::string::npos) << zero[0].message;
  const auto first = [](const std::string& blocks) {
    const std::vector<config::Diagnostic> errors = errors_of(kHead + blocks);
    return errors.empty() ? "" : errors.front().message;
  };
  EXPECT_NE(first("fleet: {tenants: [{name: a}, {name: a}]}\n").find("is there already"), std::string::npos);
  EXPECT_NE(first("engine: {scheduling_policy: fair}\n").find("fair is among tenants"), std::string::npos);
  EXPECT_NE(first("engine: {scheduling_policy: fair, batch_wait_timeout_iters: 2}\n"
                  "fleet: {tenants: [{name: a}]}\n")
                .find("fuller batches"),
            std::string::npos);
  EXPECT_NE(first("engine: {scheduling_policy: fair}\nfleet: {tenants: [{name: a}]}\n"
                  "disaggregation: {decode: {engine: {batch_wait_timeout_iters: 2}}}\n")
                .find("fuller batches"),
            std::string::npos);
}

TEST(Scenario, ReadsAdapters) {
  const Scenario s = load(kHead +
                          "engine: {enable_lora: true, max_loras: 4, max_cpu_loras: 8}\n"
                          "lora: {adapters: 20, skew: 1, storage_bandwidth: 3 GB/s}\n");
  ASSERT_TRUE(s.lora && s.lora->draw);
  EXPECT_EQ(s.lora->max_loras, 4);
  EXPECT_EQ(s.lora->max_lora_rank, 16);
  EXPECT_EQ(s.lora->max_cpu_loras, 8);
  EXPECT_EQ(s.lora->draw->adapters, 20);
  const std::unique_ptr<workload::RequestSource> source = open_workload(s);
  workload::Request request;
  while (source->next(request)) {
    EXPECT_GE(request.adapter, 0);
    EXPECT_LT(request.adapter, 20);
  }
  EXPECT_FALSE(load(kHead).lora);
}

TEST(Scenario, RefusesAdaptersThatCannotBe) {
  const auto first = [](const std::string& blocks) {
    const std::vector<config::Diagnostic> errors = errors_of(kHead + blocks);
    return errors.empty() ? "" : errors.front().message;
  };
  const auto says = [&](const std::string& blocks, const char* what) {
    EXPECT_NE(first(blocks).find(what), std::string::npos) << first(blocks);
  };
  says("engine: {max_loras: 2}\n", "needs enable_lora");
  says("engine: {framework: vllm}\nlora: {adapters: 2}\n", "needs engine");
  says("engine: {enable_lora: true, max_loras: 4, max_cpu_loras: 2}\nlora: {storage_bandwidth: 3 GB/s}\n",
       "less than max_loras");
  says("engine: {enable_lora: true, max_cpu_loras: 2}\n", "belong together");
  says("engine: {enable_lora: true}\n" + kBatch, "first come first served");
  says("engine: {enable_lora: true}\ndisaggregation: {decode: {replicas: 1}}\n", "both prefill and decode");
}

TEST(Scenario, RefusesFleetsThatCannotChangeAsAsked) {
  const auto first = [](const std::string& fleet) {
    const std::vector<config::Diagnostic> errors = errors_of(kHead + fleet);
    return errors.empty() ? std::string() : errors.front().message;
  };
  EXPECT_NE(first("fleet: {autoscaler: {max_replicas: 3, provisioning_delay_s: 1}}\n").find("either"),
            std::string::npos);
  EXPECT_NE(
      first("fleet: {autoscaler: {min_replicas: 4, max_replicas: 3, target_queue: 1, provisioning_delay_s: "
            "1}}\n")
          .find("less than min_replicas"),
      std::string::npos);
  EXPECT_NE(
      first("fleet: {replicas: 9, autoscaler: {max_replicas: 3, target_queue: 1, provisioning_delay_s: 1}}\n")
          .find("not within 1 to 3"),
      std::string::npos);
  EXPECT_NE(first("fleet: {failures: {mtbf_h: 10}}\n").find("either 'mttr_h' or 'repair_s'"),
            std::string::npos);
  EXPECT_NE(first("fleet: {failures: {mtbf_h: 10, mttr_h: 1}}\ndisaggregation: {decode: {replicas: 1}}\n")
                .find("both prefill and decode"),
            std::string::npos);
}

// What makes the number of replicas change is of one pool: nobody inherits it.
TEST(Scenario, EveryModelHasItsOwnAutoscaler) {
  const Scenario s =
      load(kHead +
           "fleet: {failures: {mtbf_h: 10, mttr_h: 1, spares: 2}, models: [{model: llama-3.2-1b, "
           "hardware: {device: l40s}, share: 0.5, autoscaler: {min_replicas: 2, max_replicas: 5, "
           "target_queue: 1, provisioning_delay_s: 9}}]}\n");
  ASSERT_EQ(s.models.size(), 1U);
  EXPECT_TRUE(s.failures && !s.autoscaler);
  EXPECT_FALSE(s.models[0].failures);
  ASSERT_TRUE(s.models[0].autoscaler);
  EXPECT_EQ(s.models[0].autoscaler->max_replicas, 5);
  EXPECT_EQ(s.models[0].replicas, 2);
}

TEST(Scenario, ReadsTiersOfTheKvCache) {
  const std::string head = "mtok: 1\nmodel: llama-3.1-8b\nhardware: {device: h100-sxm}\n";
  const std::string tiers = "kv_tiers: [{name: dram, capacity: 512 GB, bandwidth: 50 GB/s}]";
  const Scenario s = load(head + "engine: {" + tiers + "}\nfleet: {router: prefix_affine}\n" + kWorkload);
  ASSERT_EQ(s.engine.kv_tiers.size(), 1U);
  EXPECT_EQ(s.engine.kv_tiers[0].capacity, Bytes(512e9));
  EXPECT_EQ(s.engine.kv_tiers[0].bandwidth, BytesPerSecond(50e9));
  EXPECT_EQ(s.router, engine::Router::prefix_affine);

  const auto errors = errors_of(head + "engine: {enable_prefix_caching: false, " + tiers + "}\n" + kWorkload);
  ASSERT_EQ(errors.size(), 1U);
  EXPECT_EQ(errors[0].at.line, 4);
}

TEST(Scenario, ReadsFurtherModelsOfAFleet) {
  const std::string head = "mtok: 1\nmodel: llama-3.1-70b\nhardware: {device: h100-sxm, count: 4}\n";
  const std::string models =
      "fleet:\n  replicas: 2\n  models:\n    - {model: llama-3.1-8b, hardware: {device: l40s}, share: 0.4}\n"
      "    - {model: llama-3.2-3b, hardware: {device: l40s}, replicas: 3, share: 0.2}\n";
  const Scenario s = load(head + models + kWorkload);
  ASSERT_EQ(s.models.size(), 2U);
  EXPECT_EQ(s.replicas, 2);
  EXPECT_EQ(s.sharding.tensor, 4);
  EXPECT_EQ(s.models[0].sharding.tensor, 1);
  EXPECT_EQ(s.models[0].replicas, 1);
  EXPECT_EQ(s.models[1].replicas, 3);
  EXPECT_EQ(s.models[1].share, 0.2);
}

TEST(Scenario, RefusesModelsWithoutAClearPart) {
  const std::string head = "mtok: 1\nmodel: llama-3.1-70b\nhardware: {device: h100-sxm, count: 4}\n";
  const std::string small = "{model: llama-3.1-8b, hardware: {device: l40s}";
  const auto count = [&](const std::string& models) {
    return errors_of(head + "fleet: {models: [" + models + "]}\n" + kWorkload).size();
  };
  EXPECT_EQ(count(small + "}"), 1U);
  EXPECT_EQ(count(small + ", share: 0.2, escalate: 0.2}"), 1U);
  EXPECT_EQ(count(small + ", share: 0.6}, " + small + ", share: 0.6}"), 1U);
  EXPECT_EQ(count(small + ", escalate: 0.6}, " + small + ", share: 0.1}"), 1U);
  EXPECT_EQ(count(small + ", escalate: 0.6}"), 0U);
}

TEST(Scenario, ReportsAllErrorsWithTheirPlaces) {
  const auto errors = errors_of(
      "mtok: 1\n"
      "model: llama-3.1-70\n"
      "hardware: {device: h100-sxm, cuont: 2}\n"
      "slo: {ttft_p99_ms: -1}\n" +
      std::string(kWorkload));
  ASSERT_EQ(errors.size(), 3U);
  EXPECT_EQ(errors[0].at, (config::Position{2, 8}));
  EXPECT_EQ(errors[0].hint, "did you mean 'llama-3.1-70b'?");
  EXPECT_EQ(errors[1].at.line, 3);
  EXPECT_EQ(errors[2].at, (config::Position{4, 20}));
}

TEST(Scenario, RefusesLayoutsThatDoNotAddUp) {
  const auto errors = errors_of(
      "mtok: 1\nmodel: llama-3.1-8b\nhardware: {device: h100-sxm, count: 4}\n"
      "parallel: {tensor_parallel_size: 2}\n" +
      std::string(kWorkload));
  ASSERT_EQ(errors.size(), 1U);
  EXPECT_NE(errors[0].message.find("2 devices, but hardware.count is 4"), std::string::npos)
      << errors[0].message;
}

TEST(Scenario, ReadsThePlacementOfExperts) {
  const std::string head = "mtok: 1\nmodel: deepseek-v3\nhardware: {device: h200-sxm, count: 32}\n" +
                           std::string(kWorkload) + "parallel: {tensor_parallel_size: 1, ";
  const std::string spread = "data_parallel_size: 32, expert_parallel_size: 32, ";
  const Scenario s = load(head + spread +
                          "enable_eplb: true, eplb_config: {num_redundant_experts: 32}, enable_dbo: true}\n");
  EXPECT_EQ(s.sharding, (model::Sharding{.expert = 32,
                                         .data = 32,
                                         .balanced_experts = true,
                                         .redundant_experts = 32,
                                         .two_batch_overlap = true}));
  const auto refused = [&](const std::string& text, const std::string& why) {
    const auto errors = errors_of(head + text + "}\n");
    ASSERT_EQ(errors.size(), 1U) << why;
    EXPECT_NE(errors[0].message.find(why), std::string::npos) << errors[0].message;
  };
  refused(spread + "eplb_config: {num_redundant_experts: 32}", "'enable_eplb: true' only");
  refused(spread + "enable_eplb: true, eplb_config: {num_redundant_experts: 33}",
          "32 expert ranks do not divide 289 experts");
  refused("data_parallel_size: 32, enable_eplb: true", "balanced between expert ranks only");
  refused("data_parallel_size: 32, enable_dbo: true", "there is none");
}

TEST(Scenario, RefusesATraceOutsideItsFolder) {
  const auto errors = errors_of(
      "mtok: 1\nmodel: llama-3.1-8b\nhardware: {device: h100-sxm}\nworkload: {trace: ../../etc/passwd}\n");
  ASSERT_EQ(errors.size(), 1U);
  EXPECT_EQ(errors[0].at.line, 4);
}

TEST(Scenario, WantsAPriceThatTheBookHas) {
  const auto errors =
      errors_of("mtok: 1\nmodel: llama-3.1-8b\nhardware: {device: h100-sxm}\nprices: {provider: Nobody}\n" +
                std::string(kWorkload));
  ASSERT_EQ(errors.size(), 1U);
  EXPECT_EQ(errors[0].hint, "give prices: {usd_per_device_hour: ...}");
}

}  // namespace
}  // namespace mtok::planner
