// The rows of a search or a sweep as a sheet.
#pragma once

#include <vector>

#include "app/gui/models/sheet.hpp"
#include "sim/planner/plan.hpp"

namespace mtok::gui {

/// One row a candidate, in the order given.
[[nodiscard]] Sheet plan_sheet(const std::vector<planner::PlanRow>& rows);

}  // namespace mtok::gui
