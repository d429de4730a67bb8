// A TPU: the times of its kernels.
#include "sim/hardware/tpu_device.hpp"

#include <cassert>
#include <cmath>
#include <utility>

#include "sim/hardware/attention_padding.hpp"
#include "sim/hardware/interconnect.hpp"
#include "sim/hardware/scan_traffic.hpp"

namespace mtok::hardware {
namespace {

/// Rows of one vector register, to which the few query rows of decode attention are padded.
constexpr double kSublanes = 8;

double real(std::int64_t n) {
  return static_cast<double>(n);
}

double rounded_up(double value, std::int64_t multiple) {
  return std::ceil(value / real(multiple)) * real(multiple);
}

}  // namespace

TpuDevice::TpuDevice(DeviceProfile profile)
    : profile_(std::move(profile)), rates_(profile_), stream_(profile_) {
  assert(profile_.array_rows > 0 && profile_.array_columns > 0);
}

KernelTime TpuDevice::time_of(const kernel::Kernel& kernel) const {
  return std::visit([this](const auto& k) { return time(k); }, kernel);
}

/// 2 * groups * up(m, rows) * up(n, columns) * up(k, rows)
Flops TpuDevice::padded(double groups, double m, double n, double k) const {
  return Flops(2 * groups * rounded_up(m, profile_.array_rows) * rounded_up(n, profile_.array_columns) *
               rounded_up(k, profile_.array_rows));
}

KernelTime TpuDevice::time(const kernel::Gemm& gemm) const {
  return {.compute = padded(real(gemm.batch), real(gemm.m), real(gemm.n), real(gemm.k)) /
                     rates_.of(gemm.weights, gemm.activations),
          .memory = stream_.time_of(kernel::bytes_of(gemm)),
          .launch = profile_.efficiency.kernel_floor};
}

KernelTime TpuDevice::time(const kernel::GroupedGemm& gemm) const {
  if (gemm.experts <= 0 || gemm.rows <= 0) {
    return {};
  }
  return {.compute = padded(gemm.experts, gemm.rows / gemm.experts, real(gemm.n), real(gemm.k)) /
                     rates_.of(gemm.weights, gemm.activations),
          .memory = stream_.time_of(kernel::bytes_of(gemm)),
          .launch = profile_.efficiency.kernel_floor};
}

/// Head dimensions are padded to the array; rows and keys as on a GPU.
KernelTime TpuDevice::time(const kernel::Attention& attention) const {
  const bool decode = attention.phase == kernel::Phase::decode;
  const double padding = decode ? decode_padding(attention, kSublanes)
                                : prefill_padding(attention, profile_.efficiency.attention_prologue);
  const double dims = real(attention.qk_dim + attention.v_dim);
  const double padded_dims = rounded_up(real(attention.qk_dim), profile_.array_rows) +
                             rounded_up(real(attention.v_dim), profile_.array_columns);
  return {.compute = kernel::flops_of(attention) * (padding * padded_dims / dims) /
                     rates_.of_attention(attention.compute),
          .memory = stream_.time_of(decode ? decode_traffic(attention, profile_.efficiency)
                                           : kernel::bytes_of(attention)),
          .launch = profile_.efficiency.attention_floor};
}

KernelTime TpuDevice::time(const kernel::LinearAttention& linear) const {
  const bool decode = linear.phase == kernel::Phase::decode;
  const FlopsPerSecond rate = decode ? rates_.of_elementwise() : rates_.of_attention(linear.compute);
  const Bytes bytes = kernel::bytes_of(linear) + (decode ? Bytes{} : scan_traffic(linear));
  return {.compute = kernel::flops_of(linear) / rate,
          .memory = stream_.time_of(bytes),
          .launch = profile_.efficiency.kernel_floor};
}

KernelTime TpuDevice::time(const kernel::Elementwise& elementwise) const {
  return {.compute = elementwise.flops / rates_.of_elementwise(),
          .memory = stream_.time_of(kernel::bytes_of(elementwise)),
          .launch = profile_.efficiency.kernel_floor};
}

KernelTime TpuDevice::time(const kernel::Collective& collective) const {
  return time_of_collective(profile_, collective);
}

}  // namespace mtok::hardware
