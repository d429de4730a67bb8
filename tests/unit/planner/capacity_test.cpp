// Capacity by month: fleets that grow with the demand, spare replicas, and hand-checked ways to pay.
#include "sim/planner/capacity.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <stdexcept>

#include "sim/planner/staircase.hpp"
#include "tests/unit/planner/shipped.hpp"

namespace mtok::planner {
namespace {

using testing::catalogue;
using testing::small_scenario;

/// A flat demand of about 60 requests a second at 3.6 USD/h that doubles in a year.
Scenario growing() {
  Scenario scenario = small_scenario(600, 60);
  scenario.slo = {.ttft_p99 = 500.0_ms, .tpot_p99 = 20.0_ms};
  scenario.capacity = CapacityChoice{.months = 13,
                                     .demand_growth_per_month = 0.0594630943592953,  // 2^(1/12) - 1
                                     .price_decline_per_year = 0,
                                     .api_price_decline_per_year = 0,
                                     .daily_swing = 0,
                                     .weekend = 1,
                                     .spare_replicas = 1,
                                     .discount_rate_per_year = 0,
                                     .reserved_1y_ratio = 0.5};
  return scenario;
}

const CapacityOption& option(const Capacity& plan, const std::string& name) {
  for (const CapacityOption& candidate : plan.options) {
    if (candidate.name.starts_with(name)) {
      return candidate;
    }
  }
  throw std::logic_error("no option " + name);
}

TEST(Capacity, FleetsGrowWithTheDemandAndHaveASpareReplica) {
  const Capacity plan = plan_capacity(growing(), catalogue());
  ASSERT_TRUE(plan.feasible) << plan.reason;
  ASSERT_EQ(plan.months.size(), 13U);
  EXPECT_NEAR(plan.months[12].mean_requests_per_s / plan.months[0].mean_requests_per_s, 2, 1e-9);
  for (std::size_t i = 1; i < plan.months.size(); ++i) {
    EXPECT_GE(plan.months[i].replicas, plan.months[i - 1].replicas);
    EXPECT_EQ(plan.months[i].devices, plan.months[i].replicas + 1);
  }
  EXPECT_GT(plan.months[12].replicas, plan.months[0].replicas);
  for (std::size_t i = 1; i < plan.staircase.size(); ++i) {
    EXPECT_GT(plan.staircase[i].replicas, plan.staircase[i - 1].replicas);
    EXPECT_GT(plan.staircase[i].requests_per_s, plan.staircase[i - 1].requests_per_s);
  }
}

// 3.6 USD/h * 730 h = 2,628 USD a device and month. With a flat demand the peak is every hour, so the fleet
// of each hour costs the same.
TEST(Capacity, RentIsDevicesTimesHours) {
  const Capacity plan = plan_capacity(growing(), catalogue());
  double rent = 0;
  for (const CapacityMonth& month : plan.months) {
    rent += static_cast<double>(month.devices) * 2628;
  }
  EXPECT_NEAR(option(plan, "rent on demand, fleet of the peak").total.base(), rent, 1e-6);
  EXPECT_NEAR(option(plan, "rent on demand, fleet of each hour").total.base(), rent, 1e-6);
}

// Reserved at half the price: a replica that is needed in more than half of the first year's months is worth
// it.
TEST(Capacity, ReplicasNeededInMoreHoursThanThePriceRatioAreReserved) {
  const Capacity plan = plan_capacity(growing(), catalogue());
  ASSERT_GE(plan.commitments.size(), 1U);
  const Commitment& year = plan.commitments.front();
  EXPECT_EQ(year.term, "1 year");
  std::int64_t expected = 0;
  for (const cost::CommitmentRung& rung : year.rungs) {
    int needed = 0;
    for (std::size_t i = 0; i < 12; ++i) {
      needed += plan.months[i].devices >= rung.unit ? 1 : 0;
    }
    EXPECT_NEAR(rung.needed_share, needed / 12.0, 1e-12);
    expected += needed > 6 ? 1 : 0;
  }
  EXPECT_EQ(year.worth_reserving(), expected);
  EXPECT_LT(option(plan, "rent, committed").total, option(plan, "rent on demand, fleet of the peak").total);
}

// Llama-3.1-8B has list prices; break-even volumes cost the same both ways.
TEST(Capacity, AtTheBreakEvenVolumeFleetAndApiCostTheSame) {
  const Capacity plan = plan_capacity(growing(), catalogue());
  const CapacityOption& rent = option(plan, "rent on demand, fleet of the peak");
  const CapacityOption& api = option(plan, "API groq");
  ASSERT_TRUE(rent.break_even_requests_per_s);
  const double api_per_request =
      api.months[0].at_end.base() / (plan.months[0].mean_requests_per_s * 730 * 3600);
  const double at_break_even = *rent.break_even_requests_per_s * 730 * 3600 * api_per_request;
  const double fleets = at_break_even / 2628;
  EXPECT_NEAR(fleets, std::round(fleets), 1e-6);
  EXPECT_GE(fleets, 1.999);  // one replica and its spare
}

TEST(Capacity, OwnedDevicesAreBoughtAsTheFleetGrows) {
  const Capacity plan = plan_capacity(growing(), catalogue());
  const CapacityOption& own = option(plan, "own");
  ASSERT_EQ(own.missing, "");
  // 28,750 USD with its server, 15 % more for installation, network and spares
  EXPECT_NEAR(own.months[0].at_start.base(), static_cast<double>(plan.months[0].devices) * 28'750 * 1.15,
              1e-6);
  const double grown = static_cast<double>(plan.months[12].devices - plan.months[0].devices);
  double later = 0;
  for (std::size_t i = 1; i < 13; ++i) {
    later += own.months[i].at_start.base();
  }
  EXPECT_NEAR(later, grown * 28'750 * 1.15, 1e-6);
  EXPECT_GT(own.resale, Usd{});
}

TEST(Capacity, WithoutPromisesNothingIsSized) {
  Scenario scenario = growing();
  scenario.slo = {};
  EXPECT_THROW(static_cast<void>(plan_capacity(scenario, catalogue())), config::Error);
}

TEST(Capacity, AHopelessPromiseIsAnAnswer) {
  Scenario scenario = growing();
  scenario.capacity->months = 1;
  scenario.slo = {.tpot_p99 = Seconds(1e-6)};
  const Capacity plan = plan_capacity(scenario, catalogue());
  EXPECT_FALSE(plan.feasible);
  EXPECT_NE(plan.reason.find("TPOT"), std::string::npos) << plan.reason;
}

TEST(Staircase, ADemandBetweenLevelsGetsTheFleetOfTheNextHigherOne) {
  const std::vector<DemandLevel> levels{
      {.factor = 1, .replicas = 2}, {.factor = 2, .replicas = 4}, {.factor = 3, .replicas = 5}};
  EXPECT_EQ(replicas_for(levels, 0.1), 2);
  EXPECT_EQ(replicas_for(levels, 1), 2);
  EXPECT_EQ(replicas_for(levels, 1.1), 4);
  EXPECT_EQ(replicas_for(levels, 3), 5);
}

}  // namespace
}  // namespace mtok::planner
