// Where the prefix of a request was sent before.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "sim/engine/lru_set.hpp"

namespace mtok::engine {

/// The router's own memory of the content ids it has sent to each replica, as many as a replica can keep,
/// the least recently sent forgotten first. It does not see into the replicas, as real routers do not.
///
/// A request goes to the replica that was sent its longest run of leading blocks, of equal ones to the least
/// loaded. Two things send it to the least loaded one instead: the run is less than kLeastShare of its
/// blocks, so that a system prompt that all requests share does not gather them in one place; or that replica
/// has more than kMostAhead requests more and kMostTimes as many. The limits are the defaults of SGLang's
/// gateway 0.3 and of vLLM's router 0.1 (cache_threshold 0.3, balance_abs_threshold 64, balance_rel_threshold
/// 1.5; docs.gpustack.ai, "Model deployment routing"), which compare the busiest replica.
class PrefixRouter {
 public:
  static constexpr std::int64_t kMostAhead = 64;
  static constexpr double kMostTimes = 1.5;
  static constexpr double kLeastShare = 0.3;

  PrefixRouter(std::int64_t replicas, std::int64_t blocks_per_replica) : blocks_(blocks_per_replica) {
    sent_.reserve(static_cast<std::size_t>(replicas));
    for (std::int64_t i = 0; i < replicas; ++i) {
      sent_.emplace_back(blocks_per_replica);
    }
  }

  /// A replica is gone, with all that it held.
  void forget(std::size_t replica) { sent_[replica] = LruSet(blocks_); }

  /// `load_of(i)` is the number of requests at replica i, `least_loaded` the one that is to get a request
  /// without a known prefix.
  template <class LoadOf>
  [[nodiscard]] std::size_t choose(std::span<const std::uint64_t> ids, std::size_t least_loaded,
                                   const LoadOf& load_of) {
    const std::int64_t least = load_of(least_loaded);
    std::size_t best = least_loaded;
    std::size_t longest = 0;
    for (std::size_t i = 0; i < sent_.size(); ++i) {
      const std::int64_t load = load_of(i);
      const bool too_far =
          load - least > kMostAhead && static_cast<double>(load) > kMostTimes * static_cast<double>(least);
      const std::size_t run = too_far ? 0 : run_at(i, ids);
      if (run > longest || (run == longest && run > 0 && load < load_of(best))) {
        longest = run;
        best = i;
      }
    }
    if (static_cast<double>(longest) < kLeastShare * static_cast<double>(ids.size())) {
      best = least_loaded;
    }
    for (const std::uint64_t id : ids) {
      sent_[best].use({.id = id, .weight = 1});
    }
    return best;
  }

 private:
  [[nodiscard]] std::size_t run_at(std::size_t replica, std::span<const std::uint64_t> ids) const {
    std::size_t run = 0;
    while (run < ids.size() && sent_[replica].contains(ids[run])) {
      ++run;
    }
    return run;
  }

  std::int64_t blocks_;
  std::vector<LruSet> sent_;
};

}  // namespace mtok::engine
