// The time that a stream of bytes takes through device memory.
#pragma once

#include "sim/hardware/device_profile.hpp"

namespace mtok::hardware {

/// t = (bytes + half) / (bandwidth * fraction): the achieved bandwidth is fraction * bytes / (bytes + half),
/// which is half of its limit at `half` bytes (about bandwidth * latency, by Little's law). Linear in bytes,
/// on purpose: a decode step then stays linear in the context. No bytes, no time.
class MemoryStream {
 public:
  explicit MemoryStream(const DeviceProfile& profile)
      : rate_(profile.memory_bandwidth * profile.efficiency.bandwidth_fraction),
        half_(profile.efficiency.half_bandwidth) {}

  [[nodiscard]] Seconds time_of(Bytes bytes) const {
    return bytes > Bytes{} ? (bytes + half_) / rate_ : Seconds{};
  }
  [[nodiscard]] BytesPerSecond rate() const { return rate_; }

 private:
  BytesPerSecond rate_{};
  Bytes half_{};
};

}  // namespace mtok::hardware
