// What a fleet's money is spent on.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

#include "sim/units/money.hpp"

namespace mtok::cost {

enum class Resource {
  compute,        ///< rent of devices, or what owned ones lose in value with the interest on them
  interruptions,  ///< spot: time that is paid for and lost when devices are taken away
  installation,
  network,
  spares,
  support,
  colocation,
  staff,
  energy
};

struct NamedResource {
  std::string_view name;  ///< as results write it
  Resource resource;
};
inline constexpr std::array<NamedResource, 9> kResources{{{"compute", Resource::compute},
                                                          {"interruptions", Resource::interruptions},
                                                          {"installation", Resource::installation},
                                                          {"network", Resource::network},
                                                          {"spares", Resource::spares},
                                                          {"support", Resource::support},
                                                          {"colocation", Resource::colocation},
                                                          {"staff", Resource::staff},
                                                          {"energy", Resource::energy}}};

/// An amount for each resource, in the order of kResources.
class ResourceCosts {
 public:
  [[nodiscard]] Money& of(Resource resource) { return amounts_.at(static_cast<std::size_t>(resource)); }
  [[nodiscard]] Money of(Resource resource) const { return amounts_.at(static_cast<std::size_t>(resource)); }
  [[nodiscard]] Money sum() const {
    Money sum;
    for (const Money amount : amounts_) {
      sum += amount;
    }
    return sum;
  }
  ResourceCosts& operator+=(const ResourceCosts& other) {
    for (const NamedResource& known : kResources) {
      of(known.resource) += other.of(known.resource);
    }
    return *this;
  }

 private:
  std::array<Money, kResources.size()> amounts_{};
};

}  // namespace mtok::cost
