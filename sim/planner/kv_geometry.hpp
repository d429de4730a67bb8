// The pages of a network's KV pool, and how many of its blocks a run held at most.
#pragma once

#include "sim/engine/kv_pool.hpp"
#include "sim/engine/run_record.hpp"
#include "sim/model/architecture.hpp"

namespace mtok::planner {

/// Pages of the KV pool by the windows of the network's layers. Layers with linear attention keep no blocks.
[[nodiscard]] engine::KvGeometry geometry_of(const model::Architecture& architecture,
                                             std::int64_t block_size);

/// Of the fullest replica among those whose number of blocks is that of the scenario: not of a decode pool.
[[nodiscard]] std::int64_t peak_blocks_of_first_pool(const engine::RunRecord& run);

}  // namespace mtok::planner
