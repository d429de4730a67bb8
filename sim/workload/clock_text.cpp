// Reads times and counts digit by digit, in integers.
#include "sim/workload/clock_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>

#include "sim/units/text.hpp"
#include "sim/workload/eight_bytes.hpp"

namespace mtok::workload {
namespace {

constexpr std::int64_t kNanoPerSecond = 1'000'000'000;
constexpr std::array<std::int64_t, 10> kPowersOfTen{1,      10,      100,      1000,      10000,
                                                    100000, 1000000, 10000000, 100000000, 1000000000};

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// The digits at the front of `text`, cut off from it; nullopt when there are none or more than 18.
std::optional<std::int64_t> take_digits(std::string_view& text) {
  constexpr std::size_t kMostDigits = 18;
  std::int64_t value = 0;
  std::size_t count = 0;
  for (; count < text.size() && is_digit(text[count]); ++count) {
    if (count == kMostDigits) {
      return std::nullopt;
    }
    value = 10 * value + (text[count] - '0');
  }
  text.remove_prefix(count);
  return count > 0 ? std::optional(value) : std::nullopt;
}

/// value * 10^decimals for numbers with an exponent, which traces written by Python hold now and then.
std::optional<std::int64_t> scaled_by_double(std::string_view text, int decimals) {
  constexpr double kTwoTo63 = 9223372036854775808.0;
  const std::optional<double> value = units::parse_number(text);
  const double scaled =
      value.value_or(-1) * static_cast<double>(kPowersOfTen.at(static_cast<std::size_t>(decimals)));
  if (text.starts_with('-') || scaled < 0 || scaled >= kTwoTo63) {
    return std::nullopt;
  }
  return std::llround(scaled);
}

/// The number of the first `count` characters; -1 when one is not a digit.
int fixed_digits(std::string_view text, std::size_t count) {
  int value = 0;
  for (std::size_t i = 0; i < count; ++i) {
    if (!is_digit(text[i])) {
      return -1;
    }
    value = 10 * value + (text[i] - '0');
  }
  return value;
}

int days_in(int year, int month) {
  constexpr std::array<int, 12> kDays{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  return kDays.at(static_cast<std::size_t>(month - 1)) + (month == 2 && leap ? 1 : 0);
}

/// Days from 1970-01-01, by Hinnant's days_from_civil (years start in March, so that leap days come last).
std::int64_t days_since_1970(int year, int month, int day) {
  const int y = month <= 2 ? year - 1 : year;
  const int era = y / 400;
  const int year_of_era = y - era * 400;
  const int day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
  const int day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return static_cast<std::int64_t>(era) * 146097 + day_of_era - 719468;
}

/// Cuts `.digits` off the front and returns the nanoseconds; 0 without a point; nullopt when it is not
/// well-formed.
std::optional<std::int64_t> take_fraction(std::string_view& rest) {
  if (!rest.starts_with('.')) {
    return 0;
  }
  rest.remove_prefix(1);
  const std::size_t before = rest.size();
  const std::optional<std::int64_t> digits = take_digits(rest);
  const std::size_t count = before - rest.size();
  if (!digits || count > 9) {
    return std::nullopt;
  }
  return *digits * kPowersOfTen.at(9 - count);
}

/// Seconds that local time is ahead of UTC, from "", "Z", "+hh:mm" or "+hhmm".
std::optional<std::int64_t> offset_seconds(std::string_view text) {
  if (text.empty() || text == "Z" || text == "z") {
    return 0;
  }
  const bool colon = text.size() == 6 && text[3] == ':';
  if ((text[0] != '+' && text[0] != '-') || (text.size() != 5 && !colon)) {
    return std::nullopt;
  }
  const int hours = fixed_digits(text.substr(1), 2);
  const int minutes = fixed_digits(text.substr(text.size() - 2), 2);
  if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59) {
    return std::nullopt;
  }
  const std::int64_t seconds = hours * 3600 + minutes * 60;
  return text[0] == '-' ? -seconds : seconds;
}

/// `dddd-dd-dd?dd:dd:dd` with anything but digits where the punctuation stands is refused.
bool has_iso_shape(std::string_view text) {
  return text.size() >= 19 && text[4] == '-' && text[7] == '-' && (text[10] == ' ' || text[10] == 'T') &&
         text[13] == ':' && text[16] == ':';
}

}  // namespace

std::optional<std::int64_t> parse_tokens(std::string_view text) {
  if (text.empty() || text.size() > 13 || (text[0] == '0' && text.size() > 1)) {
    return std::nullopt;
  }
  std::int64_t value = 0;
  for (const char c : text) {
    if (!is_digit(c)) {
      return std::nullopt;
    }
    value = 10 * value + (c - '0');
  }
  return value <= kMaxTokens ? std::optional(value) : std::nullopt;
}

std::optional<std::int64_t> parse_scaled(std::string_view text, int decimals) {
  const bool leading_zero = text.size() > 1 && text[0] == '0' && is_digit(text[1]);
  std::string_view rest = text;
  std::optional<std::int64_t> value = take_digits(rest);
  if (!value || leading_zero) {
    return std::nullopt;
  }
  const auto wanted = static_cast<std::size_t>(decimals);
  std::int64_t part = 0;
  std::size_t used = 0;
  if (rest.starts_with('.')) {
    rest.remove_prefix(1);
    for (; used < std::min(rest.size(), wanted) && is_digit(rest[used]); ++used) {
      part = 10 * part + (rest[used] - '0');
    }
    rest.remove_prefix(used);
    part *= kPowersOfTen.at(wanted - used);
    part +=
        !rest.empty() && is_digit(rest[0]) && rest[0] >= '5' ? 1 : 0;  // only digits beyond `wanted` are left
    while (!rest.empty() && is_digit(rest[0])) {
      rest.remove_prefix(1);
    }
  }
  if (!rest.empty() || text.back() == '.') {
    return rest.starts_with('e') || rest.starts_with('E') ? scaled_by_double(text, decimals) : std::nullopt;
  }
  std::int64_t scaled = 0;
  const bool overflow = __builtin_mul_overflow(*value, kPowersOfTen.at(wanted), &scaled) ||
                        __builtin_add_overflow(scaled, part, &scaled);
  return overflow ? std::nullopt : std::optional(scaled);
}

std::int64_t quick_tokens(std::string_view text) {
  const bool leading_zero = text.size() > 1 && text[0] == '0';
  return text.empty() || text.size() > 8 || leading_zero ? -1
                                                         : number_of(eight_bytes(text.data()), text.size());
}

std::int64_t quick_scaled(std::string_view text, int decimals) {
  const std::uint64_t word = eight_bytes(text.data());
  const auto point = static_cast<std::size_t>(std::countr_zero(tops_of(word, '.'))) / 8;  // 8: none is near
  const std::size_t whole_digits = std::min(point, text.size());
  const std::size_t part_digits = text.size() - whole_digits - (point < text.size() ? 1 : 0);
  const auto wanted = static_cast<std::size_t>(decimals);
  const bool plain = whole_digits > 0 && (whole_digits == 1 || text[0] != '0') && text.back() != '.';
  const bool near = point < 8 || text.size() <= 8;
  if (!plain || !near || part_digits > std::min<std::size_t>(8, wanted)) {
    return -1;
  }
  const std::int64_t whole = number_of(word, whole_digits);
  const char* const behind = text.data() + text.size() - part_digits;
  const std::int64_t part = part_digits > 0 ? number_of(eight_bytes(behind), part_digits) : 0;
  const bool digits = whole >= 0 && part >= 0;
  return digits ? whole * kPowersOfTen.at(wanted) + part * kPowersOfTen.at(wanted - part_digits) : -1;
}

std::optional<std::int64_t> parse_iso_time(std::string_view text, std::string& why) {
  static constexpr std::string_view kExpected =
      "expected a date and time such as '2023-11-16 18:15:46.6805900'";
  if (!has_iso_shape(text)) {
    why = kExpected;
    return std::nullopt;
  }
  const int year = fixed_digits(text, 4);
  const int month = fixed_digits(text.substr(5), 2);
  const int day = fixed_digits(text.substr(8), 2);
  const int hour = fixed_digits(text.substr(11), 2);
  const int minute = fixed_digits(text.substr(14), 2);
  const int second = fixed_digits(text.substr(17), 2);
  std::string_view rest = text.substr(19);
  const std::optional<std::int64_t> nano = take_fraction(rest);
  const std::optional<std::int64_t> ahead = offset_seconds(rest);
  if (std::min({year, month, day, hour, minute, second}) < 0 || !nano || !ahead) {
    why = kExpected;
    return std::nullopt;
  }
  if (year < 1970 || year > 2261) {
    why = fmt::format("the year {} is outside 1970 to 2261", year);
    return std::nullopt;
  }
  if (month < 1 || month > 12 || day < 1 || day > days_in(year, month)) {
    why = fmt::format("the date {:04}-{:02}-{:02} does not exist", year, month, day);
    return std::nullopt;
  }
  if (hour > 23 || minute > 59 || second > 59) {
    why = fmt::format("the time {:02}:{:02}:{:02} does not exist", hour, minute, second);
    return std::nullopt;
  }
  const std::int64_t seconds = days_since_1970(year, month, day) * 86400 + std::int64_t{hour} * 3600 +
                               std::int64_t{minute} * 60 + second;
  return (seconds - *ahead) * kNanoPerSecond + *nano;
}

}  // namespace mtok::workload
