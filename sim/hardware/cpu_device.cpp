// A CPU: the times of its kernels.
#include "sim/hardware/cpu_device.hpp"

#include <algorithm>
#include <utility>

#include "sim/hardware/interconnect.hpp"

namespace mtok::hardware {

CpuDevice::CpuDevice(DeviceProfile profile, Bytes working_set)
    : profile_(std::move(profile)), rates_(profile_), stream_(profile_), working_set_(working_set) {}

KernelTime CpuDevice::time_of(const kernel::Kernel& kernel) const {
  return std::visit([this](const auto& k) { return time(k); }, kernel);
}

KernelTime CpuDevice::time(const kernel::Gemm& gemm) const {
  return overlapped(kernel::flops_of(gemm) / rates_.of(gemm.weights, gemm.activations),
                    kernel::bytes_of(gemm));
}

KernelTime CpuDevice::time(const kernel::GroupedGemm& gemm) const {
  if (gemm.experts <= 0 || gemm.rows <= 0) {
    return {};
  }
  return overlapped(kernel::flops_of(gemm) / rates_.of(gemm.weights, gemm.activations),
                    kernel::bytes_of(gemm));
}

/// The KV cache of a step is never re-read before all of it was read, so it comes from memory; nothing is
/// left unhidden, which keeps decode linear in the context.
KernelTime CpuDevice::time(const kernel::Attention& attention) const {
  return {.compute = kernel::flops_of(attention) / rates_.of_attention(attention.compute),
          .memory = stream_.time_of(kernel::bytes_of(attention)),
          .launch = profile_.efficiency.attention_floor};
}

/// States of many sequences do not stay in a cache between steps, so they come from memory like the KV cache.
KernelTime CpuDevice::time(const kernel::LinearAttention& linear) const {
  const bool decode = linear.phase == kernel::Phase::decode;
  const FlopsPerSecond rate = decode ? rates_.of_elementwise() : rates_.of_attention(linear.compute);
  return {.compute = kernel::flops_of(linear) / rate,
          .memory = stream_.time_of(kernel::bytes_of(linear)),
          .launch = profile_.efficiency.kernel_floor};
}

KernelTime CpuDevice::time(const kernel::Elementwise& elementwise) const {
  return overlapped(elementwise.flops / rates_.of_elementwise(), kernel::bytes_of(elementwise));
}

KernelTime CpuDevice::time(const kernel::Collective& collective) const {
  return time_of_collective(profile_, collective);
}

/// A cache of capacity C serves all of a footprint F <= C, nothing of one F >= 2 C, and the share 2 - F / C
/// between (a smooth stand-in for cyclic reads under LRU, which would fall at once). What it does not serve,
/// the next level does.
CpuDevice::Transfer CpuDevice::transfer(Bytes bytes) const {
  const Bytes footprint = std::max(bytes, working_set_);
  Transfer result;
  double left = 1;
  for (const CacheLevel& level : profile_.caches) {
    const double served = left * std::clamp(2 - double(footprint / level.capacity), 0.0, 1.0);
    result.time += bytes * served / level.bandwidth;
    left -= served;
  }
  if (left > 0) {
    const Seconds memory = stream_.time_of(bytes * left);
    result.time += memory;
    result.from_memory = memory / result.time;
  }
  return result;
}

KernelTime CpuDevice::overlapped(Seconds compute, Bytes bytes) const {
  if (bytes <= Bytes{}) {
    return {.compute = compute, .launch = profile_.efficiency.kernel_floor};
  }
  const Transfer moved = transfer(bytes);
  const double exposed = (1 - profile_.efficiency.overlap) * moved.from_memory;
  return {.compute = compute,
          .memory = moved.time,
          .unhidden = std::min(compute, moved.time) * exposed,
          .launch = profile_.efficiency.kernel_floor};
}

}  // namespace mtok::hardware
