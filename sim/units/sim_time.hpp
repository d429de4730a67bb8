// The clock of the simulation: integer nanoseconds.
#pragma once

#include <cassert>
#include <cmath>
#include <cstdint>

#include "sim/units/quantity.hpp"

namespace mtok::units {

/// Nanoseconds since the start of the run. An integer, so that equal times are equal. Reaches 292 years.
enum class SimTime : std::int64_t {};

inline constexpr SimTime kNever{INT64_MAX};

[[nodiscard]] constexpr std::int64_t nanoseconds(SimTime t) {
  return static_cast<std::int64_t>(t);
}

/// The duration rounded to whole nanoseconds. Requires 0 <= duration < 292 years.
[[nodiscard]] inline std::int64_t rounded_nanoseconds(Seconds duration) {
  assert(duration.base() >= 0 && duration.base() < 9.2e9);
  return std::llround(duration.base() * 1e9);
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
