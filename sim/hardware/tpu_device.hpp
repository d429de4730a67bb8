// A TPU: systolic arrays that multiply whole blocks of their own size, and device memory.
#pragma once

#include "sim/hardware/device.hpp"
#include "sim/hardware/memory_stream.hpp"
#include "sim/hardware/multiply_rates.hpp"

namespace mtok::hardware {

/// m, n and k are padded to the array (m, because loading the weights of one block takes as many cycles as
/// the array has rows). Source: Austin et al., "How to Scale Your Model", 2025, chapters on TPUs and
/// rooflines. Leaves out: fusion by the compiler, prefetch between kernels, on-chip memory as a cache, sparse
/// cores.
class TpuDevice final : public Device {
 public:
  /// Requires array_rows and array_columns > 0, and positive rates.
  explicit TpuDevice(DeviceProfile profile);
  [[nodiscard]] const DeviceProfile& profile() const override { return profile_; }
  [[nodiscard]] KernelTime time_of(const kernel::Kernel& kernel) const override;

 private:
  [[nodiscard]] KernelTime time(const kernel::Gemm& gemm) const;
  [[nodiscard]] KernelTime time(const kernel::GroupedGemm& gemm) const;
  [[nodiscard]] KernelTime time(const kernel::Attention& attention) const;
  [[nodiscard]] KernelTime time(const kernel::LinearAttention& linear) const;
  [[nodiscard]] KernelTime time(const kernel::Elementwise& elementwise) const;
  [[nodiscard]] KernelTime time(const kernel::Collective& collective) const;
  /// Flops of `groups` products after padding.
  [[nodiscard]] Flops padded(double groups, double m, double n, double k) const;

  DeviceProfile profile_;
  MultiplyRates rates_;
  MemoryStream stream_;
};

}  // namespace mtok::hardware
