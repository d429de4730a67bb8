// The time and energy that one kernel takes on one device.
#pragma once

#include <memory>
#include <string_view>

#include "sim/hardware/device_profile.hpp"
#include "sim/kernel/kernel.hpp"

namespace mtok::hardware {

/// Where the time of one kernel goes: total = max(compute, memory) + unhidden + network + launch.
/// Compute and memory overlap; the launch floor does not. A collective has only network and launch.
struct KernelTime {
  Seconds compute{};
  Seconds memory{};
  Seconds unhidden{};  ///< of the shorter of compute and memory; only CPUs have any
  Seconds network{};
  Seconds launch{};

  [[nodiscard]] Seconds total() const;
  enum class Bound { compute, memory, network, launch };
  [[nodiscard]] Bound bound_by() const;  ///< the largest of the four
};
[[nodiscard]] std::string_view name_of(KernelTime::Bound bound);

/// A device of one kind. Pure: the same kernel always takes the same time.
class Device {
 public:
  virtual ~Device() = default;
  [[nodiscard]] virtual const DeviceProfile& profile() const = 0;
  /// Never less than flops / peak nor than bytes / bandwidth, save on CPUs, whose caches may hold the
  /// operands. Decode attention, for a fixed number of sequences, heads and new tokens, has a memory time
  /// that is linear in kv_tokens from cache_ramp on and below it, a compute time that is linear in
  /// query_key_pairs, nothing unhidden, and a constant launch.
  [[nodiscard]] virtual KernelTime time_of(const kernel::Kernel& kernel) const = 0;
  /// The format in which a product of these operands is multiplied: that of the activations when weights are
  /// narrower, and the next wider one that the device has when it lacks it. FP32 exists everywhere.
  [[nodiscard]] kernel::NumberFormat multiply_format(kernel::NumberFormat weights,
                                                     kernel::NumberFormat activations) const;
  /// True when the product runs natively in the format of the activations, without falling back to a wider
  /// one.
  [[nodiscard]] bool native(kernel::NumberFormat activations) const;
  /// Energy of the device during one kernel: idle power plus a share of the rest that follows what bounds it.
  [[nodiscard]] Joules energy_of(const KernelTime& time) const;
};

/// GPU, TPU or CPU by the profile's kind. `working_set`: the bytes that are touched between two runs of the
/// same kernel (the weights of a step), which decide whether a CPU finds its operands in a cache; 0: the
/// kernel is repeated alone.
[[nodiscard]] std::unique_ptr<const Device> make_device(DeviceProfile profile, Bytes working_set = {});

}  // namespace mtok::hardware
