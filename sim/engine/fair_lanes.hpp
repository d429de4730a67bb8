// Waiting requests in lanes, one a tenant: next is the tenant that was served least for its weight.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <span>
#include <vector>

#include "sim/engine/sequence.hpp"

namespace mtok::engine {

/// The virtual token counter of Sheng et al., "Fairness in Serving Large Language Models", OSDI 2024,
/// algorithms 2 (lift) and 4 (weights): a counter a tenant grows by w_in for a prompt token that is computed
/// and by w_out for an output token, over the tenant's weight; the smallest counter among those who wait is
/// next, at equal ones the first lane. A tenant that begins to wait is lifted to the smallest counter of
/// those who wait already, or to that of the tenant who was admitted last: nobody saves up while away. A
/// prompt is charged once, when its request is first admitted, without what the prefix cache had of it; being
/// computed anew after a preemption is not charged.
class FairLanes {
 public:
  static constexpr std::int64_t kInputToken = 1;   ///< w_in of the paper
  static constexpr std::int64_t kOutputToken = 2;  ///< w_out of the paper
  static constexpr double kLeastWeight = 0.01;
  static constexpr double kMostWeight = 1000;

  /// Weights by lane, each from kLeastWeight to kMostWeight; Sequence::record.tenant is the lane.
  explicit FairLanes(std::span<const double> weights);

  void push(Sequence& sequence);
  /// At the head of its lane, since it has been admitted before.
  void push_front(Sequence& sequence);
  /// The next to be admitted; null when nobody waits.
  [[nodiscard]] Sequence* head() const;
  void pop();
  [[nodiscard]] std::int64_t size() const { return size_; }
  /// Would this request, if it joined now, move its tenant's counter?
  [[nodiscard]] bool lifts(const Sequence& sequence) const { return lane_of(sequence).queue.empty(); }

  void serve_input(const Sequence& sequence, std::int64_t tokens) {
    Lane& lane = lane_of(sequence);
    lane.served += tokens * kInputToken * lane.per_token;
  }
  void serve_output(const Sequence& sequence) {
    Lane& lane = lane_of(sequence);
    lane.served += kOutputToken * lane.per_token;
  }
  /// Between these two calls a sequence has a token of each step of decodes.
  void begin_decoding(const Sequence& sequence) { lane_of(sequence).decoding += 1; }
  void end_decoding(const Sequence& sequence) { lane_of(sequence).decoding -= 1; }
  /// Each that decodes has had a token of each of so many steps.
  void serve_decoding(std::int64_t steps);
  /// After how many steps of decodes alone somebody else is next; INT64_MAX: never, or nobody waits.
  [[nodiscard]] std::int64_t steps_to_other_head() const;

  template <class Wanted>
  [[nodiscard]] bool any(const Wanted& wanted) const {
    return std::any_of(lanes_.begin(), lanes_.end(), [&](const Lane& lane) {
      return std::any_of(lane.queue.begin(), lane.queue.end(),
                         [&](const Sequence* sequence) { return wanted(*sequence); });
    });
  }
  /// Takes out all.
  void abandon(std::vector<Sequence*>& all);

 private:
  struct Lane {
    std::int64_t per_token = 0;  ///< what a unit of service adds to `served`: kScale / weight
    std::int64_t served = 0;
    std::int64_t decoding = 0;  ///< its sequences that decode
    std::deque<Sequence*> queue{};

    [[nodiscard]] std::int64_t per_step() const { return decoding * kOutputToken * per_token; }
  };
  static constexpr std::int64_t kScale = 1 << 20;  ///< whole numbers: both engines add up to the same

  [[nodiscard]] Lane& lane_of(const Sequence& sequence) {
    return lanes_[static_cast<std::size_t>(sequence.record.tenant)];
  }
  [[nodiscard]] const Lane& lane_of(const Sequence& sequence) const {
    return lanes_[static_cast<std::size_t>(sequence.record.tenant)];
  }
  /// The lane that is next. Requires size() > 0.
  [[nodiscard]] std::size_t next_lane() const;

  std::vector<Lane> lanes_;
  std::int64_t size_ = 0;
  std::size_t last_admitted_ = 0;
};

}  // namespace mtok::engine
