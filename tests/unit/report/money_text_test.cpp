// Amounts as they are shown: rounding on integers, parts that add up, codes of currencies.
#include "app/report/money_text.hpp"

#include <gtest/gtest.h>

#include <random>

namespace mtok::report {
namespace {

Money usd(const char* text) {
  return Money::from_decimal(text);
}

// What printf("%.2f") of a double gets wrong by hand's account: 2.675 is a half and goes to the even 2.68,
// 1.005 to 1.00, 0.125 to 0.12, 0.135 to 0.14.
TEST(MoneyText, RoundsHalvesToEvenAsDecimals) {
  EXPECT_EQ(rounded(usd("2.675"), 2), "2.68");
  EXPECT_EQ(rounded(usd("1.005"), 2), "1.00");
  EXPECT_EQ(rounded(usd("0.125"), 2), "0.12");
  EXPECT_EQ(rounded(usd("0.135"), 2), "0.14");
  EXPECT_EQ(rounded(usd("-0.125"), 2), "-0.12");
  EXPECT_EQ(rounded(usd("-2.5"), 0), "-2");
  EXPECT_EQ(rounded(usd("0.004"), 2), "0.00");
}

TEST(MoneyText, PutsTheCodeInFrontAndGroupsThousands) {
  EXPECT_EQ(money(usd("1234567.891"), "USD", 2), "USD 1,234,567.89");
  EXPECT_EQ(money(usd("-1234.5"), "JPY", 0), "JPY -1,234");
  EXPECT_EQ(money(usd("999"), "EUR", 2), "EUR 999.00");
  EXPECT_EQ(minor_digits("USD"), 2);
  EXPECT_EQ(minor_digits("JPY"), 0);
  EXPECT_EQ(minor_digits("KWD"), 3);
}

// 5 significant digits: 2.676684 has one digit before the point, so 4 decimals.
TEST(MoneyText, SmallTotalsGetMoreDecimals) {
  EXPECT_EQ(shown_decimals(usd("2.676684"), "USD"), 4);
  EXPECT_EQ(shown_decimals(usd("104857.2"), "USD"), 2);
  EXPECT_EQ(shown_decimals(usd("0.00001"), "USD"), 9);
  EXPECT_EQ(shown_decimals(Money{}, "USD"), 2);
}

// 1/3 three times is 1.00: 0.33 + 0.33 + 0.33 leaves a cent, which the first of the equal remainders gets.
TEST(MoneyText, ThirdsAddUpToTheirTotal) {
  const std::vector<Money> thirds(3, usd("0.333333333333"));
  const std::vector<Money> shown = rounded_parts(thirds, 2);
  EXPECT_EQ(rounded(shown[0], 2), "0.34");
  EXPECT_EQ(rounded(shown[1], 2), "0.33");
  EXPECT_EQ(rounded(shown[2], 2), "0.33");
}

TEST(MoneyText, PartsOfAHundredThousandRandomBillsAddUpAsShown) {
  std::mt19937_64 random(7);  // raw output is the same on every platform
  for (int trial = 0; trial < 100'000; ++trial) {
    std::vector<Money> parts(1 + random() % 10);
    Money total;
    for (Money& part : parts) {
      const auto size = static_cast<std::int64_t>(random() >> (random() % 50 + 10));
      part = Money::from_pico_usd(random() % 4 == 0 ? -size : size);
      total += part;
    }
    const int decimals = static_cast<int>(random() % 7);
    Money sum;
    for (const Money part : rounded_parts(parts, decimals)) {
      ASSERT_EQ(Money::from_decimal(rounded(part, decimals)), part);
      sum += part;
    }
    ASSERT_EQ(sum, Money::from_decimal(rounded(total, decimals))) << "trial " << trial;
  }
}

}  // namespace
}  // namespace mtok::report
