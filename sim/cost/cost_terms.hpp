// The terms under which devices are owned, interrupted, powered and counted in carbon: numbers with sources.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <string_view>

#include "sim/config/reader.hpp"

namespace mtok::cost {

/// A number that a price is made of, and where it comes from.
struct Fact {
  double value = 0;
  std::string source{};
  std::string as_of{};  ///< empty: undated
};

/// Shares are of the purchase price of a device with its part of the server.
struct CostTerms {
  Fact interruptions_per_month{};  ///< of a replica on spot devices, in 730 h
  Fact restart_minutes{};          ///< paid for after each, until a replacement serves
  Fact lost_minutes{};             ///< of work that is done again after each

  Fact server_ratio{};  ///< a device with its part of the server / the device alone
  Fact installation_share{};
  Fact network_share{};
  Fact spares_share{};
  Fact support_share_per_year{};
  Fact residual_share{};   ///< what the device is sold for at the end
  Fact years{};            ///< of use
  Fact cost_of_capital{};  ///< a year
  Fact colocation_usd_per_kw_month{};
  Fact staff_usd_per_device_year{};

  Fact server_power_ratio{};  ///< power of the server / power of its devices
  Fact pue{};                 ///< power of the building / power of the servers
  Fact usd_per_kwh{};

  Fact grid_kg_per_kwh{};         ///< CO2 of a kWh from the grid
  Fact embodied_kg_per_device{};  ///< CO2e of making a device with its part of the server
};

/// Where a term stands in files: "owned", "years".
struct TermKey {
  std::string_view group;
  std::string_view key;
  Fact CostTerms::*fact;
  config::Range range;
};
/// All terms, group by group.
[[nodiscard]] std::span<const TermKey> term_keys();

/// hwprofiles/cost_terms.yaml. Throws config::Error: also for a number without a source.
[[nodiscard]] CostTerms load_cost_terms(const std::filesystem::path& path);

}  // namespace mtok::cost
