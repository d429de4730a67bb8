// Several scenarios side by side.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sim/planner/run.hpp"

namespace mtok::planner {

/// One line of a comparison. What is absent was not computed or not published.
struct Row {
  std::string name{};
  std::string change{};  ///< what differs from the row before (ladder) or the file (compare)
  std::string model{};
  std::string device{};
  std::string formats{};
  std::int64_t devices = 0;  ///< of the whole fleet
  std::int64_t replicas = 0;
  bool feasible = false;
  std::string reason{};  ///< why not feasible, or which promise is broken; empty when all is well
  std::optional<UsdPerToken> per_token{};           ///< blended, idle included
  std::optional<UsdPerToken> marginal_per_token{};  ///< this row minus the last feasible row before it
  std::optional<UsdPerToken> alone_per_token{};     ///< ladder: the technique by itself on the second rung
  std::optional<Money> total{};
  cost::Parts parts{};                       ///< of the total
  cost::Parts energy_parts{};                ///< of them, what is paid for energy beside the hours of devices
  std::optional<Seconds> makespan{};         ///< for which the fleet was paid; of the longest-running part
  std::optional<UsdPerSecond> per_device{};  ///< price of a device; of several kinds the mean over the fleet
  std::int64_t input_tokens = 0;             ///< cached ones included; like those below 0 when not feasible
  std::int64_t cached_input_tokens = 0;
  std::int64_t output_tokens = 0;
  std::int64_t completed = 0;  ///< requests
  std::optional<Usd> per_month{};
  std::optional<Seconds> ttft_p99{};
  std::optional<Seconds> tpot_p99{};
  std::optional<double> output_tokens_per_s{};
  std::optional<double> busy{};
  /// Of a distilled model, against the first row (compare) or the last feasible row before (ladder); absent:
  /// never.
  std::optional<double> payback_months{};
  std::optional<Usd> one_time{};  ///< what making it costs
  std::string quality{};  ///< "MMLU 86.0", with the recovery of the formats where published; else "unknown"
  std::string quality_source{};
  std::vector<Scenario>
      pools{};  ///< ladder: what was run, one a pool, as it was sized; empty when nothing was
};

struct Comparison {
  std::string name{};
  std::vector<Row> rows{};
  std::vector<InputFile> inputs{};
  std::vector<Assumption> assumptions{};
  std::vector<std::string> warnings{};
  /// Ladder: what all rungs save together beyond the one on which each is tried alone, the sum of what they
  /// save there alone, and the former minus the latter; absent for a plain comparison.
  std::optional<UsdPerToken> joint_saving{};
  std::optional<UsdPerToken> single_savings{};
  std::optional<UsdPerToken> interaction{};
};

/// Runs all, the first is the base. Rows keep the given order.
[[nodiscard]] Comparison compare(const std::vector<Scenario>& scenarios, const Catalogue& catalogue,
                                 const Progress& progress = {});

}  // namespace mtok::planner
