// Methods of allocation: the same total, divided by hand in four ways.
#include "sim/cost/allocation.hpp"

#include <gtest/gtest.h>

#include <numeric>

#include "sim/cost/bill.hpp"

namespace mtok::cost {
namespace {

using engine::Outcome;
using engine::RunRecord;

constexpr std::int64_t kSecond = 1'000'000'000;

SimTime at(std::int64_t seconds) {
  return SimTime{seconds * kSecond};
}

/// One device at 36 USD/h, a cent a second, for 1,000 s: busy 400 s. Two requests.
RunRecord two_requests() {
  RunRecord run;
  run.makespan = at(1000);
  run.replicas = {
      {.phases = {.prefill_ns = 100 * kSecond, .cached_ns = 50 * kSecond, .decode_ns = 250 * kSecond}}};
  run.requests = {{.id = 0,
                   .outcome = Outcome::completed,
                   .scheduled = at(0),
                   .first_token = at(10),
                   .last_token = at(110),
                   .input_tokens = 400,
                   .cached_input_tokens = 100,
                   .output_tokens = 200,
                   .prefill_time = 60.0_s,
                   .cached_time = 50.0_s,
                   .decode_time = 150.0_s},
                  {.id = 1,
                   .outcome = Outcome::completed,
                   .scheduled = at(20),
                   .first_token = at(40),
                   .last_token = at(120),
                   .input_tokens = 100,
                   .output_tokens = 100,
                   .prefill_time = 40.0_s,
                   .decode_time = 100.0_s}};
  run.totals = engine::totals_of(run.requests, {});
  return run;
}

Bill bill_by(const AllocationRule& rule, const MarginalTimes& marginal = {}) {
  return make_bill(two_requests(),
                   {.price = {.per_device = usd_per_hour(36)}, .allocation = rule, .marginal = marginal});
}

void expect_exact(const Bill& bill) {
  const auto sum = [](const std::vector<Money>& list) {
    return std::accumulate(list.begin(), list.end(), Money{});
  };
  EXPECT_EQ(bill.total.to_decimal(), "10.0");
  EXPECT_EQ(bill.parts.sum(), bill.total);
  EXPECT_EQ(bill.resources.sum(), bill.total);
  EXPECT_EQ(sum(bill.per_replica), bill.total);
  EXPECT_EQ(sum(bill.per_request) + bill.parts.idle, bill.total);
}

TEST(Allocation, PhaseTimeFollowsTheDeviceTime) {
  const Bill bill = bill_by({});
  expect_exact(bill);
  EXPECT_EQ(bill.parts.input.to_decimal(), "1.0");
  EXPECT_EQ(bill.parts.cached_input.to_decimal(), "0.5");
  EXPECT_EQ(bill.parts.output.to_decimal(), "2.5");
  EXPECT_EQ(bill.parts.idle.to_decimal(), "6.0");
}

// Token-seconds: first: computed 300 * 110 = 33,000, cached 100 * 110 = 11,000, output 100 * 100 = 10,000;
// second: computed 100 * 100 = 10,000, output 50 * 80 = 4,000. Sums 43,000, 11,000, 14,000 of 68,000 share
// the 4 USD of busy time.
TEST(Allocation, KvByteSecondsFollowTheCacheAndHowLongItIsHeld) {
  const Bill bill = bill_by({.method = Allocation::kv_byte_seconds});
  expect_exact(bill);
  EXPECT_NEAR(bill.parts.input.usd().base(), 4.0 * 43 / 68, 1e-11);
  EXPECT_NEAR(bill.parts.cached_input.usd().base(), 4.0 * 11 / 68, 1e-11);
  EXPECT_NEAR(bill.parts.output.usd().base(), 4.0 * 14 / 68, 1e-11);
  EXPECT_EQ(bill.parts.idle.to_decimal(), "6.0");
  EXPECT_NEAR(bill.per_request[1].usd().base(), 4.0 * 14 / 68, 1e-11);  // 10,000 and 4,000 of 68,000
}

// 400 computed tokens count 1 each, 100 cached 0.5, 300 output 5: 400 + 50 + 1,500 = 1,950 share 4 USD.
TEST(Allocation, FixedRatioCountsTokensAsPriceListsDo) {
  const Bill bill = bill_by({.method = Allocation::fixed_ratio, .output_ratio = 5, .cached_ratio = 0.5});
  expect_exact(bill);
  EXPECT_NEAR(bill.parts.input.usd().base(), 4.0 * 400 / 1950, 1e-11);
  EXPECT_NEAR(bill.parts.cached_input.usd().base(), 4.0 * 50 / 1950, 1e-11);
  EXPECT_NEAR(bill.parts.output.usd().base(), 4.0 * 1500 / 1950, 1e-11);
  EXPECT_NEAR(bill.per_token.output->base() / bill.per_token.input->base(), 5, 1e-9);
}

// 400 * 0.1 s = 40 s, 100 * 0.01 s = 1 s, 300 * 0.2 s = 60 s at a cent a second; the rest of 10 USD is idle.
TEST(Allocation, MarginalChargesWhatOneMoreTokenWouldCost) {
  const Bill bill =
      bill_by({.method = Allocation::marginal}, {.input = 0.1_s, .cached_input = 0.01_s, .output = 0.2_s});
  expect_exact(bill);
  EXPECT_EQ(bill.parts.input.to_decimal(), "0.4");
  EXPECT_EQ(bill.parts.cached_input.to_decimal(), "0.01");
  EXPECT_EQ(bill.parts.output.to_decimal(), "0.6");
  EXPECT_EQ(bill.parts.idle.to_decimal(), "8.99");
}

// 400 * 1 s + 300 * 2 s = 1,000 s were asked of 400 s: all busy time is charged, 4 : 6, and none of the idle
// time.
TEST(Allocation, MarginalNeverChargesMoreThanTheBusyTime) {
  const Bill bill = bill_by({.method = Allocation::marginal}, {.input = 1.0_s, .output = 2.0_s});
  expect_exact(bill);
  EXPECT_EQ(bill.parts.input.to_decimal(), "1.6");
  EXPECT_EQ(bill.parts.output.to_decimal(), "2.4");
  EXPECT_EQ(bill.parts.idle.to_decimal(), "6.0");
}

}  // namespace
}  // namespace mtok::cost
