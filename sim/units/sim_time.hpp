// The clock of the simulation: integer nanoseconds.
#pragma once

#include <cassert>
#include <cstdint>

#include "sim/units/quantity.hpp"

namespace mtok::units {

/// Nanoseconds since the start of the run. An integer, so that equal times are equal. Reaches 292 years.
enum class SimTime : std::int64_t {};

inline constexpr SimTime kNever{INT64_MAX};

[[nodiscard]] constexpr std::int64_t nanoseconds(SimTime t) {
  return static_cast<std::int64_t>(t);
}

/// The nearest integer, half a one rounded up: as std::llround, without its call. Requires 0 <= value < 2^63.
[[nodiscard]] constexpr std::int64_t rounded(double value) {
  assert(value >= 0 && value < 9223372036854775808.0);
  const auto whole = static_cast<std::int64_t>(value);
  return whole + (value - static_cast<double>(whole) >= 0.5 ? 1 : 0);
}

/// The duration rounded to whole nanoseconds. Requires 0 <= duration < 292 years.
[[nodiscard]] inline std::int64_t rounded_nanoseconds(Seconds duration) {
  return rounded(duration.base() * 1e9);
}

/// The one place where a real duration moves the integer clock.
[[nodiscard]] inline SimTime after(SimTime start, Seconds duration) {
  return SimTime{nanoseconds(start) + rounded_nanoseconds(duration)};
}

/// The real duration from `start` to `end`; negative when `end` is earlier.
[[nodiscard]] constexpr Seconds between(SimTime start, SimTime end) {
  return Seconds(static_cast<double>(nanoseconds(end) - nanoseconds(start)) / 1e9);
}

}  // namespace mtok::units
