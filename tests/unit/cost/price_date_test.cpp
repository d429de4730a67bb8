// Dates of prices: what a stated date may mean at the latest.
#include "sim/cost/price_date.hpp"

#include <gtest/gtest.h>

namespace mtok::cost {
namespace {

Date day(int year, unsigned month, unsigned number) {
  return std::chrono::year(year) / std::chrono::month(month) / std::chrono::day(number);
}

TEST(PriceDate, ADayMonthHalfYearOrYearEndsAtItsLastDay) {
  EXPECT_EQ(latest_day("2026-05-20"), day(2026, 5, 20));
  EXPECT_EQ(latest_day("2024-02"), day(2024, 2, 29));
  EXPECT_EQ(latest_day("2025-H1"), day(2025, 6, 30));
  EXPECT_EQ(latest_day("2025-H2"), day(2025, 12, 31));
  EXPECT_EQ(latest_day("2026"), day(2026, 12, 31));
}

TEST(PriceDate, OfASpanTheLastDateCounts) {
  EXPECT_EQ(latest_day("2024-05..2025-03"), day(2025, 3, 31));
  EXPECT_EQ(latest_day("2025-H2..2026 (catalog v8)"), day(2026, 12, 31));
}

TEST(PriceDate, TextWithoutADateHasNone) {
  EXPECT_FALSE(latest_day("undated"));
  EXPECT_FALSE(latest_day("v20265 of the list"));
  EXPECT_FALSE(latest_day(""));
}

TEST(PriceDate, OnlyIsoDaysThatExistAreRead) {
  EXPECT_EQ(parse_date("2024-02-29"), day(2024, 2, 29));
  for (const char* text :
       {"2023-02-29", "2026-5-20", "2026-05", "20.05.2026", "2026-13-01", "2026-05-20x", ""}) {
    EXPECT_FALSE(parse_date(text)) << text;
  }
}

}  // namespace
}  // namespace mtok::cost
