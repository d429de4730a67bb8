// Adds the bill of a dossier up in several ways.
#include "app/report/control.hpp"

#include <algorithm>

namespace mtok::report {

std::vector<ControlSum> control_sums(const Dossier& dossier, std::optional<Money> requests) {
  std::vector<ControlSum> sums;
  if (!dossier.run.total) {
    return sums;
  }
  sums.push_back({"bill", "the bill", *dossier.run.total});
  sums.push_back({"parts", "sum of its parts: input, cached input, output, idle", dossier.run.parts.sum()});
  for (const auto& [key, amount] : dossier.stated_sums) {
    if (key != "parts") {
      sums.push_back({key, "sum over " + key, amount});
    }
  }
  Money devices = dossier.run.energy_parts.sum();
  bool priced = dossier.makespan_ns > 0;
  for (const PoolLine& pool : dossier.pools) {
    priced = priced && pool.device_hour.has_value();
    if (priced) {
      const UsdPerSecond price = pool.device_hour->usd() / Seconds(3600);
      const Int128 replicas =
          pool.paid_ns ? Int128{*pool.paid_ns} : Int128{pool.replicas} * dossier.makespan_ns;
      devices += cost::rent_of(price, replicas * pool.devices_per_replica);
    }
  }
  if (priced) {
    sums.push_back({"devices",
                    dossier.run.energy_parts.sum() > Money{}
                        ? "sum over devices: price x device time, and energy"
                        : "sum over devices: price x device time",
                    devices});
  }
  if (requests) {
    sums.push_back({"requests", "sum over requests, and idle time", *requests});
  }
  return sums;
}

bool all_agree(const std::vector<ControlSum>& sums) {
  return std::all_of(sums.begin(), sums.end(),
                     [&](const ControlSum& sum) { return sum.amount == sums.front().amount; });
}

}  // namespace mtok::report
