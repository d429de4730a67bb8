// Low-rank adapters of a scenario: what its keys say, what room and time they take.
#pragma once

#include <optional>
#include <vector>

#include "sim/config/reader.hpp"
#include "sim/engine/adapter_timer.hpp"
#include "sim/engine/engine.hpp"
#include "sim/planner/scenario.hpp"

namespace mtok::planner {

/// `enable_lora`, `max_loras`, `max_lora_rank`, `max_cpu_loras` of the block `engine`, which stays open, and
/// the block `lora`. Empty unless enabled. Adds the defaults that it takes.
[[nodiscard]] std::optional<LoraChoice> read_lora(config::Reader& engine, config::Reader& root,
                                                  std::vector<Assumption>& defaults);

/// The limits of the scheduler. Takes the slots off `memory`. Adapters cross the host's link of each device
/// at its full bandwidth, all devices at the same time; from storage they come one by one at its bandwidth.
[[nodiscard]] engine::AdapterLimits adapters_of(const LoraChoice& choice,
                                                const engine::Deployment& deployment,
                                                engine::MemoryPlan& memory, std::int64_t block_size);

}  // namespace mtok::planner
