// Rounds a sum and its parts together, in integers.
#include "app/report/displayed_money.hpp"

#include <algorithm>
#include <cassert>
#include <numeric>

namespace mtok::report {
namespace {

constexpr int kMostDecimals = 12;

/// 10^n units of 1e-12 USD are one unit of the last decimal.
Int128 unit_of(int decimals) {
  Int128 unit = 1;
  for (int i = decimals; i < kMostDecimals; ++i) {
    unit *= 10;
  }
  return unit;
}

int decimals_for(Money sum) {
  constexpr int kCents = 2;
  constexpr int kSignificant = 4;
  if (sum == Money{} || sum >= Money::from_usd(Usd(1))) {
    return kCents;
  }
  int decimals = kMostDecimals;
  Int128 least = 1;  // the smallest sum with so many decimals that has four digits
  for (int i = 1; i < kSignificant; ++i) {
    least *= 10;
  }
  while (sum.pico_usd() >= least * 10) {
    least *= 10;
    --decimals;
  }
  return decimals;
}

Int128 half_to_even(Int128 amount, Int128 unit) {
  const Int128 whole = amount / unit;
  const Int128 twice = amount % unit * 2;
  const bool up = twice > unit || (twice == unit && whole % 2 == 1);
  return whole + (up ? 1 : 0);
}

/// "$1,234.50" of 123450 units with two decimals.
std::string text_of(Int128 units, int decimals) {
  std::string digits;
  for (int i = 0; i <= decimals || units > 0; ++i) {
    if (i == decimals && decimals > 0) {
      digits.push_back('.');
    }
    const int place = i - decimals;
    if (place > 0 && place % 3 == 0) {
      digits.push_back(',');
    }
    digits.push_back(static_cast<char>('0' + static_cast<int>(units % 10)));
    units /= 10;
  }
  digits.push_back('$');
  std::reverse(digits.begin(), digits.end());
  return digits;
}

}  // namespace

DisplayedMoney displayed(std::span<const Money> parts) {
  const Money sum = std::accumulate(parts.begin(), parts.end(), Money{});
  const int decimals = decimals_for(sum);
  const Int128 unit = unit_of(decimals);
  std::vector<Int128> shown;
  std::vector<std::size_t> order(parts.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  Int128 missing = half_to_even(sum.pico_usd(), unit);
  DisplayedMoney text{.total = text_of(missing, decimals)};
  for (const Money part : parts) {
    assert(part >= Money{});
    shown.push_back(part.pico_usd() / unit);
    missing -= shown.back();
  }
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return parts[a].pico_usd() % unit > parts[b].pico_usd() % unit;
  });
  for (std::size_t i = 0; i < order.size() && missing > 0; ++i, --missing) {
    shown[order[i]] += 1;
  }
  for (const Int128 units : shown) {
    text.parts.push_back(text_of(units, decimals));
  }
  return text;
}

}  // namespace mtok::report
