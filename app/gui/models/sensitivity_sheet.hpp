// What a sensitivity analysis says, in words and as sheets.
#pragma once

#include "app/gui/models/sheet.hpp"
#include "sim/planner/sensitivity.hpp"

namespace mtok::gui {

/// One row an input, the largest swing first.
[[nodiscard]] Sheet sensitivity_sheet(const planner::Sensitivity& sensitivity);
/// Cost and latency as they stand, with inputs moved, and their percentiles over all samples. `moved`: null
/// when nothing is moved.
[[nodiscard]] Sheet what_if_sheet(const planner::Sensitivity& sensitivity, const planner::Outcome* moved);
/// Whether the promises are kept now, when inputs are moved, and in the samples.
[[nodiscard]] QString promises_text(const planner::Sensitivity& sensitivity, const planner::Outcome* moved);
/// The percentiles of the cost and the probability of keeping the promises.
[[nodiscard]] QString sensitivity_summary(const planner::Sensitivity& sensitivity);

/// "price of a device".
[[nodiscard]] QString input_text(planner::Input input);
/// A value of the input: "2.20 USD/h", "× 0.8", "12.5 %".
[[nodiscard]] QString input_value_text(const planner::Swing& swing, double value);

/// Where a slider of the input ends: the range of the analysis, and half to double what a planner may decide
/// or see change: volume, lengths and replicas.
[[nodiscard]] planner::InputRange slider_range(const planner::Swing& swing);

}  // namespace mtok::gui
