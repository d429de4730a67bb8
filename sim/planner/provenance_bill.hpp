// Writes the figures of prices and of the bill that they make.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sim/cost/cost_terms.hpp"
#include "sim/planner/provenance_writer.hpp"

namespace mtok::planner {

/// A price to be explained.
struct PriceSetup {
  std::string key{};    ///< of its figure, "cost.usd_per_device_hour"
  std::string pool{};   ///< of the figures in between: "", "decode."
  std::string place{};  ///< of its block `prices` in the scenario: "", "disaggregation.decode."
  const cost::Price* price = nullptr;
  const cost::CostTerms* terms = nullptr;
  const hardware::DeviceProfile* device = nullptr;
};

/// Its figures.
struct PriceOf {
  FigureGraph::Id per_hour = 0;
  std::vector<std::pair<cost::Resource, FigureGraph::Id>> parts{};  ///< of it; empty: all of it is compute
  std::optional<FigureGraph::Id> usd_per_joule{};                   ///< where energy is paid beside it
  FigureGraph::Id idle_watts = 0;                                   ///< of one device; with usd_per_joule
};
PriceOf add_price(FigureWriter& writer, const PriceSetup& setup);

struct TermName {
  std::string group{};
  std::string key{};
};
/// One of cost::term_keys(), as "prices.owned.years"; the same figure when it is there already.
FigureGraph::Id add_term(FigureWriter& writer, const std::string& place, const cost::CostTerms& terms,
                         const TermName& name, const std::string& meaning, const std::string& unit);

/// The bill of a fleet of one model under each method of allocation: total, parts, resources, control sums,
/// a month. Requires its run figures.
void add_bill_figures(FigureWriter& writer, const Catalogue& catalogue);

}  // namespace mtok::planner
