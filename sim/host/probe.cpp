// Probes by two products of the kernel library: one of arithmetic, one of memory.
#include "sim/host/probe.hpp"

#include <algorithm>

#include "sim/host/stopwatch.hpp"

namespace mtok::host {
namespace {

using kernel::NumberFormat;

constexpr std::int64_t kSide = 256;         // 3 operands of 256 KiB
constexpr std::int64_t kStreamSide = 1024;  // 4 MiB of weights
constexpr std::size_t kLeastStream = std::size_t{256} << 20U;
constexpr Effort kLook{.time = Seconds(0.006), .least_readings = 5, .burst = Seconds(1e-3)};

kernel::Gemm square(std::int64_t m, std::int64_t side) {
  return {.m = m, .n = side, .k = side, .weights = NumberFormat::fp32, .activations = NumberFormat::fp32};
}

}  // namespace

Pace faster(const Pace& a, const Pace& b) {
  return {.multiply = std::max(a.multiply, b.multiply), .stream = std::max(a.stream, b.stream)};
}

Pace between(const Pace& a, const Pace& b) {
  return {.multiply = (a.multiply + b.multiply) / 2, .stream = (a.stream + b.stream) / 2};
}

double shortfall(const Pace& pace, const Pace& best) {
  return std::max({0.0, 1 - pace.multiply / best.multiply, 1 - pace.stream / best.stream});
}

Probe::Probe(const Library& library)
    : product_(library, square(kSide, kSide)),
      stream_(library, square(1, kStreamSide)),
      operands_(3 * product_.output_bytes() + stream_.weight_bytes()),
      weights_(
          std::max(kLeastStream, static_cast<std::size_t>(2 * library.machine().last_level_cache.base()))) {}

Pace Probe::look() {
  std::byte* const at = operands_.data();
  const std::size_t size = product_.output_bytes();
  const Timing product = time_of([&] { product_.run(at, at + size, at + 2 * size); }, kLook);
  const std::size_t bytes = stream_.weight_bytes();
  const Timing stream = time_of(
      [&] {
        next_ = next_ + 2 * bytes <= weights_.size() ? next_ + bytes : 0;
        stream_.run(at, weights_.data() + next_, at + 2 * size);
      },
      kLook);
  const auto flops = static_cast<double>(2 * kSide * kSide * kSide);
  return {.multiply = Flops(flops) / product.least,
          .stream = Bytes(static_cast<double>(bytes)) / stream.least};
}

}  // namespace mtok::host
