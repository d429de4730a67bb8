// What a capacity plan says, in words and as sheets.
#pragma once

#include "app/gui/models/sheet.hpp"
#include "sim/planner/capacity.hpp"

namespace mtok::gui {

/// One row a way to pay; what cannot be priced says why.
[[nodiscard]] Sheet options_sheet(const planner::Capacity& capacity);
/// One row a month: demand, fleet, and what each priced way costs in it.
[[nodiscard]] Sheet months_sheet(const planner::Capacity& capacity);
/// One row a size of the fleet with the demand that it is enough for.
[[nodiscard]] Sheet staircase_sheet(const planner::Capacity& capacity);

/// One row a replica and term: how much of the term it is needed, and what it costs either way.
[[nodiscard]] Sheet commitments_sheet(const planner::Capacity& capacity);

/// The first and the last fleet, and the way to pay with the least present value.
[[nodiscard]] QString capacity_summary(const planner::Capacity& capacity);
/// From which demand on a fleet costs no more than an API, for the way that needs the least; may be empty.
[[nodiscard]] QString break_even_summary(const planner::Capacity& capacity);
/// How many replicas to reserve for each term; says so where the price book has no reserved price.
[[nodiscard]] QString commitments_summary(const planner::Capacity& capacity);

}  // namespace mtok::gui
