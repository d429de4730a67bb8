// How much of the past a router has to remember.
#include "sim/engine/prefix_router.hpp"

#include <algorithm>

#include "sim/engine/engine.hpp"

namespace mtok::engine {

std::int64_t SchedulerConfig::kept_blocks() const {
  const std::int64_t pages_per_block = std::max<std::int64_t>(1, kv_geometry.shared_pages_per_block());
  std::int64_t tokens = kv_pages / pages_per_block * kv_geometry.block_size;
  for (const KvTier& tier : kv_tiers) {
    tokens += tier.capacity_tokens;
  }
  return tokens / prefix_hash_block_size;
}

}  // namespace mtok::engine
