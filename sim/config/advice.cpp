// What to tell someone whose value cannot be read: each rule names one common slip and its repair.
#include "sim/config/advice.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "sim/config/diagnostic.hpp"
#include "sim/units/text.hpp"

namespace mtok::config {
namespace {

constexpr double kLargestExact = 9007199254740992.0;  // 2^53

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

std::string without(std::string_view text, char unwanted) {
  std::string out(text);
  out.erase(std::remove(out.begin(), out.end(), unwanted), out.end());
  return out;
}

/// "2,10" -> "2.10"; also with a unit behind it: "3,35 TB/s". "1,000,000" is no decimal comma.
std::optional<std::string> with_point(std::string_view text) {
  const std::size_t comma = text.find(',');
  if (comma == std::string_view::npos || text.find(',', comma + 1) != std::string_view::npos) {
    return std::nullopt;
  }
  std::string out(text);
  out[comma] = '.';
  const std::string_view number = std::string_view(out).substr(0, out.find(' '));
  return units::parse_number(number) ? std::optional(out) : std::nullopt;
}

/// "0700" -> "700", "-007" -> "-7".
std::optional<std::string> without_leading_zeros(std::string_view text) {
  const bool negative = text.starts_with('-');
  std::string_view digits = negative ? text.substr(1) : text;
  if (digits.size() < 2 || digits[0] != '0' || !is_digit(digits[1])) {
    return std::nullopt;
  }
  while (digits.size() > 1 && digits[0] == '0' && is_digit(digits[1])) {
    digits.remove_prefix(1);
  }
  std::string out = (negative ? "-" : "") + std::string(digits);
  return units::parse_number(out) ? std::optional(out) : std::nullopt;
}

bool is_not_finite(std::string_view text) {
  std::string word = without(without(without(text, '.'), '-'), '+');
  std::transform(word.begin(), word.end(), word.begin(), [](unsigned char c) { return std::tolower(c); });
  return word == "nan" || word == "inf" || word == "infinity";
}

std::string advice_on_whole_number(std::string_view text) {
  const std::optional<double> value = units::parse_number(text);
  if (!value) {
    return {};
  }
  if (std::floor(*value) != *value) {
    return "a fraction has no meaning here";
  }
  return std::abs(*value) <= kLargestExact ? fmt::format("write it as {}", static_cast<std::int64_t>(*value))
                                           : "the number is too large";
}

/// "141 GB", "141GB", "8k": a number and then letters.
std::optional<std::string> without_unit(std::string_view text) {
  std::size_t end = text.size();
  while (end > 0 && !units::parse_number(text.substr(0, end))) {
    --end;
  }
  const std::string_view unit = text.substr(std::min(text.find_first_not_of(' ', end), text.size()));
  const bool letters =
      !unit.empty() && ((unit[0] >= 'a' && unit[0] <= 'z') || (unit[0] >= 'A' && unit[0] <= 'Z') ||
                        unit[0] == '%' || unit[0] == '$');
  return end > 0 && letters ? std::optional(std::string(text.substr(0, end))) : std::nullopt;
}

}  // namespace

std::string advice_on_number(std::string_view text, bool integer) {
  if (integer && units::parse_number(text)) {
    return advice_on_whole_number(text);
  }
  if (is_not_finite(text)) {
    return "only finite numbers have a meaning here";
  }
  if (const auto point = with_point(text)) {
    return fmt::format("use a decimal point: {}", shown(*point));
  }
  if (const auto plain = without_leading_zeros(text)) {
    return fmt::format("write {}, without leading zeros", shown(*plain));
  }
  if (text.starts_with('+') && units::parse_number(text.substr(1))) {
    return fmt::format("write {}, without '+'", shown(text.substr(1)));
  }
  for (const char separator : {',', '_', ' ', '\''}) {
    const std::string joined = without(text, separator);
    if (joined != text && units::parse_number(joined)) {
      return fmt::format("write {}, without separators", shown(joined));
    }
  }
  if (units::parse_number("0" + std::string(text)) || units::parse_number(std::string(text) + "0")) {
    return "write a digit before and after the decimal point";
  }
  if (text.starts_with("0x") || text.starts_with("0X") || text.starts_with("0o") || text.starts_with("0b")) {
    return "write the number in decimal";
  }
  if (const auto number = without_unit(text)) {
    return fmt::format("this field takes a plain number without a unit, such as {}", shown(*number));
  }
  const bool only_number_signs =
      !text.empty() && text.find_first_not_of("0123456789+-.eE") == std::string_view::npos;
  return only_number_signs && is_digit(text.back()) ? "the number is too large or too small" : std::string{};
}

std::string advice_on_bare_key(std::string_view text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos || colon == 0 || colon + 1 == text.size()) {
    return "give it a value, or leave the key out";
  }
  return fmt::format("write '{}: {}', with a space after the colon", shown(text.substr(0, colon)),
                     shown(text.substr(colon + 1)));
}

}  // namespace mtok::config
