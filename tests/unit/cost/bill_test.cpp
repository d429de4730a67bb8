// The bill: hand-worked amounts, parts that add up exactly, unit costs that are absent rather than infinite.
#include "sim/cost/bill.hpp"

#include <gtest/gtest.h>

#include <numeric>

namespace mtok::cost {
namespace {

using engine::Outcome;
using engine::ReplicaRecord;
using engine::RequestRecord;
using engine::RunRecord;

constexpr std::int64_t kSecond = 1'000'000'000;

Price usd_per_device_hour(double usd) {
  return {.device = "round", .per_device = usd_per_hour(usd)};
}

ReplicaRecord replica(std::int64_t prefill_s, std::int64_t cached_s, std::int64_t decode_s) {
  return {.phases = {.prefill_ns = prefill_s * kSecond,
                     .cached_ns = cached_s * kSecond,
                     .decode_ns = decode_s * kSecond}};
}

/// The bill of a run whose totals are those of its requests.
Bill bill_of(RunRecord run, const Price& price) {
  run.totals = engine::totals_of(run.requests, {});
  return make_bill(run, price);
}

Money sum_of(const std::vector<Money>& amounts) {
  return std::accumulate(amounts.begin(), amounts.end(), Money{});
}

void expect_all_adds_up(const Bill& bill) {
  EXPECT_EQ(bill.parts.sum(), bill.total);
  EXPECT_EQ(sum_of(bill.per_request) + bill.parts.idle, bill.total);
}

/// Two replicas of four devices for one hour; the first is busy for 2,700 s, the second idle. Two requests.
RunRecord one_hour() {
  RunRecord run;
  run.makespan = SimTime{3600 * kSecond};
  run.devices_per_replica = 4;
  run.replicas = {replica(600, 300, 1800), ReplicaRecord{}};
  run.requests = {{.id = 0,
                   .outcome = Outcome::completed,
                   .input_tokens = 1000,
                   .cached_input_tokens = 400,
                   .output_tokens = 100,
                   .prefill_time = 200.0_s,
                   .cached_time = 300.0_s,
                   .decode_time = 900.0_s},
                  {.id = 1,
                   .outcome = Outcome::completed,
                   .input_tokens = 1400,
                   .output_tokens = 300,
                   .prefill_time = 400.0_s,
                   .decode_time = 900.0_s}};
  return run;
}

// 2 replicas * 4 devices * 1 h * 9 USD/h                       = 72 USD over 7,200 s of wall time: 0.01 USD/s
// input 600 s = 6, cached 300 s = 3, output 1,800 s = 18, idle 4,500 s = 45
TEST(Bill, ChargesTheWholeFleetForTheWholeTime) {
  const Bill bill = bill_of(one_hour(), usd_per_device_hour(9));
  EXPECT_EQ(bill.total.to_decimal(), "72.0");
  EXPECT_EQ(bill.parts.input.to_decimal(), "6.0");
  EXPECT_EQ(bill.parts.cached_input.to_decimal(), "3.0");
  EXPECT_EQ(bill.parts.output.to_decimal(), "18.0");
  EXPECT_EQ(bill.parts.idle.to_decimal(), "45.0");
  expect_all_adds_up(bill);
}

// first:  200/600 of 6 + all of 3 + 900/1800 of 18 = 2 + 3 + 9 = 14
// second: 400/600 of 6 + 0        + 900/1800 of 18 = 4 + 9     = 13
TEST(Bill, ChargesRequestsByTheirSharesOfEachPhase) {
  const Bill bill = bill_of(one_hour(), usd_per_device_hour(9));
  ASSERT_EQ(bill.per_request.size(), 2U);
  EXPECT_EQ(bill.per_request[0].to_decimal(), "14.0");
  EXPECT_EQ(bill.per_request[1].to_decimal(), "13.0");
}

// computed 600 + 1400 = 2000 tokens for 6 USD -> 0.003; cached 400 for 3 -> 0.0075; output 400 for 18 ->
// 0.045; all 2800: idle 45/2800, blended 72/2800. 72/2 a request. A month: 8 devices * 9 USD/h * 730 h =
// 52,560 USD.
TEST(Bill, UnitCostsDivideEachPartByItsTokens) {
  const Bill bill = bill_of(one_hour(), usd_per_device_hour(9));
  EXPECT_DOUBLE_EQ(bill.per_token.input->base(), 0.003);
  EXPECT_DOUBLE_EQ(bill.per_token.cached_input->base(), 0.0075);
  EXPECT_DOUBLE_EQ(bill.per_token.output->base(), 0.045);
  EXPECT_DOUBLE_EQ(bill.per_token.idle->base(), 45.0 / 2800);
  EXPECT_DOUBLE_EQ(bill.per_token.blended->base(), 72.0 / 2800);
  EXPECT_DOUBLE_EQ(bill.per_completed_request->base(), 36);
  EXPECT_DOUBLE_EQ(bill.per_month.base(), 52'560);
}

// Busy parts 27 of 72: everything grows by 72/27 = 8/3: input 0.008, cached 0.02, output 0.12.
// 0.008 * 2000 + 0.02 * 400 + 0.12 * 400 = 16 + 8 + 48 = 72
TEST(Bill, WithIdleTokensCarryTheWholeBill) {
  const Bill bill = bill_of(one_hour(), usd_per_device_hour(9));
  const UnitCosts& costs = bill.per_token_with_idle;
  EXPECT_DOUBLE_EQ(costs.input->base(), 0.008);
  EXPECT_DOUBLE_EQ(costs.cached_input->base(), 0.02);
  EXPECT_DOUBLE_EQ(costs.output->base(), 0.12);
  EXPECT_DOUBLE_EQ(costs.blended->base(), 72.0 / 2800);
  EXPECT_FALSE(costs.idle.has_value());
}

// 2 USD/h is no whole number of USD per second in binary: the total must not come out as 87,071.99999999999.
// 226.75 nodes of 8 H800 for 24 h, as 907 quarter nodes of 2 devices: 907 * 2 * 24 * 2 = 87,072 USD.
TEST(Bill, ThePublishedDayOfDeepSeekCosts87072Dollars) {
  RunRecord run;
  run.makespan = SimTime{86'400 * kSecond};
  run.devices_per_replica = 2;
  run.replicas.resize(907);
  EXPECT_EQ(bill_of(run, usd_per_device_hour(2)).total.to_decimal(), "87072.0");
}

// 1 ns at 1 USD/h = 1e12/3.6e12 = 0.28 units -> 0; 2 ns = 0.56 -> 1; 9 ns = 2.5 -> 3: one rounding, halves
// up.
TEST(Bill, TheTotalIsRoundedOnceToAPicoDollar) {
  for (const auto& [nanoseconds, expected] : {std::pair(1, 0), {2, 1}, {9, 3}}) {
    RunRecord run;
    run.makespan = SimTime{nanoseconds};
    run.replicas.resize(1);
    EXPECT_EQ(bill_of(run, usd_per_device_hour(1)).total, Money::from_pico_usd(expected))
        << nanoseconds << " ns";
  }
}

// 100 replicas for 30 days: 2.6e17 ns of wall time at 98.32 USD/h * 8 devices; products pass 64 bits by far.
// 100 * 8 * 720 h * 98.32 = 56,632,320 USD
TEST(Bill, LargeFleetsDoNotOverflow) {
  RunRecord run;
  run.makespan = SimTime{30 * 86'400 * kSecond};
  run.devices_per_replica = 8;
  run.replicas.resize(100);
  EXPECT_EQ(bill_of(run, usd_per_device_hour(98.32)).total.to_decimal(), "56632320.0");
}

TEST(Bill, WithoutTimeNothingIsOwedAndNothingIsDivided) {
  RunRecord run;
  run.replicas.resize(2);
  run.requests = {{.outcome = Outcome::rejected, .input_tokens = 10}};
  const Bill bill = bill_of(run, usd_per_device_hour(9));
  EXPECT_EQ(bill.total, Money{});
  expect_all_adds_up(bill);
  EXPECT_FALSE(bill.per_token.input || bill.per_token.cached_input || bill.per_token.output);
  EXPECT_FALSE(bill.per_token.idle || bill.per_token.blended || bill.per_token_with_idle.blended);
  EXPECT_FALSE(bill.per_completed_request);
  EXPECT_DOUBLE_EQ(bill.per_month.base(), 2 * 9 * 730);
}

TEST(Bill, AnIdleFleetIsAllIdle) {
  RunRecord run;
  run.makespan = SimTime{3600 * kSecond};
  run.replicas.resize(1);
  const Bill bill = bill_of(run, usd_per_device_hour(9));
  EXPECT_EQ(bill.parts.idle.to_decimal(), "9.0");
  EXPECT_TRUE(bill.per_request.empty());
  EXPECT_FALSE(bill.per_token.blended || bill.per_token_with_idle.output || bill.per_completed_request);
}

TEST(Bill, KindsOfTokensThatDidNotOccurHaveNoPrice) {
  RunRecord run = one_hour();
  run.replicas = {replica(600, 0, 1800), ReplicaRecord{}};
  for (RequestRecord& request : run.requests) {
    request.cached_input_tokens = 0;
    request.cached_time = Seconds{};
  }
  const Bill bill = bill_of(run, usd_per_device_hour(9));
  EXPECT_FALSE(bill.per_token.cached_input || bill.per_token_with_idle.cached_input);
  EXPECT_TRUE(bill.per_token.input && bill.per_token.output);
}

// Decode took 1,800 s but no request has a share of it: 18 of the 72 USD have no owner and join the 45 of
// idle.
TEST(Bill, MoneyWithoutAnOwnerBecomesIdle) {
  RunRecord run = one_hour();
  for (RequestRecord& request : run.requests) {
    request.decode_time = Seconds{};
  }
  const Bill bill = bill_of(run, usd_per_device_hour(9));
  EXPECT_EQ(bill.parts.output, Money{});
  EXPECT_EQ(bill.parts.idle.to_decimal(), "63.0");
  expect_all_adds_up(bill);
}

// The second request was cut off during its prefill: it owes its 4 USD, but its prompt was not processed to
// the end. Tokens: computed 600, cached 400, output 100. With idle: (600 * i + 400 * c + 100 * o) = 72 all
// the same.
TEST(Bill, UnfinishedPromptsOweMoneyAndCountNoTokens) {
  RunRecord run = one_hour();
  run.requests[1].outcome = Outcome::unfinished;
  run.requests[1].output_tokens = 0;
  run.requests[1].decode_time = Seconds{};
  const Bill bill = bill_of(run, usd_per_device_hour(9));
  EXPECT_EQ(bill.per_request[1].to_decimal(), "4.0");
  EXPECT_DOUBLE_EQ(bill.per_token.input->base(), 6.0 / 600);
  EXPECT_DOUBLE_EQ(bill.per_completed_request->base(), 72);
  const UnitCosts& costs = bill.per_token_with_idle;
  EXPECT_DOUBLE_EQ(600 * costs.input->base() + 400 * costs.cached_input->base() + 100 * costs.output->base(),
                   72);
  expect_all_adds_up(bill);
}

// After a preemption a prompt may hit the cache although its first admission did not: cached money (3 USD),
// no cached tokens. The other kinds then carry it: 2400 * i + 400 * o = 72.
TEST(Bill, WithIdleMoneyOfAKindWithoutTokensIsCarriedByTheOthers) {
  RunRecord run = one_hour();
  run.requests[0].cached_input_tokens = 0;
  const UnitCosts costs = bill_of(run, usd_per_device_hour(9)).per_token_with_idle;
  EXPECT_FALSE(costs.cached_input.has_value());
  EXPECT_NEAR(2400 * costs.input->base() + 400 * costs.output->base(), 72, 1e-12);
}

// Three equal requests share 1 USD of prefill: 0.333333333334 + 0.333333333333 + 0.333333333333.
TEST(Bill, SharesThatDoNotDivideAddUpAllTheSame) {
  RunRecord run;
  run.makespan = SimTime{3600 * kSecond};
  run.replicas = {replica(3600, 0, 0)};
  run.requests.assign(3, {.output_tokens = 1, .prefill_time = 1200.0_s});
  const Bill bill = bill_of(run, usd_per_device_hour(1));
  EXPECT_EQ(bill.per_request[0].to_decimal(), "0.333333333334");
  EXPECT_EQ(bill.per_request[1].to_decimal(), "0.333333333333");
  EXPECT_EQ(bill.per_request[2].to_decimal(), "0.333333333333");
  expect_all_adds_up(bill);
}

// 1e8 s of shares are 1e20 ps, more than 64 bits: the weights get coarser, the proportion 1 : 3 stays.
TEST(Bill, YearsOfDeviceTimeKeepTheirProportions) {
  RunRecord run;
  run.makespan = SimTime{1'000'000'000'000'000};  // 1e6 s
  run.replicas.assign(100, replica(0, 0, 1'000'000));
  run.requests = {{.output_tokens = 1, .decode_time = Seconds(2.5e7)},
                  {.output_tokens = 1, .decode_time = Seconds(7.5e7)}};
  const Bill bill = bill_of(run, usd_per_device_hour(3.6));  // 100 * 1e6 s * 0.001 USD/s = 1e5 USD
  EXPECT_EQ(bill.per_request[0].to_decimal(), "25000.0");
  EXPECT_EQ(bill.per_request[1].to_decimal(), "75000.0");
  expect_all_adds_up(bill);
}

TEST(Bill, AMillionRequestsAddUpToTheTotal) {
  RunRecord run;
  run.makespan = SimTime{3600 * kSecond};
  run.devices_per_replica = 8;
  run.replicas.assign(3, replica(901, 17, 2003));
  for (std::int64_t id = 0; id < 1'000'000; ++id) {
    run.requests.push_back({.id = id,
                            .outcome = Outcome::completed,
                            .input_tokens = 10,
                            .output_tokens = 1 + id % 7,
                            .prefill_time = Seconds(1e-3 * static_cast<double>(1 + id % 13)),
                            .cached_time = Seconds(1e-6 * static_cast<double>(id % 3)),
                            .decode_time = Seconds(1e-3 / static_cast<double>(1 + id % 11))});
  }
  expect_all_adds_up(bill_of(run, usd_per_device_hour(2.99)));
}

// Without rows of requests the bill is the same, and nobody in particular owes it.
TEST(Bill, NeedsNoRowsOfRequests) {
  RunRecord run = one_hour();
  const Bill with_rows = bill_of(run, usd_per_device_hour(9));
  run.totals = engine::totals_of(run.requests, {});
  run.requests.clear();
  const Bill without = make_bill(run, usd_per_device_hour(9));
  EXPECT_TRUE(without.per_request.empty());
  EXPECT_EQ(without.parts.sum(), without.total);
  EXPECT_EQ(without.parts.output, with_rows.parts.output);
  EXPECT_EQ(without.per_token.input, with_rows.per_token.input);
  EXPECT_EQ(without.per_completed_request, with_rows.per_completed_request);
}

}  // namespace
}  // namespace mtok::cost
