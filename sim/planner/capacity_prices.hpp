// What a fleet by month costs: rented, committed to, owned, or bought as tokens.
#pragma once

#include <vector>

#include "sim/cost/api_prices.hpp"
#include "sim/planner/capacity.hpp"

namespace mtok::planner {

/// Replicas with spares in each hour of a week of one month; each such hour stands for `hours` of the month.
struct HourlyNeed {
  double hours = 0;
  std::vector<std::int64_t> replicas{};
};

/// The numbers of the block `capacity` with where they come from.
[[nodiscard]] std::vector<Assumption> capacity_assumptions(const CapacityChoice& choice,
                                                           const Scenario& scenario);

class CapacityPrices {
 public:
  /// `first`: a run of the scenario; `rate`: its requests per second.
  CapacityPrices(const RunResult& first, const Catalogue& catalogue, const CapacityChoice& choice,
                 double rate);

  /// Adds options, commitments, and the assumptions and warnings that come with them. Months and staircase of
  /// the plan are there; `needs` has one entry a month.
  void add_options(Capacity& plan, const std::vector<HourlyNeed>& needs);

 private:
  void add_rent(Capacity& plan, const std::vector<HourlyNeed>& needs) const;
  void add_commitments(Capacity& plan, const std::vector<HourlyNeed>& needs) const;
  void add_owned(Capacity& plan) const;
  void finish(Capacity& plan) const;
  void find_ratio(Capacity& plan, cost::Tier tier, const std::optional<double>& stated,
                  const std::string& term) const;
  [[nodiscard]] cost::ApiUse use_of(double requests) const;
  [[nodiscard]] std::vector<cost::ApiPrice> api_prices(Capacity& plan) const;
  [[nodiscard]] double fall(double months) const;
  [[nodiscard]] Usd energy_of(Watts power) const;
  void add_break_even(const Capacity& plan, CapacityOption& option, Usd replica_month) const;

  const RunResult& first_;
  const Catalogue& catalogue_;
  const CapacityChoice& choice_;
  double rate_;
  cost::CostTerms terms_;
  std::optional<cost::PriceBook> book_;
  std::optional<cost::Price> rent_;    ///< on demand
  std::optional<cost::Price> owned_;   ///< with its hourly price made
  std::optional<cost::ApiPrice> api_;  ///< the cheapest for this use
};

}  // namespace mtok::planner
