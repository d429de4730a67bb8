// Prefixes beyond the device memory: LRU sets, slower tiers, and routing to where a prefix was sent before.
#include <gtest/gtest.h>

#include "sim/engine/prefix_reuse.hpp"
#include "sim/engine/prefix_router.hpp"
#include "tests/unit/engine/fakes.hpp"

namespace mtok::engine {
namespace {

using testing::ListSource;
using testing::request;
using testing::RoundTimer;

// Capacity 5: a (2), b (2), a again, c (2) -> 6 > 5, b is the oldest. Then d (9) is larger than all: nothing
// stays.
TEST(LruSet, DropsTheOldestUseFirst) {
  LruSet set(5);
  std::vector<std::uint64_t> dropped;
  const auto note = [&](const LruSet::Entry& entry) { dropped.push_back(entry.id); };
  set.use({.id = 1, .weight = 2}, note);
  set.use({.id = 2, .weight = 2}, note);
  set.use({.id = 1, .weight = 2}, note);
  set.use({.id = 3, .weight = 2}, note);
  EXPECT_EQ(dropped, (std::vector<std::uint64_t>{2}));
  EXPECT_EQ(set.held(), 4);
  set.use({.id = 4, .weight = 9}, note);
  EXPECT_EQ(dropped, (std::vector<std::uint64_t>{2, 1, 3, 4}));
  EXPECT_EQ(set.held(), 0);
}

// What falls out of the first tier lies in the second, what falls out of that is gone.
TEST(KvTiers, PassDownWhatTheyCannotKeep) {
  KvTiers tiers({{.name = "dram", .capacity_tokens = 32}, {.name = "ssd", .capacity_tokens = 16}});
  tiers.demote(1, 16);
  tiers.demote(2, 16);
  tiers.demote(3, 16);
  EXPECT_EQ(tiers.tier_of(1, 16), 1U);
  EXPECT_EQ(tiers.tier_of(2, 16), 0U);
  EXPECT_EQ(tiers.tier_of(3, 8), kMostKvTiers) << "another length is another content";
  tiers.demote(4, 16);
  EXPECT_EQ(tiers.tier_of(1, 16), kMostKvTiers);
  EXPECT_EQ(tiers.tier_of(2, 16), 1U);
  tiers.promote(2);
  EXPECT_EQ(tiers.tier_of(2, 16), kMostKvTiers);
}

// 1 us a token from DRAM, 10 us from SSD. 100 + 20 tokens: DRAM streams 120 us, the SSD 200 us. With 300 + 20
// DRAM takes 320 us and hides the SSD.
TEST(KvTiers, LoadAsFastAsTheSlowestLink) {
  const KvTiers tiers({{.capacity_tokens = 1, .load_per_token = Seconds(1e-6)},
                       {.capacity_tokens = 1, .load_per_token = Seconds(1e-5)}});
  EXPECT_DOUBLE_EQ(tiers.load_time({100, 20}).base(), 200e-6);
  EXPECT_DOUBLE_EQ(tiers.load_time({300, 20}).base(), 320e-6);
  EXPECT_EQ(tiers.load_time({}), Seconds{});
}

/// A pool of 6 blocks of 16 tokens, one content id each.
RunPlan small_pool(std::vector<KvTier> tiers) {
  RunPlan plan{.scheduler = {.kv_pages = 6, .prefix_hash_block_size = 16}};
  plan.scheduler.kv_tiers = std::move(tiers);
  return plan;
}

/// The prompt 1 2 3 4 comes, then another that needs the whole pool, then the first again.
std::vector<workload::Request> there_and_back() {
  return {request(0, 64, 1, {1, 2, 3, 4}), request(10, 96, 1, {11, 12, 13, 14, 15, 16}),
          request(20, 64, 1, {1, 2, 3, 4})};
}

// 64 tokens are computed in 1 + 64 ms. Without a tier nothing is left of them at 20 s; with one the first 48
// come back (one block is always computed): 1 + 16 ms of computation, and 48 * 0.1 ms = 4.8 ms of loading
// are hidden under it.
TEST(KvTiers, BringAPrefixBackUnderTheComputation) {
  for (const bool tier : {false, true}) {
    RoundTimer timer(Seconds(0.001), Seconds(0.001));
    ListSource source(there_and_back(), 16);
    const auto plan = small_pool(
        tier ? std::vector<KvTier>{{.name = "dram", .capacity_tokens = 1000, .load_per_token = Seconds(1e-4)}}
             : std::vector<KvTier>{});
    const RunRecord run = run_leaping(plan, timer, source);
    EXPECT_EQ(run.requests[2].cached_input_tokens, tier ? 48 : 0);
    EXPECT_EQ(run.prefix_tier_tokens[0], tier ? 48 : 0);
    EXPECT_EQ(run.prefix_hit_blocks, tier ? 3 : 0);
    EXPECT_EQ(nanoseconds(run.requests[2].last_token), 20'000'000'000 + (tier ? 17'000'000 : 65'000'000));
  }
}

// The same at 1 ms a token: 48 ms of loading take longer than 17 ms of computation; the 31 ms beyond belong
// to the cached tokens.
TEST(KvTiers, SlowLoadingHoldsTheStepUp) {
  RoundTimer timer(Seconds(0.001), Seconds(0.001));
  ListSource source(there_and_back(), 16);
  const RunRecord run = run_leaping(
      small_pool({{.name = "ssd", .capacity_tokens = 1000, .load_per_token = Seconds(1e-3)}}), timer, source);
  EXPECT_EQ(nanoseconds(run.requests[2].last_token), 20'048'000'000);
  EXPECT_EQ(run.replicas[0].phases.cached_ns, 31'000'000);
  EXPECT_DOUBLE_EQ(run.requests[2].cached_time.base(), 0.031);
}

// Ids 1 2 were sent to replica 1, 1 alone to replica 0. The longer run wins, until its replica is 65 requests
// ahead; without a known prefix the least loaded gets it.
TEST(PrefixRouter, FollowsTheLongestRunWithinReason) {
  PrefixRouter router(2, 100);
  std::vector<std::int64_t> loads{0, 0};
  const auto load_of = [&](std::size_t i) { return loads[i]; };
  const std::vector<std::uint64_t> one{1};
  const std::vector<std::uint64_t> both{1, 2, 3};
  EXPECT_EQ(router.choose(both, 1, load_of), 1U);
  loads = {0, 65};
  EXPECT_EQ(router.choose(one, 0, load_of), 0U) << "too far ahead";
  loads = {0, 64};
  EXPECT_EQ(router.choose(both, 0, load_of), 1U);
  EXPECT_EQ(router.choose(one, 0, load_of), 0U) << "equal runs: the less loaded";
  const std::vector<std::uint64_t> other{9};
  EXPECT_EQ(router.choose(other, 0, load_of), 0U);
}

// Two conversations in turn, two replicas that keep one each. Round robin sends the third request where the
// first was, but least_loaded always takes replica 0 of idle ones; only prefix_affine keeps both.
TEST(PrefixRouter, KeepsConversationsApart) {
  std::vector<workload::Request> requests;
  for (int turn = 0; turn < 6; ++turn) {
    const std::uint64_t base = turn % 2 == 0 ? 0 : 100;
    const int pair = turn / 2;
    // They overlap in pairs, so that the second of a pair finds replica 0 busy the first time.
    requests.push_back(
        request(pair + 0.001 * (turn % 2), 80, 1, {base + 1, base + 2, base + 3, base + 4, base + 5}));
  }
  RunPlan plan = small_pool({});
  plan.replicas = 2;
  plan.router = Router::prefix_affine;
  RoundTimer timer(Seconds(0.01), Seconds(0.001));
  ListSource source(requests, 16);
  const RunRecord run = run_leaping(plan, timer, source);
  EXPECT_EQ(run.prefix_hit_tokens, 4 * 64) << "every second and third turn finds all but a block";
  for (std::size_t i = 0; i < requests.size(); ++i) {
    EXPECT_EQ(run.requests[i].replica, static_cast<std::int32_t>(i % 2));
  }
}

// 1 2 | 1 2 3 | 4 | 1 2 with room for three ids: 2 hits; then 1 2 3 -> 4 pushes out 1, so nothing leads.
TEST(PrefixReuse, CountsLeadingRunsInFileOrder) {
  const std::vector<workload::Request> requests{request(0, 2, 1, {1, 2}), request(0, 3, 1, {1, 2, 3}),
                                                request(0, 1, 1, {4}), request(0, 2, 1, {1, 2})};
  ListSource three(requests, 1);
  EXPECT_EQ(lru_prefix_hits(three, 3), 2);
  ListSource many(requests, 1);
  EXPECT_EQ(lru_prefix_hits(many, 100), 4);
}

}  // namespace
}  // namespace mtok::engine
