// Quantities: doubles in base units whose physical dimension is their type.
#pragma once

#include <compare>

namespace mtok::units {

/// Exponents of the base units second, byte, flop, token, US dollar and joule.
struct Dim {
  int s = 0;
  int byte = 0;
  int flop = 0;
  int token = 0;
  int usd = 0;
  int joule = 0;

  friend constexpr bool operator==(const Dim&, const Dim&) = default;
  friend constexpr Dim operator+(Dim a, Dim b) {
    return {a.s + b.s, a.byte + b.byte, a.flop + b.flop, a.token + b.token, a.usd + b.usd, a.joule + b.joule};
  }
  friend constexpr Dim operator-(Dim a) { return {-a.s, -a.byte, -a.flop, -a.token, -a.usd, -a.joule}; }
};

/// A double in base units (s, B, FLOP, token, USD, J) whose dimension is its type.
/// A multiply-add is two flops, also for integers. Leaves out: offsets (degrees Celsius) and rational
/// exponents.
template <Dim D>
class Quantity {
 public:
  constexpr Quantity() = default;
  explicit constexpr Quantity(double base) : base_(base) {}

  /// The number in base units. Call it only where a unit is printed or parsed, or where a formula leaves the
  /// dimensions on purpose.
  [[nodiscard]] constexpr double base() const { return base_; }
  constexpr operator double() const  // NOLINT(google-explicit-constructor): a pure number is a number
      requires(D == Dim{}) {
    return base_;
  }

  friend constexpr auto operator<=>(Quantity, Quantity) = default;
  friend constexpr Quantity operator+(Quantity a, Quantity b) { return Quantity(a.base_ + b.base_); }
  friend constexpr Quantity operator-(Quantity a, Quantity b) { return Quantity(a.base_ - b.base_); }
  friend constexpr Quantity operator*(Quantity a, double k) { return Quantity(a.base_ * k); }
  friend constexpr Quantity operator*(double k, Quantity a) { return Quantity(k * a.base_); }
  friend constexpr Quantity operator/(Quantity a, double k) { return Quantity(a.base_ / k); }
  constexpr Quantity& operator+=(Quantity other) {
    base_ += other.base_;
    return *this;
  }
  constexpr Quantity& operator-=(Quantity other) {
    base_ -= other.base_;
    return *this;
  }

 private:
  double base_ = 0;
};

template <Dim A, Dim B>
constexpr auto operator*(Quantity<A> a, Quantity<B> b) {
  return Quantity<A + B>(a.base() * b.base());
}
template <Dim A, Dim B>
constexpr auto operator/(Quantity<A> a, Quantity<B> b) {
  return Quantity<A + -B>(a.base() / b.base());
}

using Seconds = Quantity<Dim{.s = 1}>;
using Bytes = Quantity<Dim{.byte = 1}>;
using Flops = Quantity<Dim{.flop = 1}>;
using Tokens = Quantity<Dim{.token = 1}>;
using Usd = Quantity<Dim{.usd = 1}>;
using Joules = Quantity<Dim{.joule = 1}>;
using PerSecond = Quantity<Dim{.s = -1}>;
using BytesPerSecond = decltype(Bytes{} / Seconds{});
using FlopsPerSecond = decltype(Flops{} / Seconds{});
using TokensPerSecond = decltype(Tokens{} / Seconds{});
using BytesPerToken = decltype(Bytes{} / Tokens{});
using UsdPerSecond = decltype(Usd{} / Seconds{});
using UsdPerToken = decltype(Usd{} / Tokens{});
using Watts = decltype(Joules{} / Seconds{});

inline namespace literals {
constexpr Seconds operator""_s(long double v) {
  return Seconds(static_cast<double>(v));
}
constexpr Seconds operator""_ms(long double v) {
  return Seconds(static_cast<double>(v) * 1e-3);
}
constexpr Seconds operator""_us(long double v) {
  return Seconds(static_cast<double>(v) * 1e-6);
}
constexpr Bytes operator""_GB(long double v) {
  return Bytes(static_cast<double>(v) * 1e9);
}
constexpr BytesPerSecond operator""_GBps(long double v) {
  return BytesPerSecond(static_cast<double>(v) * 1e9);
}
constexpr BytesPerSecond operator""_TBps(long double v) {
  return BytesPerSecond(static_cast<double>(v) * 1e12);
}
constexpr FlopsPerSecond operator""_TFLOPS(long double v) {
  return FlopsPerSecond(static_cast<double>(v) * 1e12);
}
}  // namespace literals

/// A rate per hour, as prices are quoted, as the rate per second that formulas use.
constexpr UsdPerSecond usd_per_hour(double usd) {
  return UsdPerSecond(usd / 3600.0);
}

}  // namespace mtok::units

namespace mtok {
using namespace units;  // NOLINT(google-build-using-namespace): every room speaks in units
}  // namespace mtok
