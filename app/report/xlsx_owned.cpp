// Rows of the tab Assumptions for owned devices: the terms as cells, and what an hour comes to.
#include <algorithm>
#include <array>

#include "app/report/dossier_text.hpp"
#include "app/report/xlsx_tabs.hpp"
#include "sim/units/text.hpp"

namespace mtok::report {
namespace {

struct OwnedTerm {
  std::string_view key;  ///< of the assumption
  const char* title = "";
  const char* name = "";  ///< of the cell
  const char* unit = "";
};
/// The ratio of the server stands first: a purchase that holds the server does not need it.
constexpr std::array<OwnedTerm, 13> kTerms{
    {{"prices.owned.server_ratio", "device with its part of the server / device", "owned_server_ratio", ""},
     {"price.usd_per_device", "what a device costs to buy", "owned_purchase", "a device"},
     {"prices.owned.years", "years of use", "owned_years", "years"},
     {"prices.owned.cost_of_capital", "cost of capital", "owned_cost_of_capital", "share a year"},
     {"prices.owned.residual_share", "sold at the end for", "owned_residual_share", "share of the price"},
     {"prices.owned.installation_share", "installation", "owned_installation_share", "share of the price"},
     {"prices.owned.network_share", "network", "owned_network_share", "share of the price"},
     {"prices.owned.spares_share", "spares", "owned_spares_share", "share of the price"},
     {"prices.owned.support_share_per_year", "support", "owned_support_share", "share of the price a year"},
     {"prices.owned.colocation_usd_per_kw_month", "place in a data centre", "owned_colocation_per_kw",
      "USD a kW and month"},
     {"prices.owned.staff_usd_per_device_year", "staff", "owned_staff_per_device", "USD a device and year"},
     {"prices.energy.server_power_ratio", "power of the server / power of its devices",
      "energy_server_power_ratio", ""},
     {"prices.energy.pue", "power of the building / power of the servers", "energy_pue", ""}}};
constexpr OwnedTerm kTariff{"prices.energy.usd_per_kwh", "tariff", "energy_usd_per_kwh", "USD a kWh"};

const planner::Assumption* find(const Dossier& dossier, std::string_view key) {
  const auto found = std::find_if(dossier.assumptions.begin(), dossier.assumptions.end(),
                                  [&](const planner::Assumption& item) { return item.key == key; });
  return found == dossier.assumptions.end() ? nullptr : &*found;
}

bool is_live(const Dossier& dossier) {
  const auto stated = [&](const OwnedTerm& term) { return find(dossier, term.key) != nullptr; };
  return dossier.price.tier == cost::Tier::owned && dossier.pools.size() == 1 && dossier.tdp_w &&
         dossier.run.device_hour && std::all_of(kTerms.begin(), kTerms.end(), stated) && stated(kTariff);
}

Term add_cell(const Dossier& dossier, InputTable& table, const OwnedTerm& term) {
  const planner::Assumption& item = *find(dossier, term.key);
  const double value = units::parse_number(item.value).value_or(0);
  return table.add({.title = term.title,
                    .name = term.name,
                    .unit = term.unit,
                    .low = value,
                    .base = value,
                    .high = value,
                    .source = item.source,
                    .date = item.date});
}

}  // namespace

bool is_owned_term(const WorkbookParts& parts, std::string_view key) {
  const auto is = [&](const OwnedTerm& term) { return term.key == key; };
  return parts.assumptions.per_kwh && (std::any_of(kTerms.begin(), kTerms.end(), is) || is(kTariff));
}

void add_owned_terms(WorkbookParts& parts, InputTable& table) {
  const Dossier& dossier = parts.dossier;
  if (!is_live(dossier)) {
    return;
  }
  std::map<std::string_view, Term> cells;
  for (const OwnedTerm& term : kTerms) {
    const bool needed = &term != kTerms.data() || !dossier.price.whole_server;
    if (needed) {
      cells[term.name] = add_cell(dossier, table, term);
    }
  }
  const Term tariff = add_cell(dossier, table, kTariff);
  const Term tdp = table.add({.title = "power of a " + dossier.run.device,
                              .name = "device_tdp_w",
                              .unit = "W",
                              .low = *dossier.tdp_w,
                              .base = *dossier.tdp_w,
                              .high = *dossier.tdp_w,
                              .source = "profile of the device"});
  const Term overhead = cells["energy_server_power_ratio"] * cells["energy_pue"];
  parts.assumptions.per_kwh = table.add_result({.title = "a kWh that devices draw, with the building",
                                                .name = "energy_usd_per_device_kwh",
                                                .unit = "USD",
                                                .source = "computed: overheads x tariff"},
                                               overhead * tariff);
  // docs/formulas.md, Owned devices.
  const Term year = constant(8760);
  const Term purchase = cells["owned_purchase"];
  const Term server = dossier.price.whole_server ? purchase : purchase * cells["owned_server_ratio"];
  const Term interest = cells["owned_cost_of_capital"];
  const Term annuity = level_payment(interest, cells["owned_years"], constant(1));
  const Term share =
      annuity - cells["owned_residual_share"] * (annuity - interest) +
      (cells["owned_installation_share"] + cells["owned_network_share"] + cells["owned_spares_share"]) *
          annuity +
      cells["owned_support_share"];
  const Term place = tdp * cells["energy_server_power_ratio"] / constant(1000) *
                     cells["owned_colocation_per_kw"] / constant(cost::kHoursPerMonth);
  const Term hour = (server * share + cells["owned_staff_per_device"]) / year + place;
  parts.assumptions.prices[price_key(dossier.run)] = table.add_result(
      {.title = "price of a device-hour, " + dossier.run.device + ", without energy",
       .name = "price_" + word_of(dossier.run.device).substr(0, 60),
       .unit = dossier.currency + " a device-hour",
       .source = "computed from the rows above: annuities, running costs, place; " + price_words(dossier),
       .date = dossier.price.as_of,
       .look = Look::input_money},
      hour);
}

}  // namespace mtok::report
