// Writes down the formulas of the energy at the meter and of carbon.
#include "sim/cost/footprint.hpp"
#include "sim/planner/pricing.hpp"
#include "sim/planner/provenance_bill.hpp"

namespace mtok::planner {
namespace {

using Id = FigureGraph::Id;

void add_own(FigureWriter& w, const Catalogue& catalogue) {
  const cost::CostTerms terms = terms_of(catalogue, w.result.scenario.prices);
  const auto term = [&](const char* group, const char* key, const std::string& meaning,
                        const std::string& unit) {
    return add_term(w, "", terms, {group, key}, meaning, unit);
  };
  const Id ratio = term("energy", "server_power_ratio", "power of a server over that of its devices", "");
  const Id pue = term("energy", "pue", "power of the building over that of its servers", "");
  const Id facility = w.work_out("energy.facility_kwh", "at the meter of the building", Rule::product, "kWh",
                                 {w.find("energy.kwh"), ratio, pue});
  const Id grid = term("carbon", "grid_kg_per_kwh", "carbon intensity of the grid", "kg/kWh");
  w.work_out("carbon.operational_kg", "of the energy", Rule::product, "kg", {facility, grid});

  const Id time = w.simulated("carbon.device_s", "time of all devices that was paid for",
                              cost::device_time(w.result.run).base(), "s");
  const Id years = term("owned", "years", "that a device is used", "years");
  const Id life = w.work_out("carbon.life_s", "that a device is used", Rule::product, "s",
                             {years, w.constant("hours_per_year", 8760, "h", "365 days"), w.hour()});
  const Id share =
      w.work_out("carbon.lives", "lives of devices that were used up", Rule::quotient, "", {time, life});
  const Id made = term("carbon", "embodied_kg_per_device", "carbon of making one", "kg");
  w.work_out("carbon.embodied_kg", "of making the devices", Rule::product, "kg", {made, share});
}

}  // namespace

void add_footprint_figures(FigureWriter& writer, const Catalogue& catalogue) {
  if (writer.pools().empty()) {
    add_own(writer, catalogue);
  } else {
    writer.sum_of_pools("energy.facility_kwh", "at the meter of the building", "kWh");
    writer.sum_of_pools("carbon.operational_kg", "of the energy", "kg");
    writer.sum_of_pools("carbon.embodied_kg", "of making the devices", "kg");
  }
  if (!writer.has("tokens.billed")) {
    return;
  }
  const Id tokens = writer.find("tokens.billed");
  const auto per_mtok = [&](const std::string& key, const std::string& meaning, Id amount,
                            const std::string& unit) {
    const Id rate =
        writer.work_out(key + ".per_token", meaning, Rule::quotient, unit + "/token", {amount, tokens});
    writer.work_out(key, meaning + ", per million tokens", Rule::product, unit + "/Mtok",
                    {rate, writer.mtok()});
  };
  per_mtok("energy.facility_kwh_per_mtok", "energy at the meter", writer.find("energy.facility_kwh"), "kWh");
  const Id carbon =
      writer.work_out("carbon.kg", "of running and making", Rule::sum, "kg",
                      {writer.find("carbon.operational_kg"), writer.find("carbon.embodied_kg")});
  per_mtok("carbon.kg_per_mtok", "carbon", carbon, "kg");
}

}  // namespace mtok::planner
