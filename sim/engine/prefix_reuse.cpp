// How much of a workload's prompts one cache of a given size would have: one pass.
#include "sim/engine/prefix_reuse.hpp"

#include "sim/engine/lru_set.hpp"

namespace mtok::engine {

std::int64_t lru_prefix_hits(workload::RequestSource& requests, std::int64_t blocks) {
  LruSet cache(blocks);
  std::int64_t hits = 0;
  workload::Request request;
  while (requests.next(request)) {
    bool leading = true;
    for (const std::uint64_t id : request.hash_ids) {
      leading = leading && cache.contains(id);
      hits += leading ? 1 : 0;
      cache.use({.id = id, .weight = 1});
    }
  }
  return hits;
}

}  // namespace mtok::engine
