// Tests of the ladder's order, its interaction term and the payback of a distilled model.
#include "sim/planner/ladder.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/unit/planner/shipped.hpp"

namespace mtok::planner {
namespace {

using testing::catalogue;
using testing::small_scenario;

Scenario busy_scenario() {
  return small_scenario(200, 40);
}

// The order is the caller's, techniques that are not named are left out, and what the rungs add up to is what
// the fleet costs in the end: the marginal steps add up to the joint saving.
TEST(Ladder, ClimbsInTheOrderThatIsAskedFor) {
  const Comparison comparison = ladder(busy_scenario(), catalogue(), {}, {"batching", "kv_cache", "weights"});
  ASSERT_EQ(comparison.rows.size(), 4U);
  EXPECT_EQ(comparison.rows[1].name, "continuous batching");
  EXPECT_EQ(comparison.rows[2].name, "8-bit KV cache");
  EXPECT_EQ(comparison.rows[3].name, "8-bit weights and activations");
  ASSERT_TRUE(comparison.joint_saving);
  EXPECT_NEAR(comparison.joint_saving->base(),
              (*comparison.rows[1].per_token - *comparison.rows[3].per_token).base(), 1e-18);
  EXPECT_NEAR(comparison.interaction->base(), (*comparison.joint_saving - *comparison.single_savings).base(),
              1e-18);
}

// The same techniques end at the same fleet, whatever the order, so the joint saving over the same first rung
// is the same; and a technique that comes last and one that comes alone on the same rung agree.
TEST(Ladder, EndsAtTheSameCostInAnyOrder) {
  const Comparison one = ladder(busy_scenario(), catalogue(), {}, {"batching", "kv_cache", "weights"});
  const Comparison other = ladder(busy_scenario(), catalogue(), {}, {"batching", "weights", "kv_cache"});
  EXPECT_EQ(one.rows.back().total, other.rows.back().total);
  EXPECT_EQ(one.single_savings, other.single_savings);
}

// Without batching at its beginning a ladder tries each technique alone on the naive rung, batching too.
TEST(Ladder, MeasuresFromTheNaiveRungWhereBatchingIsNotFirst) {
  const Comparison comparison = ladder(busy_scenario(), catalogue(), {}, {"weights", "batching"});
  ASSERT_TRUE(comparison.rows[1].alone_per_token);
  EXPECT_EQ(comparison.rows[1].alone_per_token, comparison.rows[1].per_token);
  EXPECT_TRUE(comparison.rows[2].alone_per_token);
}

// A scenario bound to one provider, or with devices of its own, still climbs: the rung whose device has no
// price there says so.
TEST(Ladder, LeavesOutNewerHardwareThatHasNoPrice) {
  Scenario scenario = busy_scenario();
  scenario.prices.per_device.reset();
  scenario.prices.provider = "Hyperstack";
  const Row rented = ladder(scenario, catalogue(), {}, {"batching", "hardware"}).rows[2];
  EXPECT_FALSE(rented.feasible);
  EXPECT_EQ(rented.reason, "book 'default' has no on_demand price for b200-sxm from Hyperstack");
}

// Drafts come with their measured acceptance and follow the network: the Mixture of Experts has none listed.
// 1 + 0.88 + 0.88^2 + 0.88^3 + 0.88^4 = 3.937 tokens a step.
TEST(Ladder, DraftsWhereTheAcceptanceWasMeasured) {
  Scenario scenario = busy_scenario();
  scenario.model_file = *catalogue().find_model("llama-3.1-70b", {}).file;
  const Comparison listed = ladder(scenario, catalogue(), {}, {"batching", "speculation", "moe"});
  ASSERT_EQ(listed.rows.size(), 4U);
  EXPECT_EQ(listed.rows[2].change, "llama-3.1-8b drafts 4 tokens, 3.94 a step expected");
  ASSERT_FALSE(listed.rows[2].pools.empty());
  EXPECT_TRUE(listed.rows[2].pools[0].speculation);
  ASSERT_FALSE(listed.rows[3].pools.empty());
  EXPECT_FALSE(listed.rows[3].pools[0].speculation);
  EXPECT_TRUE(std::any_of(listed.assumptions.begin(), listed.assumptions.end(), [](const Assumption& a) {
    return a.key == "ladder.speculation.acceptance_rate" && !a.source.empty();
  }));
}

// As DeepSeek-V3, which in 16 bits fits no node and is published in FP8.
TEST(Ladder, StartsFromTheFormatInWhichANetworkIsPublished) {
  Scenario scenario = busy_scenario();
  scenario.model_file = *catalogue().find_model("gpt-oss-20b", {}).file;
  scenario.formats.weights = kernel::NumberFormat::mxfp4;
  const std::vector<Row> rows = ladder(scenario, catalogue(), {}, {"batching", "weights"}).rows;
  EXPECT_EQ(rows[0].change, "mxfp4, one request at a time");
  ASSERT_FALSE(rows[0].pools.empty());
  EXPECT_EQ(rows[0].pools[0].formats.weights, kernel::NumberFormat::mxfp4);
  EXPECT_EQ(rows[2].reason, "gpt-oss-20b is published in mxfp4");
}

// The naive rung has no drafts, also where the scenario states some; those are what the rung takes.
TEST(Ladder, TakesTheDraftsOfTheScenario) {
  Scenario scenario = busy_scenario();
  const Row none = ladder(scenario, catalogue(), {}, {"batching", "speculation"}).rows[2];
  EXPECT_FALSE(none.feasible);
  EXPECT_EQ(none.reason.find("no drafts of a measured acceptance are listed for "), 0U);
  scenario.speculation = SpeculationChoice{.speculation = {.acceptance = {0.5}}};
  const std::vector<Row> rows = ladder(scenario, catalogue(), {}, {"batching", "speculation"}).rows;
  EXPECT_FALSE(rows[0].pools[0].speculation);
  EXPECT_EQ(rows[2].change, "mtp drafts 1 token, 1.50 a step expected");
}

// What a scenario paid for its own devices is not the price of newer ones.
TEST(Ladder, BuysNewerHardwareAtThePriceOfTheBook) {
  const auto bought_at = [](double usd) {
    Scenario scenario = busy_scenario();
    scenario.prices = {.tier = cost::Tier::owned, .purchase = Usd(usd)};
    return ladder(scenario, catalogue(), {}, {"batching", "hardware"}).rows;
  };
  const std::vector<Row> cheap = bought_at(10000);
  const std::vector<Row> dear = bought_at(40000);
  EXPECT_LT(cheap[1].total, dear[1].total);
  EXPECT_EQ(cheap[2].total, dear[2].total);
}

// Teacher: 1e6 tokens at 1 $/M are 1 $; the student has paid for itself after one-time / (saving a token *
// tokens of a month), by the figures of the rung itself.
TEST(Ladder, TellsWhenAStudentHasPaidForItself) {
  Scenario scenario = busy_scenario();
  scenario.ladder.student_model = "llama-3.2-1b";
  scenario.ladder.distillation = {.teacher_tokens = Tokens(1e6),
                                  .teacher_per_token = Usd(1) / Tokens(1e6),
                                  .training_tokens = Tokens(1e8)};
  const Comparison comparison = ladder(scenario, catalogue(), {}, {"batching", "student"});
  const Row& student = comparison.rows[2];
  ASSERT_TRUE(student.feasible) << student.reason;
  ASSERT_TRUE(student.one_time);
  EXPECT_GT(*student.one_time, Usd(1));
  ASSERT_TRUE(student.payback_months);
  const double tokens_of_a_month = *student.per_month / *student.per_token / Tokens(1);
  EXPECT_NEAR(*student.payback_months,
              student.one_time->base() / (-student.marginal_per_token->base() * tokens_of_a_month),
              1e-6 * *student.payback_months);
  EXPECT_FALSE(comparison.rows[1].one_time);
}

}  // namespace
}  // namespace mtok::planner
