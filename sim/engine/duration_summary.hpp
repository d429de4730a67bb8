// Percentiles of a stream of durations in bounded memory.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/engine/histogram.hpp"

namespace mtok::engine {

/// Percentiles interpolate linearly between ranks, as numpy does by default. All zero when there was nothing
/// to measure.
struct Distribution {
  Seconds mean{};
  Seconds p50{};
  Seconds p90{};
  Seconds p95{};
  Seconds p99{};
  Seconds max{};
};
[[nodiscard]] Distribution distribution_of(const DurationHistogram& histogram);

/// Keeps the first kExact values as they are, so that percentiles of short runs are exact, and goes over to a
/// histogram (relative error below 0.2 %) when there are more. Mean and maximum are exact in either case, and
/// nothing depends on the order of the values.
class DurationSummary {
 public:
  static constexpr std::size_t kExact = 16384;

  void add(std::int64_t nanoseconds);
  void merge(const DurationSummary& other);
  [[nodiscard]] Distribution distribution() const;

 private:
  void spill();

  std::vector<std::int64_t> values_;  ///< empty once the histogram is in use
  DurationHistogram histogram_;
};

}  // namespace mtok::engine
