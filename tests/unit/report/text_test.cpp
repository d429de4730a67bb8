// Tests how numbers are rounded and grouped for the eye, and how text is made harmless.
#include "app/report/text.hpp"

#include <gtest/gtest.h>

namespace mtok::report {
namespace {

TEST(ReportText, ThousandsAreGrouped) {
  EXPECT_EQ(grouped(std::int64_t{0}), "0");
  EXPECT_EQ(grouped(std::int64_t{999}), "999");
  EXPECT_EQ(grouped(std::int64_t{1000}), "1,000");
  EXPECT_EQ(grouped(std::int64_t{-1234567}), "-1,234,567");
  EXPECT_EQ(grouped(12345.678, 2), "12,345.68");
}

// -0.001 at two decimals is zero, and zero has no sign.
TEST(ReportText, WhatRoundsToZeroHasNoSign) {
  EXPECT_EQ(grouped(-0.001, 2), "0.00");
}

TEST(ReportText, SignificantDigitsDecideTheDecimals) {
  EXPECT_EQ(significant(0.012345), "0.0123");
  EXPECT_EQ(significant(12.345), "12.3");
  EXPECT_EQ(significant(1234.5), "1,234");  // half to even: 1234.5 lies exactly between
  EXPECT_EQ(significant(0), "0");
}

TEST(ReportText, DollarsShowCentsAndSmallAmountsShowDigits) {
  EXPECT_EQ(dollars(Usd(1234.567)), "$1,234.57");
  EXPECT_EQ(dollars(Usd(0.0123456)), "$0.01235");
  EXPECT_EQ(dollars(Usd(0)), "$0.00");
  EXPECT_EQ(dollars(Usd(-5)), "-$5.00");
}

// 1e-6 USD a token are 1 USD a million.
TEST(ReportText, ARateIsGivenPerMillionTokens) {
  EXPECT_EQ(dollars_per_mtok(UsdPerToken(1.5e-6)), "$1.500");
  EXPECT_EQ(dollars_per_mtok(std::nullopt), "-");
  EXPECT_EQ(signed_dollars_per_mtok(UsdPerToken(-1.5e-6)), "-$1.500");
  EXPECT_EQ(signed_dollars_per_mtok(UsdPerToken(1.5e-6)), "+$1.500");
}

// 23301.6 as a double is 23301.599999999998...; fifteen digits of it are exact.
TEST(ReportText, DecimalTextHasNoNoiseOfDoubles) {
  EXPECT_EQ(decimal_usd(Usd(23301.6)), "23301.6");
  EXPECT_EQ(decimal_usd(Usd(0.1 + 0.2)), "0.3");
  EXPECT_EQ(decimal_usd_per_mtok(UsdPerToken(0.25e-6)), "0.25");
  EXPECT_EQ(decimal_usd(Usd(-2)), "-2.0");
}

TEST(ReportText, ControlCharactersBecomeSpaces) {
  EXPECT_EQ(printable("a\x1b[1m\tb\n"), "a [1m b ");
}

TEST(ReportText, WidthCountsCharactersNotBytes) {
  EXPECT_EQ(width_of("M\xc3\xbcller"), 6U);
}

TEST(ReportText, ACsvCellThatASpreadsheetCouldRunIsGuarded) {
  EXPECT_EQ(csv_cell("=1+1"), "'=1+1");
  EXPECT_EQ(csv_cell("+x"), "'+x");
  EXPECT_EQ(csv_cell("-x"), "'-x");
  EXPECT_EQ(csv_cell("@x"), "'@x");
  EXPECT_EQ(csv_cell("\tx"), "'\tx");
  EXPECT_EQ(csv_cell("\rx"), "\"'\rx\"");
  EXPECT_EQ(csv_cell("\nx"), "\"'\nx\"");
  EXPECT_EQ(csv_cell("plain"), "plain");
}

TEST(ReportText, ANumberKeepsItsMinus) {
  EXPECT_EQ(csv_cell("-0.5"), "-0.5");
  EXPECT_EQ(csv_cell("-1e-7"), "-1e-7");
}

TEST(ReportText, QuotesAndCommasAreQuoted) {
  EXPECT_EQ(csv_cell("a,\"b\""), "\"a,\"\"b\"\"\"");
}

TEST(ReportText, MarkdownEscapesPipesAndHtml) {
  EXPECT_EQ(markdown_cell("a|b<c>"), "a\\|b&lt;c>");
  EXPECT_EQ(markdown_cell("=cmd()"), "'=cmd()");
  EXPECT_EQ(markdown_cell("-"), "-");
}

}  // namespace
}  // namespace mtok::report
