// The requests that wait for a replica's scheduler: two tiers, each first come first served.
#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <vector>

#include "sim/engine/sequence.hpp"

namespace mtok::engine {

/// Interactive requests come before all of the batch tier.
class WaitQueue {
 public:
  void push(Sequence& sequence) { tier_of(sequence).push_back(&sequence); }
  /// At the head of its tier, since it has been admitted before.
  void push_front(Sequence& sequence) { tier_of(sequence).push_front(&sequence); }

  /// The next to be admitted; null when nobody waits.
  [[nodiscard]] Sequence* head() const {
    const std::deque<Sequence*>& tier = interactive_.empty() ? batch_ : interactive_;
    return tier.empty() ? nullptr : tier.front();
  }
  void pop() { (interactive_.empty() ? batch_ : interactive_).pop_front(); }

  [[nodiscard]] bool empty() const { return interactive_.empty() && batch_.empty(); }
  [[nodiscard]] std::int64_t size() const { return interactive() + static_cast<std::int64_t>(batch_.size()); }
  [[nodiscard]] std::int64_t interactive() const { return static_cast<std::int64_t>(interactive_.size()); }

  /// The one before whom `place` others are to be admitted. Requires 0 <= place < size().
  [[nodiscard]] const Sequence& at(std::int64_t place) const {
    const bool batch = place >= interactive();
    const auto index = static_cast<std::size_t>(batch ? place - interactive() : place);
    return *(batch ? batch_ : interactive_)[index];
  }

  /// Is there one for whom `wanted` holds? Asks from the head on.
  template <class Wanted>
  [[nodiscard]] bool any_interactive(const Wanted& wanted) const {
    return std::any_of(interactive_.begin(), interactive_.end(),
                       [&](const Sequence* sequence) { return wanted(*sequence); });
  }

  /// Takes out all.
  void abandon(std::vector<Sequence*>& all) {
    all.insert(all.end(), interactive_.begin(), interactive_.end());
    all.insert(all.end(), batch_.begin(), batch_.end());
    interactive_.clear();
    batch_.clear();
  }

 private:
  [[nodiscard]] std::deque<Sequence*>& tier_of(const Sequence& sequence) {
    return sequence.record.batch ? batch_ : interactive_;
  }

  std::deque<Sequence*> interactive_;
  std::deque<Sequence*> batch_;
};

}  // namespace mtok::engine
