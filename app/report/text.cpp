// Rounds, groups, escapes.
#include "app/report/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "sim/units/text.hpp"
#include "sim/workload/formula_guard.hpp"

namespace mtok::report {
namespace {

constexpr double kTokensPerMtok = 1e6;

/// Puts a comma before every third digit of the whole part.
std::string with_commas(std::string text) {
  const std::size_t first = text.starts_with('-') ? 1 : 0;
  std::size_t at = std::min(text.find('.'), text.size());
  while (at > first + 3) {
    at -= 3;
    text.insert(at, ",");
  }
  return text;
}

/// Decimals after which `digits` significant digits are shown; none for numbers that are longer anyway.
int decimals_for(double value, int digits) {
  constexpr int kMost = 12;
  if (value == 0) {
    return 0;
  }
  const double magnitude = std::floor(std::log10(std::abs(value)));
  return static_cast<int>(std::clamp(static_cast<double>(digits - 1) - magnitude, 0.0, double{kMost}));
}

/// "-$1.5" rather than "$-1.5".
std::string with_dollar(const std::string& number) {
  return number.starts_with('-') ? "-$" + number.substr(1) : "$" + number;
}

/// Three decimals, up to five below ten cents: "$1.234", "$0.0123", "$0.00001".
std::string rate_text(UsdPerToken rate) {
  constexpr int kFewest = 3;
  constexpr int kMost = 5;
  const double usd = rate.base() * kTokensPerMtok;
  return with_dollar(grouped(usd, std::clamp(decimals_for(usd, 3), kFewest, kMost)));
}

bool could_run(std::string_view text) {
  const bool dash = text == kNone;  // stands for "no number" and is no formula
  return !dash && (text.starts_with('\n') || workload::guarded(text) != text);
}

/// Text that a spreadsheet shows rather than runs. Numbers are no formulas.
std::string harmless(std::string_view text) {
  const bool number = units::parse_number(text).has_value();
  return (!number && could_run(text) ? "'" : "") + std::string(text);
}

}  // namespace

std::string grouped(std::int64_t value) {
  return with_commas(fmt::format("{}", value));
}

std::string grouped(double value, int decimals) {
  std::string text = with_commas(units::fixed(value, decimals));
  const bool zero = text.find_first_of("123456789") == std::string::npos;
  return zero && text.starts_with('-') ? text.substr(1) : text;
}

std::string significant(double value, int digits) {
  return grouped(value, decimals_for(value, digits));
}

std::string dollars(Usd amount) {
  const double usd = amount.base();
  const bool small = std::abs(usd) < 1 && usd != 0;
  return with_dollar(grouped(usd, small ? decimals_for(usd, 4) : 2));
}

std::string dollars(Money amount) {
  return dollars(amount.usd());
}

std::string dollars_per_mtok(std::optional<UsdPerToken> rate) {
  return rate ? rate_text(*rate) : std::string(kNone);
}

std::string signed_dollars_per_mtok(std::optional<UsdPerToken> rate) {
  if (!rate) {
    return std::string(kNone);
  }
  return (rate->base() > 0 ? "+" : "") + rate_text(*rate);
}

std::string milliseconds(std::optional<Seconds> duration) {
  return duration ? significant(duration->base() * 1e3) : std::string(kNone);
}

std::string percent(std::optional<double> share) {
  return share ? grouped(*share * 100, 1) + " %" : std::string(kNone);
}

std::string parameters(std::int64_t count) {
  struct Step {
    double scale;
    const char* word;
  };
  constexpr std::array<Step, 3> kSteps{{{1e12, " T"}, {1e9, " B"}, {1e6, " M"}}};
  const auto number = static_cast<double>(count);
  for (const Step& step : kSteps) {
    if (number >= step.scale) {
      return significant(number / step.scale) + step.word;
    }
  }
  return grouped(count);
}

std::string decimal_usd_per_mtok(UsdPerToken rate) {
  return decimal_usd(rate * Tokens(kTokensPerMtok));
}

std::string decimal_usd(Usd amount) {
  constexpr int kExactDigits = 15;  // so many decimal digits a double always keeps
  return Money::from_decimal(units::fixed(amount.base(), decimals_for(amount.base(), kExactDigits)))
      .to_decimal();
}

std::string printable(std::string_view text) {
  std::string clean(text);
  for (char& c : clean) {
    const auto byte = static_cast<unsigned char>(c);
    c = byte < 0x20 || byte == 0x7f ? ' ' : c;
  }
  return clean;
}

std::size_t width_of(std::string_view text) {
  const auto starts_character = [](char c) { return (static_cast<unsigned char>(c) & 0xc0U) != 0x80U; };
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), starts_character));
}

std::string csv_cell(std::string_view text) {
  const std::string cell = harmless(text);
  if (cell.find_first_of(",\"\r\n") == std::string::npos) {
    return cell;
  }
  std::string quoted = "\"";
  for (const char c : cell) {
    quoted += c == '"' ? "\"\"" : std::string(1, c);
  }
  return quoted + '"';
}

std::string markdown_text(std::string_view text) {
  std::string escaped;
  for (const char c : printable(text)) {
    escaped += c == '|' ? "\\|" : c == '<' ? "&lt;" : std::string(1, c);
  }
  return escaped;
}

std::string markdown_cell(std::string_view text) {
  return markdown_text(harmless(text));
}

}  // namespace mtok::report
