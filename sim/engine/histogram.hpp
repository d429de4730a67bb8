// A histogram of durations with logarithmic buckets: mergeable, of fixed size, relative error below 0.2 %.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/units/quantity.hpp"

namespace mtok::engine {

/// Counts whole nanoseconds in buckets of 1/256 octave; below 512 ns every value has its own bucket.
/// Mean and maximum are exact, a quantile is the middle of its bucket.
class DurationHistogram {
 public:
  void add(std::int64_t nanoseconds, std::int64_t times = 1);
  void merge(const DurationHistogram& other);

  [[nodiscard]] std::int64_t count() const { return count_; }
  [[nodiscard]] Seconds mean() const;
  [[nodiscard]] Seconds max() const { return Seconds(static_cast<double>(max_) * 1e-9); }
  /// The smallest bucket at or above the share q of all values. Requires 0 < q <= 1; zero when empty.
  [[nodiscard]] Seconds quantile(double q) const;

 private:
  std::vector<std::int64_t> buckets_;
  std::int64_t count_ = 0;
  std::int64_t max_ = 0;
  double sum_ = 0;
};

}  // namespace mtok::engine
