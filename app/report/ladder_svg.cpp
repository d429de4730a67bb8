// Draws a ladder as a waterfall.
#include <fmt/format.h>

#include "app/report/comparison_report.hpp"
#include "app/report/svg_chart.hpp"
#include "app/report/text.hpp"

namespace mtok::report {
namespace {

using planner::Row;

double per_mtok(UsdPerToken rate) {
  return (rate * Tokens(1e6)).base();
}

std::string fleet_of(const Row& row) {
  return row.devices == 0 ? row.reason
                          : fmt::format("{}, {} x {}", row.change, grouped(row.devices), row.device);
}

/// Notes that would run into the picture end in three points.
std::string shortened(const std::string& text) {
  constexpr std::size_t kMost = 52;
  return width_of(text) <= kMost ? text : text.substr(0, kMost - 3) + "...";
}

WaterfallStep step_of(const Row& row, std::optional<UsdPerToken> before) {
  WaterfallStep step{.name = row.name, .note = shortened(fleet_of(row))};
  if (!row.feasible || !row.per_token) {
    step.label = shortened("not feasible: " + row.reason);
    step.note = shortened(row.change);
    return step;
  }
  step.to = per_mtok(*row.per_token);
  step.label = dollars_per_mtok(row.per_token);
  if (before) {
    step.from = per_mtok(*before);
    step.label = fmt::format("{}  ({})", dollars_per_mtok(row.per_token),
                             signed_dollars_per_mtok(*row.per_token - *before));
  }
  return step;
}

}  // namespace

std::string ladder_svg(const planner::Comparison& comparison) {
  std::vector<WaterfallStep> steps;
  std::optional<UsdPerToken> before;
  for (const Row& row : comparison.rows) {
    steps.push_back(step_of(row, before));
    if (row.feasible && row.per_token) {
      before = row.per_token;
    }
  }
  ChartHead head{
      .title = comparison.name + ": what each technique saves",
      .subtitle = "Same requests, same promises: every rung has the cheapest fleet that keeps them",
      .unit = "USD per million tokens, input and output, idle included"};
  if (before) {
    steps.push_back({.name = "all together", .to = per_mtok(*before), .label = dollars_per_mtok(before)});
  }
  for (const WaterfallStep& step : steps) {
    head.description += step.name + ": " + step.label + ". ";
  }
  return waterfall_chart(head, steps);
}

}  // namespace mtok::report
