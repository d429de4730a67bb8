// Rounds a sum and its parts together, with as many decimals as the sum needs.
#include "app/report/displayed_money.hpp"

#include <algorithm>
#include <numeric>

#include "app/report/money_text.hpp"

namespace mtok::report {
namespace {

int decimals_for(Money sum) {
  constexpr int kCents = 2;
  constexpr int kSignificant = 4;
  constexpr int kMostDecimals = 12;
  if (sum == Money{} || sum >= Money::from_usd(Usd(1))) {
    return kCents;
  }
  int digits = 0;
  for (Int128 rest = sum.pico_usd(); rest > 0; rest /= 10) {
    ++digits;
  }
  return std::min(kMostDecimals, kMostDecimals - digits + kSignificant);
}

}  // namespace

DisplayedMoney displayed(std::span<const Money> parts) {
  const Money sum = std::accumulate(parts.begin(), parts.end(), Money{});
  const int decimals = decimals_for(sum);
  DisplayedMoney text{.total = "$" + grouped_money(sum, decimals)};
  for (const Money part : rounded_parts(parts, decimals)) {
    text.parts.push_back("$" + grouped_money(part, decimals));
  }
  return text;
}

}  // namespace mtok::report
