// Reads the steady clock around bursts of repeats.
#include "sim/host/stopwatch.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <vector>

namespace mtok::host {

Seconds now() {
  return Seconds(std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count());
}

Timing time_of(const std::function<void()>& work, const Effort& effort) {
  work();
  const Seconds first_start = now();
  work();
  const Seconds first = std::max(now() - first_start, Seconds(1e-9));
  const auto in_burst = static_cast<std::int64_t>(std::max(1.0, std::ceil(effort.burst / first)));
  std::vector<Seconds> readings;
  Timing timing;
  const Seconds start = now();
  while (now() - start < effort.time || static_cast<std::int64_t>(readings.size()) < effort.least_readings) {
    const Seconds before = now();
    for (std::int64_t i = 0; i < in_burst; ++i) {
      work();
    }
    readings.push_back((now() - before) / static_cast<double>(in_burst));
    timing.repeats += in_burst;
  }
  const auto middle = readings.begin() + static_cast<std::ptrdiff_t>(readings.size() / 2);
  std::nth_element(readings.begin(), middle, readings.end());
  timing.median = *middle;
  timing.least = *std::min_element(readings.begin(), readings.end());
  return timing;
}

}  // namespace mtok::host
