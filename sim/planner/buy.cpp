// Applies list prices to a demand and finds where own serving becomes cheaper.
#include "sim/planner/buy.hpp"

#include <algorithm>
#include <set>
#include <tuple>

#include "sim/planner/plan.hpp"

namespace mtok::planner {
namespace {

constexpr double kHoursPerDay = 24;
constexpr double kSecondsPerHour = 3600;

Tokens cached_tokens(const WorkloadFacts& demand) {
  const std::int64_t hits = demand.unbounded_prefix_hits * demand.hash_block_size;
  return Tokens(static_cast<double>(std::min(hits, demand.input_tokens)));
}

/// The cheapest feasible row of a network, else of all; null when none is feasible.
const PlanRow* own_row(const std::vector<PlanRow>& rows, const std::string& network) {
  const auto same = std::find_if(rows.begin(), rows.end(), [&](const PlanRow& row) {
    return row.row.feasible && row.row.model == network;
  });
  if (same != rows.end()) {
    return &*same;
  }
  return !rows.empty() && rows.front().row.feasible ? &rows.front() : nullptr;
}

void hold_against(Offer& offer, const PlanRow& own, const WorkloadFacts& demand) {
  offer.own = own.row.name;
  offer.same_network = own.row.model == offer.price.network;
  if (*own.row.total > Money{}) {
    offer.times_own = offer.total / own.row.total->usd();
  }
  const Usd request = offer.total / static_cast<double>(demand.requests);
  if (own.row.per_month && request > Usd{}) {
    const double days = cost::kHoursPerMonth / kHoursPerDay;
    offer.break_even_requests_per_day = *own.row.per_month / request / days;
  }
}

}  // namespace

std::vector<Offer> offers_for(const OfferQuestion& question, const std::vector<PlanRow>& rows,
                              const cost::ApiPriceList& list, const cost::QualityTable& scores) {
  std::vector<cost::ApiPrice> prices;
  for (const std::string& name : question.models) {
    if (const std::optional<cost::ApiPrice> price = list.find(name)) {
      prices.push_back(*price);
    }
  }
  std::set<std::string> networks;
  for (const PlanRow& row : rows) {
    if (networks.insert(row.row.model).second) {
      const std::vector<cost::ApiPrice> hosts = list.of_network(row.row.model);
      prices.insert(prices.end(), hosts.begin(), hosts.end());
    }
  }
  const WorkloadFacts& demand = question.demand;
  const Tokens cached = cached_tokens(demand);
  const Tokens input(static_cast<double>(demand.input_tokens));
  const Tokens output(static_cast<double>(demand.output_tokens));
  std::vector<Offer> offers;
  std::set<std::pair<std::string, std::string>> seen;
  for (const cost::ApiPrice& price : prices) {
    if (!seen.emplace(price.vendor, price.model).second || demand.requests == 0) {
      continue;
    }
    Offer offer{.price = price};
    std::optional<Usd> total;
    if (question.batch) {
      total = cost::api_cost(
          price, {.input = input - cached, .cached_input = cached, .output = output, .batch = true});
      offer.batch = total.has_value();
    }
    offer.total =
        total ? *total
              : cost::api_cost(price, {.input = input - cached, .cached_input = cached, .output = output})
                    .value_or(Usd{});
    offer.per_token = offer.total / (input + output);
    if (demand.last_arrival_ns > 0 && !question.batch) {
      const double hours = static_cast<double>(demand.last_arrival_ns) * 1e-9 / kSecondsPerHour;
      offer.per_month = offer.total * (cost::kHoursPerMonth / hours);
    }
    const std::optional<cost::Score> score =
        scores.score(price.network.empty() ? price.model : price.network, question.benchmark);
    if (score) {
      offer.quality = score->value;
    }
    if (const PlanRow* own = own_row(rows, price.network)) {
      hold_against(offer, *own, demand);
    }
    offers.push_back(std::move(offer));
  }
  const auto key = [](const Offer& offer) {
    return std::tuple(offer.total, offer.price.vendor, offer.price.model);
  };
  std::sort(offers.begin(), offers.end(), [&](const Offer& a, const Offer& b) { return key(a) < key(b); });
  return offers;
}

}  // namespace mtok::planner
