// The requests that wait for a replica's scheduler: two tiers, each first come first served fair, or by
// adapter.
#pragma once

#include <algorithm>
#include <cassert>
#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <vector>

#include "sim/engine/adapter_queue.hpp"
#include "sim/engine/fair_lanes.hpp"
#include "sim/engine/sequence.hpp"

namespace mtok::engine {

/// Interactive requests come before all of the batch tier. With weights of tenants the interactive ones are
/// in lanes; otherwise, and in the batch tier, first come first served. With adapters all lie in an
/// AdapterQueue.
class WaitQueue {
 public:
  WaitQueue(std::span<const double> tenant_weights, const AdapterLimits& adapters) {
    if (adapters.max_loras > 0) {
      assert(tenant_weights.empty());
      adapters_.emplace(adapters);
    }
    if (!tenant_weights.empty()) {
      lanes_.emplace(tenant_weights);
    }
  }

  void push(Sequence& sequence) {
    if (adapters_) {
      adapters_->push(sequence);
      return;
    }
    if (in_lanes(sequence)) {
      lanes_->push(sequence);
    } else {
      tier_of(sequence).push_back(&sequence);
    }
  }
  /// At the head of its tier, or of its lane in it, since it has been admitted before.
  void push_front(Sequence& sequence) {
    if (adapters_) {
      adapters_->push_front(sequence);
      return;
    }
    if (in_lanes(sequence)) {
      lanes_->push_front(sequence);
    } else {
      tier_of(sequence).push_front(&sequence);
    }
  }

  /// The next to be admitted; null when nobody waits, or nobody whose adapter the batch has room for.
  [[nodiscard]] Sequence* head() const {
    if (adapters_) {
      return adapters_->head();
    }
    if (lanes_ && lanes_->size() > 0) {
      return lanes_->head();
    }
    const std::deque<Sequence*>& tier = interactive_.empty() ? batch_ : interactive_;
    return tier.empty() ? nullptr : tier.front();
  }
  void pop() {
    if (adapters_) {
      adapters_->pop();
      return;
    }
    if (lanes_ && lanes_->size() > 0) {
      lanes_->pop();
    } else {
      (interactive_.empty() ? batch_ : interactive_).pop_front();
    }
  }

  [[nodiscard]] bool empty() const { return size() == 0; }
  [[nodiscard]] std::int64_t size() const { return interactive() + static_cast<std::int64_t>(batch_.size()); }
  [[nodiscard]] std::int64_t interactive() const {
    if (adapters_) {
      return adapters_->size();
    }
    return lanes_ ? lanes_->size() : static_cast<std::int64_t>(interactive_.size());
  }

  /// The lanes of the tenants; null without weights.
  [[nodiscard]] FairLanes* lanes() { return lanes_ ? &*lanes_ : nullptr; }
  /// The adapters; null without.
  [[nodiscard]] AdapterQueue* adapters() { return adapters_ ? &*adapters_ : nullptr; }
  [[nodiscard]] const AdapterQueue* adapters() const { return adapters_ ? &*adapters_ : nullptr; }
  /// Would this request, if it joined now, move the counter of its tenant?
  [[nodiscard]] bool lifts(const Sequence& sequence) const {
    return in_lanes(sequence) && lanes_->lifts(sequence);
  }

  /// The one before whom `place` others are to be admitted. Requires 0 <= place < size() and no lanes.
  [[nodiscard]] const Sequence& at(std::int64_t place) const {
    const bool batch = place >= interactive();
    const auto index = static_cast<std::size_t>(batch ? place - interactive() : place);
    return *(batch ? batch_ : interactive_)[index];
  }

  /// Is there one for whom `wanted` holds? Asks from the head on, or from the first lane on.
  template <class Wanted>
  [[nodiscard]] bool any_interactive(const Wanted& wanted) const {
    if (lanes_) {
      return lanes_->any(wanted);
    }
    return std::any_of(interactive_.begin(), interactive_.end(),
                       [&](const Sequence* sequence) { return wanted(*sequence); });
  }

  /// Takes out all.
  void abandon(std::vector<Sequence*>& all) {
    if (adapters_) {
      adapters_->abandon(all);
    }
    if (lanes_) {
      lanes_->abandon(all);
    }
    all.insert(all.end(), interactive_.begin(), interactive_.end());
    all.insert(all.end(), batch_.begin(), batch_.end());
    interactive_.clear();
    batch_.clear();
  }

 private:
  [[nodiscard]] bool in_lanes(const Sequence& sequence) const { return lanes_ && !sequence.record.batch; }
  [[nodiscard]] std::deque<Sequence*>& tier_of(const Sequence& sequence) {
    return sequence.record.batch ? batch_ : interactive_;
  }

  std::deque<Sequence*> interactive_;
  std::deque<Sequence*> batch_;
  std::optional<FairLanes> lanes_{};        ///< in place of interactive_
  std::optional<AdapterQueue> adapters_{};  ///< in place of all
};

}  // namespace mtok::engine
