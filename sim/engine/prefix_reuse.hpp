// How much of a workload's prompts one cache of a given size would have.
#pragma once

#include <cstdint>

#include "sim/engine/lru_set.hpp"
#include "sim/workload/request.hpp"

namespace mtok::engine {

/// Counts content ids in the leading runs of prompts that a cache of so many ids would find, request after
/// request in the order of the workload, as if each were served in no time. The cache drops the least
/// recently used id; a request uses its ids from the first to the last, all of them.
///
/// A replica drops the last ids of a prompt first, since nothing can be found behind a gap; that finds a
/// little more. Mooncake's conversation trace, 1,000 / 5,000 / 10,000 / 20,000 / 50,000 blocks: 12,831 /
/// 31,840 / 60,921 / 82,939 / 102,290 hits here, 12,847 / 32,260 / 61,046 / 83,035 / 102,290 there.
class LruPrefixHits {
 public:
  explicit LruPrefixHits(std::int64_t blocks) : cache_(blocks) {}
  void add(const workload::Request& request);
  [[nodiscard]] std::int64_t hits() const { return hits_; }

 private:
  LruSet cache_;
  std::int64_t hits_ = 0;
};
/// Of a whole workload.
[[nodiscard]] std::int64_t lru_prefix_hits(workload::RequestSource& requests, std::int64_t blocks);

}  // namespace mtok::engine
