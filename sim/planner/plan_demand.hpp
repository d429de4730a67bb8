// The demand of a plan, read once for all candidates.
#pragma once

#include <string>

#include "sim/planner/plan.hpp"
#include "sim/planner/screen.hpp"

namespace mtok::planner {

struct PlanDemand {
  WorkloadChoice workload{};  ///< its requests in memory, with what is known of them
  Demand demand{};
  workload::Skipped skipped{};
  /// Of the options that change what candidates are asked for, and of a trace, which is no input of theirs.
  std::string digest{};
};

/// Throws config::Error for a trace that cannot be used.
[[nodiscard]] PlanDemand read_demand(const Plan& plan, const PlanOptions& options);

}  // namespace mtok::planner
