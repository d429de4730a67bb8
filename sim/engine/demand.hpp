// Time, energy and peak demand of kernels that run one after the other on one device.
#pragma once

#include "sim/units/quantity.hpp"

namespace mtok::engine {

struct Demand {
  Seconds time{};
  Joules energy{};
  Seconds compute_peak{};
  Seconds memory_peak{};

  Demand& operator+=(const Demand& other) {
    time += other.time;
    energy += other.energy;
    compute_peak += other.compute_peak;
    memory_peak += other.memory_peak;
    return *this;
  }
  friend Demand operator+(Demand a, const Demand& b) { return a += b; }
  friend Demand operator-(const Demand& a, const Demand& b) { return a + b * -1.0; }
  friend Demand operator*(const Demand& a, double k) {
    return {.time = a.time * k,
            .energy = a.energy * k,
            .compute_peak = a.compute_peak * k,
            .memory_peak = a.memory_peak * k};
  }
};

}  // namespace mtok::engine
