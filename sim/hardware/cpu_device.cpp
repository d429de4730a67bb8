// A CPU: the times of its kernels.
#include "sim/hardware/cpu_device.hpp"

#include <algorithm>
#include <utility>

#include "sim/hardware/interconnect.hpp"

namespace mtok::hardware {
namespace {

double real(std::int64_t n) {
  return static_cast<double>(n);
}

}  // namespace

CpuDevice::CpuDevice(DeviceProfile profile, Bytes working_set)
    : profile_(std::move(profile)), rates_(profile_), stream_(profile_), working_set_(working_set) {}

KernelTime CpuDevice::time_of(const kernel::Kernel& kernel) const {
  return std::visit([this](const auto& k) { return time(k); }, kernel);
}

double CpuDevice::unpack_rows(kernel::NumberFormat weights, kernel::NumberFormat activations) const {
  const auto found = profile_.efficiency.unpack_rows_of.find(multiply_format(weights, activations));
  return found != profile_.efficiency.unpack_rows_of.end() ? found->second : 0;
}

/// compute = 2 (m + u) n k / rate, u = rows in whose time the weights are unpacked.
KernelTime CpuDevice::time(const kernel::Gemm& gemm) const {
  const double products = real(gemm.batch);
  const Flops flops(2 * products * (real(gemm.m) + unpack_rows(gemm.weights, gemm.activations)) *
                    real(gemm.n) * real(gemm.k));
  const Bytes weights = products * real(gemm.n) * real(gemm.k) * kernel::bytes_per_value(gemm.weights);
  const Bytes others = kernel::bytes_of(gemm) - weights;
  Transfer moved = transfer(weights, std::max(kernel::bytes_of(gemm), working_set_));
  const Transfer beside = transfer(others, others);
  moved.time += beside.time;
  moved.from_memory += beside.from_memory;
  return combined(flops / rates_.of(gemm.weights, gemm.activations), moved, profile_.efficiency.kernel_floor);
}

/// One product for each expert that is touched; rows are spread over them, and the time is linear in the
/// rows, so how they are spread does not matter.
KernelTime CpuDevice::time(const kernel::GroupedGemm& gemm) const {
  if (gemm.experts <= 0 || gemm.rows <= 0) {
    return {};
  }
  const double unpacked = gemm.experts * unpack_rows(gemm.weights, gemm.activations);
  const Flops flops(2 * (gemm.rows + unpacked) * real(gemm.n) * real(gemm.k));
  const Bytes weights = gemm.experts * real(gemm.n) * real(gemm.k) * kernel::bytes_per_value(gemm.weights);
  const Bytes others = kernel::bytes_of(gemm) - weights;
  Transfer moved = transfer(weights, std::max(kernel::bytes_of(gemm), working_set_));
  const Transfer beside = transfer(others, others);
  moved.time += beside.time;
  moved.from_memory += beside.from_memory;
  return combined(flops / rates_.of(gemm.weights, gemm.activations), moved,
                  profile_.efficiency.kernel_floor + gemm.experts * profile_.efficiency.expert_floor);
}

/// compute = pairs (2 (d_qk + d_v) + softmax_flops) / rate: the softmax runs between the products.
/// The KV cache of a step is never re-read before all of it was read, so it comes from memory; nothing is
/// left unhidden, which keeps decode linear in the context.
KernelTime CpuDevice::time(const kernel::Attention& attention) const {
  const Efficiency& efficiency = profile_.efficiency;
  const auto own = efficiency.cache_fraction_of.find(attention.kv_format);
  const double reached = own != efficiency.cache_fraction_of.end() ? own->second : efficiency.cache_fraction;
  const Bytes cache = attention.kv_tokens * attention.kv_bytes_per_token;
  const Flops per_pair = Flops(2 * real(attention.qk_dim + attention.v_dim)) + efficiency.softmax_flops;
  const double pairs = real(attention.q_heads) * attention.query_key_pairs;
  return {.compute = pairs * per_pair / rates_.of_attention(attention.compute),
          .memory = stream_.time_of(cache / reached + (kernel::bytes_of(attention) - cache)),
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
  const Bytes bytes = kernel::bytes_of(elementwise);
  const FlopsPerSecond rate = rates_.of_elementwise() * profile_.efficiency.elementwise_fraction;
  return combined(elementwise.flops / rate, transfer(bytes, bytes), profile_.efficiency.kernel_floor);
}

KernelTime CpuDevice::time(const kernel::Collective& collective) const {
  return time_of_collective(profile_, collective);
}

/// A cache of capacity C serves all of a footprint F <= C, nothing of one F >= 2 C, and the share 2 - F / C
/// between (a smooth stand-in for cyclic reads under LRU, which would fall at once). What it does not serve,
/// the next level does.
CpuDevice::Transfer CpuDevice::transfer(Bytes bytes, Bytes footprint) const {
  Transfer result;
  if (bytes <= Bytes{}) {
    return result;
  }
  double left = 1;
  for (const CacheLevel& level : profile_.caches) {
    const double served = left * std::clamp(2 - double(footprint / level.capacity), 0.0, 1.0);
    result.time += bytes * served / level.bandwidth;
    left -= served;
  }
  if (left > 0) {
    result.from_memory = stream_.time_of(bytes * left);
    result.time += result.from_memory;
  }
  return result;
}

KernelTime CpuDevice::combined(Seconds compute, Transfer moved, Seconds launch) const {
  return {.compute = compute,
          .memory = moved.time,
          .unhidden = (1 - profile_.efficiency.overlap) * std::min(compute, moved.from_memory),
          .launch = launch};
}

}  // namespace mtok::hardware
