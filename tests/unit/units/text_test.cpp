// Text with units: numbers as written, quantities both ways.
#include "sim/units/text.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <sstream>
#include <vector>

namespace mtok {
namespace {

TEST(ParseNumber, PlainDecimalNumbersAreRead) {
  EXPECT_EQ(parse_number("0"), 0.0);
  EXPECT_EQ(parse_number("-0.5"), -0.5);
  EXPECT_EQ(parse_number("10"), 10.0);
  EXPECT_EQ(parse_number("3.35"), 3.35);
  EXPECT_EQ(parse_number("1e-05"), 1e-5);  // as Python writes it
  EXPECT_EQ(parse_number("1e+16"), 1e16);
  EXPECT_EQ(parse_number("2.5E3"), 2500.0);
  EXPECT_EQ(parse_number("0.30000000000000004"), 0.1 + 0.2);
}

TEST(ParseNumber, EverythingElseIsRefused) {
  for (const char* text :
       {"",    "-",   "010",   "00",   "-01",   "+1",     "0x1F",   "0b1",  ".5", "1.",  "1.e5",
        "nan", "NaN", "inf",   "-inf", "1e400", "-1e400", "1e-400", " 1",   "1 ", "1,5", "1_000",
        "1e",  "1e+", "1.5.2", "--1",  "1-",    "yes",    "~",      "1:30", "1f", "१"}) {
    EXPECT_FALSE(parse_number(text).has_value()) << "'" << text << "'";
  }
}

TEST(ParseInteger, WholeNumbersOfSixtyThreeBitsAreRead) {
  EXPECT_EQ(parse_integer("0"), 0);
  EXPECT_EQ(parse_integer("-17"), -17);
  EXPECT_EQ(parse_integer("9223372036854775807"), std::numeric_limits<std::int64_t>::max());
}

TEST(ParseInteger, FractionsExponentsAndOverflowsAreRefused) {
  for (const char* text :
       {"", "-", "010", "+1", "1.0", "1e3", "9223372036854775808", "0x10", " 1", "1 ", "nan"}) {
    EXPECT_FALSE(parse_integer(text).has_value()) << "'" << text << "'";
  }
}

TEST(ParseQuantity, ANumberOneSpaceAndAKnownUnitAreRead) {
  EXPECT_DOUBLE_EQ(parse_quantity<BytesPerSecond>("3.35 TB/s")->base(), 3.35e12);
  EXPECT_DOUBLE_EQ(parse_quantity<Bytes>("80 GB")->base(), 80e9);
  EXPECT_DOUBLE_EQ(parse_quantity<Bytes>("80 GiB")->base(), 80.0 * 1024 * 1024 * 1024);
  EXPECT_DOUBLE_EQ(parse_quantity<Seconds>("4.5 us")->base(), 4.5e-6);
  EXPECT_DOUBLE_EQ(parse_quantity<Seconds>("2 min")->base(), 120);
  EXPECT_DOUBLE_EQ(parse_quantity<FlopsPerSecond>("1979 TOP/s")->base(), 1.979e15);
  EXPECT_DOUBLE_EQ(parse_quantity<Watts>("0.7 kW")->base(), 700);
  EXPECT_DOUBLE_EQ(parse_quantity<UsdPerSecond>("3.6 USD/h")->base(), 0.001);
}

// 730 USD a month of 730 h = 1 USD/h
TEST(ParseQuantity, AMonthHas730Hours) {
  EXPECT_DOUBLE_EQ(parse_quantity<UsdPerSecond>("730 USD/month")->base(), usd_per_hour(1).base());
}

TEST(ParseQuantity, OtherSpacingUnitsAndNumbersAreRefused) {
  for (const char* text :
       {"3.35", "3.35TB/s", "3.35  TB/s", " 3.35 TB/s", "3.35 TB/s ", "3.35 tb/s", "3.35 TB", "3,35 TB/s",
        "010 TB/s", "+3 TB/s", "TB/s", " TB/s", "nan TB/s", "1e300 TB/s", ""}) {
    EXPECT_FALSE(parse_quantity<BytesPerSecond>(text).has_value()) << "'" << text << "'";
  }
}

/// Splits "B, kB, MB" as `units_of` lists them.
std::vector<std::string> names_in(const std::string& list) {
  std::vector<std::string> names;
  std::istringstream stream(list);
  for (std::string name; std::getline(stream, name, ',');) {
    names.push_back(name.substr(name.find_first_not_of(' ')));
  }
  return names;
}

template <class Q>
class EveryQuantity : public testing::Test {};
using Quantities = testing::Types<Seconds, Bytes, Flops, BytesPerSecond, FlopsPerSecond, Watts, UsdPerSecond>;
TYPED_TEST_SUITE(EveryQuantity, Quantities);

TYPED_TEST(EveryQuantity, ItsExampleIsWellFormed) {
  EXPECT_TRUE(parse_quantity<TypeParam>(example_of<TypeParam>()).has_value());
}

// With d significant digits the printed number lies within half a unit of the last digit: 0.5 * 10^(1 - d)
// relative.
TYPED_TEST(EveryQuantity, EveryUnitIsReadAndPrintedBackWithinItsDigits) {
  const std::vector<std::string> names = names_in(units_of<TypeParam>());
  ASSERT_FALSE(names.empty());
  for (const std::string& name : names) {
    for (const double number : {1.0, 1.23456, 9.9949, 9.9951, 42.0, 99.96, 567.8, 999.4, 999.6}) {
      const auto value = parse_quantity<TypeParam>(shortest(number) + " " + name);
      ASSERT_TRUE(value.has_value()) << number << " " << name;
      for (const int digits : {1, 2, 3, 4, 6}) {
        const std::string text = to_text(*value, digits);
        const auto back = parse_quantity<TypeParam>(text);
        ASSERT_TRUE(back.has_value()) << text;
        const double tolerance = 0.5 * std::pow(10.0, 1 - digits) * (1 + 1e-9);
        EXPECT_NEAR(back->base() / value->base(), 1.0, tolerance) << number << " " << name << " as " << text;
      }
    }
  }
}

TEST(ToText, TheUnitLeavesAtLeastOneBeforeThePoint) {
  EXPECT_EQ(to_text(BytesPerSecond(3.35e12)), "3.35 TB/s");
  EXPECT_EQ(to_text(Bytes(80e9)), "80.0 GB");
  EXPECT_EQ(to_text(Bytes(999)), "999 B");
  EXPECT_EQ(to_text(Seconds(4.5e-6)), "4.50 us");
  EXPECT_EQ(to_text(Seconds(-0.25)), "-250 ms");
  EXPECT_EQ(to_text(FlopsPerSecond(989e12)), "989 TFLOP/s");
  EXPECT_EQ(to_text(usd_per_hour(2.5)), "2.50 USD/h");
}

// 999.7 GB used to print as "1000 GB" and 9.996 GB as "10.00 GB": the unit and the decimals were chosen
// before rounding.
TEST(ToText, RoundingUpMovesToTheNextUnitAndKeepsTheDigits) {
  EXPECT_EQ(to_text(Bytes(999.7e9)), "1.00 TB");
  EXPECT_EQ(to_text(Bytes(9.996e9)), "10.0 GB");
  EXPECT_EQ(to_text(Bytes(999.4e9)), "999 GB");
}

// 0.0442 USD/h, a vCPU, used to print as "0.044 USD/h".
TEST(ToText, SmallNumbersKeepTheirDigitsAndLargeOnesTheirWholePart) {
  EXPECT_EQ(to_text(usd_per_hour(0.04416)), "0.0442 USD/h");
  EXPECT_EQ(to_text(usd_per_hour(87072)), "87072 USD/h");
  EXPECT_EQ(to_text(Bytes(0)), "0 B");
}

TEST(Shortest, ReadsBackAsTheSameDouble) {
  for (const double value : {0.1, 1.0 / 3, 1e-7, 123456789.0, 1e17, 1.7976931348623157e308, 5e-324, -2.5}) {
    EXPECT_EQ(parse_number(shortest(value)), value) << shortest(value);
  }
  EXPECT_EQ(shortest(0.1), "0.1");
  EXPECT_EQ(shortest(1e20), "1e20");
  EXPECT_EQ(shortest(-0.0), "0");
  EXPECT_EQ(shortest(2.5e-7), "2.5e-07");
}

TEST(Fixed, RoundsTheDoubleAsItLies) {
  EXPECT_EQ(fixed(0.125, 2), "0.12");  // exactly half: to even
  EXPECT_EQ(fixed(1.005, 2), "1.00");  // the double lies below 1.005
  EXPECT_EQ(fixed(1234567.0, 1), "1234567.0");
  EXPECT_EQ(fixed(2.0, 0), "2");
}

}  // namespace
}  // namespace mtok
