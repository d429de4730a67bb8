// Variants of a scenario: fields and the values that they take, every combination.
#pragma once

#include <QString>
#include <string>
#include <vector>

#include "app/gui/models/scenario_tree.hpp"

namespace mtok::gui {

/// One field and its values, as scenario files write them.
struct Axis {
  std::string path{};
  std::vector<std::string> values{};
};

/// "1, 2, 4" as three values; blanks around them do not count, empty ones are left out.
[[nodiscard]] std::vector<std::string> values_of(const QString& text);

/// How many combinations there are.
[[nodiscard]] std::size_t combinations(const std::vector<Axis>& axes);

/// Every combination, the last axis fastest, each named by its values. What a value makes void is dropped: a
/// price of the scenario's own device with another device, the layout with another number of devices.
[[nodiscard]] std::vector<ScenarioTree> variants(const ScenarioTree& of, const std::vector<Axis>& axes);

}  // namespace mtok::gui
