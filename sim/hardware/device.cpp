// What all devices share: the sum of a kernel's times, the format of a product, the energy.
#include "sim/hardware/device.hpp"

#include <algorithm>
#include <cassert>

#include "sim/hardware/multiply_rates.hpp"

namespace mtok::hardware {
namespace {

/// Share of the dynamic power (TDP less idle) that a device draws while this bounds it. Plain estimates, to
/// be calibrated: GEMMs run into the power limit, decode stays below it, waiting draws little.
constexpr double kComputePower = 1.0;
constexpr double kMemoryPower = 0.65;
constexpr double kNetworkPower = 0.35;
constexpr double kLaunchPower = 0.15;

double power_share(KernelTime::Bound bound) {
  switch (bound) {
    case KernelTime::Bound::compute:
      return kComputePower;
    case KernelTime::Bound::memory:
      return kMemoryPower;
    case KernelTime::Bound::network:
      return kNetworkPower;
    case KernelTime::Bound::launch:
      return kLaunchPower;
  }
  assert(false && "every bound has a power");
  return 1;
}

}  // namespace

Seconds KernelTime::total() const {
  return std::max(compute, memory) + unhidden + network + launch;
}

KernelTime::Bound KernelTime::bound_by() const {
  const Seconds longest = std::max(std::max(compute, memory), std::max(network, launch));
  if (compute == longest) {
    return Bound::compute;
  }
  if (memory == longest) {
    return Bound::memory;
  }
  return network == longest ? Bound::network : Bound::launch;
}

std::string_view name_of(KernelTime::Bound bound) {
  switch (bound) {
    case KernelTime::Bound::compute:
      return "compute";
    case KernelTime::Bound::memory:
      return "memory";
    case KernelTime::Bound::network:
      return "network";
    case KernelTime::Bound::launch:
      return "launch";
  }
  assert(false && "every bound has a name");
  return "";
}

kernel::NumberFormat Device::multiply_format(kernel::NumberFormat weights,
                                             kernel::NumberFormat activations) const {
  return hardware::multiply_format(profile().peak, weights, activations);
}

bool Device::native(kernel::NumberFormat activations) const {
  return multiply_format(activations, activations) == activations;
}

/// E = TDP * (idle + (1 - idle) * share of the bounding resource) * total time, in joules.
Joules Device::energy_of(const KernelTime& time) const {
  const double idle = profile().idle_power_fraction;
  return profile().tdp * (idle + (1 - idle) * power_share(time.bound_by())) * time.total();
}

}  // namespace mtok::hardware
