// Prices as JSON.
#pragma once

#include "app/report/json.hpp"
#include "sim/cost/price_book.hpp"

namespace mtok::report {

/// Where a price is from: `tier, provider, offer, region, as_of, source`; of owned devices also
/// `purchase_covers` and `owned{outlay_usd_per_device, running_usd_per_device_hour, power_overhead,
/// usd_per_kwh}`.
[[nodiscard]] Json offer_json(const cost::Price& price);
/// The same behind `device` and `usd_per_device_hour`.
[[nodiscard]] Json price_json(const cost::Price& price);

}  // namespace mtok::report
