// What groups of requests pay adds up to the bill.
#include "sim/cost/group_cost.hpp"

#include <gtest/gtest.h>

namespace mtok::cost {
namespace {

Money pico(std::int64_t amount) {
  return Money::from_pico_usd(amount);
}

// Input 100 by 1:3 = 25 and 75; output 7 by 2:1 = 4 2/3 and 2 1/3, the larger remainder gets the last one: 5
// and
// 2. With idle: 30 + 77 + 3 = 110.
TEST(GroupCost, EachPartIsSplitByItsOwnShares) {
  Bill bill{.total = pico(110), .parts = {.input = pico(100), .output = pico(7), .idle = pico(3)}};
  const std::vector<GroupCost> costs = split_by_group(bill, {{1.0, 0.0, 2.0}, {3.0, 0.0, 1.0}});
  ASSERT_EQ(costs.size(), 2U);
  EXPECT_EQ(costs[0].input, pico(25));
  EXPECT_EQ(costs[0].output, pico(5));
  EXPECT_EQ(costs[1].input, pico(75));
  EXPECT_EQ(costs[1].output, pico(2));
  EXPECT_EQ(costs[0].sum() + costs[1].sum() + bill.parts.idle, bill.total);
}

// 3 USD over 1 + 2 + 3 = 6 million tokens: 0.5 USD per million. Of nobody: no price.
TEST(GroupCost, IsDividedByTheGroupsOwnTokens) {
  engine::RequestTotals totals;
  EXPECT_FALSE(per_token_of(pico(3'000'000'000'000), totals));
  totals.billed_computed_tokens = 1'000'000;
  totals.billed_cached_tokens = 2'000'000;
  totals.billed_output_tokens = 3'000'000;
  EXPECT_DOUBLE_EQ(per_token_of(pico(3'000'000'000'000), totals)->base() * 1e6, 0.5);
}

}  // namespace
}  // namespace mtok::cost
