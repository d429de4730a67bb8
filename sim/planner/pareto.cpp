// The Pareto front of a plan.
#include <algorithm>
#include <array>
#include <limits>
#include <utility>
#include <vector>

#include "sim/planner/plan.hpp"

namespace mtok::planner {
namespace {

/// Less is better on every axis.
using Axes = std::array<double, 5>;

Axes axes_of(const PlanRow& row) {
  constexpr double kWorst = std::numeric_limits<double>::infinity();
  const auto of = [](const auto& value) { return value ? value->base() : kWorst; };
  return {of(row.row.per_token), of(row.row.ttft_p99), of(row.row.tpot_p99),
          row.quality ? -*row.quality : kWorst, of(row.energy_per_token)};
}

bool dominates(const Axes& a, const Axes& b) {
  bool better = false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (a[i] > b[i]) {
      return false;
    }
    better = better || a[i] < b[i];
  }
  return better;
}

}  // namespace

void mark_front(std::vector<PlanRow>& rows) {
  std::vector<std::pair<Axes, const PlanRow*>> points;
  for (const PlanRow& row : rows) {
    if (row.row.feasible) {
      points.emplace_back(axes_of(row), &row);
    }
  }
  for (PlanRow& row : rows) {
    row.on_front = false;
    row.dominated_by.clear();
    if (!row.row.feasible) {
      continue;
    }
    const Axes own = axes_of(row);
    const auto better = std::find_if(points.begin(), points.end(),
                                     [&](const auto& point) { return dominates(point.first, own); });
    row.on_front = better == points.end();
    row.dominated_by = row.on_front ? "" : better->second->row.name;
  }
}

}  // namespace mtok::planner
