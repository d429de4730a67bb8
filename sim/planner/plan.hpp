// The cheapest plan that keeps its promises: many deployments under one demand, screened, sized and ranked.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "sim/planner/buy.hpp"
#include "sim/planner/compare.hpp"
#include "sim/planner/workload_facts.hpp"

namespace mtok::planner {

/// What the quality column compares.
struct QualityRule {
  std::string benchmark = "MMLU";
  std::optional<double> least{};  ///< in percent; a model without a published score does not pass
};

/// So many rows are looked at over all months of growth, since each is sized anew for every month.
inline constexpr std::size_t kHorizonRows = 5;

/// How the demand grows: requests come (1 + per_month) times as fast each month.
struct Growth {
  double per_month = 0;
  std::int64_t months = 12;
};

/// A deployment that may serve the demand.
struct Candidate {
  Scenario scenario{};                     ///< its workload, promises and seed are those of the plan
  std::optional<std::int64_t> replicas{};  ///< absent: the fewest that keep the promises
  std::string obstacle{};  ///< why its techniques cannot be used together here; empty when they can
};

/// A demand, its promises, and every deployment that may serve it.
struct Plan {
  std::string name{};
  std::filesystem::path file{};
  WorkloadChoice workload{};
  engine::Slo slo{};
  std::uint64_t seed = 1;
  QualityRule quality{};
  std::vector<Candidate> candidates{};  ///< names are unique
  std::optional<Growth> growth{};       ///< of an open demand
  /// Models behind an API, as ApiPriceList::find takes them, to hold against own serving beside the networks
  /// of the candidates; absent: buying is not looked at.
  std::optional<std::vector<std::string>> buy{};
  CapacityChoice capacity{};  ///< its growth is that of `growth` where the block leaves it out
  std::vector<std::pair<std::string, std::string>> stated{};  ///< keys of the file with their texts
};

/// Reads and checks a plan file and forms the cross product of its candidates, in the order of the file, the
/// last axis fastest. Throws config::Error with every error of the file.
[[nodiscard]] Plan load_plan(const std::filesystem::path& file, const Catalogue& catalogue);

/// What the simulation of one candidate has shown, to be kept outside and given to a later search.
struct PlanRecord {
  std::string key{};  ///< of the candidate, the demand, the promises and every file they come from
  Row row{};
  std::string nearest_miss{};
  cost::UnitCosts per_token{};
  std::optional<Joules> energy_per_token{};
  bool simulated = false;
  std::int64_t replays = 0;
  std::vector<std::string> warnings{};
};

/// The candidates whose place in the plan, counted from 0, leaves `index` when divided by `of`.
struct Shard {
  std::int64_t index = 0;
  std::int64_t of = 1;
};

struct PlanOptions {
  std::int64_t top_n = 0;  ///< only the so many cheapest are looked for; 0: all candidates are simulated
  std::optional<Seconds> ttft{};           ///< takes the place of the promise of the file
  std::optional<Seconds> tpot{};           ///< likewise
  std::optional<double> requests_per_s{};  ///< arrivals are stretched to this mean rate
  /// So many clients, each of whom sends the next request when its last one is complete; arrivals are then
  /// not looked at.
  std::optional<std::int64_t> concurrency{};
  bool buy = false;  ///< look at buying even when the plan does not
  Shard shard{};
  std::map<std::string, PlanRecord> known{};  ///< by key: what need not be simulated again
  std::function<void(const PlanRecord&)>
      keep{};  ///< called with each new record, one at a time; may be empty
};

/// One candidate after screening and sizing. What is absent was not computed or not published.
struct PlanRow {
  Row row{};  ///< of the fewest replicas that keep the promises; `feasible` only when they are kept
  Scenario deployment{};  ///< with the replicas of the row, without workload
  /// "misses TTFT p99 by 38 ms; cheapest fix: tensor_parallel_size 4"; empty when feasible.
  std::string nearest_miss{};
  std::string fix{};  ///< name of the feasible row that the fix leads to
  cost::Tier tier = cost::Tier::on_demand;
  bool simulated = false;           ///< false: screening, or a cheaper candidate, made it needless
  std::int64_t replays = 0;         ///< of the whole demand, those that were broken off included
  Usd least_bill{};                 ///< no bill of this candidate can be lower
  cost::UnitCosts per_token{};      ///< each part by its own tokens
  std::optional<double> quality{};  ///< published score on the plan's benchmark times published recovery
  std::optional<Joules> energy_per_token{};
  bool on_front =
      false;  ///< feasible, and no other feasible candidate is as good on all axes and better on one
  std::string dominated_by{};  ///< the cheapest such candidate; empty on the front and when not feasible
};

/// The fewest replicas of the cheapest deployment in one month.
struct PlanMonth {
  std::int64_t month = 0;  ///< 0: now
  bool feasible = false;
  double requests_per_s = 0;
  std::int64_t replicas = 0;
  std::int64_t devices = 0;
  Usd per_month{};
};

/// What a deployment costs while the demand grows, its fleet sized anew for each month.
struct PlanHorizon {
  std::string name{};               ///< of its row
  bool feasible = false;            ///< it keeps the promises in every month
  std::vector<PlanMonth> months{};  ///< 0 to Growth::months
  Usd total{};  ///< of as many months as the demand grows, the first of them at the demand of now
};

struct PlanResult {
  std::string name{};
  engine::Slo slo{};
  QualityRule quality{};
  WorkloadFacts demand{};
  std::vector<PlanMonth> months{};  ///< of the first row, when the demand grows and that row is feasible
  /// Of the cheapest feasible rows, at most kHorizonRows, when the demand grows: feasible ones first,
  /// cheapest over the horizon first.
  std::vector<PlanHorizon> horizon{};
  std::vector<Offer> offers{};  ///< when buying is looked at, cheapest first
  std::vector<PlanRow> rows{};  ///< feasible ones first, cheapest first; then by the least bill and name
  std::vector<InputFile> inputs{};
  std::vector<Assumption> assumptions{};
  std::vector<std::string> warnings{};
  bool cancelled = false;
};

/// Screens all candidates, then simulates the survivors, those with the lowest least bill first, in parallel.
/// The result does not depend on the number of threads, nor on what was known from records. Shards together
/// give the rows of the whole, except for fixes and fronts, which each sees its own rows for. `progress`
/// counts candidates; false stops, and what was not simulated by then says so. Throws config::Error for files
/// that cannot be used.
[[nodiscard]] PlanResult search(const Plan& plan, const Catalogue& catalogue, const PlanOptions& options = {},
                                const Progress& progress = {});

/// The fewest replicas of a deployment, whose workload lies in memory, in every month of growth, now
/// included.
[[nodiscard]] PlanHorizon fleet_by_month(const Scenario& deployment, const Growth& growth,
                                         const Catalogue& catalogue);

/// Marks the feasible rows that no other feasible row dominates over dollars per token, TTFT p99, TPOT p99,
/// quality and energy per token, and says of the others what dominates them. An unpublished quality counts
/// below every published one. Requires the order of PlanResult::rows.
void mark_front(std::vector<PlanRow>& rows);

/// Ends the nearest miss of every row that is not feasible with the change that leads to a feasible one: of
/// the fewest changes of a deployment, a change of the model counting as more than all others together, the
/// cheapest. Requires the order of PlanResult::rows.
void find_fixes(std::vector<PlanRow>& rows);

}  // namespace mtok::planner
