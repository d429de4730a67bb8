// Reads dates as price lists write them: days, months, half-years, years, and spans of these.
#include "sim/cost/price_date.hpp"

#include <cctype>
#include <cstddef>

namespace mtok::cost {
namespace {

namespace chrono = std::chrono;

constexpr std::size_t kYearDigits = 4;

/// `count` digits at the start of a text; nullopt when there are fewer.
std::optional<int> digits(std::string_view text, std::size_t count) {
  if (text.size() < count) {
    return std::nullopt;
  }
  int value = 0;
  for (const char c : text.substr(0, count)) {
    if (std::isdigit(static_cast<unsigned char>(c)) == 0) {
      return std::nullopt;
    }
    value = value * 10 + (c - '0');
  }
  return value;
}

Date last_of(chrono::year_month month) {
  return chrono::sys_days(month / chrono::last);
}

/// The last day of the date that starts here: "2026", "2026-H1", "2026-05", "2026-05-20".
std::optional<Date> date_at(std::string_view text) {
  const std::optional<int> number = digits(text, kYearDigits);
  if (!number || *number < 1970 || *number > 2261) {
    return std::nullopt;
  }
  const chrono::year year(*number);
  const std::string_view behind = text.substr(kYearDigits);
  if (behind.starts_with("-H1")) {
    return last_of(year / chrono::June);
  }
  const std::optional<int> month = behind.starts_with("-") ? digits(behind.substr(1), 2) : std::nullopt;
  if (!month || *month < 1 || *month > 12) {
    return last_of(year / chrono::December);
  }
  const chrono::year_month in = year / *month;
  const std::string_view rest = behind.substr(3);
  const std::optional<int> day = rest.starts_with("-") ? digits(rest.substr(1), 2) : std::nullopt;
  const chrono::year_month_day whole = in / day.value_or(0);
  return whole.ok() ? chrono::sys_days(whole) : last_of(in);
}

}  // namespace

std::optional<Date> parse_date(std::string_view text) {
  constexpr std::size_t kLength = 10;
  const std::optional<int> year = digits(text, kYearDigits);
  if (text.size() != kLength || !year || text[4] != '-' || text[7] != '-') {
    return std::nullopt;
  }
  const std::optional<int> month = digits(text.substr(5), 2);
  const std::optional<int> day = digits(text.substr(8), 2);
  if (!month || !day) {
    return std::nullopt;
  }
  const chrono::year_month_day whole = chrono::year(*year) / *month / *day;
  return whole.ok() ? std::optional(Date(whole)) : std::nullopt;
}

std::optional<Date> latest_day(std::string_view as_of) {
  std::optional<Date> last;
  for (std::size_t i = 0; i < as_of.size(); ++i) {
    const bool in_number = i > 0 && std::isalnum(static_cast<unsigned char>(as_of[i - 1])) != 0;
    if (const std::optional<Date> found = in_number ? std::nullopt : date_at(as_of.substr(i))) {
      last = found;
      i += kYearDigits - 1;
    }
  }
  return last;
}

}  // namespace mtok::cost
