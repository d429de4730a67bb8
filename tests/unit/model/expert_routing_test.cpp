// Expert coverage and imbalance: limits and laws.
#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "sim/model/expert_routing.hpp"

namespace mtok::model {
namespace {

// The least popular expert of a wide power law sees few of very many tokens, so its coverage is not quite 1.
constexpr double kLeastPopularMissed = 0.05;

TEST(ExpectedExperts, AreTopKForOneTokenAndAllForMany) {
  for (const double skew : {0.0, 0.5, 1.0, 1.01, 1.2, kMaxSkew}) {
    EXPECT_NEAR(expected_experts(64, 6, 1, {.skew = skew}), 6, 1e-9) << skew;
    EXPECT_NEAR(expected_experts(64, 6, 1e9, {.skew = skew}), 64, kLeastPopularMissed) << skew;
  }
}

// E = 8, k = 2, B = 2: 8 * (1 - (3/4)^2) = 8 * 7/16 = 3.5
TEST(ExpectedExperts, FollowTheBalancedFormula) {
  EXPECT_NEAR(expected_experts(8, 2, 2), 3.5, 1e-12);
}

TEST(ExpectedExperts, AreAllWhenEveryExpertIsChosen) {
  EXPECT_DOUBLE_EQ(expected_experts(8, 8, 1), 8);
  EXPECT_DOUBLE_EQ(expected_experts(8, 8, 1, {.skew = 1.2}), 8);
}

TEST(ExpectedExperts, GrowWithTokensAndShrinkWithSkew) {
  double fewer = 0;
  for (double tokens = 1; tokens < 1e5; tokens *= 2) {
    const double now = expected_experts(128, 8, tokens);
    EXPECT_GE(now, fewer);
    fewer = now;
  }
  double more = 129;
  for (double skew = 0; skew <= kMaxSkew; skew += 0.1) {
    const double now = expected_experts(128, 8, 64, {.skew = skew});
    EXPECT_LE(now, more + 1e-9) << skew;
    more = now;
  }
}

TEST(ExpertProbabilities, AddUpToTopKAndNoneIsAboveOne) {
  for (const double skew : {0.0, 0.7, 1.0, 1.2, kMaxSkew}) {
    const std::vector<double> p = expert_probabilities(256, 8, 500, {.skew = skew});
    EXPECT_NEAR(std::accumulate(p.begin(), p.end(), 0.0), 8, 1e-9) << skew;
    EXPECT_TRUE(std::is_sorted(p.rbegin(), p.rend())) << skew;
    EXPECT_LE(p.front(), 1.0) << skew;
  }
}

// skew 1 and B = 250: r = 0.8 * 250 = 200, x = 200^u, u = 3/4 and 1/4 of two experts:
// 200^(1/2) = 14.142 times as popular, p = 14.142 / 15.142 = 0.93396
TEST(ExpertProbabilities, OfSkewOneAreLogUniform) {
  const std::vector<double> p = expert_probabilities(2, 1, 250, {.skew = 1});
  EXPECT_NEAR(p[0], std::sqrt(200.0) / (1 + std::sqrt(200.0)), 1e-12);
}

// One rank has everything, whatever the skew: B k rows.
TEST(BusiestRank, OfOneHasAllRows) {
  const BusiestRank all = busiest_rank(64, 6, 100, 1, {.skew = 1.2});
  EXPECT_DOUBLE_EQ(all.rows, 600);
  EXPECT_DOUBLE_EQ(all.experts, expected_experts(64, 6, 100, {.skew = 1.2}));
}

// E = 64, k = 8, B = 56, 4 ranks, balanced: p = 1/8, v = (7/8) / 7 = 1/8, n = 16,
// deviation = sqrt(1/8 / 16 * 3/4) = 0.0765466, z(4) = quantile of 3.625/4.25 = 1.0491,
// rows = 56 * 8 / 4 * (1 + 0.080306) = 120.99
TEST(BusiestRank, HasMoreThanItsShareByChanceAlone) {
  EXPECT_NEAR(busiest_rank(64, 8, 56, 4, {}).rows, 120.99, 0.02);
}

TEST(BusiestRank, ComesNearItsShareForManyBalancedTokens) {
  EXPECT_NEAR(busiest_rank(64, 8, 1e9, 8, {}).rows / 1e9, 1.0, 1e-4);
  EXPECT_DOUBLE_EQ(busiest_rank(64, 8, 1e9, 8, {}).experts, 8);
}

TEST(BusiestRank, GetsMoreWithSkewButNeverMoreThanEachTokenAtEachOfItsExperts) {
  double less = 0;
  for (double skew = 0; skew <= kMaxSkew; skew += 0.1) {
    const BusiestRank busiest = busiest_rank(64, 8, 1000, 32, {.skew = skew});
    EXPECT_GE(busiest.rows, less) << skew;
    EXPECT_LE(busiest.rows, 2000) << skew;  // 2 experts on each of 32 ranks
    EXPECT_LE(busiest.experts, 2) << skew;
    less = busiest.rows;
  }
}

// One expert on each rank: the busiest holds the most popular one.
TEST(BusiestRank, HoldsAtLeastTheMostPopularExpert) {
  const double popular = expert_probabilities(128, 8, 4096, {.skew = 1.2}).front();
  EXPECT_GE(busiest_rank(128, 8, 4096, 128, {.skew = 1.2}).rows, 4096 * popular * (1 - 1e-12));
}

// Every expert chosen by every token: no rank has more than another.
TEST(BusiestRank, IsAsBusyAsAllWhenEveryExpertIsChosen) {
  EXPECT_DOUBLE_EQ(busiest_rank(8, 8, 10, 4, {.skew = 1.2}).rows, 20);
}

TEST(BalancedRank, IsTheBusiestOneWhereAllExpertsAreEquallyPopular) {
  for (const double tokens : {8.0, 500.0, 40'000.0}) {
    const BusiestRank balanced = balanced_rank(256, 8, tokens, 32, 0, {});
    const BusiestRank busiest = busiest_rank(256, 8, tokens, 32, {});
    EXPECT_NEAR(balanced.rows, busiest.rows, 1e-9 * busiest.rows);
    EXPECT_NEAR(balanced.experts, busiest.experts, 1e-9 * busiest.experts);
  }
}

// Two experts of p = 0.93396 and 0.06604 (see OfSkewOneAreLogUniform), two devices, two copies: both go to
// the first, whose three copies bear 0.31132 each. Slots: {0.31132, 0.31132} and {0.31132, 0.06604}. Chance:
// mean rows 125, (1 - 1/2) / 125 * (1 - 1/2) = 0.002, z(2) = Phi^-1(1.625 / 2.25) = 0.5895: rows = 250 *
// 0.62264 * (1 + 0.5895 * 0.04472) = 159.76
TEST(BalancedRank, CopiesTheHeaviestAndPacksTheLightest) {
  EXPECT_NEAR(balanced_rank(2, 1, 250, 2, 2, {.skew = 1}).rows, 159.76, 0.01);
}

// DeepSeek-V3's units: nine experts on each of 32 devices, two on each of 144.
TEST(BalancedRank, CopiesAndPlacementEvenOutASkewedRouter) {
  for (const std::int64_t ranks : {32, 144}) {
    const double tokens = 100.0 * static_cast<double>(ranks);
    const double even = tokens * 8 / static_cast<double>(ranks);
    const double unplaced = busiest_rank(256, 8, tokens, ranks == 144 ? 128 : ranks, {.skew = 1.01}).rows;
    const double placed = balanced_rank(256, 8, tokens, ranks, 32, {.skew = 1.01}).rows;
    EXPECT_GE(placed, even);
    EXPECT_LT(placed, 0.75 * unplaced) << ranks;
  }
}

}  // namespace
}  // namespace mtok::model
