// A histogram of durations with logarithmic buckets: mergeable, of fixed size, relative error below 0.2 %.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/engine/ticks.hpp"
#include "sim/units/quantity.hpp"

namespace mtok::engine {

/// Counts durations in buckets of 1/256 octave of their whole nanoseconds; below 512 ns every value has its
/// own bucket. Mean and maximum are exact, a quantile is the middle of its bucket.
class DurationHistogram {
 public:
  void add(Ticks duration, std::int64_t times = 1);
  void add(std::int64_t nanoseconds, std::int64_t times = 1) {
    add(Ticks::from_nanoseconds(nanoseconds), times);
  }
  /// first, first + growth, first + 2 growth, ...: `steps` values, each `times` times. In time proportional
  /// to the buckets they fall into. Requires growth >= 0.
  void add_ramp(Ticks first, Ticks growth, std::int64_t steps, std::int64_t times);
  void merge(const DurationHistogram& other);

  [[nodiscard]] std::int64_t count() const { return count_; }
  [[nodiscard]] Seconds mean() const;
  [[nodiscard]] Seconds max() const { return Seconds(static_cast<double>(max_) * 1e-9); }
  /// The smallest bucket at or above the share q of all values. Requires 0 < q <= 1; zero when empty.
  [[nodiscard]] Seconds quantile(double q) const;

 private:
  void count_in(std::size_t bucket, std::int64_t times);

  std::vector<std::int64_t> buckets_;
  std::int64_t count_ = 0;
  std::int64_t max_ = 0;
  Ticks sum_{};
};

}  // namespace mtok::engine
