// Sequences between the pool that computed their prompts and the pool that decodes them.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/engine/engine.hpp"
#include "sim/engine/kv_transfer.hpp"
#include "sim/engine/min_tree.hpp"
#include "sim/engine/sequence.hpp"

namespace mtok::engine {

/// Chooses the decode replica when a prompt is through, and keeps the sequence until its KV has arrived
/// there. Replicas are counted over both pools, those that decode come last.
class HandOver {
 public:
  HandOver(const DecodePool& pool, std::int64_t prefill_replicas);

  /// A sequence leaves replica `from`, which has emitted its first token and released its pages.
  void depart(Sequence& sequence, std::size_t from, SimTime now);

  struct Landing {
    SimTime at{};
    std::int64_t id = 0;  ///< of the request: at equal times the earlier one comes first
    std::size_t replica = 0;
    Sequence* sequence = nullptr;
    friend bool operator<(const Landing& a, const Landing& b) {  // max-heap, so "less" means later
      return a.at != b.at ? a.at > b.at : a.id > b.id;
    }
  };
  [[nodiscard]] SimTime next_landing() const { return on_the_way_.empty() ? kNever : on_the_way_.front().at; }
  /// Takes out the next one. Requires that there is one.
  [[nodiscard]] Landing land();

  /// Requests queued or running on a decode replica.
  void set_load(std::size_t replica, std::int64_t load);
  /// Takes out all that are on the way, for a run that was stopped.
  void abandon(std::vector<Sequence*>& all);
  [[nodiscard]] const DecodePoolRecord& record() const { return record_; }

 private:
  void update(std::size_t decoder) { loads_.set(decoder, at_replica_[decoder] + coming_[decoder]); }

  KvGeometry geometry_;
  std::size_t first_;  ///< decode replica
  KvTransfers transfers_;
  MinTree<std::int64_t> loads_;           ///< by decode replica, with those on the way
  std::vector<std::int64_t> at_replica_;  ///< by decode replica
  std::vector<std::int64_t> coming_;
  std::vector<Landing> on_the_way_;  ///< a heap
  DecodePoolRecord record_{};
};

}  // namespace mtok::engine
