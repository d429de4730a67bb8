// Energy and carbon: four products.
#include "sim/cost/footprint.hpp"

#include <span>

namespace mtok::cost {

Seconds device_time(const engine::RunRecord& run) {
  const std::span<const engine::ReplicaRecord> all = run.replicas;
  const auto decode = run.decode_pool ? static_cast<std::size_t>(run.decode_pool->replicas) : 0;
  const auto time = [&](std::span<const engine::ReplicaRecord> replicas, std::int64_t devices) {
    return Seconds(static_cast<double>(run.wall_ns_of(replicas)) * 1e-9 * static_cast<double>(devices));
  };
  return time(all.first(all.size() - decode), run.devices_per_replica) +
         time(all.last(decode), run.decode_pool ? run.decode_pool->devices_per_replica : 0);
}

Footprint footprint_of(const engine::RunRecord& run, const CostTerms& terms) {
  constexpr double kJoulesPerKwh = 3.6e6;
  constexpr Seconds kYear{8760.0 * 3600};
  Footprint footprint{.facility = run.energy() * terms.server_power_ratio.value * terms.pue.value};
  footprint.operational = {footprint.facility.base() / kJoulesPerKwh * terms.grid_kg_per_kwh.value};
  const Seconds life = kYear * terms.years.value;
  footprint.embodied = {terms.embodied_kg_per_device.value * (device_time(run) / life)};
  return footprint;
}

Footprint operator+(const Footprint& a, const Footprint& b) {
  return {.facility = a.facility + b.facility,
          .operational = {a.operational.kg + b.operational.kg},
          .embodied = {a.embodied.kg + b.embodied.kg}};
}

}  // namespace mtok::cost
