// How much of a workload's prompts one cache of a given size would have: one pass.
#include "sim/engine/prefix_reuse.hpp"

namespace mtok::engine {

void LruPrefixHits::add(const workload::Request& request) {
  bool leading = true;
  for (const std::uint64_t id : request.hash_ids) {
    leading = leading && cache_.contains(id);
    hits_ += leading ? 1 : 0;
    cache_.use({.id = id, .weight = 1});
  }
}

std::int64_t lru_prefix_hits(workload::RequestSource& requests, std::int64_t blocks) {
  LruPrefixHits counter(blocks);
  workload::Request request;
  while (requests.next(request)) {
    counter.add(request);
  }
  return counter.hits();
}

}  // namespace mtok::engine
