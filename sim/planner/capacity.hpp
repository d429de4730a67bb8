// How many devices a growing demand needs month by month, and whether to rent, commit, own or buy tokens.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sim/cost/investment.hpp"
#include "sim/planner/run.hpp"

namespace mtok::planner {

/// A fleet that keeps the promises, found by simulation.
struct FleetStep {
  std::int64_t replicas = 0;  ///< the fewest that do
  double requests_per_s = 0;  ///< the highest demand at which these were found to be enough
  std::int64_t devices = 0;   ///< with the spare replicas
};

struct CapacityMonth {
  std::int64_t month = 0;  ///< from 1
  double mean_requests_per_s = 0;
  double peak_requests_per_s = 0;  ///< of the busiest hour of the week
  Tokens tokens{};                 ///< of the month, all kinds
  std::int64_t replicas = 0;       ///< that the peak needs
  std::int64_t spares = 0;         ///< beside them, for failures
  std::int64_t devices = 0;        ///< of both
  Watts power{};                   ///< of all devices, mean of the month
};

/// One way to pay for the demand.
struct CapacityOption {
  std::string name{};
  std::string basis{};    ///< the price it starts from
  std::string missing{};  ///< why it cannot be priced; nothing below then
  std::vector<cost::MonthlyCost> months{};
  Usd total{};                             ///< of all months, not discounted, less the resale
  Usd resale{};                            ///< of owned devices at the end
  Usd present_value{};                     ///< of all months, less the resale
  std::optional<UsdPerToken> per_token{};  ///< total / tokens of all months
  std::optional<double> payback_months{};  ///< against renting on demand, without the resale
  /// From which volume on, at the prices of the first month, a fleet of this kind costs no more than the
  /// cheapest API; absent: at no volume that was simulated, or there is no API price.
  std::optional<double> break_even_requests_per_s{};
  std::optional<Tokens> break_even_tokens_per_month{};
};

/// What to commit to for one term.
struct Commitment {
  std::string term{};      ///< "1 year", "3 years"
  double price_ratio = 0;  ///< reserved / on demand
  std::string source{};
  std::vector<cost::CommitmentRung> rungs{};  ///< of the term that begins now; units are replicas
  [[nodiscard]] std::int64_t worth_reserving() const;
};

struct Capacity {
  std::string name{};
  CapacityChoice choice{};
  std::string device{};
  std::int64_t devices_per_replica = 1;
  bool feasible = false;
  std::string reason{};  ///< why the promises cannot be kept
  std::vector<CapacityMonth> months{};
  std::vector<FleetStep> staircase{};
  std::vector<CapacityOption> options{};  ///< rent on demand first
  std::vector<Commitment> commitments{};
  std::vector<InputFile> inputs{};
  std::vector<Assumption> assumptions{};
  std::vector<std::string> warnings{};
  bool cancelled = false;
};

/// Every level of demand is simulated with queueing, on the scenario's own devices a replica, for the fewest
/// replicas that keep the SLO; levels run in parallel and the result does not depend on it. Throws
/// config::Error for files that cannot be used, for a closed or offline load, and for fleets of several
/// models or pools.
[[nodiscard]] Capacity plan_capacity(const Scenario& scenario, const Catalogue& catalogue,
                                     const Progress& progress = {});

}  // namespace mtok::planner
