// Laws of caches: a larger LRU cache never finds less; the published figures of a public trace.
#include <gtest/gtest.h>

#include <array>
#include <filesystem>

#include "sim/engine/prefix_reuse.hpp"
#include "sim/workload/trace.hpp"
#include "tests/unit/engine/random_scenario.hpp"

namespace mtok::engine {
namespace {

// LRU is a stack algorithm (Mattson et al., 1970): what a cache holds is contained in what a larger one does.
TEST(PrefixReuseProperty, ALargerCacheNeverFindsLess) {
  for (std::uint64_t seed = 1; seed <= 500; ++seed) {
    const testing::RandomScenario s = testing::draw_scenario(seed);
    std::int64_t last = 0;
    for (const std::int64_t blocks : {1, 4, 16, 64, 256, 100'000}) {
      testing::ListSource source(s.requests, s.hash_block_size);
      const std::int64_t hits = lru_prefix_hits(source, blocks);
      ASSERT_GE(hits, last) << "seed " << seed << ", " << blocks << " blocks";
      last = hits;
    }
  }
}

// Tiers that load in no time never make a run find less, nor any request end later, when one replica serves
// one request at a time.
TEST(KvTiersProperty, FreeTiersNeverHurtASingleQueue) {
  std::int64_t found = 0;
  for (std::uint64_t seed = 1; seed <= 1000; ++seed) {
    testing::RandomScenario s = testing::draw_scenario(seed);
    s.plan.replicas = 1;
    s.plan.scheduler.max_num_seqs = 1;
    s.plan.load.kind = Load::Kind::open;
    const auto run = [&](std::vector<KvTier> tiers) {
      s.plan.scheduler.kv_tiers = std::move(tiers);
      return s.run(run_leaping);
    };
    const RunRecord without = run({});
    const RunRecord with = run({{.name = "dram", .capacity_tokens = 1'000'000}});
    ASSERT_GE(with.prefix_hit_tokens, without.prefix_hit_tokens) << "seed " << seed;
    found += with.prefix_tier_tokens[0];
  }
  EXPECT_GT(found, 1000);
}

// Capacities and hits as published for this trace: ids used first to last, an id found only behind a leading
// run.
TEST(PrefixReuseOfMooncake, FindsThePublishedHits) {
  const std::filesystem::path trace =
      std::filesystem::path(MTOK_SOURCE_DIR) / "../shared/data/traces/mooncake_fast25_conversation.jsonl.zst";
  if (!std::filesystem::exists(trace)) {
    GTEST_SKIP() << "skipped: no shared data";
  }
  constexpr std::array<std::pair<std::int64_t, std::int64_t>, 5> kPublished{
      {{1'000, 12'831}, {5'000, 31'840}, {10'000, 60'921}, {20'000, 82'939}, {50'000, 102'290}}};
  for (const auto& [blocks, hits] : kPublished) {
    EXPECT_EQ(lru_prefix_hits(*workload::open_trace(trace, {}), blocks), hits) << blocks << " blocks";
  }
}

}  // namespace
}  // namespace mtok::engine
