// The pages of a network's KV pool.
#pragma once

#include "sim/engine/kv_pool.hpp"
#include "sim/model/architecture.hpp"

namespace mtok::planner {

/// Pages of the KV pool by the windows of the network's layers. Layers with linear attention keep no blocks.
[[nodiscard]] engine::KvGeometry geometry_of(const model::Architecture& architecture,
                                             std::int64_t block_size);

}  // namespace mtok::planner
