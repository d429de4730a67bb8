// What the scheduler of a replica gets from a scenario and the profile of its framework.
#pragma once

#include "sim/engine/engine.hpp"
#include "sim/hardware/framework_profile.hpp"
#include "sim/model/footprint.hpp"
#include "sim/planner/scenario.hpp"

namespace mtok::planner {

/// Limits and rules of the scheduler that all data-parallel ranks of a replica share. Batches are not made
/// ahead with pipeline stages, where one waits for the tokens of the last. Left to the caller: what depends
/// on the network and the memory (max_model_len, KV pool, tiers, prefix cache, speculation).
[[nodiscard]] engine::SchedulerConfig scheduler_limits(const EngineChoice& choice,
                                                       const hardware::FrameworkProfile& framework,
                                                       const model::Sharding& sharding);

}  // namespace mtok::planner
