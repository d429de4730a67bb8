// Runs of decode steps read off straight lines, with the kinks between them.
#include "sim/engine/decode_table.hpp"

#include <gtest/gtest.h>

namespace mtok::engine {
namespace {

// 10 ms of which the devices wait 2 ms; attention takes 1 us a key. With 1,000 keys it is hidden, and stays
// so for 1,000 steps of one sequence; with 3,000 keys a millisecond shows.
TEST(DecodeTable, AttentionIsHiddenAsLongAsTheDevicesWait) {
  DecodeTable table(
      [](std::int64_t) {
        return DecodeTable::Fixed{.device = {.time = Seconds(0.010)}, .attention_slack = Seconds(0.002)};
      },
      [](std::int64_t, std::int64_t, std::int64_t keys) {
        return Demand{.time = Seconds(1e-6 * static_cast<double>(keys))};
      });
  const DecodeRun hidden = table.run({.decode_sequences = 1, .decode_context = 1000}, {});
  EXPECT_NEAR(hidden.duration.seconds().base(), 0.010, 1e-12);
  EXPECT_EQ(hidden.growth, Ticks{});
  EXPECT_EQ(hidden.steps, 1000);
  const DecodeRun shown = table.run({.decode_sequences = 1, .decode_context = 3000}, {});
  EXPECT_NEAR(shown.duration.seconds().base(), 0.011, 1e-12);
  EXPECT_NEAR(shown.growth.seconds().base(), 1e-6, 1e-12);
}

}  // namespace
}  // namespace mtok::engine
