// SimTime: real durations to integer nanoseconds and back.
#include "sim/units/sim_time.hpp"

#include <gtest/gtest.h>

namespace mtok {
namespace {

// 2.4 ns -> 2 ns, 2.5 ns -> 3 ns (half away from zero), 2.6 ns -> 3 ns
TEST(SimTime, ADurationIsRoundedToTheNearestNanosecond) {
  EXPECT_EQ(rounded_nanoseconds(Seconds(2.4e-9)), 2);
  EXPECT_EQ(rounded_nanoseconds(Seconds(2.5e-9)), 3);
  EXPECT_EQ(rounded_nanoseconds(Seconds(2.6e-9)), 3);
  EXPECT_EQ(rounded_nanoseconds(Seconds(0)), 0);
}

TEST(SimTime, TheClockMovesByTheRoundedDuration) {
  EXPECT_EQ(nanoseconds(after(SimTime{1'000}, 1.5_us)), 2'500);
  EXPECT_EQ(nanoseconds(after(SimTime{7}, Seconds(0))), 7);
}

TEST(SimTime, BetweenIsSignedAndInSeconds) {
  EXPECT_EQ(between(SimTime{0}, SimTime{1'500'000'000}), 1.5_s);
  EXPECT_EQ(between(SimTime{1'500'000'000}, SimTime{0}).base(), -1.5);
}

// 7e9 * 1e-9 is 7.000000000000001, since 1e-9 is no double; division by 1e9 is exact.
TEST(SimTime, WholeSecondsComeBackAsWholeSeconds) {
  for (std::int64_t second = 0; second <= 100'000; ++second) {
    EXPECT_EQ(between(SimTime{0}, SimTime{second * 1'000'000'000}), Seconds(static_cast<double>(second)));
  }
}

// Ten years are 3.15e17 ns, more than a double holds to the nanosecond (2^53 = 9.0e15), but differences are
// taken in integers first.
TEST(SimTime, DifferencesOfLateTimesAreExact) {
  const SimTime late{315'360'000'000'000'000};
  EXPECT_EQ(between(late, SimTime{nanoseconds(late) + 1}), Seconds(1e-9));
}

TEST(SimTime, NeverIsLaterThanAnything) {
  EXPECT_GT(kNever, SimTime{9'223'372'036'854'775'806});
}

}  // namespace
}  // namespace mtok
