// Times and counts of traces are read exactly, or not at all.
#include "sim/workload/clock_text.hpp"

#include <gtest/gtest.h>

#include <random>
#include <string>

namespace mtok::workload {
namespace {

std::int64_t iso(std::string_view text) {
  std::string why;
  return parse_iso_time(text, why).value_or(-1);
}

std::string why_not(std::string_view text) {
  std::string why;
  return parse_iso_time(text, why) ? "" : why;
}

TEST(TokenCount, IsDigitsWithoutLeadingZerosUpTo2To40) {
  EXPECT_EQ(parse_tokens("0"), 0);
  EXPECT_EQ(parse_tokens("1099511627776"), kMaxTokens);  // 2^40
  for (const char* text :
       {"", "1099511627777", "99999999999999999999", "007", "-1", "+1", "1.0", "1e3", " 1", "1 "}) {
    EXPECT_FALSE(parse_tokens(text)) << text;
  }
}

TEST(ScaledDecimal, IsExactWhereADoubleIsNot) {
  EXPECT_EQ(parse_scaled("0.1", 9), 100'000'000);
  EXPECT_EQ(parse_scaled("1700000000.123456789", 9),
            1'700'000'000'123'456'789);  // a double has 53 bits: 16 digits
  EXPECT_EQ(parse_scaled("9223372036.854775807", 9), INT64_MAX);
  EXPECT_EQ(parse_scaled("3000", 6), 3'000'000'000);
  EXPECT_EQ(parse_scaled("0.0000000015", 9), 2);  // 1.5 ns, half up
  EXPECT_EQ(parse_scaled("7.4", 0), 7);
}

TEST(ScaledDecimal, ReadsExponentsAsPythonWritesThem) {
  EXPECT_EQ(parse_scaled("1e-05", 9), 10'000);
  EXPECT_EQ(parse_scaled("2.5E3", 6), 2'500'000'000);
}

TEST(ScaledDecimal, RefusesWhatIsNotAPlainNumberThatFits) {
  for (const char* text : {"", "-1", "+1", "01", ".5", "5.", "1.2.3", "nan", "inf", "0x10", "1 ", "1e",
                           "1e400", "9223372036.854775808", "99999999999", "9999999999999999999999"}) {
    EXPECT_FALSE(parse_scaled(text, 9)) << text;
  }
}

// 2023-11-16 is day 19677: 53 years from 1970 with 13 leap days (1972..2020) are 53 * 365 + 13 = 19358 days
// to 2023-01-01; then 31+28+31+30+31+30+31+31+30+31 = 304 to 1 November, and 15 more. 19358 + 304 + 15 =
// 19677. 18:15:46 is 65746 s. 19677 * 86400 + 65746 = 1700158546 s.
TEST(IsoTime, KeepsAllSevenDigits) {
  EXPECT_EQ(iso("2023-11-16 18:15:46.6805900"), 1'700'158'546'680'590'000);
  EXPECT_EQ(iso("2023-11-16 18:15:46.6805901") - iso("2023-11-16 18:15:46.6805900"), 100);
  EXPECT_EQ(iso("1970-01-01 00:00:00"), 0);
}

TEST(IsoTime, TakesAnOffsetAndElseUtc) {
  const std::int64_t utc = iso("2024-02-29T12:00:00Z");
  EXPECT_EQ(iso("2024-02-29 12:00:00"), utc);
  EXPECT_EQ(iso("2024-02-29T14:00:00+02:00"), utc);
  EXPECT_EQ(iso("2024-02-29 06:30:00-0530"), utc);
  EXPECT_EQ(iso("2024-03-01 00:00:00+12:00"), utc);
}

TEST(IsoTime, CountsLeapDaysByTheGregorianRule) {
  constexpr std::int64_t kDay = 86'400'000'000'000;
  EXPECT_EQ(iso("2024-03-01 00:00:00") - iso("2024-02-28 00:00:00"), 2 * kDay);
  EXPECT_EQ(iso("2000-03-01 00:00:00") - iso("2000-02-28 00:00:00"), 2 * kDay);
  EXPECT_EQ(iso("2100-03-01 00:00:00") - iso("2100-02-28 00:00:00"), 1 * kDay);
  EXPECT_EQ(iso("2024-01-01 00:00:00") - iso("2023-12-31 00:00:00"), 1 * kDay);
}

TEST(IsoTime, RefusesTimesThatDoNotExistAndSaysWhich) {
  EXPECT_EQ(why_not("2023-02-30 18:15:46"), "the date 2023-02-30 does not exist");
  EXPECT_EQ(why_not("2023-02-29 18:15:46"), "the date 2023-02-29 does not exist");
  EXPECT_EQ(why_not("2023-13-01 18:15:46"), "the date 2023-13-01 does not exist");
  EXPECT_EQ(why_not("2023-11-00 18:15:46"), "the date 2023-11-00 does not exist");
  EXPECT_EQ(why_not("2023-11-16 25:15:46"), "the time 25:15:46 does not exist");
  EXPECT_EQ(why_not("2023-11-16 24:00:00"), "the time 24:00:00 does not exist");
  EXPECT_EQ(why_not("2023-11-16 18:60:46"), "the time 18:60:46 does not exist");
  EXPECT_EQ(why_not("2023-11-16 23:59:60"), "the time 23:59:60 does not exist");
  EXPECT_EQ(why_not("1969-12-31 23:59:59"), "the year 1969 is outside 1970 to 2261");
  EXPECT_EQ(why_not("2262-01-01 00:00:00"), "the year 2262 is outside 1970 to 2261");
}

TEST(IsoTime, RefusesOtherShapes) {
  for (const char* text :
       {"", "16/11/2023 18:15:46", "2023-11-16", "2023-11-16 18:15", "2023-11-16 18:15:46.",
        "2023-11-16 18:15:46,5", "2023-11-16 18:15:46.0123456789", "2023-11-16 18:15:46+25:00",
        "2023-11-16 18:15:46+2", "2023-11-16 18:15:46 PM", "2023-11-16 18:15:46Zx", "2023-1-16 18:15:46.00",
        "20x3-11-16 18:15:46", "2023-11-16_18:15:46"}) {
    EXPECT_EQ(why_not(text), "expected a date and time such as '2023-11-16 18:15:46.6805900'") << text;
  }
}

/// Texts of digits and of what must not pass for one, with other cells around them.
TEST(ClockText, QuicklyReadTextsReadTheSame) {
  const std::string_view alphabet = "00123456789...9e-+ :/,x";
  std::mt19937 random(7);
  int quick = 0;
  for (int i = 0; i < 200'000; ++i) {
    std::string line(40, '8');
    const std::size_t size = 1 + random() % 20;
    for (std::size_t at = 0; at < size; ++at) {
      line[4 + at] = random() % 4 == 0 ? alphabet[random() % alphabet.size()]
                                       : static_cast<char>('0' + static_cast<char>(random() % 10));
    }
    const std::string_view text = std::string_view(line).substr(4, size);
    const std::string alone(text);  // nothing behind it
    const std::int64_t tokens = quick_tokens(text);
    EXPECT_EQ(tokens >= 0 ? tokens : parse_tokens(alone), parse_tokens(alone)) << text;
    for (const int decimals : {0, 6, 9}) {
      const std::int64_t scaled = quick_scaled(text, decimals);
      EXPECT_EQ(scaled >= 0 ? scaled : parse_scaled(alone, decimals), parse_scaled(alone, decimals)) << text;
      quick += scaled >= 0 ? 1 : 0;
    }
  }
  EXPECT_GT(quick, 50'000);
}

}  // namespace
}  // namespace mtok::workload
