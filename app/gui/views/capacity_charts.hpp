// Draws a capacity plan: ways to pay as bars, the months as three plots, the fleet as a staircase, what to
// reserve.
#pragma once

#include "sim/planner/capacity.hpp"

class QCustomPlot;

namespace mtok::gui {

struct Theme;

/// Present value of each way, its name above its bar.
void draw_options(QCustomPlot& plot, const planner::Capacity& capacity, const Theme& theme);
/// Demand with the break-even volumes, devices, and the cost of each way, over the months.
void draw_months(QCustomPlot& plot, const planner::Capacity& capacity, const Theme& theme);
/// Devices over the demand that they are enough for.
void draw_staircase(QCustomPlot& plot, const planner::Capacity& capacity, const Theme& theme);
/// Of each term, how much of it each replica is needed, and the price ratio above which it is worth
/// reserving.
void draw_commitments(QCustomPlot& plot, const planner::Capacity& capacity, const Theme& theme);

}  // namespace mtok::gui
