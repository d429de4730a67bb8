// A scenario runs to a bill, or says what does not fit and what would.
#include "sim/planner/run.hpp"

#include <gtest/gtest.h>

#include "sim/planner/compare.hpp"
#include "sim/planner/ladder.hpp"
#include "sim/planner/sizing.hpp"
#include "sim/planner/workload_facts.hpp"
#include "tests/unit/planner/shipped.hpp"

namespace mtok::planner {
namespace {

using testing::catalogue;
using testing::small_scenario;

// 3.6 USD an hour is 0.001 USD a second, so the bill is a thousandth of the makespan in seconds.
TEST(Run, PricesTheWholeTime) {
  const RunResult result = run(small_scenario(50, 10), catalogue());
  ASSERT_FALSE(result.infeasible);
  EXPECT_EQ(result.metrics.completed, 50);
  EXPECT_EQ(result.metrics.input_tokens, 50 * 512);
  EXPECT_EQ(result.metrics.output_tokens, 50 * 64);
  EXPECT_NEAR(result.bill.total.usd().base(), between(SimTime{}, result.run.makespan).base() / 1000, 1e-12);
  EXPECT_EQ(result.bill.parts.sum(), result.bill.total);
  EXPECT_GT(result.mbu, 0);
  EXPECT_LT(result.mfu, 1);
}

// 141 GB of weights do not fit 0.9 * 85.9 GB. The remedies fit, and are sorted by price.
TEST(Run, ExplainsWhatDoesNotFit) {
  Scenario scenario = small_scenario(10, 10);
  scenario.model_file = *catalogue().find_model("llama-3.1-70b", {}).file;
  scenario.formats = {};
  const RunResult result = run(scenario, catalogue());
  ASSERT_TRUE(result.infeasible);
  EXPECT_GT(result.infeasible->need_per_device.base(), 141e9);
  EXPECT_NEAR(result.infeasible->have_per_device.base(), 0.9 * 85.9e9, 0.1e9);
  ASSERT_EQ(result.infeasible->remedies.size(), 2U);
  EXPECT_LE(result.infeasible->remedies[0].per_replica, result.infeasible->remedies[1].per_replica);
  for (const Remedy& remedy : result.infeasible->remedies) {
    EXPECT_LE(remedy.need_per_device, remedy.have_per_device) << remedy.change;
  }
}

// One block of 10,000,000 tokens of 131,072 B is 1.3 TB, whatever the request takes of it.
TEST(Run, CountsTheCacheOfARequestInWholeBlocks) {
  Scenario scenario = small_scenario(10, 10);
  scenario.engine.block_size = 10'000'000;
  const RunResult result = run(scenario, catalogue());
  ASSERT_TRUE(result.infeasible);
  EXPECT_GT(result.infeasible->need_per_device.base(), 1.31e12);
  EXPECT_NE(result.infeasible->reason.find("engine.block_size, 10000000 tokens"), std::string::npos)
      << result.infeasible->reason;
}

TEST(Run, StopsWhenTheCallerSaysSo) {
  const RunResult result =
      run(small_scenario(2000, 1000), catalogue(), [](std::int64_t, std::int64_t) { return false; });
  EXPECT_TRUE(result.run.cancelled);
  EXPECT_GT(result.metrics.unfinished, 0);
  EXPECT_EQ(result.bill.parts.sum(), result.bill.total);
}

/// Adds up what it is told.
class StepSum final : public engine::RunObserver {
 public:
  void step_ended(const engine::StepNote& note) override {
    busy_ns += nanoseconds(note.end) - nanoseconds(note.start);
    replicas = std::max(replicas, note.replica + 1);
  }
  std::int64_t busy_ns = 0;
  std::size_t replicas = 0;
};

// The observer once got lost between the options and the engine, and timelines were empty.
TEST(Run, TellsTheObserverOfEveryStep) {
  for (const Engine engine : {Engine::leaping, Engine::stepwise}) {
    StepSum sum;
    Scenario scenario = small_scenario(50, 10);
    scenario.replicas = 2;
    const RunResult result = run(scenario, catalogue(), {}, {.engine = engine, .observer = &sum});
    EXPECT_EQ(sum.busy_ns, result.run.phases().busy_ns());
    EXPECT_EQ(sum.replicas, 2U);
  }
}

TEST(WorkloadFacts, SlicesShareNothingAndLeaveNothing) {
  Scenario scenario = small_scenario(1000, 10);
  const std::int64_t all = look_through(scenario).requests;
  scenario.workload.slice = {.from = 0, .to = 0.3};
  const std::int64_t first = look_through(scenario).requests;
  scenario.workload.slice = {.from = 0.3, .to = 1};
  const std::int64_t rest = look_through(scenario).requests;
  EXPECT_EQ(first + rest, all);
  EXPECT_NEAR(static_cast<double>(first), 300, 4 * 14.5) << "binomial: sigma = sqrt(1000 * 0.3 * 0.7)";
}

TEST(WorkloadFacts, ReadAListInMemory) {
  Scenario scenario = small_scenario(1, 1);
  scenario.workload = {.requests = std::make_shared<const std::vector<workload::Request>>(
                           std::vector<workload::Request>{{.input_tokens = 3, .output_tokens = 4}})};
  EXPECT_EQ(look_through(scenario).longest_request, 7);
}

// 200 requests a second of 576 tokens are more than one device can do within the promise, and the answer is
// the fewest: one replica less breaks it.
TEST(CheapestFleet, IsTheFewestReplicasThatKeepThePromise) {
  Scenario scenario = small_scenario(3000, 300);
  scenario.slo = {.ttft_p99 = Seconds(0.5), .tpot_p99 = Seconds(0.05)};
  const Sized sized = cheapest_fleet(scenario, catalogue());
  ASSERT_TRUE(sized.feasible) << sized.reason;
  EXPECT_TRUE(sized.result.metrics.slo_met);
  Scenario fewer = sized.result.scenario;
  ASSERT_GT(fewer.replicas, 1);
  fewer.replicas -= 1;
  EXPECT_FALSE(run(fewer, catalogue()).metrics.slo_met);
}

TEST(Compare, KeepsTheOrderAndGivesTheDifference) {
  Scenario base = small_scenario(50, 10);
  Scenario dearer = base;
  dearer.name = "dearer";
  dearer.prices.per_device = usd_per_hour(7.2);
  const Comparison comparison = compare({base, dearer}, catalogue());
  ASSERT_EQ(comparison.rows.size(), 2U);
  EXPECT_EQ(comparison.rows[1].name, "dearer");
  EXPECT_DOUBLE_EQ(comparison.rows[1].per_token->base(), 2 * comparison.rows[0].per_token->base());
  EXPECT_DOUBLE_EQ(comparison.rows[1].marginal_per_token->base(), comparison.rows[0].per_token->base());
}

// Batching must pay; a rung without a stand-in is kept with its reason; the whole is the same on any number
// of threads, so twice the same.
TEST(Ladder, KeepsEveryRungAndIsRepeatable) {
  Scenario scenario = small_scenario(300, 50);
  scenario.ladder = {.moe_model = "qwen3-30b-a3b", .newer_device = "b200-sxm"};
  const Comparison first = ladder(scenario, catalogue());
  const Comparison second = ladder(scenario, catalogue());
  ASSERT_EQ(first.rows.size(), 10U);
  EXPECT_EQ(first.rows[0].name, "naive");
  ASSERT_TRUE(first.rows[1].marginal_per_token);
  EXPECT_LT(*first.rows[1].marginal_per_token, UsdPerToken{});
  EXPECT_FALSE(first.rows[4].feasible) << "generated requests without documents share nothing";
  EXPECT_FALSE(first.rows[4].reason.empty());
  EXPECT_FALSE(first.rows[5].feasible) << "no drafts are listed for the model";
  EXPECT_FALSE(first.rows[7].feasible) << "no small model is listed";
  for (std::size_t i = 0; i < first.rows.size(); ++i) {
    EXPECT_EQ(first.rows[i].total, second.rows[i].total) << first.rows[i].name;
  }
}

}  // namespace
}  // namespace mtok::planner
