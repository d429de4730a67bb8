// Annuities of what is bought, and the waste of interruptions.
#include "sim/cost/ownership.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>

namespace mtok::cost {
namespace {

constexpr Seconds kYear{8760.0 * 3600};
constexpr Seconds kMonth{kHoursPerMonth * 3600};

}  // namespace

double annuity_factor(double interest, double years) {
  assert(interest >= 0 && years > 0);
  return interest > 0 ? interest / (1 - std::pow(1 + interest, -years)) : 1 / years;
}

double sinking_factor(double interest, double years) {
  return annuity_factor(interest, years) - interest;
}

OwnedDevice owned_device(const Price& price, const CostTerms& terms, Watts tdp) {
  assert(price.purchase);
  OwnedDevice device{.server = *price.purchase * (price.whole_server ? 1 : terms.server_ratio.value)};
  device.installation = device.server * terms.installation_share.value;
  device.network = device.server * terms.network_share.value;
  device.spares = device.server * terms.spares_share.value;
  device.support = device.server * terms.support_share_per_year.value / kYear;
  const double kilowatts = tdp.base() * terms.server_power_ratio.value / 1000;
  device.colocation = Usd(terms.colocation_usd_per_kw_month.value * kilowatts) / kMonth;
  device.staff = Usd(terms.staff_usd_per_device_year.value) / kYear;
  return device;
}

Price owned_price(const Price& price, const CostTerms& terms, Watts tdp, Watts idle) {
  const OwnedDevice device = owned_device(price, terms, tdp);
  const double interest = terms.cost_of_capital.value;
  const double years = terms.years.value;
  const double annuity = annuity_factor(interest, years);
  const Usd residual = device.server * terms.residual_share.value;
  Price owned = price;
  owned.owned = device;
  owned.made_of = {
      {Resource::compute, (device.server * annuity - residual * sinking_factor(interest, years)) / kYear},
      {Resource::installation, device.installation * annuity / kYear},
      {Resource::network, device.network * annuity / kYear},
      {Resource::spares, device.spares * annuity / kYear},
      {Resource::support, device.support},
      {Resource::colocation, device.colocation},
      {Resource::staff, device.staff}};
  owned.per_device = {};
  for (const RatePart& part : owned.made_of) {
    owned.per_device += part.rate;
  }
  constexpr double kJoulesPerKwh = 3.6e6;
  owned.energy = EnergyPrice{.idle = idle,
                             .overhead = terms.server_power_ratio.value * terms.pue.value,
                             .tariff = Usd(terms.usd_per_kwh.value) / Joules(kJoulesPerKwh)};
  return owned;
}

Price with_interruptions(const Price& price, const CostTerms& terms) {
  constexpr double kMostWaste = 0.99;
  const double minutes = terms.restart_minutes.value + terms.lost_minutes.value;
  const double waste =
      std::min(kMostWaste, terms.interruptions_per_month.value * minutes / (kHoursPerMonth * 60));
  Price spot = price;
  const UsdPerSecond wasted = price.per_device * (waste / (1 - waste));
  spot.made_of = {{Resource::compute, price.per_device}, {Resource::interruptions, wasted}};
  spot.per_device = price.per_device + wasted;
  return spot;
}

}  // namespace mtok::cost
