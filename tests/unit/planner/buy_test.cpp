// What the demand of a plan costs at list prices.
#include "sim/planner/buy.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "sim/planner/plan.hpp"
#include "tests/unit/planner/shipped.hpp"

namespace mtok::planner {
namespace {

PlanRow own_serving(const std::string& model) {
  PlanRow row;
  row.row.name = "own";
  row.row.model = model;
  row.row.feasible = true;
  row.row.total = Money::from_decimal("2");
  row.row.per_month = Usd(1460);
  return row;
}

// 1,000 requests in 3,600 s with 1e6 input tokens, of which 250 blocks of 1,000 repeat, and 2e5 output
// tokens.
WorkloadFacts demand() {
  WorkloadFacts facts;
  facts.requests = 1000;
  facts.input_tokens = 1'000'000;
  facts.output_tokens = 200'000;
  facts.hash_block_size = 1000;
  facts.unbounded_prefix_hits = 250;
  facts.last_arrival_ns = 3'600'000'000'000;
  return facts;
}

// The demand takes an hour, so a month has 730 times its cost. 1,460 USD a month are 48 USD a day (730 h /
// 24), which is as much as 48 / (cost / 1,000) requests.
TEST(Buy, OffersAreHeldAgainstOwnServing) {
  const Catalogue data = testing::catalogue();
  const std::vector<Offer> offers =
      offers_for({.models = {}, .benchmark = "MMLU", .demand = demand()}, {own_serving("llama-3.1-8b")},
                 data.api_prices(), data.quality());
  ASSERT_FALSE(offers.empty());
  for (const Offer& offer : offers) {
    const cost::ApiPrice& price = offer.price;
    EXPECT_EQ(price.network, "llama-3.1-8b");
    const UsdPerToken cached = price.cached_input.value_or(price.input);
    const double cost =
        (price.input * Tokens(7.5e5) + cached * Tokens(2.5e5) + price.output * Tokens(2e5)).base();
    EXPECT_NEAR(offer.total.base(), cost, 1e-12);
    EXPECT_NEAR(offer.per_token.base(), cost / 1.2e6, 1e-18);
    EXPECT_NEAR(offer.per_month->base(), cost * 730, 1e-9);
    EXPECT_NEAR(*offer.times_own, cost / 2, 1e-12);
    EXPECT_NEAR(*offer.break_even_requests_per_day, 48 / (cost / 1000), 1e-6);
    EXPECT_EQ(offer.own, "own");
    EXPECT_TRUE(offer.same_network);
    EXPECT_DOUBLE_EQ(*offer.quality, 73.0);
  }
  EXPECT_TRUE(std::is_sorted(offers.begin(), offers.end(),
                             [](const Offer& a, const Offer& b) { return a.total < b.total; }));
}

// Another network stands beside the cheapest row of all; without a feasible row there is nothing to hold
// against.
TEST(Buy, OtherNetworksStandBesideTheCheapestRow) {
  const Catalogue data = testing::catalogue();
  const cost::ApiPriceList list = data.api_prices();
  const OfferQuestion question{.models = {list.models().front()}, .benchmark = "MMLU", .demand = demand()};
  PlanRow own = own_serving("no such network");
  const std::vector<Offer> offers = offers_for(question, {own}, list, data.quality());
  ASSERT_EQ(offers.size(), 1U);
  EXPECT_EQ(offers.front().own, "own");
  EXPECT_FALSE(offers.front().same_network);
  own.row.feasible = false;
  const std::vector<Offer> alone = offers_for(question, {own}, list, data.quality());
  ASSERT_EQ(alone.size(), 1U);
  EXPECT_EQ(alone.front().own, "");
  EXPECT_FALSE(alone.front().break_even_requests_per_day);
}

// What may wait is bought in batches where the list has them, and has no rate, hence no month.
TEST(Buy, WhatMayWaitIsBoughtInBatches) {
  const Catalogue data = testing::catalogue();
  const cost::ApiPriceList list = data.api_prices();
  const auto listed =
      std::find_if(list.prices().begin(), list.prices().end(), [&](const cost::ApiPrice& price) {
        return price.batch_input && list.find(price.vendor + "/" + price.model) &&
               list.find(price.vendor + "/" + price.model)->batch_input;
      });
  ASSERT_NE(listed, list.prices().end());
  const std::string name = listed->vendor + "/" + listed->model;
  const auto offer = [&](bool batch) {
    return offers_for({.models = {name}, .benchmark = "MMLU", .demand = demand(), .batch = batch}, {}, list,
                      data.quality())
        .at(0);
  };
  EXPECT_TRUE(offer(true).batch);
  EXPECT_FALSE(offer(true).per_month);
  const cost::ApiPrice price = *list.find(name);
  EXPECT_NEAR(
      offer(true).total.base(),
      (*price.batch_input * Tokens(1e6) + price.batch_output.value_or(price.output) * Tokens(2e5)).base(),
      1e-9);
  EXPECT_FALSE(offer(false).batch);
}

}  // namespace
}  // namespace mtok::planner
