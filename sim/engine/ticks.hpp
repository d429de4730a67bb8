// Durations in units of 2^-32 ns, so that any number of steps adds up exactly.
#pragma once

#include <cmath>
#include <compare>
#include <cstdint>

#include "sim/units/money.hpp"
#include "sim/units/quantity.hpp"

namespace mtok::engine {

using units::Int128;

/// A duration as an integer number of 2^-32 ns. The sum of a thousand steps is the same whether they are
/// added one by one or by the formula of an arithmetic series.
class Ticks {
 public:
  constexpr Ticks() = default;
  /// The nearest number of ticks. Requires |duration| < 1e12 s.
  [[nodiscard]] static Ticks from(Seconds duration) {
    return Ticks(static_cast<Int128>(std::nearbyint(duration.base() * (1e9 * kPerNanosecond))));
  }
  [[nodiscard]] static constexpr Ticks from_nanoseconds(std::int64_t ns) {
    return Ticks(static_cast<Int128>(ns) << kBits);
  }

  [[nodiscard]] constexpr std::int64_t whole_nanoseconds() const {  ///< rounded down
    return static_cast<std::int64_t>(count_ >> kBits);
  }
  [[nodiscard]] constexpr Ticks fraction() const {  ///< what whole_nanoseconds leaves
    return Ticks(count_ & ((Int128{1} << kBits) - 1));
  }
  [[nodiscard]] Seconds seconds() const {
    return Seconds(static_cast<double>(count_) / (1e9 * kPerNanosecond));
  }
  [[nodiscard]] constexpr Int128 count() const { return count_; }

  friend constexpr auto operator<=>(Ticks, Ticks) = default;
  friend constexpr Ticks operator+(Ticks a, Ticks b) { return Ticks(a.count_ + b.count_); }
  friend constexpr Ticks operator-(Ticks a, Ticks b) { return Ticks(a.count_ - b.count_); }
  friend constexpr Ticks operator*(Ticks a, std::int64_t k) { return Ticks(a.count_ * k); }
  friend constexpr Ticks operator/(Ticks a, std::int64_t k) { return Ticks(a.count_ / k); }
  constexpr Ticks& operator+=(Ticks other) {
    count_ += other.count_;
    return *this;
  }

 private:
  static constexpr int kBits = 32;
  static constexpr double kPerNanosecond = 4294967296.0;  // 2^kBits
  explicit constexpr Ticks(Int128 count) : count_(count) {}
  Int128 count_ = 0;
};

/// first + (first + growth) + (first + 2 growth) + ..., `steps` terms.
[[nodiscard]] constexpr Ticks sum_of_steps(Ticks first, Ticks growth, std::int64_t steps) {
  // One of the two factors is even; halving it first keeps the product small.
  const std::int64_t pairs = steps % 2 == 0 ? steps / 2 * (steps - 1) : (steps - 1) / 2 * steps;
  return first * steps + growth * pairs;
}

}  // namespace mtok::engine
