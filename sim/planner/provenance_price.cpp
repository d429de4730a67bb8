// Writes down the formula of an hourly price: rent, rent with interruptions, or what owning comes to.
#include <algorithm>

#include "sim/planner/provenance_bill.hpp"
#include "sim/units/text.hpp"

namespace mtok::planner {
namespace {

using Id = FigureGraph::Id;

/// A pool without a block of its own has that of the scenario.
std::string stated_place(const FigureWriter& writer, const std::string& place, const std::string& path) {
  return writer.sources.states(place + path) ? place + path : path;
}

/// One price with the terms that it was made under.
class PriceFigures {
 public:
  PriceFigures(FigureWriter& writer, const PriceSetup& setup)
      : w_(writer),
        setup_(setup),
        price_(*setup.price),
        terms_(*setup.terms),
        own_("cost." + setup.pool + "rate."),
        owned_(setup.key.substr(0, setup.key.rfind('.')) + ".price.owned.") {}

  PriceOf add() {
    if (price_.purchase) {
      add_owned();
    } else if (!price_.made_of.empty()) {
      add_with_interruptions();
    } else {
      of_.per_hour = w_.sources.price(setup_.key, price_);
    }
    return of_;
  }

 private:
  Id term(const char* group, const char* key, const std::string& meaning, const std::string& unit) {
    return add_term(w_, setup_.place, terms_, {group, key}, meaning, unit);
  }
  Id one() { return w_.constant("one", 1, "", "definition"); }
  Id year() { return w_.constant("hours_per_year", 8760, "h", "365 days"); }
  Id month() { return w_.constant("hours_per_month", cost::kHoursPerMonth, "h", "8,760 h / 12"); }
  Id work_out(const std::string& name, const std::string& meaning, Rule rule, const std::string& unit,
              const std::vector<Id>& parts) {
    return w_.work_out(own_ + name, meaning, rule, unit, parts);
  }
  void charge(cost::Resource resource, Id per_hour) { of_.parts.emplace_back(resource, per_hour); }

  /// docs/formulas.md, "Spot": a useful hour costs 1 / (1 - u) as much.
  void add_with_interruptions() {
    cost::Price offer = price_;
    offer.per_device = price_.made_of.front().rate;
    const Id rent = w_.sources.price(own_ + "rent_usd_per_hour", offer);
    const Id minutes = work_out("minutes_wasted", "by one interruption", Rule::sum, "min",
                                {term("spot", "restart_minutes", "until a replacement serves", "min"),
                                 term("spot", "lost_minutes", "of work that is done again", "min")});
    const Id all =
        work_out("minutes_wasted_per_month", "by all interruptions", Rule::product, "min",
                 {term("spot", "interruptions_per_month", "of a replica on spot devices", ""), minutes});
    const Id of = work_out("minutes_per_month", "a month", Rule::product, "min",
                           {month(), w_.constant("minutes_per_hour", 60, "min", "definition")});
    const Id share = work_out("wasted_share_stated", "of paid hours", Rule::quotient, "", {all, of});
    const Id waste =
        work_out("wasted_share", "of paid hours, at most 99 %", Rule::least, "",
                 {share, w_.constant("most_waste", 0.99, "", "docs/formulas.md: a price stays finite")});
    const Id useful = work_out("useful_share", "of paid hours", Rule::difference, "", {one(), waste});
    of_.per_hour =
        w_.work_out(setup_.key, "a useful hour of a device", Rule::quotient, "USD/h", {rent, useful});
    charge(cost::Resource::compute, rent);
    charge(cost::Resource::interruptions,
           work_out("interruptions_usd_per_hour", "hours that are paid for and lost", Rule::difference,
                    "USD/h", {of_.per_hour, rent}));
  }

  Id purchase() {
    const double usd = price_.purchase->base();
    if (price_.provider == "scenario") {
      return w_.sources.setting(own_ + "purchase_usd",
                                stated_place(w_, setup_.place, "prices.usd_per_device"), usd, "USD");
    }
    return w_.stated(own_ + "purchase_usd", "what one " + price_.device + " costs to buy", usd, "USD",
                     w_.sources.offer_text(price_), price_.as_of);
  }

  /// docs/formulas.md, "Owned devices": w / (1 - (1 + w)^-n), and 1 / n without interest.
  Id annuity(Id interest, Id years) {
    const std::string meaning = "share of a sum that is paid each year to pay it back with interest";
    if (w_.graph.value_of(interest) <= 0) {
      return work_out("annuity", meaning, Rule::quotient, "1/year", {one(), years});
    }
    const Id growth = work_out("growth", "of a sum in a year", Rule::sum, "", {one(), interest});
    const Id all = work_out("growth_over_years", "of a sum in all years", Rule::power, "", {growth, years});
    const Id today = work_out("worth_today", "of a sum at their end", Rule::quotient, "", {one(), all});
    const Id rest = work_out("lost_worth", "by waiting", Rule::difference, "", {one(), today});
    return work_out("annuity", meaning, Rule::quotient, "1/year", {interest, rest});
  }

  /// Money a year as money an hour.
  Id hourly(const std::string& name, const std::string& meaning, Id per_year) {
    return work_out(name + "_usd_per_hour", meaning, Rule::quotient, "USD/h", {per_year, year()});
  }

  /// A purchase that goes with the server, as an annuity. Returns what is paid for it at once.
  Id add_purchase(cost::Resource resource, const std::string& name, Id server, Id annuity_share) {
    const Id share =
        term("owned", (name + "_share").c_str(), name + ", of what the device with its server costs", "");
    const Id bought = work_out(name + "_usd", name + ", paid at once", Rule::product, "USD", {server, share});
    const Id per_year = work_out(name + "_usd_per_year", "annuity of what is bought", Rule::product,
                                 "USD/year", {bought, annuity_share});
    charge(resource, hourly(name, name, per_year));
    return bought;
  }

  void add_loss_of_value(Id server, Id interest, Id annuity_share) {
    const Id sinking = work_out("sinking_share", "of a sum, put aside each year to have it at the end",
                                Rule::difference, "1/year", {annuity_share, interest});
    const Id residual =
        work_out("residual_usd", "what the device is sold for at the end", Rule::product, "USD",
                 {server, term("owned", "residual_share", "of its price, when it is sold", "")});
    const Id back = work_out("residual_usd_per_year", "put aside for that", Rule::product, "USD/year",
                             {residual, sinking});
    const Id paid = work_out("server_usd_per_year", "annuity of the device with its server", Rule::product,
                             "USD/year", {server, annuity_share});
    const Id net = work_out("compute_usd_per_year", "loss of value with interest", Rule::difference,
                            "USD/year", {paid, back});
    charge(cost::Resource::compute, hourly("compute", "loss of value with interest", net));
  }

  void add_running(Id server) {
    const Id support =
        work_out("support_usd_per_year", "support", Rule::product, "USD/year",
                 {server, term("owned", "support_share_per_year", "support, of the price in a year", "")});
    charge(cost::Resource::support, hourly("support", "support", support));
    const Id watts = setup_.pool.empty()
                         ? w_.sources.of_device(own_ + "tdp_w", "power.tdp", setup_.device->tdp.base(), "W")
                         : w_.stated(own_ + "tdp_w", "power.tdp of " + setup_.device->name,
                                     setup_.device->tdp.base(), "W", "profile of " + setup_.device->name);
    const Id kilowatts = work_out(
        "kilowatts", "of a device with its part of the server", Rule::quotient, "kW",
        {work_out(
             "watts", "of a device with its part of the server", Rule::product, "W",
             {watts, term("energy", "server_power_ratio", "power of a server over that of its devices", "")}),
         w_.constant("watts_per_kilowatt", 1000, "W", "definition")});
    const Id space = work_out(
        "colocation_usd_per_month", "place, power supply and cooling", Rule::product, "USD/month",
        {kilowatts, term("owned", "colocation_usd_per_kw_month", "a kilowatt of place", "USD/month")});
    charge(cost::Resource::colocation,
           work_out("colocation_usd_per_hour", "place", Rule::quotient, "USD/h", {space, month()}));
    charge(cost::Resource::staff, hourly("staff", "people",
                                         term("owned", "staff_usd_per_device_year",
                                              "people who keep a device running", "USD/year")));
  }

  void add_owned() {
    const Id device = purchase();
    const Id server =
        price_.whole_server
            ? device
            : work_out("server_usd", "the device with its part of the server", Rule::product, "USD",
                       {device, term("owned", "server_ratio", "that over the device alone", "")});
    const Id interest = term("owned", "cost_of_capital", "interest of a year", "");
    const Id share = annuity(interest, term("owned", "years", "that a device is used", "years"));
    add_loss_of_value(server, interest, share);
    const std::vector<Id> at_once{server,
                                  add_purchase(cost::Resource::installation, "installation", server, share),
                                  add_purchase(cost::Resource::network, "network", server, share),
                                  add_purchase(cost::Resource::spares, "spares", server, share)};
    w_.work_out(owned_ + "outlay_usd_per_device", "paid at once for a device", Rule::sum, "USD", at_once);
    const std::size_t bought = of_.parts.size();
    add_running(server);
    std::vector<Id> running;
    for (std::size_t i = bought; i < of_.parts.size(); ++i) {
      running.push_back(of_.parts[i].second);
    }
    w_.work_out(owned_ + "running_usd_per_device_hour", "paid as it goes, without energy", Rule::sum, "USD/h",
                running);
    std::vector<Id> all;
    for (const auto& [resource, per_hour] : of_.parts) {
      all.push_back(per_hour);
    }
    of_.per_hour =
        w_.work_out(setup_.key, "an hour of an owned device, without energy", Rule::sum, "USD/h", all);
    add_energy();
  }

  void add_energy() {
    const Id overhead =
        work_out("power_overhead", "power of the building over that of the devices", Rule::product, "",
                 {term("energy", "server_power_ratio", "power of a server over that of its devices", ""),
                  term("energy", "pue", "power of the building over that of its servers", "")});
    const Id tariff = term("energy", "usd_per_kwh", "tariff", "USD/kWh");
    w_.work_out(owned_ + "power_overhead", "power of the building over that of the devices", Rule::sum, "",
                {overhead});
    w_.work_out(owned_ + "usd_per_kwh", "tariff of the building", Rule::sum, "USD/kWh", {tariff});
    of_.usd_per_joule = work_out("usd_per_joule", "of what devices draw", Rule::quotient, "USD/J",
                                 {work_out("usd_per_kwh", "of what devices draw, with the building",
                                           Rule::product, "USD/kWh", {overhead, tariff}),
                                  w_.constant("joules_per_kwh", 3.6e6, "J", "definition")});
    of_.idle_watts =
        w_.stated(own_ + "idle_w", "what one " + setup_.device->name + " draws while nothing runs",
                  price_.energy->idle.base(), "W",
                  "profile of " + setup_.device->name + ": power.tdp times power.idle_fraction");
  }

  FigureWriter& w_;
  const PriceSetup& setup_;
  const cost::Price& price_;
  const cost::CostTerms& terms_;
  std::string own_;
  std::string owned_;  ///< prefix of what a result states of an owned device
  PriceOf of_{};
};

}  // namespace

FigureWriter::Id add_term(FigureWriter& writer, const std::string& place, const cost::CostTerms& terms,
                          const TermName& name, const std::string& meaning, const std::string& unit) {
  const std::span<const cost::TermKey> keys = cost::term_keys();
  const auto known = std::find_if(keys.begin(), keys.end(), [&](const cost::TermKey& key) {
    return key.group == name.group && key.key == name.key;
  });
  const std::string path = place + "prices." + name.group + "." + name.key;
  if (writer.has(path)) {
    return writer.find(path);
  }
  const cost::Fact& fact = terms.*known->fact;
  const std::string stated = stated_place(writer, place, path.substr(place.size()));
  if (writer.sources.states(stated)) {
    return writer.sources.setting(path, stated, fact.value, unit);
  }
  return writer.stated(path, meaning, fact.value, unit, fact.source, fact.as_of);
}

PriceOf add_price(FigureWriter& writer, const PriceSetup& setup) {
  return PriceFigures(writer, setup).add();
}

}  // namespace mtok::planner
