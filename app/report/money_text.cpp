// Rounds amounts as integers and puts the code of their currency in front.
#include "app/report/money_text.hpp"

#include <algorithm>
#include <array>
#include <numeric>

namespace mtok::report {
namespace {

constexpr int kMostDecimals = 12;

/// Units of 1e-12 in one unit of the last decimal that is shown.
Int128 unit_of(int decimals) {
  Int128 unit = 1;
  for (int i = decimals; i < kMostDecimals; ++i) {
    unit *= 10;
  }
  return unit;
}

/// The quotient rounded towards minus infinity.
Int128 floor_div(Int128 a, Int128 b) {
  const Int128 quotient = a / b;
  return quotient * b > a ? quotient - 1 : quotient;
}

/// a / b, halves to even. Requires b > 0.
Int128 nearest_div(Int128 a, Int128 b) {
  const Int128 low = floor_div(a, b);
  const Int128 twice = (a - low * b) * 2;
  const bool up = twice > b || (twice == b && low % 2 != 0);
  return up ? low + 1 : low;
}

std::string digits_of(Int128 value) {
  std::string text;
  do {
    text.insert(text.begin(), static_cast<char>('0' + static_cast<int>(value % 10)));
    value /= 10;
  } while (value > 0);
  return text;
}

}  // namespace

int minor_digits(std::string_view currency) {
  constexpr std::array<std::string_view, 9> kNone{"CLP", "ISK", "JPY", "KRW", "PYG",
                                                  "UGX", "VND", "XAF", "XOF"};
  constexpr std::array<std::string_view, 6> kThree{"BHD", "IQD", "JOD", "KWD", "OMR", "TND"};
  if (std::find(kNone.begin(), kNone.end(), currency) != kNone.end()) {
    return 0;
  }
  return std::find(kThree.begin(), kThree.end(), currency) != kThree.end() ? 3 : 2;
}

int shown_decimals(Money total, std::string_view currency) {
  constexpr int kDigits = 5;
  const Int128 size = total.pico_usd() < 0 ? -total.pico_usd() : total.pico_usd();
  const int whole = static_cast<int>(digits_of(size).size()) - kMostDecimals;  // 1 for 1.00 to 9.99
  const int fewest = minor_digits(currency);
  return size == 0 ? fewest : std::clamp(kDigits - whole, fewest, kMostDecimals);
}

std::string rounded(Money amount, int decimals) {
  const Int128 units = nearest_div(amount.pico_usd(), unit_of(decimals));
  std::string text = digits_of(units < 0 ? -units : units);
  const auto places = static_cast<std::size_t>(decimals);
  if (text.size() <= places) {
    text.insert(0, places + 1 - text.size(), '0');
  }
  if (decimals > 0) {
    text.insert(text.size() - places, ".");
  }
  return (units < 0 ? "-" : "") + text;
}

std::vector<Money> rounded_parts(std::span<const Money> parts, int decimals) {
  const Int128 unit = unit_of(decimals);
  Money sum;
  Int128 cut = 0;
  std::vector<Money> shown;
  for (const Money part : parts) {
    sum += part;
    const Int128 units = floor_div(part.pico_usd(), unit);
    cut += units;
    shown.push_back(Money::from_pico_usd(units * unit));
  }
  std::vector<std::size_t> order(parts.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return parts[a] - shown[a] > parts[b] - shown[b]; });
  Int128 left = nearest_div(sum.pico_usd(), unit) - cut;
  for (std::size_t i = 0; i < order.size() && left > 0; ++i, --left) {
    shown[order[i]] += Money::from_pico_usd(unit);
  }
  return shown;
}

std::string grouped_money(Money amount, int decimals) {
  std::string text = rounded(amount, decimals);
  const std::size_t first = text.starts_with('-') ? 1 : 0;
  for (std::size_t at = std::min(text.find('.'), text.size()); at > first + 3;) {
    at -= 3;
    text.insert(at, ",");
  }
  return text;
}

std::string money(Money amount, std::string_view currency, int decimals) {
  return std::string(currency) + " " + grouped_money(amount, decimals);
}

std::string money(Money amount, std::string_view currency) {
  return money(amount, currency, shown_decimals(amount, currency));
}

}  // namespace mtok::report
