// Writes the figures of one result into a graph: the words that all groups of figures are written with.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "sim/planner/provenance_sources.hpp"

namespace mtok::planner {

/// The figures of one result under `prefix`. Of a fleet of several models, `pools` are the prefixes of the
/// pools, whose figures are in the graph already.
class FigureWriter {
 public:
  using Id = FigureGraph::Id;

  FigureWriter(FigureGraph& figures, const RunResult& of, const Catalogue& catalogue,
               const std::string& prefix, std::vector<std::string> pools)
      : graph(figures),
        result(of),
        sources(figures, of, catalogue, prefix),
        prefix_(prefix),
        pools_(std::move(pools)) {}

  FigureGraph& graph;
  const RunResult& result;
  RunSources sources;

  [[nodiscard]] const std::vector<std::string>& pools() const { return pools_; }
  [[nodiscard]] Id find(const std::string& key) const { return graph.find(prefix_ + key); }
  [[nodiscard]] bool has(const std::string& key) const { return graph.has(prefix_ + key); }

  /// A definition: the same for all results of the graph.
  Id constant(const std::string& key, double value, const std::string& unit, const std::string& source);
  Id mtok() { return constant("tokens_per_mtok", 1e6, "tokens", "definition: a million"); }
  Id hour() { return constant("seconds_per_hour", 3600, "s", "definition"); }
  Id work_out(const std::string& key, const std::string& meaning, Rule rule, const std::string& unit,
              const std::vector<Id>& parts);
  /// An amount of the bill: exact, while what is worked out from its parts may be off by 1e-12 USD a part, by
  /// which largest remainders favour one or another.
  Id money(const std::string& key, const std::string& meaning, Rule rule, Money amount,
           const std::vector<Id>& parts);
  Id simulated(const std::string& key, const std::string& meaning, double value,
               const std::string& unit = "");
  Id shaped(const std::string& key, const std::string& meaning, double value, const std::string& unit,
            const std::string& source, const std::vector<Id>& parts);
  Id stated(const std::string& key, const std::string& meaning, double value, const std::string& unit,
            const std::string& source, const std::string& date = "");
  /// The sum of the figures of this key in all pools.
  Id sum_of_pools(const std::string& key, const std::string& meaning, const std::string& unit);

 private:
  std::string prefix_;
  std::vector<std::string> pools_;
};

/// Deployment, counts, times, rates, latencies, memory, energy, cache.
void add_run_figures(FigureWriter& writer);
/// Of those, memory. Requires the figures of the deployment.
void add_memory_figures(FigureWriter& writer);
/// Bill, unit costs, quality, distillation. Requires the run figures of a feasible result.
void add_money_figures(FigureWriter& writer, const Catalogue& catalogue);
/// The batch tier and tenants: counts, tokens, latencies, cost; low-rank adapters. Requires the money
/// figures.
void add_group_figures(FigureWriter& writer);

/// Energy at the meter and carbon. Requires the run and money figures.
void add_footprint_figures(FigureWriter& writer, const Catalogue& catalogue);

}  // namespace mtok::planner
