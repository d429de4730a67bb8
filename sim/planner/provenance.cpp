// Builds the graph of all figures of a result: pool by pool, then the whole.
#include "sim/planner/provenance.hpp"

#include <fmt/format.h>

#include <numeric>

#include "sim/planner/provenance_graph.hpp"
#include "sim/planner/provenance_writer.hpp"
#include "sim/units/text.hpp"

namespace mtok::planner {

FigureWriter::Id FigureWriter::constant(const std::string& key, double value, const std::string& unit,
                                        const std::string& source) {
  if (graph.has(key)) {
    return graph.find(key);
  }
  return graph.add({.key = key,
                    .meaning = key,
                    .value = value,
                    .unit = unit,
                    .text = units::shortest(value),
                    .source = source});
}

FigureWriter::Id FigureWriter::work_out(const std::string& key, const std::string& meaning, Rule rule,
                                        const std::string& unit, const std::vector<Id>& parts) {
  return graph.add({.key = prefix_ + key, .meaning = meaning, .rule = rule, .unit = unit}, parts);
}

FigureWriter::Id FigureWriter::money(const std::string& key, const std::string& meaning, Rule rule,
                                     Money amount, const std::vector<Id>& parts) {
  return graph.add(
      {.key = prefix_ + key, .meaning = meaning, .rule = rule, .value = amount.usd().base(), .unit = "USD"},
      parts);
}

FigureWriter::Id FigureWriter::simulated(const std::string& key, const std::string& meaning, double value,
                                         const std::string& unit) {
  return graph.add({.key = prefix_ + key,
                    .meaning = meaning,
                    .rule = Rule::simulated,
                    .value = value,
                    .unit = unit,
                    .source = "counted or timed while the run was simulated"},
                   {sources.run()});
}

FigureWriter::Id FigureWriter::shaped(const std::string& key, const std::string& meaning, double value,
                                      const std::string& unit, const std::string& source,
                                      const std::vector<Id>& parts) {
  return graph.add({.key = prefix_ + key,
                    .meaning = meaning,
                    .rule = Rule::shapes,
                    .value = value,
                    .unit = unit,
                    .source = source},
                   parts);
}

FigureWriter::Id FigureWriter::stated(const std::string& key, const std::string& meaning, double value,
                                      const std::string& unit, const std::string& source,
                                      const std::string& date) {
  return graph.add({.key = prefix_ + key,
                    .meaning = meaning,
                    .value = value,
                    .unit = unit,
                    .text = units::shortest(value),
                    .source = source,
                    .date = date});
}

FigureWriter::Id FigureWriter::sum_of_pools(const std::string& key, const std::string& meaning,
                                            const std::string& unit) {
  std::vector<Id> parts;
  for (const std::string& pool : pools_) {
    parts.push_back(graph.find(pool + key));
  }
  return work_out(key, meaning, Rule::sum, unit, parts);
}

class Provenance::Graph {
 public:
  Graph(const RunResult& result, const Catalogue& catalogue) {
    std::vector<std::string> pools;
    for (std::size_t i = 0; i < result.pools.size(); ++i) {
      pools.push_back(fmt::format("models.{}.", i));
      add(result.pools[i], catalogue, pools.back(), {});
      if (!result.pools[i].infeasible) {
        add_aliases(result.pools[i], pools.back(), i);
      }
    }
    add(result, catalogue, "", result.infeasible ? std::vector<std::string>{} : pools);
  }

  FigureGraph figures{};

 private:
  void add(const RunResult& result, const Catalogue& catalogue, const std::string& prefix,
           const std::vector<std::string>& pools) {
    FigureWriter writer(figures, result, catalogue, prefix, pools);
    add_run_figures(writer);
    if (!result.infeasible) {
      add_money_figures(writer, catalogue);
      add_footprint_figures(writer, catalogue);
      add_group_figures(writer);
    }
  }

  /// The JSON of a run names the figures of its pools shorter than a run of their own would.
  void add_aliases(const RunResult& pool, const std::string& prefix, std::size_t index) {
    const auto alias = [&](const std::string& key, const std::string& of) {
      if (figures.has(prefix + of)) {
        figures.add({.key = prefix + key, .meaning = "of the pool", .rule = Rule::sum},
                    {figures.find(prefix + of)});
      }
    };
    alias("devices_per_replica", "deployment.devices_per_replica");
    alias("replicas", "deployment.replicas");
    alias("requests", "requests.offered");
    alias("completed", "requests.completed");
    alias("output_tokens", "tokens.output");
    alias("busy", "utilization.busy");
    alias("total_usd", "cost.total_usd");
    alias("usd_per_device_hour", "cost.usd_per_device_hour");
    alias("kwh", "energy.kwh");
    for (const char* owned :
         {"outlay_usd_per_device", "running_usd_per_device_hour", "power_overhead", "usd_per_kwh"}) {
      alias(std::string("price.owned.") + owned, std::string("cost.price.owned.") + owned);
    }
    const auto choice = [&](const char* key, const std::optional<double>& value) {
      if (value) {
        figures.add({.key = prefix + key,
                     .meaning = std::string(key) + " of the requests",
                     .value = value,
                     .text = units::shortest(*value),
                     .source = fmt::format("fleet.models[{}].{} of the scenario", index, key)});
      }
    };
    choice("share", pool.scenario.share);
    choice("escalate", pool.scenario.escalate);
  }
};

Provenance::Provenance(const RunResult& result, const Catalogue& catalogue)
    : graph_(std::make_unique<Graph>(result, catalogue)) {}
Provenance::Provenance(Provenance&&) noexcept = default;
Provenance& Provenance::operator=(Provenance&&) noexcept = default;
Provenance::~Provenance() = default;

std::vector<std::string> Provenance::keys() const {
  return graph_->figures.keys();
}

std::optional<Explanation> Provenance::explain(std::string_view key) const {
  if (!graph_->figures.has(key)) {
    return std::nullopt;
  }
  return graph_->figures.below(graph_->figures.find(key));
}

}  // namespace mtok::planner
