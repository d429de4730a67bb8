// Runs the scenario of a serving point: once, or at ever better guesses of the fastest load that it bears.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "sim/planner/catalogue.hpp"
#include "sim/validation/serving_point.hpp"

namespace mtok::validation {

/// What a point yields, or why nothing is known.
struct PointResult {
  std::string unsupported{};
  engine::Metrics metrics{};
  double samples_per_s = 0;  ///< of one device, and so below
  double output_tokens_per_s = 0;
  double total_tokens_per_s = 0;
};

/// Simulates a point that has a scenario. Throws config::Error for files that cannot be used.
[[nodiscard]] PointResult run_point(const PointScenario& point, const planner::Catalogue& catalogue);

/// The highest rate that `keeps` accepts, to two percent, searched from `start`: up or down in growing steps
/// until it lies between two of them, then by halving their ratio. 0 when none down to a thousandth of
/// `start` is kept. Requires start > 0, and that with a kept rate all lower ones are kept.
[[nodiscard]] double highest_rate(double start, const std::function<bool(double)>& keeps);

}  // namespace mtok::validation
