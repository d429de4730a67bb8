// What the models say about work that was run on a host.
#pragma once

#include <string>
#include <vector>

#include "sim/hardware/device_profile.hpp"
#include "sim/kernel/kernel.hpp"
#include "sim/model/architecture.hpp"
#include "sim/planner/catalogue.hpp"
#include "sim/validation/host_samples.hpp"

namespace mtok::validation {

/// The kernels of a product, an element-wise pass, an attention layer or an MoE layer and its dense twins,
/// one after the other. MoE: router, gather and quantization, products of the experts, activation, weighted
/// sum, with the number of distinct experts that a balanced router is expected to touch.
[[nodiscard]] std::vector<kernel::Kernel> kernels_of(const HostWork& work);

/// Their time on a device. Cold work finds its weights in memory. Not for forward passes.
[[nodiscard]] Seconds predicted_time(const hardware::DeviceProfile& profile, const HostWork& work);

/// The device while its memory runs at a share of its pace. Attention reads the cache in pieces that it
/// copies, slower than the memory could, and goes on at its own pace until the memory is the slower one.
[[nodiscard]] hardware::DeviceProfile at_pace(const hardware::DeviceProfile& profile, double memory_pace);

/// A network of the catalogue, cut to its first layers when `layers` is above 0. Throws config::Error when
/// there is none of that name.
[[nodiscard]] model::Architecture architecture_of(const planner::Catalogue& catalogue,
                                                  const std::string& name, std::int64_t layers);

/// Time of a forward pass as the engine times a step, without the host time of a serving framework.
[[nodiscard]] Seconds predicted_step(const hardware::DeviceProfile& profile, const HostWork& work,
                                     const planner::Catalogue& catalogue);

}  // namespace mtok::validation
