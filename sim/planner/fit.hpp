// Does a deployment fit its devices, and if not, what would make it fit.
#pragma once

#include <vector>

#include "sim/planner/run.hpp"

namespace mtok::planner {

/// What `fit` looks at. All pointers outlive the call.
struct FitQuestion {
  const Scenario* scenario = nullptr;
  const model::Architecture* architecture = nullptr;
  const hardware::DeviceProfile* device = nullptr;
  const hardware::FrameworkProfile* framework = nullptr;
  std::int64_t longest_request = 1;  ///< tokens of the longest request, input and output
};

/// Bytes of one device that weights, reserve and the cache of one longest request take.
[[nodiscard]] Bytes needed_per_device(const FitQuestion& question);
/// Bytes of one device that the framework's rule lets weights, reserve and cache take.
[[nodiscard]] Bytes usable_per_device(const FitQuestion& question);

/// The answer for a deployment that does not fit: need, have, and the two cheapest changes that fit, among
/// narrower weights, more devices per replica, and other devices of the catalogue that the price book knows.
[[nodiscard]] Infeasible explain_misfit(const FitQuestion& question, const Catalogue& catalogue);

}  // namespace mtok::planner
