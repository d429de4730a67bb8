// Notes of measured rows become the layouts of two pools.
#include "sim/validation/pool_layout.hpp"

#include <gtest/gtest.h>

namespace mtok::validation {
namespace {

TEST(PoolLayout, ReadsBothPools) {
  const auto pools = pool_layouts("prefill 5x[tp1 dp8 moe_tp1 moe_ep8] decode 1x[tp16 dp1 moe_tp16 moe_ep1]");
  ASSERT_TRUE(pools);
  EXPECT_EQ(pools->prefill.replicas, 5);
  EXPECT_EQ(pools->prefill.sharding, (model::Sharding{.tensor = 1, .expert = 8, .data = 8}));
  EXPECT_EQ(pools->decode.replicas, 1);
  EXPECT_EQ(pools->decode.sharding, (model::Sharding{.tensor = 16, .expert = 1, .data = 1}));
}

TEST(PoolLayout, SpreadsSlicedExpertsOverDataRanks) {
  const auto pools = pool_layouts("prefill 1x[tp1 dp8 moe_tp8 moe_ep1] decode 1x[tp1 dp4 moe_tp4 moe_ep1]");
  ASSERT_TRUE(pools);
  EXPECT_EQ(pools->prefill.sharding.expert, 8);
  EXPECT_EQ(pools->decode.sharding.expert, 4);
}

TEST(PoolLayout, LeavesOtherNotesAlone) {
  EXPECT_FALSE(pool_layouts(""));
  EXPECT_FALSE(pool_layouts("prefill 8 GPUs (4 instances x 2)"));
  EXPECT_FALSE(pool_layouts("prefill 1x[tp4 dp1 moe_tp4 moe_ep1]"));
  EXPECT_FALSE(pool_layouts("prefill 0x[tp4 dp1 moe_tp4 moe_ep1] decode 1x[tp4 dp1 moe_tp4 moe_ep1]"));
  EXPECT_FALSE(pool_layouts("prefill 1x[tp4 dp1 moe_tp4 moe_ep1] decode 1x[tp4 dp1 moe_tp4 moe_ep1] x"));
}

}  // namespace
}  // namespace mtok::validation
