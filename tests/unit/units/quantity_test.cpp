// Quantities: dimensions are types, and arithmetic keeps base units.
#include "sim/units/quantity.hpp"

#include <gtest/gtest.h>

#include <concepts>
#include <type_traits>

namespace mtok {
namespace {

template <class A, class B>
concept Addable = requires(A a, B b) {
  a + b;
};
template <class A, class B>
concept Comparable = requires(A a, B b) {
  a < b;
};

// What must compile, and to which dimension.
static_assert(std::same_as<decltype(Bytes{} / BytesPerSecond{}), Seconds>);
static_assert(std::same_as<decltype(Flops{} / FlopsPerSecond{}), Seconds>);
static_assert(std::same_as<decltype(UsdPerSecond{} * Seconds{}), Usd>);
static_assert(std::same_as<decltype(UsdPerSecond{} * Seconds{} / Tokens{}), UsdPerToken>);
static_assert(std::same_as<decltype(Watts{} * Seconds{}), Joules>);
static_assert(std::same_as<decltype(Tokens{} * BytesPerToken{}), Bytes>);
static_assert(std::same_as<decltype(Tokens{} / Seconds{}), TokensPerSecond>);
static_assert(std::convertible_to<decltype(Seconds{} / Seconds{}), double>);

// What must not compile.
static_assert(Addable<Seconds, Seconds>);
static_assert(!Addable<Seconds, Bytes>);
static_assert(!Addable<Seconds, double>);
static_assert(!Comparable<Flops, Bytes>);
static_assert(!std::convertible_to<double, Seconds>);
static_assert(!std::convertible_to<Seconds, double>);
static_assert(!std::convertible_to<Seconds, PerSecond>);

// A quantity costs what a double costs.
static_assert(sizeof(Seconds) == sizeof(double));
static_assert(std::is_trivially_copyable_v<Seconds>);

// 2 GB at 4 TB/s = 0.5 ms
TEST(Quantity, BytesOverBandwidthIsTime) {
  const Seconds time = 2.0_GB / 4.0_TBps;
  EXPECT_DOUBLE_EQ(time.base(), 0.5e-3);
}

// 3.6 USD/h = 0.001 USD/s; for 500 s = 0.5 USD; over 1000 tokens = 0.0005 USD a token
TEST(Quantity, PriceTimesTimeOverTokensIsAUnitCost) {
  const UsdPerToken cost = usd_per_hour(3.6) * Seconds(500) / Tokens(1000);
  EXPECT_DOUBLE_EQ(cost.base(), 0.0005);
}

TEST(Quantity, SumsDifferencesAndScalesStayInTheUnit) {
  Seconds time = 3.0_s - 1.0_s;
  time += 500.0_ms;
  time -= 250.0_ms;
  EXPECT_DOUBLE_EQ(time.base(), 2.25);
  EXPECT_DOUBLE_EQ((2 * time).base(), 4.5);
  EXPECT_DOUBLE_EQ((time / 9).base(), 0.25);
  EXPECT_LT(1.0_us, 1.0_ms);
}

TEST(Quantity, ARatioOfEqualDimensionsIsANumber) {
  const double ratio = 3.0_GB / 2.0_GB;
  EXPECT_DOUBLE_EQ(ratio, 1.5);
}

}  // namespace
}  // namespace mtok
