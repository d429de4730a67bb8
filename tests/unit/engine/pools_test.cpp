// Prefill and decode on pools of their own, on schedules small enough to work out by hand.
#include <gtest/gtest.h>

#include "tests/unit/engine/fakes.hpp"

namespace mtok::engine {
namespace {

using testing::ListSource;
using testing::request;
using testing::roomy_plan;
using testing::RoundTimer;

constexpr std::int64_t kMs = 1'000'000;

std::int64_t ms(SimTime t) {
  return nanoseconds(t) / kMs;
}

/// One replica each; 10 ms a step, 1 ms a token on both.
struct Pools {
  RoundTimer prefill{Seconds(0.010), Seconds(0.001)};
  RoundTimer decode{Seconds(0.010), Seconds(0.001)};
  RunPlan plan = roomy_plan();

  Pools() { plan.decode_pool = {.scheduler = {.kv_pages = 1000}, .timer = &decode}; }
  [[nodiscard]] RunRecord run(std::vector<workload::Request> requests) {
    ListSource source(std::move(requests));
    return run_leaping(plan, prefill, source);
  }
};

// Prompt of 5: first token at 15 ms. One page: 4 ms on the link and 1 ms of latency, so it decodes from 20
// on: 31 and 42.
TEST(Pools, TheSecondTokenWaitsForTheCache) {
  Pools pools;
  pools.plan.decode_pool->link = {.per_page = Seconds(0.004), .latency = Seconds(0.001)};
  const RunRecord run = pools.run({request(0, 5, 3)});
  const RequestRecord& r = run.requests[0];
  EXPECT_EQ(r.outcome, Outcome::completed);
  EXPECT_EQ(ms(r.first_token), 15);
  EXPECT_EQ(ms(r.last_token), 42);
  EXPECT_EQ(r.output_tokens, 3);
  EXPECT_EQ(run.replicas[0].phases.prefill_ns, 15 * kMs);
  EXPECT_EQ(run.replicas[0].phases.decode_ns, 0);
  EXPECT_EQ(run.replicas[1].phases.decode_ns, 22 * kMs);
  EXPECT_EQ(run.decode_pool->transfers, 1);
  EXPECT_EQ(run.decode_pool->pages_moved, 1);
  EXPECT_DOUBLE_EQ(run.decode_pool->transfer_time.base(), 0.005);
  EXPECT_DOUBLE_EQ(tpot_of(r)->base(), (0.042 - 0.015) / 2);
}

// Both prompts in one step of 20 ms; the link takes one after the other: there at 25 and 29. The first
// decodes alone until 36, then both in steps of 12 ms: 48; the second's last token comes alone: 59.
TEST(Pools, CachesCrossTheLinkOneAfterTheOther) {
  Pools pools;
  pools.plan.decode_pool->link = {.per_page = Seconds(0.004), .latency = Seconds(0.001)};
  const RunRecord run = pools.run({request(0, 5, 3), request(0, 5, 3)});
  EXPECT_EQ(ms(run.requests[0].first_token), 20);
  EXPECT_EQ(ms(run.requests[1].first_token), 20);
  EXPECT_EQ(ms(run.requests[0].last_token), 48);
  EXPECT_EQ(ms(run.requests[1].last_token), 59);
}

// With a lane each at both ends, both are there at 25: steps of 12 ms end at 37 and 49.
TEST(Pools, LanesWorkSideBySide) {
  Pools pools;
  pools.plan.decode_pool->link = {
      .per_page = Seconds(0.004), .latency = Seconds(0.001), .send_lanes = 2, .receive_lanes = 2};
  const RunRecord run = pools.run({request(0, 5, 3), request(0, 5, 3)});
  EXPECT_EQ(ms(run.requests[0].last_token), 49);
  EXPECT_EQ(ms(run.requests[1].last_token), 49);
}

// 40 ms for the whole cache, 4 layers, prefill of 15 ms: a quarter is ready 3.75 ms after its start, and from
// there on the link is busy for 40 ms: 43.75, of which 28.75 lie after prefill. A link that keeps up has the
// last layer left: 1 of 4 ms.
TEST(Pools, LayersCrossWhilePrefillComputesTheNextOnes) {
  Pools pools;
  pools.plan.decode_pool->link = {.per_page = Seconds(0.040), .overlapped_layers = 4};
  EXPECT_DOUBLE_EQ(pools.run({request(0, 5, 2)}).decode_pool->transfer_time.base(), 0.02875);
  pools.plan.decode_pool->link.per_page = Seconds(0.004);
  EXPECT_DOUBLE_EQ(pools.run({request(0, 5, 2)}).decode_pool->transfer_time.base(), 0.001);
}

TEST(Pools, ARequestOfOneTokenStaysWhereItsPromptWas) {
  Pools pools;
  const RunRecord run = pools.run({request(0, 5, 1)});
  EXPECT_EQ(ms(run.requests[0].last_token), 15);
  EXPECT_EQ(run.decode_pool->transfers, 0);
  EXPECT_EQ(run.replicas[1].steps, 0);
}

// Two pages in blocks of 16: room for one sequence of up to 32 tokens. The second waits until the first has
// its 3 tokens: 20 + 2 x 11 = 42, then 53 and 64.
TEST(Pools, ACacheThatFindsNoPagesWaits) {
  Pools pools;
  pools.plan.decode_pool->scheduler.kv_pages = 2;
  const RunRecord run = pools.run({request(0, 5, 3), request(0, 20, 3)});
  EXPECT_EQ(ms(run.requests[0].first_token), 35);
  EXPECT_EQ(ms(run.requests[0].last_token), 57);
  EXPECT_EQ(ms(run.requests[1].last_token), 79);
}

// Each decode replica gets the request when the other one has more, those on the way counted.
TEST(Pools, TheLeastLoadedReplicaDecodes) {
  Pools pools;
  pools.plan.decode_pool->replicas = 2;
  pools.plan.decode_pool->link.latency = Seconds(0.050);
  const RunRecord run = pools.run({request(0, 5, 3), request(0, 5, 3)});
  EXPECT_EQ(run.replicas[1].steps, 2);
  EXPECT_EQ(run.replicas[2].steps, 2);
}

TEST(Pools, WhatEitherPoolCannotHoldIsRejected) {
  Pools pools;
  pools.plan.decode_pool->scheduler.kv_pages = 2;
  const RunRecord run = pools.run({request(0, 30, 4), request(0, 30, 3), request(0, 40, 1)});
  EXPECT_EQ(run.requests[0].outcome, Outcome::rejected);
  EXPECT_EQ(run.requests[1].outcome, Outcome::completed);
  EXPECT_EQ(run.requests[2].outcome, Outcome::completed);
}

// Devices of both pools for the whole time; each pool at its own price.
TEST(Pools, CountDevicesOfBothPools) {
  Pools pools;
  pools.plan.devices_per_replica = 2;
  pools.plan.decode_pool->replicas = 3;
  pools.plan.decode_pool->devices_per_replica = 4;
  EXPECT_EQ(pools.run({request(0, 5, 3)}).devices(), 2 + 3 * 4);
}

}  // namespace
}  // namespace mtok::engine
