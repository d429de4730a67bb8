// The difference of two runs has its causes, and they add up to it.
#include "sim/planner/diff.hpp"

#include <gtest/gtest.h>

#include <random>

namespace mtok::planner {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;

/// A fleet of `replicas` devices for `seconds`, each busy for half of the time; a million output tokens.
RunResult made_up(double usd_per_device_hour, std::size_t replicas, std::int64_t seconds) {
  RunResult result;
  result.price.per_device = usd_per_hour(usd_per_device_hour);
  result.run.makespan = SimTime{seconds * kSecond};
  result.run.replicas.resize(replicas);
  for (engine::ReplicaRecord& replica : result.run.replicas) {
    replica.phases.decode_ns = seconds * kSecond / 2;
  }
  result.run.totals.billed_output_tokens = 1'000'000;
  result.run.totals.decode_time = Seconds(static_cast<double>(seconds) / 2);
  result.bill = cost::make_bill(result.run, result.price);
  return result;
}

Money sum_of(const BillCauses& causes) {
  return causes.price + causes.devices + causes.time;
}

// 3.60 USD/h x 1 x 1,000 s = 1 USD; 7.20 x 2 x 3,000 s = 12 USD. With one, two or three factors changed:
// price 2, devices 2, both 4, time 3, with price 6, with devices 6, all 12. Means over the six orders:
// price = devices = (2 (2-1) + (4-2) + (6-3) + 2 (12-6)) / 6 = 19/6, time = (2 (3-1) + 2 (6-2) + 2 (12-4)) /
// 6 = 28/6. Sixths are cut to 1e-12 USD and what is left, 2e-12, goes to the largest.
TEST(Diff, CausesOfTheBillAreMeansOverAllOrders) {
  const Diff changed = diff(made_up(3.6, 1, 1000), made_up(7.2, 2, 3000));
  ASSERT_TRUE(changed.bill);
  EXPECT_EQ(changed.bill->price.to_decimal(), "3.166666666666");
  EXPECT_EQ(changed.bill->devices.to_decimal(), "3.166666666666");
  EXPECT_EQ(changed.bill->time.to_decimal(), "4.666666666668");
  EXPECT_EQ(sum_of(*changed.bill).to_decimal(), "11.0");
}

// Twice the price, busy all the time rather than half of it, the same work per token: a million tokens still
// costs 1 USD. price: ((2-1) + (1-0.5)) / 2 = 0.75, utilisation ((0.5-1) + (1-2)) / 2 = -0.75.
TEST(Diff, CausesOfTheCostPerTokenAreMeansOverAllOrders) {
  RunResult after = made_up(7.2, 1, 1000);
  after.run.replicas[0].phases.decode_ns *= 2;
  after.run.totals.billed_output_tokens *= 2;
  after.bill = cost::make_bill(after.run, after.price);
  const Diff changed = diff(made_up(3.6, 1, 1000), after);
  ASSERT_TRUE(changed.rate);
  EXPECT_NEAR(changed.rate->price.base(), 0.75e-6, 1e-18);
  EXPECT_NEAR(changed.rate->work.base(), 0, 1e-18);
  EXPECT_NEAR(changed.rate->utilisation.base(), -0.75e-6, 1e-18);
}

TEST(Diff, ARunAgainstItselfIsEmpty) {
  const Diff same = diff(made_up(3.1, 3, 777), made_up(3.1, 3, 777), {.increase = 0});
  EXPECT_TRUE(same.inputs.empty());
  EXPECT_TRUE(same.broken.empty());
  ASSERT_TRUE(same.bill && same.rate);
  EXPECT_EQ(same.bill->price, Money{});
  EXPECT_EQ(same.bill->devices, Money{});
  EXPECT_EQ(same.bill->time, Money{});
  EXPECT_EQ(same.rate->price, UsdPerToken{});
  EXPECT_EQ(same.rate->work, UsdPerToken{});
  EXPECT_EQ(same.rate->utilisation, UsdPerToken{});
}

// To the last 1e-12 USD: causes add up, and change their sign when the runs change places.
TEST(Diff, CausesAddUpAndAreTheirOwnNegatives) {
  std::mt19937_64 random(1);
  const auto any = [&] {
    return made_up(static_cast<double>(random() % 100'000) / 1e4, 1 + random() % 9,
                   static_cast<std::int64_t>(1 + random() % 100'000));
  };
  for (int trial = 0; trial < 2'000; ++trial) {
    const RunResult a = any();
    const RunResult b = any();
    const Diff there = diff(a, b);
    const Diff back = diff(b, a);
    ASSERT_TRUE(there.bill && back.bill);
    ASSERT_EQ(sum_of(*there.bill), b.bill.total - a.bill.total) << trial;
    ASSERT_EQ(there.bill->price + back.bill->price, Money{}) << trial;
    ASSERT_EQ(there.bill->devices + back.bill->devices, Money{}) << trial;
    ASSERT_EQ(there.bill->time + back.bill->time, Money{}) << trial;
    if (there.rate) {
      const UsdPerToken gap = *b.bill.per_token.blended - *a.bill.per_token.blended;
      const UsdPerToken sum = there.rate->price + there.rate->work + there.rate->utilisation;
      const double scale = b.bill.per_token.blended->base() + a.bill.per_token.blended->base();
      ASSERT_NEAR(sum.base(), gap.base(), 1e-12 * scale) << trial;
      ASSERT_NEAR(there.rate->work.base(), -back.rate->work.base(), 1e-12 * scale) << trial;
    }
  }
}

TEST(Diff, ListsKeysThatDifferStatedOnesFirst) {
  RunResult before = made_up(3.6, 1, 10);
  RunResult after = before;
  before.assumptions = {{.key = "efficiency", .value = "0.7"},
                        {.key = "engine.max_num_seqs", .value = "256"}};
  after.assumptions = {{.key = "efficiency", .value = "0.8"}};
  before.scenario.stated = {{"seed", "1"}, {"prices.usd_per_device_hour", "3.6"}};
  after.scenario.stated = {{"prices.usd_per_device_hour", "3.60"}, {"engine.max_num_seqs", "128"}};
  before.inputs = {{.path = "old/chat.csv", .sha256 = "aa"}, {.path = "old/model.yaml", .sha256 = "cc"}};
  after.inputs = {{.path = "new/chat.csv", .sha256 = "bb"}, {.path = "other.yaml", .sha256 = "dd"}};
  const Diff changed = diff(before, after);
  ASSERT_EQ(changed.inputs.size(), 4U);
  EXPECT_EQ(changed.inputs[0].key, "seed");
  EXPECT_EQ(changed.inputs[0].after, "");
  EXPECT_EQ(changed.inputs[1].key, "engine.max_num_seqs");
  EXPECT_EQ(changed.inputs[1].before, "256");
  EXPECT_EQ(changed.inputs[1].after, "128");
  EXPECT_TRUE(changed.inputs[1].stated);
  EXPECT_EQ(changed.inputs[2].key, "efficiency");
  EXPECT_FALSE(changed.inputs[2].stated);
  EXPECT_EQ(changed.inputs[3].key, "sha256 of chat.csv");
}

// 1 USD to 1.05 USD is 5 % exactly, which 5 % lets through; a million tokens costs 1.05 USD.
TEST(Diff, LimitsHoldUpToTheirValue) {
  const RunResult before = made_up(3.6, 1, 1000);
  const RunResult after = made_up(3.78, 1, 1000);
  EXPECT_TRUE(diff(before, after, {.increase = 0.05}).broken.empty());
  EXPECT_EQ(diff(before, after, {.increase = 0.0499}).broken.size(), 1U);
  EXPECT_TRUE(diff(before, after, {.per_token = UsdPerToken(1.0501e-6)}).broken.empty());
  EXPECT_EQ(diff(before, after, {.increase = 0, .per_token = UsdPerToken(1e-6)}).broken.size(), 2U);
  EXPECT_TRUE(diff(after, before, {.increase = 0}).broken.empty()) << "cheaper is no increase";
}

TEST(Diff, ALimitThatCannotBeJudgedIsBroken) {
  RunResult refused;
  refused.infeasible = Infeasible{.reason = "does not fit"};
  const Diff changed = diff(refused, made_up(3.6, 1, 1000), {.increase = 0.05});
  EXPECT_FALSE(changed.bill);
  EXPECT_FALSE(changed.rate);
  EXPECT_EQ(changed.broken.size(), 1U);
}

}  // namespace
}  // namespace mtok::planner
