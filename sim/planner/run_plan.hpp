// What the engine is asked to run.
#pragma once

#include "sim/planner/run.hpp"

namespace mtok::planner {

/// The plan of a result that is prepared, with the defaults for the way of its arrival and for what is kept.
/// `decode_timer`: of the decode pool, where there is one; outlives the run.
[[nodiscard]] engine::RunPlan plan_of(const RunResult& prepared, engine::StepTimer* decode_timer);

}  // namespace mtok::planner
