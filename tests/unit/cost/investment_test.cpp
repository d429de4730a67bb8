// Money over months: hand-worked present values, paybacks, resale and commitment.
#include "sim/cost/investment.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cmath>

namespace mtok::cost {
namespace {

MonthlyCost month(double at_start, double at_end) {
  return {.at_start = Usd(at_start), .at_end = Usd(at_end)};
}

// 1.01^12 - 1 = 12.682503 % a year is 1 % a month: 1000 now, 101 in a month, 102.01 in two: 1000 + 100 + 100.
TEST(Investment, PresentValueDiscountsMonthByMonth) {
  const double yearly = std::pow(1.01, 12) - 1;
  const std::array<MonthlyCost, 2> costs{month(1000, 101), month(0, 102.01)};
  EXPECT_NEAR(present_value(costs, yearly).base(), 1200, 1e-9);
  EXPECT_DOUBLE_EQ(present_value(costs, 0).base(), 1203.01);
}

// Rent 100 a month; owning 250 at once and 20 a month saves 80 a month: 250 / 80 = 3.125 months.
TEST(Investment, PaybackIsWhereTheSavingsReachThePurchase) {
  std::array<MonthlyCost, 6> rent{};
  std::array<MonthlyCost, 6> own{};
  rent.fill(month(0, 100));
  own.fill(month(0, 20));
  own[0].at_start = Usd(250);
  EXPECT_NEAR(*payback_months(rent, own), 3.125, 1e-12);
  own[0].at_start = Usd(500);  // 6 * 80 = 480 are not enough
  EXPECT_FALSE(payback_months(rent, own));
}

// Paid back after 1.25 months, but 300 more are spent at the start of month 4: 3 * 80 - 400 = -160, and 80 a
// month reach 0 two months later, at the end of month 5.
TEST(Investment, ALaterPurchaseMovesThePayback) {
  std::array<MonthlyCost, 6> rent{};
  std::array<MonthlyCost, 6> own{};
  rent.fill(month(0, 100));
  own.fill(month(0, 20));
  own[0].at_start = Usd(100);
  own[3].at_start = Usd(300);
  EXPECT_NEAR(*payback_months(rent, own), 5.0, 1e-12);
}

// 0.25 of the price after 24 months: half after 12.
TEST(Investment, ResaleLosesTheSamePartEveryMonth) {
  EXPECT_DOUBLE_EQ(resale_value(Usd(1000), 0.25, 12, 24).base(), 500);
  EXPECT_DOUBLE_EQ(resale_value(Usd(1000), 0.25, 0, 24).base(), 1000);
  EXPECT_NEAR(price_factor(0.36, 6), 0.8, 1e-15);
}

// 100 hours: 2 units in 60, 3 in 30, 1 in 10. Unit 1 in all, unit 2 in 90, unit 3 in 30. On demand 2,
// reserved 1.5 (ratio 0.75): units 1 and 2 are worth it (100 % and 90 %), unit 3 is not (30 %).
TEST(Commitment, AUnitIsReservedWhereItIsNeededMoreThanThePriceRatio) {
  const std::array<NeededHours, 3> term{
      {{.units = 2, .hours = 60}, {.units = 3, .hours = 30}, {.units = 1, .hours = 10}}};
  const std::vector<CommitmentRung> rungs = commitment_ladder(term, Usd(2), Usd(1.5));
  ASSERT_EQ(rungs.size(), 3U);
  EXPECT_DOUBLE_EQ(rungs[1].needed_share, 0.9);
  EXPECT_DOUBLE_EQ(rungs[1].on_demand.base(), 180);
  EXPECT_DOUBLE_EQ(rungs[1].reserved.base(), 150);
  EXPECT_TRUE(rungs[0].worth_reserving());
  EXPECT_TRUE(rungs[1].worth_reserving());
  EXPECT_FALSE(rungs[2].worth_reserving());
}

// On-demand prices that fall to half make the second half of the term cheaper: 50 * 2 + 50 * 1 = 150 for a
// unit that is always needed, no more than the reservation.
TEST(Commitment, FallingPricesArgueAgainstCommitting) {
  const std::array<NeededHours, 2> term{
      {{.units = 1, .hours = 50}, {.units = 1, .hours = 50, .on_demand_factor = 0.5}}};
  const std::vector<CommitmentRung> rungs = commitment_ladder(term, Usd(2), Usd(1.5));
  EXPECT_DOUBLE_EQ(rungs[0].on_demand.base(), 150);
  EXPECT_FALSE(rungs[0].worth_reserving());
}

}  // namespace
}  // namespace mtok::cost
