// What the demand of a plan would cost at the list prices of others.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sim/cost/api_prices.hpp"
#include "sim/planner/workload_facts.hpp"

namespace mtok::planner {

struct PlanRow;

/// One list price applied to the whole demand, beside own serving.
struct Offer {
  cost::ApiPrice price{};
  bool batch = false;  ///< at the prices for answers within a day
  Usd total{};
  UsdPerToken per_token{};          ///< over all tokens, input and output
  std::optional<Usd> per_month{};   ///< at the rate of the demand; absent when it has none
  std::optional<double> quality{};  ///< published score on the plan's benchmark
  std::string
      own{};  ///< the row it is held against: the cheapest feasible one of the same network, else of all
  bool same_network = false;
  std::optional<double> times_own{};  ///< total over the bill of that row; below 1 buying is cheaper
  /// Requests a day at which the list price and the fleet of that row cost the same. Above, own serving is
  /// cheaper as long as that fleet is large enough.
  std::optional<double> break_even_requests_per_day{};
};

struct OfferQuestion {
  std::vector<std::string> models{};  ///< as ApiPriceList::find takes them; others by network of the rows
  std::string benchmark{};
  WorkloadFacts demand{};
  bool batch = false;  ///< the demand lies in a queue and may wait
};

/// Offers for the named models and, one for each vendor, for every network among the rows; cheapest first.
/// Tokens that repeat earlier prompts of the workload, by its content ids, are bought as cached input: the
/// most that a vendor's cache could find. `rows` are in the order of PlanResult::rows.
[[nodiscard]] std::vector<Offer> offers_for(const OfferQuestion& question, const std::vector<PlanRow>& rows,
                                            const cost::ApiPriceList& list, const cost::QualityTable& scores);

}  // namespace mtok::planner
