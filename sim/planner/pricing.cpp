// Prices of devices under the keys of a scenario.
#include "sim/planner/pricing.hpp"

#include <algorithm>

#include "sim/config/diagnostic.hpp"

namespace mtok::planner {
namespace {

/// Does a price of this tier, or the energy and carbon of a run, depend on a term?
bool matters(const cost::TermKey& term, cost::Tier tier) {
  if (term.group == "spot") {
    return tier == cost::Tier::spot;
  }
  const bool physical =
      term.group == "carbon" || term.key == "server_power_ratio" || term.key == "pue" || term.key == "years";
  return physical || tier == cost::Tier::owned;
}

/// A price that the scenario states itself; nullopt when it does not.
std::optional<cost::Price> stated_price(const hardware::DeviceProfile& device, const PriceChoice& choice) {
  cost::Price price{.device = device.name, .provider = "scenario", .tier = choice.tier};
  if (choice.tier == cost::Tier::owned && choice.purchase) {
    price.offer = "usd_per_device";
    price.purchase = choice.purchase;
    price.whole_server = true;
    return price;
  }
  if (choice.per_device) {
    price.offer = "usd_per_device_hour";
    price.per_device = *choice.per_device;
    return price;
  }
  return std::nullopt;
}

}  // namespace

cost::CostTerms terms_of(const Catalogue& catalogue, const PriceChoice& choice) {
  cost::CostTerms terms = catalogue.cost_terms();
  for (const TermChoice& own : choice.terms) {
    terms.*own.term->fact = {.value = own.value, .source = "scenario"};
  }
  return terms;
}

std::optional<cost::Price> price_of(const cost::PriceBook* book, const hardware::DeviceProfile& device,
                                    const PriceChoice& choice, const cost::CostTerms& terms) {
  std::optional<cost::Price> price = stated_price(device, choice);
  if (!price && book != nullptr) {
    price = find_price(*book, device.name, choice);
  }
  if (!price) {
    return std::nullopt;
  }
  if (price->purchase) {
    return cost::owned_price(*price, terms, device.tdp, device.tdp * device.idle_power_fraction);
  }
  return price->tier == cost::Tier::spot ? cost::with_interruptions(*price, terms) : *price;
}

std::string price_obstacle(const Scenario& scenario, const Catalogue& catalogue) {
  const PriceChoice& choice = scenario.prices;
  const Catalogue::Lookup file = catalogue.find_price_book(choice.book, scenario.file.parent_path());
  const std::shared_ptr<const cost::PriceBook> book = file.file ? catalogue.price_book(*file.file) : nullptr;
  const hardware::DeviceProfile device = catalogue.device(scenario.device_file);
  if (price_of(book.get(), device, choice, terms_of(catalogue, choice))) {
    return "";
  }
  return "book '" + choice.book + "' has no " + std::string(cost::name_of(choice.tier)) + " price for " +
         device.name + (choice.provider ? " from " + *choice.provider : "");
}

PricedDevice price_for(const Scenario& scenario, const Catalogue& catalogue,
                       const hardware::DeviceProfile& device, const cost::CostTerms& terms) {
  PricedDevice priced{.files = {catalogue.root() / "hwprofiles/cost_terms.yaml"}};
  std::optional<cost::Price> found = price_of(nullptr, device, scenario.prices, terms);
  if (found) {
    found->source = catalogue.shown(scenario.file);
  } else {
    const Catalogue::Lookup file =
        catalogue.find_price_book(scenario.prices.book, scenario.file.parent_path());
    if (file.file) {
      found = price_of(catalogue.price_book(*file.file).get(), device, scenario.prices, terms);
      priced.files.push_back(*file.file);
    }
  }
  if (!found) {
    throw config::Error({.file = scenario.file.string(),
                         .at = {1, 1},
                         .message = "prices: no " + std::string(cost::name_of(scenario.prices.tier)) +
                                    " price for " + device.name + " in book '" + scenario.prices.book + "'",
                         .hint = "give prices: {usd_per_device_hour: ...}"});
  }
  priced.price = *found;
  return priced;
}

std::vector<Assumption> price_assumptions(const cost::Price& price, const cost::CostTerms& terms) {
  std::vector<Assumption> list;
  if (price.purchase) {
    list.push_back({"price.usd_per_device", units::shortest(price.purchase->base()),
                    price.provider + " " + price.offer + ", " + price.source, price.as_of});
  }
  list.push_back({"price.usd_per_device_hour", units::shortest(price.per_device.base() * 3600),
                  price.provider + " " + price.offer + " " + price.region + ", " + price.source,
                  price.as_of});
  list.push_back({"price.hours_per_month", units::shortest(cost::kHoursPerMonth), "8,760 h / 12", ""});
  for (const cost::TermKey& term : cost::term_keys()) {
    if (matters(term, price.tier)) {
      const cost::Fact& fact = terms.*term.fact;
      list.push_back({"prices." + std::string(term.group) + "." + std::string(term.key),
                      units::shortest(fact.value), fact.source, fact.as_of});
    }
  }
  return list;
}

cost::Bill bill_of(const RunResult& result) {
  cost::BillTerms terms{
      .price = result.price, .allocation = result.scenario.prices.allocation, .marginal = result.marginal};
  if (result.decode_pool) {
    terms.decode_price = result.decode_pool->price;
    terms.decode_marginal = result.decode_pool->marginal;
  }
  return cost::make_bill(result.run, terms);
}

void spread_distillation(RunResult& result) {
  const std::optional<DistillationChoice>& choice = result.scenario.distillation;
  const auto peak = result.device.peak.find(kernel::NumberFormat::bf16);
  if (!choice) {
    return;
  }
  if (peak == result.device.peak.end()) {
    result.warnings.push_back("distillation is not priced: " + result.device.name +
                              " does not multiply bf16");
    return;
  }
  const model::ParameterCount size = model::count_parameters(result.architecture);
  result.distillation = cost::distil({.teacher_tokens = choice->teacher_tokens,
                                      .teacher_per_token = choice->teacher_per_token,
                                      .active_parameters = static_cast<double>(size.active),
                                      .training_tokens = choice->training_tokens,
                                      .training_rate = peak->second * choice->mfu,
                                      .per_device = result.price.per_device,
                                      .months = choice->months},
                                     result.bill, result.run);
}

std::vector<std::string> old_prices(const RunResult& result, cost::Date today) {
  std::vector<std::string> notes;
  const auto look_at = [&](const cost::Price& price) {
    const bool own = price.provider == "scenario";
    const std::string note = own ? "" : cost::age_warning(price, today);
    if (!note.empty() && std::find(notes.begin(), notes.end(), note) == notes.end()) {
      notes.push_back(note);
    }
  };
  look_at(result.price);
  if (result.decode_pool) {
    look_at(result.decode_pool->price);
  }
  for (const RunResult& pool : result.pools) {
    look_at(pool.price);
  }
  return notes;
}

}  // namespace mtok::planner
