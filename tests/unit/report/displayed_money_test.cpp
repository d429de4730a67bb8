// Amounts shown beside their sum: what a reader adds up by hand is what stands below the line.
#include "app/report/displayed_money.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace mtok::report {
namespace {

Money money(const char* text) {
  return Money::from_decimal(text);
}

Money read(std::string text) {
  std::erase_if(text, [](char c) { return c == '$' || c == ','; });
  return Money::from_decimal(text);
}

// Cut: 0.33 0.33 0.33 of 1.00 leaves a cent, which goes to the first of equals.
TEST(DisplayedMoney, ThirdsOfADollarAddUpToADollar) {
  const std::vector<Money> thirds{money("0.333333333334"), money("0.333333333333"), money("0.333333333333")};
  const DisplayedMoney shown = displayed(thirds);
  EXPECT_EQ(shown.total, "$1.00");
  EXPECT_EQ(shown.parts, (std::vector<std::string>{"$0.34", "$0.33", "$0.33"}));
}

TEST(DisplayedMoney, SumsAreRoundedHalfToEvenAndGrouped) {
  EXPECT_EQ(displayed(std::vector{money("2.675")}).total, "$2.68");
  EXPECT_EQ(displayed(std::vector{money("2.665")}).total, "$2.66");
  EXPECT_EQ(displayed(std::vector{money("1234567.125")}).total, "$1,234,567.12");
  EXPECT_EQ(displayed(std::vector{money("999")}).total, "$999.00");
  EXPECT_EQ(displayed(std::vector{Money{}, Money{}}).total, "$0.00");
}

TEST(DisplayedMoney, BelowADollarTheSumHasFourSignificantDigits) {
  EXPECT_EQ(displayed(std::vector{money("0.0123456")}).total, "$0.01235");
  EXPECT_EQ(displayed(std::vector{money("0.5"), money("0.25")}).parts[1], "$0.2500");
  EXPECT_EQ(displayed(std::vector{money("0.000000000007")}).total, "$0.000000000007");
}

TEST(DisplayedMoney, InAHundredThousandReportsThePartsAsShownAddUpToTheTotalAsShown) {
  std::mt19937_64 random(21);
  for (int report = 0; report < 100'000; ++report) {
    std::vector<Money> parts(1 + random() % 10);
    for (Money& part : parts) {
      part = Money::from_pico_usd(static_cast<Int128>(random() % 4 == 0 ? 0 : random() >> (random() % 50)));
    }
    const DisplayedMoney shown = displayed(parts);
    Money sum;
    for (std::size_t i = 0; i < parts.size(); ++i) {
      const Money seen = read(shown.parts[i]);
      sum += seen;
      ASSERT_TRUE(parts[i] > Money{} || seen == Money{}) << "report " << report;
    }
    ASSERT_EQ(sum, read(shown.total)) << "report " << report;
  }
}

}  // namespace
}  // namespace mtok::report
