// A histogram of durations: buckets from the leading bits of the integer.
#include "sim/engine/histogram.hpp"

#include <algorithm>
#include <bit>
#include <cassert>
#include <cmath>

namespace mtok::engine {
namespace {

constexpr int kSubBits = 8;  // 256 buckets an octave

/// Numbers below 2^(kSubBits + 1) are their own bucket; above, the exponent and the next kSubBits bits count.
std::size_t bucket_of(std::int64_t nanoseconds) {
  const auto value = static_cast<std::uint64_t>(nanoseconds);
  const int shift = std::max(0, static_cast<int>(std::bit_width(value)) - (kSubBits + 1));
  return (static_cast<std::size_t>(shift) << kSubBits) + static_cast<std::size_t>(value >> shift);
}

/// The middle of a bucket, in nanoseconds.
double middle_of(std::size_t bucket) {
  const std::size_t octave = bucket >> kSubBits;
  const std::size_t shift = octave > 1 ? octave - 1 : 0;
  const std::size_t leading = bucket - (shift << kSubBits);
  return std::ldexp(static_cast<double>(leading), static_cast<int>(shift)) +
         (std::ldexp(1.0, static_cast<int>(shift)) - 1) / 2;
}

}  // namespace

void DurationHistogram::add(std::int64_t nanoseconds, std::int64_t times) {
  assert(nanoseconds >= 0 && times >= 0);
  const std::size_t bucket = bucket_of(nanoseconds);
  if (bucket >= buckets_.size()) {
    buckets_.resize(bucket + 1);
  }
  buckets_[bucket] += times;
  count_ += times;
  max_ = std::max(max_, nanoseconds);
  sum_ += static_cast<double>(nanoseconds) * static_cast<double>(times);
}

void DurationHistogram::merge(const DurationHistogram& other) {
  buckets_.resize(std::max(buckets_.size(), other.buckets_.size()));
  for (std::size_t i = 0; i < other.buckets_.size(); ++i) {
    buckets_[i] += other.buckets_[i];
  }
  count_ += other.count_;
  max_ = std::max(max_, other.max_);
  sum_ += other.sum_;
}

Seconds DurationHistogram::mean() const {
  return count_ > 0 ? Seconds(sum_ / static_cast<double>(count_) * 1e-9) : Seconds{};
}

Seconds DurationHistogram::quantile(double q) const {
  const auto rank = static_cast<std::int64_t>(std::ceil(q * static_cast<double>(count_)));
  std::int64_t seen = 0;
  for (std::size_t i = 0; i < buckets_.size(); ++i) {
    seen += buckets_[i];
    if (seen >= rank && seen > 0) {
      return Seconds(std::min(middle_of(i), static_cast<double>(max_)) * 1e-9);
    }
  }
  return Seconds{};
}

}  // namespace mtok::engine
