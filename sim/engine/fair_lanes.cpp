// Counters of service, and who is next by them.
#include "sim/engine/fair_lanes.hpp"

#include <cassert>
#include <cmath>

namespace mtok::engine {

FairLanes::FairLanes(std::span<const double> weights) {
  for (const double weight : weights) {
    assert(weight >= kLeastWeight && weight <= kMostWeight);
    lanes_.push_back({.per_token = std::llround(static_cast<double>(kScale) / weight)});
  }
}

std::size_t FairLanes::next_lane() const {
  std::size_t best = lanes_.size();
  for (std::size_t i = 0; i < lanes_.size(); ++i) {
    const bool waits = !lanes_[i].queue.empty();
    if (waits && (best == lanes_.size() || lanes_[i].served < lanes_[best].served)) {
      best = i;
    }
  }
  assert(best < lanes_.size());
  return best;
}

void FairLanes::push(Sequence& sequence) {
  Lane& lane = lane_of(sequence);
  if (lane.queue.empty()) {
    const Lane& level = size_ > 0 ? lanes_[next_lane()] : lanes_[last_admitted_];
    lane.served = std::max(lane.served, level.served);
  }
  lane.queue.push_back(&sequence);
  size_ += 1;
}

void FairLanes::push_front(Sequence& sequence) {
  lane_of(sequence).queue.push_front(&sequence);
  size_ += 1;
}

Sequence* FairLanes::head() const {
  return size_ > 0 ? lanes_[next_lane()].queue.front() : nullptr;
}

void FairLanes::pop() {
  last_admitted_ = next_lane();
  lanes_[last_admitted_].queue.pop_front();
  size_ -= 1;
}

void FairLanes::serve_decoding(std::int64_t steps) {
  for (Lane& lane : lanes_) {
    lane.served += steps * lane.per_step();
  }
}

std::int64_t FairLanes::steps_to_other_head() const {
  if (size_ == 0) {
    return INT64_MAX;
  }
  const std::size_t next = next_lane();
  const Lane& head = lanes_[next];
  std::int64_t steps = INT64_MAX;
  for (std::size_t i = 0; i < lanes_.size(); ++i) {
    const std::int64_t closer = head.per_step() - lanes_[i].per_step();
    if (i == next || lanes_[i].queue.empty() || closer <= 0) {
      continue;
    }
    const std::int64_t gap = lanes_[i].served - head.served;
    // An earlier lane is next when the counters meet, a later one when they have crossed.
    steps = std::min(steps, i < next ? (gap + closer - 1) / closer : gap / closer + 1);
  }
  return steps;
}

void FairLanes::abandon(std::vector<Sequence*>& all) {
  for (Lane& lane : lanes_) {
    all.insert(all.end(), lane.queue.begin(), lane.queue.end());
    lane.queue.clear();
  }
  size_ = 0;
}

}  // namespace mtok::engine
