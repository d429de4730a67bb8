// Several models in one fleet: requests are split or escalated, and the bill is for all of it.
#include "sim/planner/model_mix.hpp"

#include <gtest/gtest.h>

#include "sim/planner/rows.hpp"
#include "tests/unit/planner/shipped.hpp"

namespace mtok::planner {
namespace {

using testing::catalogue;
using testing::small_scenario;

constexpr std::int64_t kRequests = 400;

/// Llama-3.1-70B in FP8 on two H100 beside Llama-3.1-8B on one.
Scenario mixed(std::optional<double> share, std::optional<double> escalate) {
  Scenario small = small_scenario(kRequests, 4);
  Scenario large = small;
  large.model_file = *catalogue().find_model("llama-3.1-70b", {}).file;
  large.device_count = 2;
  large.sharding.tensor = 2;
  small.share = share;
  small.escalate = escalate;
  large.models = {small};
  return large;
}

RunResult run_it(const Scenario& scenario) {
  return run(scenario, catalogue(), {}, {.keep_requests = true});
}

void expect_sums(const RunResult& result) {
  Money total;
  Money owed = result.bill.parts.idle;
  for (const RunResult& pool : result.pools) {
    total += pool.bill.total;
    EXPECT_EQ(pool.run.makespan, result.run.makespan) << "every pool is paid to the end";
  }
  for (const Money& part : result.bill.per_request) {
    owed += part;
  }
  EXPECT_EQ(result.bill.total, total);
  EXPECT_EQ(result.bill.parts.sum(), total);
  EXPECT_EQ(owed, total);
  EXPECT_EQ(result.run.replicas.size(), 2U);
}

TEST(ModelMix, SplitsRequestsByShare) {
  const RunResult result = run_it(mixed(0.45, {}));
  ASSERT_EQ(result.pools.size(), 2U);
  expect_sums(result);
  EXPECT_EQ(result.metrics.completed, kRequests);
  EXPECT_EQ(result.pools[0].metrics.completed + result.pools[1].metrics.completed, kRequests);
  EXPECT_NEAR(static_cast<double>(result.pools[0].metrics.completed), 0.45 * kRequests, 0.06 * kRequests);
  EXPECT_EQ(result.metrics.output_tokens, kRequests * 64);
  EXPECT_EQ(result.wasted, Money{});
  ASSERT_TRUE(result.quality);
  EXPECT_GT(result.quality->value, result.pools[0].quality->value);
  EXPECT_LT(result.quality->value, result.pools[1].quality->value);
}

// Tokens delivered are those of one answer each; the small model has computed an answer for every request,
// the large one for the escalated ones.
TEST(ModelMix, EscalatesAndPaysForBothAttempts) {
  const RunResult result = run_it(mixed({}, 0.3));
  ASSERT_EQ(result.pools.size(), 2U);
  expect_sums(result);
  EXPECT_EQ(result.metrics.completed, kRequests);
  EXPECT_EQ(result.metrics.output_tokens, kRequests * 64);
  EXPECT_EQ(result.pools[0].metrics.completed, kRequests);
  const auto second = static_cast<double>(result.pools[1].metrics.completed);
  EXPECT_NEAR(second, 0.3 * kRequests, 0.06 * kRequests);
  EXPECT_GT(result.wasted, Money{});
  EXPECT_LT(result.wasted, result.pools[0].bill.total);
  const RunResult& small = result.pools[0];
  for (std::size_t i = 0; i < kRequests; ++i) {
    const engine::RequestRecord& seen = result.run.requests[i];
    const engine::RequestRecord& first = small.run.requests[i];
    EXPECT_EQ(seen.arrival, first.arrival);
    EXPECT_EQ(seen.scheduled, first.scheduled);
    if (seen.replica == 1) {
      EXPECT_GT(seen.first_token, first.last_token) << "the small answer came first";
    } else {
      EXPECT_EQ(seen.last_token, first.last_token);
    }
  }
}

TEST(ModelMix, WithoutEscalationIsTheSmallModelAlone) {
  const Scenario scenario = mixed({}, 0.0);
  const RunResult result = run_it(scenario);
  const RunResult alone = run_it(scenario.models.front());
  EXPECT_EQ(result.pools[1].metrics.offered, 0);
  EXPECT_EQ(result.run.makespan, alone.run.makespan);
  EXPECT_EQ(result.metrics.ttft.p99, alone.metrics.ttft.p99);
  EXPECT_EQ(result.quality->value, alone.quality->value);
  EXPECT_EQ(result.wasted, Money{});
  EXPECT_GT(result.bill.total, alone.bill.total) << "the large model waits, and is paid for";
}

TEST(ModelMix, FullEscalationAsksTheLargeModelForAll) {
  const RunResult result = run_it(mixed({}, 1.0));
  EXPECT_EQ(result.pools[1].metrics.completed, kRequests);
  EXPECT_EQ(result.quality->value, result.pools[1].quality->value);
}

// Two H100 compute the large model's prompts, two more its outputs, one serves the small model: five devices
// until the end, those that decode at 2 USD an hour and the others at 1.
TEST(ModelMix, TheOwnModelMayHaveADecodePool) {
  for (const auto& [share, escalate] : {std::pair<std::optional<double>, std::optional<double>>{0.45, {}},
                                        std::pair<std::optional<double>, std::optional<double>>{{}, 0.3}}) {
    Scenario scenario = mixed(share, escalate);
    scenario.prices.per_device = usd_per_hour(1);
    scenario.models.front().prices.per_device = usd_per_hour(1);
    scenario.disaggregation = Disaggregation{.device_file = scenario.device_file,
                                             .device_count = 2,
                                             .sharding = scenario.sharding,
                                             .engine = scenario.engine,
                                             .prices = {.per_device = usd_per_hour(2)}};
    const RunResult result = run_it(scenario);
    ASSERT_EQ(result.pools.size(), 2U);
    EXPECT_EQ(result.metrics.completed, kRequests);
    ASSERT_EQ(result.run.replicas.size(), 3U);
    ASSERT_TRUE(result.run.decode_pool);
    EXPECT_EQ(result.run.decode_pool->transfers, result.pools[1].metrics.completed);
    const double hours = between(SimTime{}, result.run.makespan).base() / 3600;
    EXPECT_NEAR(result.bill.total.usd().base(), (1 + 2 + 2 * 2) * hours, 1e-9);
    Money owed = result.bill.parts.idle;
    for (const Money& part : result.bill.per_request) {
      owed += part;
    }
    EXPECT_EQ(owed, result.bill.total);
    EXPECT_EQ(row_of(result).devices, 5);
  }
}

// Each pool follows its own load; what its replicas were paid for is the bill, and their records are those of
// the pools one after the other.
TEST(ModelMix, EachPoolHasItsOwnAutoscalerAndFailures) {
  for (const auto& [share, escalate] : {std::pair<std::optional<double>, std::optional<double>>{0.45, {}},
                                        std::pair<std::optional<double>, std::optional<double>>{{}, 0.3}}) {
    Scenario scenario = mixed(share, escalate);
    Scenario& small = scenario.models.front();
    small.engine.max_num_seqs = 1;
    small.autoscaler = engine::Autoscaler{.max_replicas = 4,
                                          .target_queue = 0.5,
                                          .scrape_interval = Seconds(2),
                                          .provisioning_delay = Seconds(3),
                                          .cooldown = Seconds(5)};
    scenario.failures = engine::Failures{.mtbf = Seconds(60), .mttr = Seconds(4), .spares = 1};
    const RunResult result = run_it(scenario);
    ASSERT_EQ(result.pools.size(), 2U);
    EXPECT_EQ(result.metrics.completed, kRequests);
    ASSERT_EQ(result.run.replicas.size(), 4U + 2U);
    ASSERT_TRUE(result.run.elastic && result.pools[0].run.elastic && result.pools[1].run.elastic);
    EXPECT_GT(result.run.elastic->scaled_up, 0);
    EXPECT_EQ(result.run.elastic->scaled_up, result.pools[0].run.elastic->scaled_up);
    EXPECT_GT(result.run.elastic->failures, 0);
    EXPECT_EQ(result.run.elastic->failures, result.pools[1].run.elastic->failures);
    ASSERT_TRUE(result.idle_parts);
    EXPECT_EQ(result.idle_parts->sum(), result.bill.parts.idle);
    EXPECT_EQ(result.idle_parts->standby, result.pools[1].idle_parts->standby);
    EXPECT_GT(result.idle_parts->provisioning, Money{});
    // USD 3.6 a device and hour are 0.001 a second.
    double usd = 0;
    for (const RunResult& pool : result.pools) {
      EXPECT_EQ(pool.run.makespan, result.run.makespan);
      usd += static_cast<double>(pool.run.wall_ns() * pool.scenario.device_count) * 1e-9 * 0.001;
    }
    EXPECT_NEAR(result.bill.total.usd().base(), usd, 1e-9);
    EXPECT_DOUBLE_EQ(paid_device_time(result).base() * 0.001, usd);
    Money owed = result.bill.parts.idle;
    for (const Money& part : result.bill.per_request) {
      owed += part;
    }
    EXPECT_EQ(owed, result.bill.total);
  }
}

TEST(ModelMix, BothEnginesGiveTheSameElasticPools) {
  Scenario scenario = mixed({}, 0.3);
  scenario.models.front().failures = engine::Failures{.mtbf = Seconds(20), .mttr = Seconds(2)};
  scenario.autoscaler = engine::Autoscaler{.max_replicas = 3,
                                           .target_utilization = 0.02,
                                           .scrape_interval = Seconds(2),
                                           .provisioning_delay = Seconds(3),
                                           .cooldown = Seconds(5)};
  const RunResult leaping = run_it(scenario);
  const RunResult stepwise =
      run(scenario, catalogue(), {}, {.engine = Engine::stepwise, .keep_requests = true});
  EXPECT_EQ(leaping.bill.total, stepwise.bill.total);
  EXPECT_EQ(leaping.bill.per_request, stepwise.bill.per_request);
  EXPECT_EQ(leaping.run.wall_ns(), stepwise.run.wall_ns());
  EXPECT_EQ(leaping.run.elastic->requeued, stepwise.run.elastic->requeued);
  EXPECT_EQ(leaping.run.elastic->scaled_up, stepwise.run.elastic->scaled_up);
}

TEST(ModelMix, FurtherModelsInheritNothingThatSpeaksOfTheOwnModel) {
  const testing::ScenarioFile file(
      "mtok: 1\nmodel: llama-3.1-70b\nhardware: {device: h100-sxm, count: 4}\n"
      "workload: {synthetic: {requests: 10, arrivals: {poisson: {rate_per_s: 4}}, input_tokens: {fixed: 8}, "
      "output_tokens: {fixed: 2}}}\n"
      "fleet: {models: [{model: llama-3.1-8b, hardware: {device: h100-sxm}, share: 0.5}]}\n"
      "speculative_config: {method: draft_model, model: llama-3.2-1b, num_speculative_tokens: 3, "
      "acceptance_rate: 0.7}\n"
      "distillation: {teacher_tokens: 1e9, teacher_usd_per_mtok: 1, training_tokens: 1e9}\n"
      "disaggregation: {decode: {replicas: 2}}\n");
  const Scenario scenario = load_scenario(file.path(), catalogue());
  ASSERT_EQ(scenario.models.size(), 1U);
  EXPECT_TRUE(scenario.disaggregation && scenario.speculation && scenario.distillation);
  EXPECT_FALSE(scenario.models[0].disaggregation);
  EXPECT_FALSE(scenario.models[0].speculation);
  EXPECT_FALSE(scenario.models[0].distillation);
}

TEST(ModelMix, BothEnginesAgree) {
  for (const auto& scenario : {mixed(0.45, {}), mixed({}, 0.3)}) {
    const RunResult a = run(scenario, catalogue(), {}, {.engine = Engine::leaping});
    const RunResult b = run(scenario, catalogue(), {}, {.engine = Engine::stepwise});
    EXPECT_EQ(a.bill.total, b.bill.total);
    EXPECT_EQ(a.metrics.ttft.p99, b.metrics.ttft.p99);
    EXPECT_EQ(a.metrics.tpot.p99, b.metrics.tpot.p99);
    EXPECT_EQ(a.wasted, b.wasted);
  }
}

}  // namespace
}  // namespace mtok::planner
