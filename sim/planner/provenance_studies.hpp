// Where the figures of studies of several runs come from: of capacity plans and of sensitivities.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/planner/capacity.hpp"
#include "sim/planner/provenance_graph.hpp"
#include "sim/planner/sensitivity.hpp"

namespace mtok::planner {

/// The directed graph of all figures of one study, with the keys of its JSON: "rows.0.devices",
/// "rows.0.usd.own", "options.1.present_value_usd", "swings.0.at_low.usd_per_mtok". Down to the input files
/// and the assumptions in force; a single run inside the study is explained by Provenance.
class StudyProvenance {
 public:
  explicit StudyProvenance(const Capacity& capacity);
  explicit StudyProvenance(const Sensitivity& sensitivity);

  /// In the order in which figures follow from one another.
  [[nodiscard]] std::vector<std::string> keys() const { return graph_.keys(); }
  /// Nullopt for a key that no figure has.
  [[nodiscard]] std::optional<Explanation> explain(std::string_view key) const;

 private:
  FigureGraph graph_;
};

}  // namespace mtok::planner
