// Times work by bursts of repeats.
#pragma once

#include <cstdint>
#include <functional>

#include "sim/units/quantity.hpp"

namespace mtok::host {

/// Times of one run of some work over many repeats.
struct Timing {
  Seconds least{};
  Seconds median{};
  std::int64_t repeats = 0;
};

/// How long to measure. Work shorter than `burst` is repeated within one reading of the clock.
struct Effort {
  Seconds time{0.03};
  std::int64_t least_readings = 5;
  Seconds burst{20e-6};
};

/// Runs `work` once to warm up, then until both the time and the readings are reached. The timed region holds
/// nothing but the work.
[[nodiscard]] Timing time_of(const std::function<void()>& work, const Effort& effort = {});

/// Time since some fixed moment.
[[nodiscard]] Seconds now();

}  // namespace mtok::host
