// Several scenarios side by side.
#include "sim/planner/compare.hpp"

#include "sim/planner/rows.hpp"

namespace mtok::planner {

Comparison compare(const std::vector<Scenario>& scenarios, const Catalogue& catalogue,
                   const Progress& progress) {
  Comparison comparison{.name = "comparison"};
  std::int64_t done = 0;
  for (const Scenario& scenario : scenarios) {
    const RunResult result = run(scenario, catalogue, progress);
    Row row = row_of(result);
    row.change = scenario.file.filename().string();
    if (!comparison.rows.empty()) {
      set_marginal(row, comparison.rows);
      const std::optional<UsdPerToken> base = comparison.rows.front().per_token;
      if (result.distillation && base && row.per_token) {
        row.payback_months = cost::payback_months(*result.distillation, *base - *row.per_token);
      }
    }
    comparison.rows.push_back(std::move(row));
    merge_evidence(comparison, result);
    ++done;
    if (result.run.cancelled) {
      comparison.warnings.push_back("stopped after " + std::to_string(done) + " of " +
                                    std::to_string(scenarios.size()) + " scenarios");
      break;
    }
  }
  return comparison;
}

}  // namespace mtok::planner
