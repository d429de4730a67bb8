// A CPU: cores with a peak per format, bandwidth by the cache level that holds the operands.
#pragma once

#include "sim/hardware/device.hpp"
#include "sim/hardware/memory_stream.hpp"
#include "sim/hardware/multiply_rates.hpp"

namespace mtok::hardware {

/// Weights come from the nearest cache that holds what is touched between two runs of the same kernel: the
/// kernel's own bytes, or the working set given. Activations and results were touched by the kernels beside
/// it, so they come from where a buffer of their size lies. Unpacking the weights takes compute time that no
/// row shares. Compute hides under cache reads, but only in part (`overlap`) under reads from memory.
/// Leaves out: NUMA, clock changes with the instruction set, rows or columns that fill no whole block.
class CpuDevice final : public Device {
 public:
  /// Requires positive rates. `working_set` as in make_device.
  CpuDevice(DeviceProfile profile, Bytes working_set);
  [[nodiscard]] const DeviceProfile& profile() const override { return profile_; }
  [[nodiscard]] KernelTime time_of(const kernel::Kernel& kernel) const override;

 private:
  /// Time of some bytes, and the part of it that is spent on reads from memory.
  struct Transfer {
    Seconds time{};
    Seconds from_memory{};
  };

  [[nodiscard]] KernelTime time(const kernel::Gemm& gemm) const;
  [[nodiscard]] KernelTime time(const kernel::GroupedGemm& gemm) const;
  [[nodiscard]] KernelTime time(const kernel::Attention& attention) const;
  [[nodiscard]] KernelTime time(const kernel::LinearAttention& linear) const;
  [[nodiscard]] KernelTime time(const kernel::Elementwise& elementwise) const;
  [[nodiscard]] KernelTime time(const kernel::Collective& collective) const;

  [[nodiscard]] double unpack_rows(kernel::NumberFormat weights, kernel::NumberFormat activations) const;
  /// Of `bytes` that lie in a footprint of this size.
  [[nodiscard]] Transfer transfer(Bytes bytes, Bytes footprint) const;
  [[nodiscard]] KernelTime combined(Seconds compute, Transfer moved, Seconds launch) const;

  DeviceProfile profile_;
  MultiplyRates rates_;
  MemoryStream stream_;
  Bytes working_set_{};
};

}  // namespace mtok::hardware
