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

/// `of` with the model, devices, formats and replicas of the rung. Rungs of two models have no scenario: the
/// row does not say how they share devices.
[[nodiscard]] RungScenario rung_scenario(const ScenarioTree& of, const planner::Row& rung);

}  // namespace mtok::gui
