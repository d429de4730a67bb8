// From the price keys of a scenario to the price of a device, the bill of a run, and what is told about both.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "sim/cost/cost_terms.hpp"
#include "sim/cost/ownership.hpp"
#include "sim/hardware/device_profile.hpp"
#include "sim/planner/run.hpp"

namespace mtok::planner {

/// The shipped terms with the scenario's own numbers in their places.
[[nodiscard]] cost::CostTerms terms_of(const Catalogue& catalogue, const PriceChoice& choice);

/// The price of a device under a choice: its offer in the book, or the scenario's own number, made hourly
/// where the device is owned, and with the waste of interruptions on spot. nullopt when the book has no such
/// offer. `book`: may be null where the scenario states the price.
[[nodiscard]] std::optional<cost::Price> price_of(const cost::PriceBook* book,
                                                  const hardware::DeviceProfile& device,
                                                  const PriceChoice& choice, const cost::CostTerms& terms);

/// Why the scenario's device has no price, neither in its file nor in its book; empty when there is one.
[[nodiscard]] std::string price_obstacle(const Scenario& scenario, const Catalogue& catalogue);

struct PricedDevice {
  cost::Price price{};
  std::vector<std::filesystem::path> files{};  ///< that it depends on
};
/// The same for the device of a scenario. Throws config::Error when there is no such price.
[[nodiscard]] PricedDevice price_for(const Scenario& scenario, const Catalogue& catalogue,
                                     const hardware::DeviceProfile& device, const cost::CostTerms& terms);

/// The price, and the terms that it and the energy and carbon of every run depend on.
[[nodiscard]] std::vector<Assumption> price_assumptions(const cost::Price& price,
                                                        const cost::CostTerms& terms);

/// The bill of a run under the scenario's prices and allocation.
[[nodiscard]] cost::Bill bill_of(const RunResult& result);

/// Adds what the scenario's distillation costs, for a run with its bill. Training runs on the devices that
/// serve, in bf16; a warning where they do not multiply that.
void spread_distillation(RunResult& result);

/// One sentence for each price in the result that is old on that day, or undated.
[[nodiscard]] std::vector<std::string> old_prices(const RunResult& result, cost::Date today);

}  // namespace mtok::planner
