// Money: conversion from and to decimal text, and the split by largest remainder.
#include "sim/units/money.hpp"

#include <fmt/compile.h>
#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <cmath>
#include <numeric>
#include <stdexcept>

namespace mtok::units {
namespace {

__extension__ typedef unsigned __int128 Uint128;  // NOLINT(modernize-use-using): __extension__ needs typedef

constexpr Int128 kPicoPerUsd = 1'000'000'000'000;
constexpr std::size_t kDecimals = 12;

/// a * b / d and what is left of it, for 0 <= a < 2^127 and b <= d < 2^64.
struct Share {
  Int128 quotient = 0;
  std::uint64_t remainder = 0;
};

Share share_of(Int128 a, std::uint64_t b, std::uint64_t d) {
  // a = whole * d + rest, so a * b / d = whole * b + rest * b / d, and rest * b < 2^128.
  const Int128 whole = a / static_cast<Int128>(d);
  const Uint128 rest = static_cast<Uint128>(a % static_cast<Int128>(d)) * b;
  return {.quotient = whole * static_cast<Int128>(b) + static_cast<Int128>(rest / d),
          .remainder = static_cast<std::uint64_t>(rest % d)};
}

}  // namespace

Money Money::from_usd(Usd usd) {
  assert(std::isfinite(usd.base()) && std::abs(usd.base()) < 1e20);
  const double whole = std::floor(usd.base());
  const double fraction = usd.base() - whole;
  return from_pico_usd(static_cast<Int128>(whole) * kPicoPerUsd +
                       static_cast<Int128>(std::llround(fraction * 1e12)));
}

Money Money::from_decimal(std::string_view text) {
  const auto refuse = [&] {
    throw std::invalid_argument("not an amount of money: '" + std::string(text) + "'");
  };
  const bool negative = text.starts_with('-');
  const std::string_view digits = negative ? text.substr(1) : text;
  const std::size_t point = std::min(digits.find('.'), digits.size());
  const std::string_view whole = digits.substr(0, point);
  const std::string_view fraction = point == digits.size() ? "0" : digits.substr(point + 1);
  constexpr std::size_t kMostDigits = 26;  // 1e26 USD are 1e38 units, which fit
  if (whole.empty() || whole.size() > kMostDigits || fraction.empty() || fraction.size() > kDecimals) {
    refuse();
  }
  Int128 pico = 0;
  for (const std::string_view part : {whole, fraction}) {
    for (const char c : part) {
      if (c < '0' || c > '9') {
        refuse();
      }
      pico = pico * 10 + (c - '0');
    }
  }
  for (std::size_t i = fraction.size(); i < kDecimals; ++i) {
    pico *= 10;
  }
  return from_pico_usd(negative ? -pico : pico);
}

std::string Money::to_decimal() const {
  const Uint128 size = pico_ < 0 ? -static_cast<Uint128>(pico_) : static_cast<Uint128>(pico_);
  const auto below_one = static_cast<std::uint64_t>(size % kPicoPerUsd);
  std::string text =
      fmt::format(FMT_COMPILE("{}{}.{:012}"), pico_ < 0 ? "-" : "", size / kPicoPerUsd, below_one);
  const std::size_t first_decimal = text.size() - kDecimals;
  text.resize(std::max(text.find_last_not_of('0'), first_decimal) + 1);
  return text;
}

std::vector<Money> allocate(Money total, std::span<const std::uint64_t> weights) {
  assert(!weights.empty() && total >= Money{});
  std::vector<Money> parts(weights.size());
  const Uint128 exact_sum = std::accumulate(weights.begin(), weights.end(), Uint128{0});
  if (exact_sum == 0) {
    parts.front() = total;
    return parts;
  }
  assert(exact_sum <= UINT64_MAX);
  const auto sum = static_cast<std::uint64_t>(exact_sum);

  std::vector<std::uint64_t> remainders(weights.size());
  Money given;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    const Share share = share_of(total.pico_usd(), weights[i], sum);
    parts[i] = Money::from_pico_usd(share.quotient);
    remainders[i] = share.remainder;
    given += parts[i];
  }
  const auto missing = static_cast<std::size_t>((total - given).pico_usd());  // fewer than there are parts
  std::vector<std::size_t> order(weights.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  const auto by_remainder = [&](std::size_t a, std::size_t b) {
    return remainders[a] != remainders[b] ? remainders[a] > remainders[b] : a < b;
  };
  if (missing > 0) {
    std::nth_element(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(missing - 1), order.end(),
                     by_remainder);
  }
  for (std::size_t i = 0; i < missing; ++i) {
    parts[order[i]] += Money::from_pico_usd(1);
  }
  return parts;
}

}  // namespace mtok::units
