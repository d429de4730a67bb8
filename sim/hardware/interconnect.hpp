// The time of a collective among devices of one kind.
#pragma once

#include "sim/hardware/device.hpp"

namespace mtok::hardware {

/// Alpha-beta model, the fastest algorithm that the links allow (see interconnect.cpp). Ranks within the
/// scale-up domain use that link; more ranks go hierarchically: scale-up within each domain, scale-out
/// between domains. One rank costs nothing. A device without any link exchanges through its host link. Leaves
/// out: congestion by other traffic, placement (ranks fill whole domains), jitter.
[[nodiscard]] KernelTime time_of_collective(const DeviceProfile& profile,
                                            const kernel::Collective& collective);

}  // namespace mtok::hardware
