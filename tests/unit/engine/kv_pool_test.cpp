// Blocks are counted exactly, shared prefixes once, and the least recently used go first.
#include "sim/engine/kv_pool.hpp"

#include <gtest/gtest.h>

namespace mtok::engine {
namespace {

using Ids = std::vector<std::uint64_t>;

/// Runs a prompt through the pool as the scheduler does: match, take, grow, share. Returns the tokens
/// skipped.
std::int64_t admit(KvPool& pool, KvPool::Holding& holding, const Ids& ids, std::int64_t prompt) {
  const KvPool::Match match = pool.match(ids, prompt);
  EXPECT_TRUE(pool.fits(match, prompt));
  pool.take_prefix(holding, ids, match);
  EXPECT_TRUE(pool.grow(holding, prompt));
  pool.share(holding, ids, prompt, prompt);
  return match.skipped_tokens;
}

// 33 tokens in blocks of 16 are 3 blocks; the 49th token needs a fourth.
TEST(KvPool, GivesWholeBlocks) {
  KvPool pool(4, {}, 0);
  KvPool::Holding holding;
  ASSERT_TRUE(pool.grow(holding, 33));
  EXPECT_EQ(pool.used_pages(), 3);
  ASSERT_TRUE(pool.grow(holding, 48));
  EXPECT_EQ(pool.used_pages(), 3);
  ASSERT_TRUE(pool.grow(holding, 49));
  EXPECT_EQ(pool.used_pages(), 4);
  EXPECT_FALSE(pool.grow(holding, 65));
  EXPECT_EQ(pool.used_pages(), 4) << "a refusal changes nothing";
  pool.release(holding);
  EXPECT_EQ(pool.free_pages(), 4);
  EXPECT_EQ(pool.taken(), 4);
  EXPECT_EQ(pool.given_back(), 4);
}

// Two layers see all, six see 32 tokens: weights 1 and 3. 100 tokens are 7 blocks; the window holds 32 / 16 +
// 1 = 3. Pages = 1 * 7 + 3 * 3 = 16.
TEST(KvPool, WindowLayersHoldOnlyWhatIsInReach) {
  const KvGeometry geometry{.block_size = 16,
                            .groups = {{.window = 0, .weight = 1}, {.window = 32, .weight = 3}}};
  EXPECT_EQ(geometry.pages_per_block(), 4);
  EXPECT_EQ(geometry.pages_for(100), 16);
  EXPECT_EQ(geometry.pages_for(16), 4);
  EXPECT_EQ(geometry.shared_pages_per_block(), 1);
}

// The prompt of 64 tokens under ids 1 and 2 (32 tokens each). A second prompt 1, 3 shares the first 32
// tokens: it needs 2 new blocks of 16.
TEST(KvPool, SharesALeadingRunOnce) {
  KvPool pool(100, {}, 32);
  KvPool::Holding first;
  KvPool::Holding second;
  EXPECT_EQ(admit(pool, first, {1, 2}, 64), 0);
  EXPECT_EQ(pool.used_pages(), 4);
  EXPECT_EQ(admit(pool, second, {1, 3}, 64), 32);
  EXPECT_EQ(pool.used_pages(), 6);
  pool.release(first);
  EXPECT_EQ(pool.used_pages(), 4) << "unit 1 is still in use";
  EXPECT_EQ(pool.cached_pages(), 2) << "unit 2 stays cached";
  pool.release(second);
  EXPECT_EQ(pool.cached_pages(), 6);
}

// A hit behind a miss is no hit: the prompt 9, 2 shares nothing although 2 is cached.
TEST(KvPool, OnlyAPrefixHits) {
  KvPool pool(100, {}, 32);
  KvPool::Holding first;
  KvPool::Holding second;
  admit(pool, first, {1, 2}, 64);
  EXPECT_EQ(admit(pool, second, {9, 2}, 64), 0);
}

// The same prompt again: all 64 tokens are cached, but one block of 16 is computed anew, as vLLM does.
TEST(KvPool, AlwaysLeavesATokenToCompute) {
  KvPool pool(100, {}, 32);
  KvPool::Holding first;
  KvPool::Holding second;
  admit(pool, first, {1, 2}, 64);
  EXPECT_EQ(admit(pool, second, {1, 2}, 64), 48);
}

// 40 tokens under ids 1 (32 tokens) and 2 (8 tokens, no whole block): only id 1 is cached.
TEST(KvPool, APartialBlockIsNotCached) {
  KvPool pool(100, {}, 32);
  KvPool::Holding first;
  admit(pool, first, {1, 2}, 40);
  pool.release(first);
  EXPECT_EQ(pool.cached_pages(), 2);
  EXPECT_EQ(pool.free_pages(), 98);
}

// Pool of 4 blocks. A caches ids 1, 2 (one block each), B caches id 3. A is released before B, so the order
// of eviction is 2 (the tail of A), 1, 3. A newcomer of 3 blocks finds 1 free block and evicts 2 and 1; id 3
// survives.
TEST(KvPool, EvictsTheLeastRecentlyUsedAndTailsFirst) {
  KvPool pool(4, {}, 16);
  KvPool::Holding a;
  KvPool::Holding b;
  admit(pool, a, {1, 2}, 32);
  admit(pool, b, {3}, 16);
  pool.release(a);
  pool.release(b);
  KvPool::Holding newcomer;
  ASSERT_TRUE(pool.grow(newcomer, 48));
  EXPECT_EQ(pool.match(Ids{1}, 17).units, 0U);
  EXPECT_EQ(pool.match(Ids{3, 4}, 32).units, 1U);
}

// Two sequences compute the same content side by side: the second keeps a private copy and nothing is counted
// twice.
TEST(KvPool, SimultaneousCopiesStayPrivate) {
  KvPool pool(100, {}, 16);
  KvPool::Holding first;
  KvPool::Holding second;
  ASSERT_TRUE(pool.grow(first, 16));
  ASSERT_TRUE(pool.grow(second, 16));
  const Ids ids{7};
  pool.share(first, ids, 16, 16);
  pool.share(second, ids, 16, 16);
  EXPECT_EQ(pool.used_pages(), 2);
  pool.release(first);
  pool.release(second);
  EXPECT_EQ(pool.cached_pages(), 1);
  EXPECT_EQ(pool.free_pages(), 99);
}

// A state of 5 pages beside blocks of 16 tokens: 1 token holds 6 pages, 17 hold 7; 12 pages are room for two
// sequences of a block, however short they are.
TEST(KvPool, HoldsTheStateOfASequenceFromItsFirstTokenOn) {
  const KvGeometry geometry{.block_size = 16, .pages_per_sequence = 5};
  EXPECT_EQ(geometry.pages_for(0), 0);
  EXPECT_EQ(geometry.pages_for(1), 6);
  EXPECT_EQ(geometry.pages_for(17), 7);
  KvPool pool(12, geometry, 0);
  KvPool::Holding first;
  KvPool::Holding second;
  KvPool::Holding third;
  EXPECT_TRUE(pool.grow(first, 16));
  EXPECT_TRUE(pool.grow(second, 1));
  EXPECT_FALSE(pool.grow(third, 1));
  EXPECT_FALSE(pool.grow(first, 17)) << "the pool is full";
  pool.release(second);
  EXPECT_TRUE(pool.grow(first, 17));
  EXPECT_EQ(pool.used_pages(), 7);
}

// Half a prompt's blocks in the cache save their pages, never the state: 32 tokens under one content id are 2
// pages.
TEST(KvPool, KeepsAStateOfItsOwnForASequenceWithACachedPrefix) {
  KvPool pool(20, {.block_size = 16, .pages_per_sequence = 5}, 32);
  const std::vector<std::uint64_t> ids{7};
  KvPool::Holding first;
  EXPECT_TRUE(pool.grow(first, 40));
  pool.share(first, ids, 40, 40);
  EXPECT_EQ(pool.used_pages(), 8);
  KvPool::Holding second;
  pool.take_prefix(second, ids, pool.match(ids, 40));
  EXPECT_TRUE(pool.grow(second, 40));
  EXPECT_EQ(pool.used_pages(), 8 + 6);
}

}  // namespace
}  // namespace mtok::engine
