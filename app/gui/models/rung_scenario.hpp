// The scenario of one rung of a ladder, to be opened and edited.
#pragma once

#include <QString>
#include <optional>

#include "app/gui/models/scenario_tree.hpp"
#include "sim/planner/compare.hpp"

namespace mtok::gui {

struct RungScenario {
  std::optional<ScenarioTree> tree{};
  QString why_not{};  ///< when there is none
};

/// `of` with the models, devices, formats, limits and replicas of the rung. It costs what the rung costs;
/// with a small model for a share of the requests nearly so, since the router of a fleet draws another share.
[[nodiscard]] RungScenario rung_scenario(const ScenarioTree& of, const planner::Row& rung,
                                         const planner::Catalogue& catalogue);

}  // namespace mtok::gui
