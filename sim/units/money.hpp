// Money: an integer number of 1e-12 US dollars, so that the parts of a bill add up to the bill.
#pragma once

#include <compare>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sim/units/quantity.hpp"

namespace mtok::units {

__extension__ typedef __int128 Int128;  // NOLINT(modernize-use-using): __extension__ needs typedef

/// An amount in units of 1e-12 USD, in 128 bits: sums are exact up to 1e26 USD. Division exists only as
/// `allocate`, rounding to cents only in the reports.
class Money {
 public:
  constexpr Money() = default;
  /// The amount nearest to a real number of dollars. Requires a finite |usd| < 1e20.
  [[nodiscard]] static Money from_usd(Usd usd);
  /// Reads "12.345" or "-0.5": at most 26 digits, then at most 12 decimals. Throws std::invalid_argument
  /// otherwise.
  [[nodiscard]] static Money from_decimal(std::string_view text);
  [[nodiscard]] static constexpr Money from_pico_usd(Int128 pico) {
    Money m;
    m.pico_ = pico;
    return m;
  }

  [[nodiscard]] constexpr Int128 pico_usd() const { return pico_; }
  [[nodiscard]] Usd usd() const { return Usd(static_cast<double>(pico_) / 1e12); }
  /// Exact decimal text without trailing zeros, at least one digit on both sides of the point: "87072.0".
  [[nodiscard]] std::string to_decimal() const;

  friend constexpr auto operator<=>(Money, Money) = default;
  friend constexpr Money operator+(Money a, Money b) { return from_pico_usd(a.pico_ + b.pico_); }
  friend constexpr Money operator-(Money a, Money b) { return from_pico_usd(a.pico_ - b.pico_); }
  friend constexpr Money operator*(Money a, std::int64_t k) { return from_pico_usd(a.pico_ * k); }
  constexpr Money& operator+=(Money other) {
    pico_ += other.pico_;
    return *this;
  }

 private:
  Int128 pico_ = 0;
};

/// Splits `total` in proportion to `weights` by largest remainder: the parts add up to `total` exactly, and
/// equal remainders favour the earlier part. All weights 0: everything goes to the first part. Requires at
/// least one weight and total >= 0.
[[nodiscard]] std::vector<Money> allocate(Money total, std::span<const std::uint64_t> weights);

}  // namespace mtok::units
