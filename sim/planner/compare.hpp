// Several scenarios side by side, and the ladder of techniques.
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
  std::optional<Usd> per_month{};
  std::optional<Seconds> ttft_p99{};
  std::optional<Seconds> tpot_p99{};
  std::optional<double> output_tokens_per_s{};
  std::optional<double> busy{};
  std::optional<double> payback_months{};  ///< of a distilled model, against the first row; absent: never
  std::string quality{};  ///< "MMLU 86.0", with the recovery of the formats where published; else "unknown"
  std::string quality_source{};
};

struct Comparison {
  std::string name{};
  std::vector<Row> rows{};
  std::vector<InputFile> inputs{};
  std::vector<Assumption> assumptions{};
  std::vector<std::string> warnings{};
  /// Ladder: saving of all rungs together minus the sum of each rung's saving alone; absent for a plain
  /// comparison.
  std::optional<UsdPerToken> interaction{};
};

/// Runs all, the first is the base. Rows keep the given order.
[[nodiscard]] Comparison compare(const std::vector<Scenario>& scenarios, const Catalogue& catalogue,
                                 const Progress& progress = {});

/// The seed story on one scenario: from a naive baseline one technique after the other, each rung on top of
/// the last feasible one, under the same requests and the same SLO. On every rung the cheapest fleet that
/// keeps the SLO is sought: devices per replica among 1, 2, 4, 8 and the fewest replicas. Rungs run in
/// parallel; the result does not depend on it.
[[nodiscard]] Comparison ladder(const Scenario& scenario, const Catalogue& catalogue,
                                const Progress& progress = {});

}  // namespace mtok::planner
