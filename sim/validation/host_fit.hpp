// Fits a CPU profile to the calibration samples of one host.
#pragma once

#include <span>
#include <string>

#include "sim/hardware/device_profile.hpp"
#include "sim/validation/host_samples.hpp"

namespace mtok::validation {

/// Whether there is a product to calibrate with.
[[nodiscard]] bool can_fit(std::span<const HostSample> samples);

/// A host as a device: peaks, bandwidths and cache sizes as the calibration samples show them. Samples of
/// other splits are passed over; all are of one instruction set and number of threads. Requires can_fit.
/// Least mean |ln(predicted / measured)| by pattern search over the logarithms of the constants, so the
/// result is a function of the samples. First the constants of products (fp32, bf16 and int8 together), then
/// with these fixed those of element-wise work and of attention.
[[nodiscard]] hardware::DeviceProfile fit_host(std::span<const HostSample> samples);

/// Mean |predicted - measured| / measured of the samples of one split that are products,
/// each with the memory at its pace.
[[nodiscard]] double product_error(const hardware::DeviceProfile& profile,
                                   std::span<const HostSample> samples, Split split);

}  // namespace mtok::validation
