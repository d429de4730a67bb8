// One value of a file as a number, a text or a flag; the messages when it is none.
#include "sim/config/conversion.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "sim/config/advice.hpp"
#include "sim/config/source.hpp"
#include "sim/units/text.hpp"

namespace mtok::config {
namespace {

/// "a list", "the text '4096'", "'abc'": what stands in the file.
std::string described(const Value& value) {
  switch (value.kind) {
    case Value::Kind::list:
      return "a list";
    case Value::Kind::mapping:
      return "a mapping";
    case Value::Kind::null:
      return "null";
    case Value::Kind::quoted:
      return fmt::format("the text '{}'", shown(value.text));
    case Value::Kind::plain:
    case Value::Kind::special:
      break;
  }
  return fmt::format("'{}'", shown(value.text));
}

/// "greater than 0", "from 0 to 1", "of at least 5".
std::string bounds_of(Range range) {
  const bool open_above = range.most == Range{}.most;
  const bool open_below = range.least == Range{}.least;
  const bool positive = range.least == kPositive.least;
  if (open_above) {
    return positive ? "greater than 0" : "of at least " + units::shortest(range.least);
  }
  const std::string most = units::shortest(range.most);
  if (positive) {
    return fmt::format("greater than 0 and at most {}", most);
  }
  return open_below ? "of at most " + most : fmt::format("from {} to {}", units::shortest(range.least), most);
}

/// The default upper bound is only worth a word to a number that exceeds it.
std::string bounds_of(IntRange range, std::int64_t number) {
  return range.most == IntRange{}.most && number <= range.most
             ? fmt::format("of at least {}", range.least)
             : fmt::format("from {} to {}", range.least, range.most);
}

/// The hint for a number that is none; a number in quotes is told apart from a text.
std::string number_hint(const Value& value, bool integer) {
  if (value.kind == Value::Kind::quoted) {
    return units::parse_number(value.text) ? "write the number without quotes" : std::string{};
  }
  return is_scalar(value) ? advice_on_number(value.text, integer) : std::string{};
}

std::string flag_hint(const Value& value) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 8> kMeant{{{"yes", "true"},
                                                                                        {"on", "true"},
                                                                                        {"1", "true"},
                                                                                        {"true", "true"},
                                                                                        {"no", "false"},
                                                                                        {"off", "false"},
                                                                                        {"0", "false"},
                                                                                        {"false", "false"}}};
  std::string word = value.text;
  std::transform(word.begin(), word.end(), word.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  for (const auto& [said, meant] : kMeant) {
    if (word == said) {
      return fmt::format("write {}{}", meant, value.kind == Value::Kind::quoted ? " without quotes" : "");
    }
  }
  return {};
}

}  // namespace

void Site::note(const std::string& message, std::string hint) const {
  notes.add(value.at, width_of(value), fmt::format("{}: {}", path, message), std::move(hint));
}

void Site::note_expected(std::string_view expected, std::string hint) const {
  note(fmt::format("expected {}, got {}", expected, described(value)), std::move(hint));
}

bool is_scalar(const Value& value) {
  return value.kind == Value::Kind::plain || value.kind == Value::Kind::quoted ||
         value.kind == Value::Kind::special;
}

int width_of(const Value& value) {
  const int quotes = value.kind == Value::Kind::quoted ? 2 : 0;
  return is_scalar(value) ? std::max(static_cast<int>(value.text.size()) + quotes, 1) : 1;
}

std::optional<double> number_of(const Site& site, Range range) {
  const Value& value = site.value;
  const std::optional<double> number =
      value.kind == Value::Kind::plain ? units::parse_number(value.text) : std::nullopt;
  if (!number) {
    site.note_expected("a number", number_hint(value, false));
    return std::nullopt;
  }
  return check_range(site, *number, range, value.text) ? number : std::nullopt;
}

std::optional<std::int64_t> integer_of(const Site& site, IntRange range) {
  const Value& value = site.value;
  const std::optional<std::int64_t> number =
      value.kind == Value::Kind::plain ? units::parse_integer(value.text) : std::nullopt;
  if (!number) {
    site.note_expected("a whole number", number_hint(value, true));
    return std::nullopt;
  }
  if (*number < range.least || *number > range.most) {
    site.note_expected("a whole number " + bounds_of(range, *number));
    return std::nullopt;
  }
  return number;
}

std::optional<bool> flag_of(const Site& site) {
  const Value& value = site.value;
  if (value.kind == Value::Kind::plain && (value.text == "true" || value.text == "false")) {
    return value.text == "true";
  }
  site.note_expected("true or false", flag_hint(value));
  return std::nullopt;
}

std::optional<std::string> text_of(const Site& site) {
  const Value& value = site.value;
  if (value.kind != Value::Kind::quoted && (value.kind != Value::Kind::plain || site.json)) {
    site.note_expected("a text", site.json && is_scalar(value) ? "put it in double quotes" : "");
    return std::nullopt;
  }
  if (!is_clean(value.text, true)) {
    site.note_expected("a text without control characters");
    return std::nullopt;
  }
  return value.text;
}

std::optional<std::string> scalar_of(const Site& site) {
  if (site.value.kind != Value::Kind::plain && site.value.kind != Value::Kind::quoted) {
    site.note_expected("a single value");
    return std::nullopt;
  }
  return site.value.text;
}

bool check_range(const Site& site, double value, Range range, std::string_view shown_value) {
  if (value >= range.least && value <= range.most) {
    return true;
  }
  // A bound other than 0 of a value with a unit is a number of the base unit, which the message has to say.
  const bool has_unit = shown_value.find(' ') != std::string_view::npos;
  const bool bare_bound = range.most != Range{}.most || (range.least != 0 && range.least != kPositive.least);
  site.note(fmt::format("expected a value {}{}, got '{}'", bounds_of(range),
                        has_unit && bare_bound ? " in base units (s, B, FLOP, W, USD)" : "",
                        shown(shown_value)));
  return false;
}

}  // namespace mtok::config
