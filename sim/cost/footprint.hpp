// Energy at the meter of the building, and carbon: of running the devices and of having made them.
#pragma once

#include "sim/cost/cost_terms.hpp"
#include "sim/engine/run_record.hpp"

namespace mtok::cost {

/// Kilograms of CO2 (equivalents where devices are made).
struct CarbonMass {
  double kg = 0;
};

struct Footprint {
  Joules facility{};         ///< what devices drew * server_power_ratio * pue
  CarbonMass operational{};  ///< facility energy * intensity of the grid
  CarbonMass embodied{};     ///< of the devices, spread evenly over their years of use

  [[nodiscard]] CarbonMass total() const { return {operational.kg + embodied.kg}; }
};

/// Of all devices together, as long as they were paid for.
[[nodiscard]] Seconds device_time(const engine::RunRecord& run);
/// Of a fleet for the time of its run, idle included. Left out: that the rest of a server draws less when its
/// devices do nothing by another share than under load.
[[nodiscard]] Footprint footprint_of(const engine::RunRecord& run, const CostTerms& terms);
[[nodiscard]] Footprint operator+(const Footprint& a, const Footprint& b);

}  // namespace mtok::cost
