// Text with units: one table of units per quantity, read by the parser, the printer and the messages.
#include "sim/units/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <span>

namespace mtok::units {
namespace {

struct Unit {
  std::string_view name{};
  double scale = 1;
};

/// Per quantity: its units from small to large (the printer uses the first kPrinted), and an example.
template <class Q>
struct Table;

template <>
struct Table<Seconds> {
  static constexpr std::array<Unit, 7> kUnits{
      {{"ns", 1e-9}, {"us", 1e-6}, {"ms", 1e-3}, {"s", 1}, {"min", 60}, {"h", 3600}, {"d", 86400}}};
  static constexpr std::size_t kPrinted = 4;
  static constexpr std::string_view kExample = "4.5 us";
};
template <>
struct Table<Bytes> {
  static constexpr std::array<Unit, 9> kUnits{{{"B", 1},
                                               {"kB", 1e3},
                                               {"MB", 1e6},
                                               {"GB", 1e9},
                                               {"TB", 1e12},
                                               {"KiB", 1024.0},
                                               {"MiB", 1048576.0},
                                               {"GiB", 1073741824.0},
                                               {"TiB", 1099511627776.0}}};
  static constexpr std::size_t kPrinted = 5;
  static constexpr std::string_view kExample = "80 GB";
};
template <>
struct Table<Flops> {
  static constexpr std::array<Unit, 5> kUnits{
      {{"FLOP", 1}, {"MFLOP", 1e6}, {"GFLOP", 1e9}, {"TFLOP", 1e12}, {"PFLOP", 1e15}}};
  static constexpr std::size_t kPrinted = 5;
  static constexpr std::string_view kExample = "1.2 TFLOP";
};
template <>
struct Table<BytesPerSecond> {
  static constexpr std::array<Unit, 7> kUnits{{{"B/s", 1},
                                               {"kB/s", 1e3},
                                               {"MB/s", 1e6},
                                               {"GB/s", 1e9},
                                               {"TB/s", 1e12},
                                               {"MiB/s", 1048576.0},
                                               {"GiB/s", 1073741824.0}}};
  static constexpr std::size_t kPrinted = 5;
  static constexpr std::string_view kExample = "3.35 TB/s";
};
template <>
struct Table<FlopsPerSecond> {
  static constexpr std::array<Unit, 7> kUnits{{{"FLOP/s", 1},
                                               {"GFLOP/s", 1e9},
                                               {"TFLOP/s", 1e12},
                                               {"PFLOP/s", 1e15},
                                               {"GOP/s", 1e9},
                                               {"TOP/s", 1e12},
                                               {"POP/s", 1e15}}};
  static constexpr std::size_t kPrinted = 4;
  static constexpr std::string_view kExample = "989 TFLOP/s";
};
template <>
struct Table<Watts> {
  static constexpr std::array<Unit, 3> kUnits{{{"W", 1}, {"kW", 1e3}, {"MW", 1e6}}};
  static constexpr std::size_t kPrinted = 3;
  static constexpr std::string_view kExample = "700 W";
};
template <>
struct Table<UsdPerSecond> {
  static constexpr std::array<Unit, 3> kUnits{
      {{"USD/h", 1.0 / 3600}, {"USD/month", 1.0 / 2628000}, {"USD/s", 1}}};
  static constexpr std::size_t kPrinted = 1;
  static constexpr std::string_view kExample = "2.50 USD/h";
};

/// -?(0|[1-9]digits)(.digits)?((e|E)[+-]?digits)?: the numbers of JSON
bool is_plain_number(std::string_view text, bool integer) {
  std::size_t i = text.starts_with('-') ? 1 : 0;
  const auto digits = [&] {
    const std::size_t start = i;
    while (i < text.size() && text[i] >= '0' && text[i] <= '9') {
      ++i;
    }
    return i - start;
  };
  const std::size_t start = i;
  const std::size_t whole = digits();
  if (whole == 0 || (whole > 1 && text[start] == '0')) {
    return false;
  }
  if (!integer && i < text.size() && text[i] == '.') {
    ++i;
    if (digits() == 0) {
      return false;
    }
  }
  if (!integer && i < text.size() && (text[i] == 'e' || text[i] == 'E')) {
    ++i;
    if (i < text.size() && (text[i] == '-' || text[i] == '+')) {
      ++i;
    }
    if (digits() == 0) {
      return false;
    }
  }
  return i == text.size();
}

/// The double nearest to the decimal number of `digits` significant digits that is nearest to `value`.
double round_to_digits(double value, int digits) {
  const std::string text = fmt::format("{:.{}e}", value, digits - 1);
  double rounded = value;
  std::from_chars(text.data(), text.data() + text.size(), rounded);
  return rounded;
}

/// The decimals, at most 9, that show a number with `digits` significant digits once it is rounded to them.
int decimals_for(double number, int digits) {
  const double rounded = std::abs(round_to_digits(number, digits));
  if (rounded == 0 || !std::isfinite(rounded)) {
    return 0;
  }
  return std::clamp(digits - 1 - static_cast<int>(std::floor(std::log10(rounded))), 0, 9);
}

}  // namespace

std::optional<double> parse_number(std::string_view text) {
  if (!is_plain_number(text, false)) {
    return std::nullopt;
  }
  double value = 0;
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (status != std::errc{} || end != text.data() + text.size() || !std::isfinite(value)) {
    return std::nullopt;
  }
  return value;
}

std::optional<std::int64_t> parse_integer(std::string_view text) {
  if (!is_plain_number(text, true)) {
    return std::nullopt;
  }
  std::int64_t value = 0;
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (status != std::errc{} || end != text.data() + text.size()) {
    return std::nullopt;
  }
  return value;
}

template <class Q>
std::optional<Q> parse_quantity(std::string_view text) {
  const std::size_t space = text.find(' ');
  if (space == std::string_view::npos) {
    return std::nullopt;
  }
  const std::optional<double> number = parse_number(text.substr(0, space));
  const std::string_view name = text.substr(space + 1);
  for (const Unit& unit : Table<Q>::kUnits) {
    if (number && unit.name == name && std::isfinite(*number * unit.scale)) {
      return Q(*number * unit.scale);
    }
  }
  return std::nullopt;
}

template <class Q>
std::string units_of() {
  std::string list;
  for (const Unit& unit : Table<Q>::kUnits) {
    list += (list.empty() ? "" : ", ") + std::string(unit.name);
  }
  return list;
}

template <class Q>
std::string_view example_of() {
  return Table<Q>::kExample;
}

template <class Q>
std::string to_text(Q value, int digits) {
  const auto printed = std::span(Table<Q>::kUnits).first(Table<Q>::kPrinted);
  const Unit* best = &printed.front();
  for (const Unit& unit : printed) {
    if (std::abs(round_to_digits(value.base() / unit.scale, digits)) >= 1) {
      best = &unit;
    }
  }
  const double number = value.base() / best->scale;
  return fixed(number, decimals_for(number, digits)) + " " + std::string(best->name);
}

std::string shortest(double value) {
  if (value == 0) {
    return "0";
  }
  const double magnitude = std::abs(value);
  std::array<char, 400> buffer{};
  const bool plain = magnitude >= 1e-6 && magnitude < 1e17;
  const auto format = plain ? std::chars_format::fixed : std::chars_format::scientific;
  const auto [end, status] = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, format);
  std::string text(buffer.data(), end);
  if (const std::size_t plus = text.find("e+"); plus != std::string::npos) {
    text.erase(plus + 1, 1);
  }
  return text;
}

std::string fixed(double value, int decimals) {
  return fmt::format("{:.{}f}", value, decimals);
}

#define MTOK_TEXT_OF(Q)                                          \
  template std::optional<Q> parse_quantity<Q>(std::string_view); \
  template std::string units_of<Q>();                            \
  template std::string_view example_of<Q>();                     \
  template std::string to_text<Q>(Q, int)
MTOK_TEXT_OF(Seconds);
MTOK_TEXT_OF(Bytes);
MTOK_TEXT_OF(Flops);
MTOK_TEXT_OF(BytesPerSecond);
MTOK_TEXT_OF(FlopsPerSecond);
MTOK_TEXT_OF(Watts);
MTOK_TEXT_OF(UsdPerSecond);
#undef MTOK_TEXT_OF

}  // namespace mtok::units
