// Writes a calibrated host as a device profile like any other.
#pragma once

#include <string>

#include "sim/hardware/device_profile.hpp"
#include "sim/host/library.hpp"
#include "sim/validation/host_samples.hpp"

namespace mtok::validation {

/// The YAML text of a profile that `hardware::load_device` reads: rates and sizes as fitted, and the errors
/// of the fit. Power and links were not measured and are plain estimates, labelled so.
[[nodiscard]] std::string host_profile_text(const hardware::DeviceProfile& fitted,
                                            const host::Machine& machine,
                                            std::span<const HostSample> samples);

}  // namespace mtok::validation
