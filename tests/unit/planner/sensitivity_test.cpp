// Tests of moved inputs, swings, samples and backward questions.
#include "sim/planner/sensitivity.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/planner/model_error.hpp"
#include "sim/planner/spread.hpp"
#include "tests/unit/planner/shipped.hpp"

namespace mtok::planner {
namespace {

using testing::catalogue;
using ::testing::DoubleEq;
using ::testing::Optional;
using testing::small_scenario;

// Straight between (0.1, 2) and (0.5, 4): 0.3 lies at 3. Beyond the table its ends.
TEST(Spread, IsStraightBetweenItsQuantiles) {
  const Spread spread = Spread::table({0.1, 0.5, 0.9}, {2, 4, 10});
  EXPECT_DOUBLE_EQ(spread.at(0.3), 3);
  EXPECT_DOUBLE_EQ(spread.at(0), 2);
  EXPECT_DOUBLE_EQ(spread.at(1), 10);
  EXPECT_DOUBLE_EQ(Spread::of({5, 1, 3}).at(0.25), 2);
  EXPECT_DOUBLE_EQ(Spread::of({5}).at(0.9), 5);
}

// Every column has exactly one sample in each tenth.
TEST(LatinHypercube, HasOneSampleInEverySlice) {
  const std::vector<std::string> names{"a", "b"};
  const auto samples = latin_hypercube(10, names, 1);
  for (std::size_t column = 0; column < names.size(); ++column) {
    std::vector<int> slices(10);
    for (const std::vector<double>& sample : samples) {
      ++slices.at(static_cast<std::size_t>(sample[column] * 10));
    }
    EXPECT_THAT(slices, ::testing::Each(1));
  }
  EXPECT_EQ(samples, latin_hypercube(10, names, 1));
  EXPECT_NE(samples, latin_hypercube(10, names, 2));
}

// Ranks of (1, 2, 2, 4) are 0, 1.5, 1.5, 3; against 0, 1, 2, 3: covariance 4.5, variances 4.5 and 5, so
// 4.5 / sqrt(22.5) = 0.948683.
TEST(RankCorrelation, TakesTiesAtTheirMean) {
  const std::vector<double> ties{1, 2, 2, 4};
  const std::vector<double> rising{10, 20, 30, 1000};
  const std::vector<double> falling{4, 3, 2, 1};
  EXPECT_NEAR(*rank_correlation(ties, rising), 0.948683, 1e-6);
  EXPECT_THAT(rank_correlation(rising, falling), Optional(DoubleEq(-1)));
  EXPECT_FALSE(rank_correlation(rising, std::vector<double>{1, 1, 1, 1}));
}

TEST(ModelErrors, FallBackToAllDevices) {
  const ModelErrors errors = ModelErrors::load(catalogue().root() / "hwprofiles/model_error.yaml");
  EXPECT_EQ(errors.of("tpot", "Hopper").family, "Hopper");
  EXPECT_EQ(errors.of("tpot", "no such architecture").family, "all");
  EXPECT_GT(errors.of("ttft", "all").ratio.at(0.9), errors.of("ttft", "all").ratio.at(0.1));
}

// No requests wait here, so the fleet is paid for the time in which they arrive: twice the price is twice the
// cost of a token to the last digit, and nothing else moves.
TEST(WhatIf, CostIsInProportionToThePrice) {
  const Scenario scenario = small_scenario(60, 10);
  const WhatIf what_if(scenario, catalogue());
  const Move twice{Input::price, 2 * what_if.base_value(Input::price)};
  const Outcome moved = what_if.run({&twice, 1});
  EXPECT_NEAR(moved.per_token->base(), 2 * what_if.base_outcome().per_token->base(), 1e-15);
  EXPECT_EQ(moved.ttft_p99, what_if.base_outcome().ttft_p99);
}

// Nothing moved is the scenario itself, from memory as from its generator; and an error of 1 is none, though
// it walks through every step.
TEST(WhatIf, NothingMovedIsTheScenario) {
  const Scenario scenario = small_scenario(60, 10);
  const WhatIf what_if(scenario, catalogue());
  const Outcome same = what_if.run({});
  EXPECT_EQ(same.per_token, what_if.base_outcome().per_token);
  EXPECT_EQ(same.tpot_p99, what_if.base_outcome().tpot_p99);
  const Move nearly{Input::tpot_error, 1 + 1e-12};
  EXPECT_NEAR(what_if.run({&nearly, 1}).tpot_p99 / same.tpot_p99, 1, 1e-6);
}

// One request at a time, nearly all decode: half as long again is half as much again for each token, but for
// the few steps in which a prompt of the next request takes part.
TEST(WhatIf, TheErrorOfTpotScalesDecode) {
  const Scenario scenario = small_scenario(20, 0.5);
  const WhatIf what_if(scenario, catalogue());
  const Move slower{Input::tpot_error, 1.5};
  EXPECT_NEAR(what_if.run({&slower, 1}).tpot_p99 / what_if.base_outcome().tpot_p99, 1.5, 0.05);
  const Move later{Input::ttft_error, 3};
  EXPECT_NEAR(what_if.run({&later, 1}).ttft_p99 / what_if.base_outcome().ttft_p99, 3, 1e-9);
}

// The bill of owned devices is their hours and their energy: twice one price adds as much as that part is.
TEST(WhatIf, OwnedDevicesPayForHoursAndEnergyApart) {
  Scenario scenario = small_scenario(60, 10);
  scenario.prices = {.tier = cost::Tier::owned, .purchase = Usd(40'000)};
  const WhatIf what_if(scenario, catalogue());
  const cost::Bill& bill = what_if.base().bill;
  const double energy = bill.resources.of(cost::Resource::energy).usd() / bill.total.usd();
  ASSERT_GT(energy, 0);
  const double now = what_if.base_outcome().per_token->base();
  const Move dear_energy{Input::energy_price, 2 * what_if.base_value(Input::energy_price)};
  EXPECT_NEAR(what_if.run({&dear_energy, 1}).per_token->base() / now, 1 + energy, 1e-9);
  const Move dear_devices{Input::price, 2 * what_if.base_value(Input::price)};
  EXPECT_NEAR(what_if.run({&dear_devices, 1}).per_token->base() / now, 2 - energy, 1e-9);
  EXPECT_FALSE(WhatIf(small_scenario(10, 10), catalogue()).movable(Input::energy_price));
}

// Three quarters of prompts of 512 tokens are 24 of 32 blocks of 16; the first request finds none of them.
TEST(WhatIf, TheHitRateIsWhatWasAskedFor) {
  const Scenario scenario = small_scenario(100, 10);
  const WhatIf what_if(scenario, catalogue());
  EXPECT_EQ(what_if.base_value(Input::hit_rate), 0);
  const Move shared{Input::hit_rate, 0.75};
  EXPECT_NEAR(what_if.run({&shared, 1}).hit_rate, 0.75, 0.02);
}

// Prices enter cost in proportion, so the range of the price is the range of the cost; the samples rank price
// and cost alike when nothing else is moved by as much.
TEST(Sensitivity, PriceMovesCostAndNothingElse) {
  Scenario scenario = small_scenario(60, 10);
  scenario.slo = {.ttft_p99 = Seconds(10), .tpot_p99 = Seconds(1)};
  SensitivityOptions options{.samples = 12};
  options.ranges[Input::price] = {.low = 1.8, .high = 7.2};  // half and twice
  const Sensitivity result = sensitivity(scenario, catalogue(), options);
  ASSERT_FALSE(result.swings.empty());
  const Swing& price = result.swings.front();
  EXPECT_EQ(price.input, Input::price);
  EXPECT_NEAR(price.at_high.per_token->base() / price.at_low.per_token->base(), 4, 1e-9);
  EXPECT_GT(*price.rank_usd, 0.8);
  EXPECT_EQ(result.samples, 12U);
  EXPECT_LE(result.usd_per_mtok.p10, result.usd_per_mtok.p50);
  EXPECT_LE(result.usd_per_mtok.p50, result.usd_per_mtok.p90);
  EXPECT_THAT(result.slo_probability, Optional(DoubleEq(1)));
}

TEST(Sensitivity, IsTheSameTwice) {
  const Scenario scenario = small_scenario(40, 10);
  const SensitivityOptions options{.samples = 6};
  const Sensitivity one = sensitivity(scenario, catalogue(), options);
  const Sensitivity other = sensitivity(scenario, catalogue(), options);
  EXPECT_EQ(one.usd_per_mtok.p50, other.usd_per_mtok.p50);
  EXPECT_EQ(one.ttft_ms.p90, other.ttft_ms.p90);
}

// Half the cost is half the price, to the 1e-4 of the bisection.
TEST(Solve, FindsThePriceOfATarget) {
  const Scenario scenario = small_scenario(40, 10);
  const UsdPerToken now = *WhatIf(scenario, catalogue()).base_outcome().per_token;
  const Solution solution = solve_for(scenario, catalogue(), Input::price, now / 2);
  ASSERT_TRUE(solution.value);
  EXPECT_NEAR(*solution.value, 1.8, 1.8 * 2e-4);
  EXPECT_LE(*solution.at_value.per_token, solution.target);
}

// More requests on the same replica: a tenth of the cost needs about ten times as many, and a busier fleet.
TEST(Solve, FindsTheVolumeAndShowsTheUtilisation) {
  const Scenario scenario = small_scenario(200, 1);
  const UsdPerToken now = *WhatIf(scenario, catalogue()).base_outcome().per_token;
  const Solution solution = solve_for(scenario, catalogue(), Input::volume, now / 10);
  ASSERT_TRUE(solution.value);
  EXPECT_NEAR(*solution.value, 10, 1);
  EXPECT_GT(solution.at_value.busy, solution.at_base.busy);
}

// Prefix hits save prefill, but the fleet is paid for the time in which requests arrive: no hit rate makes
// tokens a hundred times cheaper, and that is the answer.
TEST(Solve, SaysWhenNoValueDoes) {
  const Scenario scenario = small_scenario(40, 10);
  const UsdPerToken now = *WhatIf(scenario, catalogue()).base_outcome().per_token;
  const Solution solution = solve_for(scenario, catalogue(), Input::hit_rate, now / 100);
  EXPECT_FALSE(solution.value);
  EXPECT_TRUE(solution.at_high.per_token);
}

}  // namespace
}  // namespace mtok::planner
