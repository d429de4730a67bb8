// What results say, as sheets: headline figures, comparison, ladder, latencies, assumptions.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "app/gui/models/figure_lines.hpp"
#include "app/gui/models/outcome.hpp"
#include "app/gui/models/scenario_tree.hpp"
#include "app/gui/models/sheet.hpp"
#include "sim/planner/compare.hpp"

namespace mtok::gui {

/// One tile above the charts.
struct Headline {
  QString key{};  ///< in the JSON of `mtok run`: "cost.usd_per_mtok.blended"
  QString title{};
  QString value{};
  std::optional<double> raw{};  ///< in the unit of the key
  QString note{};               ///< promise or share beside the value
  std::optional<bool> kept{};   ///< a promise that the value keeps or breaks
  QString change{};             ///< against the base; empty for the base itself
  std::optional<bool> better{};
  QString tip{};
};

/// Five tiles; of a result that is not feasible the values are dashes. `base` may be null or the same result.
[[nodiscard]] std::vector<Headline> headlines(const planner::RunResult& result,
                                              const planner::RunResult* base, const QString& base_name);

/// A scenario with its newest result, which may be null.
struct NamedResult {
  QString name{};
  ScenarioTree tree{};
  std::shared_ptr<const planner::RunResult> result{};
  int id = 0;  ///< of the scenario in its project
};

/// Inputs and figures side by side, one column a scenario. `base` is an index into `scenarios`.
[[nodiscard]] Sheet comparison_sheet(const std::vector<NamedResult>& scenarios, std::size_t base,
                                     bool differences_only);
/// One row a rung.
[[nodiscard]] Sheet ladder_sheet(const planner::Comparison& ladder);
/// Percentiles of TTFT, TPOT, ITL, E2E and queueing.
[[nodiscard]] Sheet latency_sheet(const planner::RunResult& result);
/// Busy time, steps and peak of the KV cache, one row a replica.
[[nodiscard]] Sheet replicas_sheet(const planner::RunResult& result);
[[nodiscard]] Sheet assumptions_sheet(const planner::RunResult& result);

}  // namespace mtok::gui
