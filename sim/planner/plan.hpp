// The cheapest plan that keeps its promises: many deployments under one demand, screened, sized and ranked.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "sim/planner/compare.hpp"

namespace mtok::planner {

/// What the quality column compares.
struct QualityRule {
  std::string benchmark = "MMLU";
  std::optional<double> least{};  ///< in percent; a model without a published score does not pass
};

/// A demand, its promises, and every deployment that may serve it.
struct Plan {
  std::string name{};
  std::filesystem::path file{};
  WorkloadChoice workload{};
  engine::Slo slo{};
  std::uint64_t seed = 1;
  QualityRule quality{};
  std::vector<Scenario> candidates{};  ///< names are unique; workload, promises and seed are those above
};

/// Reads and checks a plan file and forms the cross product of its candidates, in the order of the file, the
/// last axis fastest. Throws config::Error with every error of the file.
[[nodiscard]] Plan load_plan(const std::filesystem::path& file, const Catalogue& catalogue);

struct PlanOptions {
  std::int64_t top_n = 0;  ///< only the so many cheapest are looked for; 0: all candidates are simulated
  std::optional<Seconds> ttft{};           ///< takes the place of the promise of the file
  std::optional<Seconds> tpot{};           ///< likewise
  std::optional<double> requests_per_s{};  ///< arrivals are stretched to this mean rate
};

/// One candidate after screening and sizing. What is absent was not computed or not published.
struct PlanRow {
  Row row{};  ///< of the fewest replicas that keep the promises; `feasible` only when they are kept
  std::string nearest_miss{};  ///< "misses TTFT p99 by 38 ms"; empty when feasible
  cost::Tier tier = cost::Tier::on_demand;
  bool simulated = false;           ///< false: screening, or a cheaper candidate, made it needless
  Usd least_bill{};                 ///< no bill of this candidate can be lower
  cost::UnitCosts per_token{};      ///< each part by its own tokens
  std::optional<double> quality{};  ///< published score on the plan's benchmark times published recovery
  std::optional<Joules> energy_per_token{};
  bool on_front =
      false;  ///< feasible, and no other feasible candidate is as good on all axes and better on one
};

struct PlanResult {
  std::string name{};
  engine::Slo slo{};
  QualityRule quality{};
  std::vector<PlanRow> rows{};  ///< feasible ones first, cheapest first; then by the least bill and name
  std::vector<InputFile> inputs{};
  std::vector<Assumption> assumptions{};
  std::vector<std::string> warnings{};
  bool cancelled = false;
};

/// Screens all candidates, then simulates the survivors, those with the lowest least bill first, in parallel.
/// The result does not depend on the number of threads. `progress` counts candidates; false stops, and what
/// was not simulated by then says so. Throws config::Error for files that cannot be used.
[[nodiscard]] PlanResult search(const Plan& plan, const Catalogue& catalogue, const PlanOptions& options = {},
                                const Progress& progress = {});

/// Marks the feasible rows that no other feasible row dominates over dollars per token, TTFT p99, TPOT p99,
/// quality and energy per token. An unpublished quality counts below every published one.
void mark_front(std::vector<PlanRow>& rows);

}  // namespace mtok::planner
