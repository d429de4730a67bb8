// Bursts of repeats.
#include "sim/host/stopwatch.hpp"

#include <gtest/gtest.h>

#include "sim/host/probe.hpp"

namespace mtok::host {
namespace {

TEST(Stopwatch, ReadsAtLeastAsOftenAndAsLongAsAsked) {
  std::int64_t calls = 0;
  const Seconds start = now();
  const Timing timing =
      time_of([&] { ++calls; }, {.time = Seconds(0.005), .least_readings = 7, .burst = Seconds(1e-4)});
  EXPECT_GE(now() - start, Seconds(0.005));
  EXPECT_EQ(calls, timing.repeats + 2);  // two to warm up
  EXPECT_GE(timing.repeats, 7);
  EXPECT_LE(timing.least, timing.median);
  EXPECT_GT(timing.least, Seconds{});
}

TEST(Pace, ShortfallIsTheWorseOfTheTwo) {
  const Pace best{.multiply = FlopsPerSecond(100), .stream = BytesPerSecond(10)};
  EXPECT_DOUBLE_EQ(shortfall({.multiply = FlopsPerSecond(90), .stream = BytesPerSecond(5)}, best), 0.5);
  EXPECT_DOUBLE_EQ(shortfall({.multiply = FlopsPerSecond(120), .stream = BytesPerSecond(11)}, best), 0);
}

}  // namespace
}  // namespace mtok::host
