// What a device costs that is bought: once, and by the hour.
#pragma once

#include "sim/units/quantity.hpp"

namespace mtok::cost {

/// What has to be paid at once for a device, and what each hour costs after that; both without energy.
struct OwnedDevice {
  Usd server{};  ///< the device with its part of the server
  Usd installation{};
  Usd network{};
  Usd spares{};
  UsdPerSecond support{};
  UsdPerSecond colocation{};
  UsdPerSecond staff{};

  [[nodiscard]] Usd purchase() const { return server + installation + network + spares; }
  [[nodiscard]] UsdPerSecond running() const { return support + colocation + staff; }
};

}  // namespace mtok::cost
