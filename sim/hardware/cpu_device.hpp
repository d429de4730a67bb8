// A CPU: cores with a peak per format, bandwidth by the cache level that holds the operands.
#pragma once

#include "sim/hardware/device.hpp"
#include "sim/hardware/memory_stream.hpp"
#include "sim/hardware/multiply_rates.hpp"

namespace mtok::hardware {

/// Operands come from the nearest cache that holds what is touched between two runs of the same kernel: the
/// kernel's own bytes, or the working set given. Compute hides under cache reads, but only in part
/// (`overlap`) under reads from memory. Leaves out: NUMA, clock changes with the instruction set, threads
/// that wait for each other.
class CpuDevice final : public Device {
 public:
  /// Requires positive rates. `working_set` as in make_device.
  CpuDevice(DeviceProfile profile, Bytes working_set);
  [[nodiscard]] const DeviceProfile& profile() const override { return profile_; }
  [[nodiscard]] KernelTime time_of(const kernel::Kernel& kernel) const override;

 private:
  /// Time of `bytes`, and the share of it that is spent on reads from memory.
  struct Transfer {
    Seconds time{};
    double from_memory = 0;
  };

  [[nodiscard]] KernelTime time(const kernel::Gemm& gemm) const;
  [[nodiscard]] KernelTime time(const kernel::GroupedGemm& gemm) const;
  [[nodiscard]] KernelTime time(const kernel::Attention& attention) const;
  [[nodiscard]] KernelTime time(const kernel::LinearAttention& linear) const;
  [[nodiscard]] KernelTime time(const kernel::Elementwise& elementwise) const;
  [[nodiscard]] KernelTime time(const kernel::Collective& collective) const;

  [[nodiscard]] Transfer transfer(Bytes bytes) const;
  [[nodiscard]] KernelTime overlapped(Seconds compute, Bytes bytes) const;

  DeviceProfile profile_;
  MultiplyRates rates_;
  MemoryStream stream_;
  Bytes working_set_{};
};

}  // namespace mtok::hardware
