// Errors of outcomes: worked by hand.
#include "sim/validation/outcome.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cmath>

namespace mtok::validation {
namespace {

constexpr double kTiny = 1e-12;

Outcome outcome(std::string family, double measured, double predicted) {
  return {.metric = "latency_us", .family = std::move(family), .measured = measured, .predicted = predicted};
}

// 110 for 100: 10 %. Nothing measured, or nothing predicted: no error.
TEST(Outcome, HasAnErrorWhenBothSidesAreKnown) {
  EXPECT_NEAR(*outcome("a", 100, 110).ape(), 0.1, kTiny);
  EXPECT_NEAR(*outcome("a", 100, 90).ape(), 0.1, kTiny);
  EXPECT_FALSE(outcome("a", 0, 90).ape());
  EXPECT_FALSE((Outcome{.measured = 100, .unsupported = "why"}.ape()));
}

// Of 6 pairs one is in the wrong order: (5 - 1) / 6.
TEST(KendallTau, CountsPairsInOrderAndOutOfIt) {
  const std::array<double, 4> a{1, 2, 3, 4};
  const std::array<double, 4> b{1, 3, 2, 4};
  EXPECT_NEAR(kendall_tau(a, b), 4.0 / 6, kTiny);
  const std::array<double, 4> down{4, 3, 2, 1};
  EXPECT_NEAR(kendall_tau(a, down), -1, kTiny);
}

// 3 pairs, one of them tied in a, the other two in order: 2 / sqrt((3 - 1) * 3).
TEST(KendallTau, LeavesTiesOut) {
  const std::array<double, 3> a{1, 1, 2};
  const std::array<double, 3> b{1, 2, 3};
  EXPECT_NEAR(kendall_tau(a, b), 2 / std::sqrt(6.0), kTiny);
}

TEST(KendallTau, IsZeroWhereNothingDiffers) {
  const std::array<double, 3> same{5, 5, 5};
  const std::array<double, 3> b{1, 2, 3};
  EXPECT_EQ(kendall_tau(same, b), 0);
  EXPECT_EQ(kendall_tau(std::span<const double>{}, {}), 0);
}

// Errors 10, 20, 30, 40 %: median and mean 25 %; the 90th percentile lies at rank 2.7, 30 + 0.7 * 10 = 37 %.
// Signed: (+10 - 20 + 30 + 40) / 4 = +15 %.
TEST(Summarize, GivesMedianMeanPercentileAndBias) {
  const std::array<Outcome, 4> rows{outcome("a", 100, 110), outcome("a", 100, 80), outcome("a", 100, 130),
                                    outcome("a", 100, 140)};
  const auto all = summarize(rows, std::array{GroupBy::family});
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(all[0].rows, 4);
  EXPECT_NEAR(all[0].median_ape, 0.25, kTiny);
  EXPECT_NEAR(all[0].mean_ape, 0.25, kTiny);
  EXPECT_NEAR(all[0].p90_ape, 0.37, kTiny);
  EXPECT_NEAR(all[0].bias, 0.15, kTiny);
}

TEST(Summarize, CountsUnsupportedRowsInTheirGroup) {
  const std::array<Outcome, 3> rows{outcome("a", 100, 110), outcome("b", 100, 150),
                                    Outcome{.metric = "latency_us", .family = "a", .unsupported = "no"}};
  const auto groups = summarize(rows, std::array{GroupBy::family});
  ASSERT_EQ(groups.size(), 2U);
  EXPECT_EQ(groups[0].family, "a");
  EXPECT_EQ(groups[0].rows, 2);
  EXPECT_EQ(groups[0].unsupported, 1);
  EXPECT_NEAR(groups[0].median_ape, 0.1, kTiny);
  EXPECT_EQ(groups[1].family, "b");
}

}  // namespace
}  // namespace mtok::validation
