// Prices of the ways to pay for a fleet by month.
#include "sim/planner/capacity_prices.hpp"

#include <algorithm>

#include "sim/config/reader.hpp"
#include "sim/planner/pricing.hpp"

namespace mtok::planner {
namespace {

using cost::MonthlyCost;
using cost::Tier;

constexpr Seconds kHour{3600};
constexpr Seconds kMonth{cost::kHoursPerMonth * 3600};
constexpr std::int64_t kMonthsPerYear = 12;

std::string dollars_an_hour(UsdPerSecond rate) {
  return units::fixed(rate.base() * kHour.base(), 2) + " USD/h";
}

std::string offer_text(const cost::Price& price) {
  std::string text = price.provider;
  for (const std::string* part : {&price.offer, &price.as_of, &price.source}) {
    text += part->empty() ? "" : ", " + *part;
  }
  return text;
}

std::string api_name(const cost::ApiPrice& price) {
  return price.vendor + " " + price.model;
}

/// The hours of a term that begins in `from`, with the fall of on-demand prices since then.
std::vector<cost::NeededHours> hours_of(const std::vector<HourlyNeed>& needs, std::size_t from,
                                        std::size_t count, double decline) {
  std::vector<cost::NeededHours> hours;
  for (std::size_t month = from; month < from + count; ++month) {
    const double factor = cost::price_factor(decline, static_cast<double>(month - from));
    for (const std::int64_t replicas : needs[month].replicas) {
      hours.push_back({.units = replicas, .hours = needs[month].hours, .on_demand_factor = factor});
    }
  }
  return hours;
}

}  // namespace

std::vector<Assumption> capacity_assumptions(const CapacityChoice& choice, const Scenario& scenario) {
  const auto source = [&](std::string_view key, const char* why) {
    const std::string path = "capacity." + std::string(key);
    const bool stated = std::any_of(scenario.stated.begin(), scenario.stated.end(),
                                    [&](const auto& entry) { return entry.first == path; });
    return stated ? "scenario" : std::string(why);
  };
  std::vector<Assumption> list;
  const auto add = [&](const char* key, double value, const char* why) {
    list.push_back({"capacity." + std::string(key), units::shortest(value), source(key, why), ""});
  };
  constexpr const char* kGuess = "plain estimate: put your own";
  add("months", static_cast<double>(choice.months), "default of mtok");
  add("demand_growth_per_month", choice.demand_growth_per_month, kGuess);
  add("price_decline_per_year", choice.price_decline_per_year, kGuess);
  add("api_price_decline_per_year", choice.api_price_decline_per_year, "as price_decline_per_year");
  add("daily_swing", choice.daily_swing, kGuess);
  add("weekend", choice.weekend, kGuess);
  add("spare_replicas", static_cast<double>(choice.spare_replicas), "N+1: one failed replica leaves enough");
  add("discount_rate_per_year", choice.discount_rate_per_year, kGuess);
  return list;
}

CapacityPrices::CapacityPrices(const RunResult& first, const Catalogue& catalogue,
                               const CapacityChoice& choice, double rate)
    : first_(first),
      catalogue_(catalogue),
      choice_(choice),
      rate_(rate),
      terms_(terms_of(catalogue, first.scenario.prices)) {
  const Scenario& scenario = first.scenario;
  const Catalogue::Lookup file = catalogue.find_price_book(scenario.prices.book, scenario.file.parent_path());
  if (file.file) {
    book_ = cost::PriceBook::load(*file.file);
  }
  const auto in_tier = [&](Tier tier) {
    PriceChoice asked = scenario.prices;
    if (asked.tier != tier) {
      asked.provider.reset();
    }
    asked.tier = tier;
    return price_of(book_ ? &*book_ : nullptr, first.device, asked, terms_);
  };
  rent_ = in_tier(Tier::on_demand);
  if (!scenario.prices.per_device || scenario.prices.purchase) {
    owned_ = in_tier(Tier::owned);
  } else if (book_) {
    PriceChoice asked = scenario.prices;
    asked.per_device.reset();
    asked.provider.reset();
    asked.tier = Tier::owned;
    owned_ = price_of(&*book_, first.device, asked, terms_);
  }
}

double CapacityPrices::fall(double months) const {
  return cost::price_factor(choice_.price_decline_per_year, months);
}

void CapacityPrices::add_options(Capacity& plan, const std::vector<HourlyNeed>& needs) {
  std::vector<cost::ApiPrice> api = api_prices(plan);
  const auto price_for_use = [&](const cost::ApiPrice& price) { return *cost::api_cost(price, use_of(1)); };
  std::sort(api.begin(), api.end(), [&](const cost::ApiPrice& a, const cost::ApiPrice& b) {
    return price_for_use(a) < price_for_use(b);
  });
  if (!api.empty()) {
    api_ = api.front();
  }
  add_rent(plan, needs);
  if (rent_) {
    find_ratio(plan, Tier::reserved_1y, choice_.reserved_1y_ratio, "1 year");
    find_ratio(plan, Tier::reserved_3y, choice_.reserved_3y_ratio, "3 years");
    add_commitments(plan, needs);
  }
  add_owned(plan);
  for (const cost::ApiPrice& price : api) {
    CapacityOption option{.name = "API " + api_name(price), .basis = price.as_of + ", " + price.source};
    for (const CapacityMonth& month : plan.months) {
      const double requests = month.mean_requests_per_s * kMonth.base();
      const double factor =
          cost::price_factor(choice_.api_price_decline_per_year, static_cast<double>(month.month - 1));
      option.months.push_back({.at_end = *cost::api_cost(price, use_of(requests)) * factor});
    }
    plan.options.push_back(std::move(option));
  }
  finish(plan);
}

void CapacityPrices::add_rent(Capacity& plan, const std::vector<HourlyNeed>& needs) const {
  CapacityOption fixed{.name = "rent on demand, fleet of the peak"};
  CapacityOption elastic{.name = "rent on demand, fleet of each hour"};
  if (!rent_) {
    fixed.missing = "the price book has no on-demand price for " + first_.device.name;
    plan.options.push_back(std::move(fixed));
    return;
  }
  fixed.basis = dollars_an_hour(rent_->per_device) + " a device, " + offer_text(*rent_);
  elastic.basis = fixed.basis;
  const auto per_replica = static_cast<double>(plan.devices_per_replica);
  for (std::size_t month = 0; month < plan.months.size(); ++month) {
    const UsdPerSecond hourly = rent_->per_device * fall(static_cast<double>(month));
    fixed.months.push_back({.at_end = hourly * static_cast<double>(plan.months[month].devices) * kMonth});
    double replica_hours = 0;
    for (const std::int64_t replicas : needs[month].replicas) {
      replica_hours += static_cast<double>(replicas) * needs[month].hours;
    }
    elastic.months.push_back({.at_end = hourly * (kHour * (replica_hours * per_replica))});
  }
  add_break_even(plan, fixed, rent_->per_device * per_replica * kMonth);
  plan.options.push_back(std::move(fixed));
  plan.options.push_back(std::move(elastic));
}

/// Tiers of one device may come from different providers, so the ratio is taken within one that has both.
void CapacityPrices::find_ratio(Capacity& plan, Tier tier, const std::optional<double>& stated,
                                const std::string& term) const {
  if (stated) {
    plan.commitments.push_back({.term = term, .price_ratio = *stated, .source = "scenario"});
    return;
  }
  if (!book_) {
    return;
  }
  for (const cost::Price& reserved : book_->prices()) {
    if (reserved.device != first_.device.name || reserved.tier != tier) {
      continue;
    }
    if (const auto on_demand = book_->find(reserved.device, Tier::on_demand, reserved.provider)) {
      plan.commitments.push_back({.term = term,
                                  .price_ratio = reserved.per_device / on_demand->per_device,
                                  .source = "ratio within " + offer_text(reserved)});
      return;
    }
  }
}

/// Every replica by itself: three years, or year by year one year or on demand, whatever costs least. A term
/// is only entered where all of it lies within the months.
void CapacityPrices::add_commitments(Capacity& plan, const std::vector<HourlyNeed>& needs) const {
  const Usd replica_hour = rent_->per_device * kHour * static_cast<double>(plan.devices_per_replica);
  const std::size_t months = needs.size();
  CapacityOption option{.name = "rent, committed where it pays"};
  if (plan.commitments.empty()) {
    option.missing = "no provider in the price book has reserved and on-demand prices for " +
                     first_.device.name + "; give capacity: {reserved_1y_ratio: ...}";
    plan.options.push_back(std::move(option));
    return;
  }
  option.basis = "on-demand price as above; reserved at its ratio to it";
  option.months.resize(months);
  std::vector<std::int64_t> long_units;  // units on a term of three years from the first month on
  for (Commitment& commitment : plan.commitments) {
    const std::size_t term = commitment.term == "1 year" ? 12 : 36;
    const std::size_t within = std::min(term, months);
    commitment.rungs = cost::commitment_ladder(hours_of(needs, 0, within, choice_.price_decline_per_year),
                                               replica_hour, replica_hour * commitment.price_ratio);
    if (term == 12 || within < term) {
      continue;
    }
    for (const cost::CommitmentRung& rung : commitment.rungs) {
      if (rung.worth_reserving()) {
        long_units.push_back(rung.unit);
        for (std::size_t month = 0; month < term; ++month) {
          option.months[month].at_end += rung.reserved / static_cast<double>(term);
        }
      }
    }
  }
  const auto one_year = std::find_if(plan.commitments.begin(), plan.commitments.end(),
                                     [](const Commitment& c) { return c.term == "1 year"; });
  for (std::size_t year = 0; year < months; year += static_cast<std::size_t>(kMonthsPerYear)) {
    const std::size_t count = std::min<std::size_t>(static_cast<std::size_t>(kMonthsPerYear), months - year);
    const Usd hour = replica_hour * fall(static_cast<double>(year));
    const double ratio = one_year == plan.commitments.end() ? 1 : one_year->price_ratio;
    const std::vector<cost::CommitmentRung> rungs = cost::commitment_ladder(
        hours_of(needs, year, count, choice_.price_decline_per_year), hour, hour * ratio);
    const bool whole_term = count == static_cast<std::size_t>(kMonthsPerYear);
    for (const cost::CommitmentRung& rung : rungs) {
      const bool held =
          year < 36 && std::find(long_units.begin(), long_units.end(), rung.unit) != long_units.end();
      if (!held) {
        const Usd cheaper = whole_term ? std::min(rung.on_demand, rung.reserved) : rung.on_demand;
        for (std::size_t month = year; month < year + count; ++month) {
          option.months[month].at_end += cheaper / static_cast<double>(count);
        }
      }
    }
  }
  plan.options.push_back(std::move(option));
}

Usd CapacityPrices::energy_of(Watts power) const {
  const cost::EnergyPrice& energy = *owned_->energy;
  return power * kMonth * energy.overhead * energy.tariff;
}

/// Devices are bought when the fleet grows, kept when it shrinks, replaced at the end of their years, and
/// sold when the months are over.
void CapacityPrices::add_owned(Capacity& plan) const {
  CapacityOption option{.name = "own"};
  if (!owned_) {
    option.missing = "the price book has no purchase price for " + first_.device.name +
                     "; give prices: {usd_per_device: ...} with tier: owned";
    plan.options.push_back(std::move(option));
    return;
  }
  const cost::OwnedDevice device = cost::owned_device(*owned_, terms_, first_.device.tdp);
  option.basis = units::fixed(device.purchase().base(), 0) +
                 " USD a device with installation, network and spares, " + offer_text(*owned_);
  struct Cohort {
    std::size_t bought = 0;
    std::int64_t devices = 0;
  };
  std::vector<Cohort> cohorts;
  const double life = terms_.years.value * static_cast<double>(kMonthsPerYear);
  for (std::size_t month = 0; month < plan.months.size(); ++month) {
    MonthlyCost cost;
    std::int64_t owned = 0;
    for (auto cohort = cohorts.begin(); cohort != cohorts.end();) {
      if (static_cast<double>(month - cohort->bought) >= life) {
        const Usd price = device.server * fall(static_cast<double>(cohort->bought));
        cost.at_start =
            cost.at_start - price * (static_cast<double>(cohort->devices) * terms_.residual_share.value);
        cohort = cohorts.erase(cohort);
      } else {
        owned += cohort->devices;
        ++cohort;
      }
    }
    const std::int64_t missing = plan.months[month].devices - owned;
    if (missing > 0) {
      cohorts.push_back({.bought = month, .devices = missing});
      cost.at_start += device.purchase() * (fall(static_cast<double>(month)) * static_cast<double>(missing));
      owned += missing;
    }
    cost.at_end = (device.colocation + device.staff) * static_cast<double>(owned) * kMonth +
                  energy_of(plan.months[month].power);
    for (const Cohort& cohort : cohorts) {
      cost.at_end += device.support *
                     (fall(static_cast<double>(cohort.bought)) * static_cast<double>(cohort.devices)) *
                     kMonth;
    }
    option.months.push_back(cost);
  }
  const auto months = static_cast<double>(plan.months.size());
  for (const Cohort& cohort : cohorts) {
    const Usd price =
        device.server * (fall(static_cast<double>(cohort.bought)) * static_cast<double>(cohort.devices));
    option.resale += cost::resale_value(price, terms_.residual_share.value,
                                        months - static_cast<double>(cohort.bought), life);
  }
  const auto per_replica = static_cast<double>(plan.devices_per_replica);
  const Watts power = plan.months.front().power / static_cast<double>(plan.months.front().devices);
  add_break_even(plan, option, owned_->per_device * per_replica * kMonth + energy_of(power * per_replica));
  plan.options.push_back(std::move(option));
}

/// Tokens of so many requests like those of the scenario; what its prefix cache found counts as cached.
cost::ApiUse CapacityPrices::use_of(double requests) const {
  const engine::RequestTotals& totals = first_.run.totals;
  const double each = requests / static_cast<double>(std::max<std::int64_t>(1, totals.completed));
  return {.input = Tokens(static_cast<double>(totals.billed_computed_tokens) * each),
          .cached_input = Tokens(static_cast<double>(totals.billed_cached_tokens) * each),
          .output = Tokens(static_cast<double>(totals.billed_output_tokens) * each)};
}

std::vector<cost::ApiPrice> CapacityPrices::api_prices(Capacity& plan) const {
  const cost::ApiPriceList list = catalogue_.api_prices();
  const std::optional<cost::Date> day = first_.scenario.prices.as_of;
  if (choice_.api.empty()) {
    std::vector<cost::ApiPrice> all = list.of_network(first_.architecture.name, day);
    if (all.empty()) {
      plan.warnings.push_back("no API price is listed for " + first_.architecture.name +
                              "; name models in capacity: {api: [...]}");
    }
    return all;
  }
  std::vector<cost::ApiPrice> named;
  for (const std::string& name : choice_.api) {
    if (const std::optional<cost::ApiPrice> price = list.find(name, day)) {
      named.push_back(*price);
    } else {
      const std::string near = config::nearest(name, list.models());
      plan.warnings.push_back("no API price is listed for '" + name + "'" +
                              (near.empty() ? "" : "; did you mean '" + near + "'?"));
    }
  }
  return named;
}

/// The smallest volume at which API tokens cost as much as the fleet that serves it: on a step of n replicas
/// with spares the cost is c n, so the volume is c n / price, where that lies on the step.
void CapacityPrices::add_break_even(const Capacity& plan, CapacityOption& option, Usd replica_month) const {
  if (!api_) {
    return;
  }
  const Usd api_each = *cost::api_cost(*api_, use_of(1));
  for (const FleetStep& step : plan.staircase) {
    const double replicas = static_cast<double>(step.replicas + choice_.spare_replicas);
    const double mean_rate = step.requests_per_s * plan.months.front().mean_requests_per_s /
                             plan.months.front().peak_requests_per_s;
    const double needed = replica_month * replicas / (api_each * kMonth.base());
    if (needed <= mean_rate) {
      const Tokens per_request =
          plan.months.front().tokens / (plan.months.front().mean_requests_per_s * kMonth.base());
      option.break_even_requests_per_s = needed;
      option.break_even_tokens_per_month = per_request * (needed * kMonth.base());
      return;
    }
  }
}

void CapacityPrices::finish(Capacity& plan) const {
  Tokens tokens;
  for (const CapacityMonth& month : plan.months) {
    tokens += month.tokens;
  }
  const std::vector<MonthlyCost> rent = plan.options.front().months;
  const double months = static_cast<double>(plan.months.size());
  const double worth = cost::price_factor(-choice_.discount_rate_per_year, -months);
  for (CapacityOption& option : plan.options) {
    if (!option.missing.empty()) {
      continue;
    }
    for (const MonthlyCost& month : option.months) {
      option.total += month.at_start + month.at_end;
    }
    option.total = option.total - option.resale;
    option.present_value =
        cost::present_value(option.months, choice_.discount_rate_per_year) - option.resale * worth;
    if (tokens > Tokens{}) {
      option.per_token = option.total / tokens;
    }
    if (!rent.empty() && &option != &plan.options.front()) {
      option.payback_months = cost::payback_months(rent, option.months);
    }
  }
}

}  // namespace mtok::planner
