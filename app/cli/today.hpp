// The day on which prices are looked at when a scenario does not say.
#pragma once

#include <chrono>

#include "sim/cost/price_date.hpp"

namespace mtok::cli {

/// Of the machine's clock, in UTC. Results never depend on it; only notes beside them do.
[[nodiscard]] inline cost::Date today() {
  return std::chrono::floor<std::chrono::days>(std::chrono::system_clock::now());
}

}  // namespace mtok::cli
