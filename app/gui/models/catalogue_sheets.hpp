// Models and devices of the catalogue with the facts that matter when one is chosen.
#pragma once

#include "app/gui/models/sheet.hpp"
#include "sim/planner/catalogue.hpp"

namespace mtok::gui {

/// Name, parameters, active ones, bytes of KV cache a token, layers, context. The first column is the name
/// that a scenario uses. Files that cannot be read are left out.
[[nodiscard]] Sheet models_sheet(const planner::Catalogue& catalogue);
/// Name, memory, bandwidth, peaks, power, price of an hour on demand.
[[nodiscard]] Sheet devices_sheet(const planner::Catalogue& catalogue);

}  // namespace mtok::gui
