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

std::size_t shift_of(std::size_t bucket) {
  const std::size_t octave = bucket >> kSubBits;
  return octave > 1 ? octave - 1 : 0;
}

/// The smallest number of nanoseconds in a bucket.
std::int64_t start_of(std::size_t bucket) {
  const std::size_t shift = shift_of(bucket);
  return static_cast<std::int64_t>((bucket - (shift << kSubBits)) << shift);
}

/// The middle of a bucket, in nanoseconds.
double middle_of(std::size_t bucket) {
  return static_cast<double>(start_of(bucket)) +
         (std::ldexp(1.0, static_cast<int>(shift_of(bucket))) - 1) / 2;
}

}  // namespace

void DurationHistogram::count_in(std::size_t bucket, std::int64_t times) {
  if (bucket >= buckets_.size()) {
    buckets_.resize(bucket + 1);
  }
  buckets_[bucket] += times;
}

void DurationHistogram::add(Ticks duration, std::int64_t times) {
  const std::int64_t nanoseconds = duration.whole_nanoseconds();
  assert(nanoseconds >= 0 && times >= 0);
  count_in(bucket_of(nanoseconds), times);
  count_ += times;
  max_ = std::max(max_, nanoseconds);
  sum_ += duration * times;
}

void DurationHistogram::add_ramp(Ticks first, Ticks growth, std::int64_t steps, std::int64_t times) {
  assert(growth >= Ticks{} && steps >= 1);
  const Ticks last = first + growth * (steps - 1);
  const std::size_t last_bucket = bucket_of(last.whole_nanoseconds());
  std::size_t bucket = bucket_of(first.whole_nanoseconds());
  std::int64_t from = 0;  // the first step that falls into `bucket` or above
  const double start = first.seconds().base();
  const double steps_per_s = bucket < last_bucket ? 1 / growth.seconds().base() : 0;
  while (bucket < last_bucket) {
    // The first step at or above the end of the bucket, by an estimate and one correction either way.
    const std::int64_t end_ns = start_of(bucket + 1);
    const Ticks end = Ticks::from_nanoseconds(end_ns);
    auto to = static_cast<std::int64_t>((static_cast<double>(end_ns) * 1e-9 - start) * steps_per_s);
    to = std::clamp(to, from + 1, steps - 1);
    Ticks at = first + growth * to;
    while (at - growth >= end && to > from + 1) {
      --to;
      at = at - growth;
    }
    while (at < end) {
      ++to;
      at += growth;
    }
    count_in(bucket, (to - from) * times);
    from = to;
    bucket = bucket_of(at.whole_nanoseconds());
  }
  count_in(bucket, (steps - from) * times);
  count_ += steps * times;
  max_ = std::max(max_, last.whole_nanoseconds());
  sum_ += sum_of_steps(first, growth, steps) * times;
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
  return count_ > 0 ? sum_.seconds() / static_cast<double>(count_) : Seconds{};
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
