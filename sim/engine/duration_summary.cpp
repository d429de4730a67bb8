// Percentiles of a stream of durations: exact for few values, by histogram for many.
#include "sim/engine/duration_summary.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace mtok::engine {
namespace {

Seconds seconds_of(double nanoseconds) {
  return Seconds(nanoseconds / 1e9);
}

/// Linear interpolation between the two nearest ranks; reorders the values. Requires that they are not empty.
Seconds percentile(std::vector<std::int64_t>& values, double q) {
  const double rank = q * static_cast<double>(values.size() - 1);
  const auto below = values.begin() + static_cast<std::ptrdiff_t>(rank);
  std::nth_element(values.begin(), below, values.end());
  const auto low = static_cast<double>(*below);
  const auto above = std::min_element(below + 1, values.end());
  const double high = above == values.end() ? low : static_cast<double>(*above);
  return seconds_of(low + (high - low) * (rank - std::floor(rank)));
}

}  // namespace

Distribution distribution_of(const DurationHistogram& histogram) {
  return {.mean = histogram.mean(),
          .p50 = histogram.quantile(0.50),
          .p90 = histogram.quantile(0.90),
          .p95 = histogram.quantile(0.95),
          .p99 = histogram.quantile(0.99),
          .max = histogram.max()};
}

void DurationSummary::add(std::int64_t nanoseconds) {
  if (histogram_.count() > 0) {
    histogram_.add(nanoseconds);
    return;
  }
  values_.push_back(nanoseconds);
  if (values_.size() > kExact) {
    spill();
  }
}

void DurationSummary::spill() {
  for (const std::int64_t value : values_) {
    histogram_.add(value);
  }
  values_ = {};
}

void DurationSummary::merge(const DurationSummary& other) {
  if (other.histogram_.count() > 0) {
    spill();
    histogram_.merge(other.histogram_);
    return;
  }
  for (const std::int64_t value : other.values_) {
    add(value);
  }
}

Distribution DurationSummary::distribution() const {
  if (histogram_.count() > 0) {
    return distribution_of(histogram_);
  }
  if (values_.empty()) {
    return {};
  }
  std::vector<std::int64_t> values = values_;
  const auto sum = static_cast<double>(std::accumulate(values.begin(), values.end(), Int128{0}));
  return {.mean = seconds_of(sum / static_cast<double>(values.size())),
          .p50 = percentile(values, 0.50),
          .p90 = percentile(values, 0.90),
          .p95 = percentile(values, 0.95),
          .p99 = percentile(values, 0.99),
          .max = seconds_of(static_cast<double>(*std::max_element(values.begin(), values.end())))};
}

}  // namespace mtok::engine
