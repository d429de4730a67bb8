// Who may pass, and which adapters have to be brought for it.
#include "sim/engine/adapter_queue.hpp"

#include <algorithm>
#include <cassert>

namespace mtok::engine {

AdapterQueue::AdapterQueue(const AdapterLimits& limits)
    : limits_(limits), lanes_(1), requests_(1), host_(std::max(limits.max_cpu_loras, limits.max_loras)) {
  assert(limits.max_loras >= 1);
}

AdapterQueue::Lane& AdapterQueue::lane_of(const Sequence& sequence) {
  const std::size_t place = place_of(sequence);
  if (place >= lanes_.size()) {
    lanes_.resize(place + 1);
    requests_.resize(place + 1);
  }
  return lanes_[place];
}

std::size_t AdapterQueue::next_lane() const {
  std::size_t best = lanes_.size();
  for (std::size_t i = 0; i < lanes_.size(); ++i) {
    const bool first = best == lanes_.size() ||
                       (!lanes_[i].empty() && lanes_[i].front().number < lanes_[best].front().number);
    if (!lanes_[i].empty() && first && may_pass(i)) {
      best = i;
    }
  }
  return best;
}

Sequence* AdapterQueue::head() const {
  const std::size_t lane = next_lane();
  return lane < lanes_.size() ? lanes_[lane].front().sequence : nullptr;
}

void AdapterQueue::pop() {
  lanes_[next_lane()].pop_front();
  --size_;
}

void AdapterQueue::abandon(std::vector<Sequence*>& all) {
  for (Lane& lane : lanes_) {
    for (const Ticket& ticket : lane) {
      all.push_back(ticket.sequence);
    }
    lane.clear();
  }
  size_ = 0;
}

Seconds AdapterQueue::enter(const Sequence& sequence) {
  const std::size_t lane = place_of(sequence);
  if (lane == 0) {
    return {};
  }
  requests_[lane] += 1;
  in_batch_ += requests_[lane] == 1 ? 1 : 0;
  assert(in_batch_ <= limits_.max_loras);
  const auto slot = std::find(slots_.begin(), slots_.end(), lane);
  const bool held = slot != slots_.end();
  if (held) {
    slots_.erase(slot);
  } else if (std::ssize(slots_) == limits_.max_loras) {
    slots_.erase(
        std::find_if(slots_.begin(), slots_.end(), [&](std::size_t i) { return requests_[i] == 0; }));
  }
  slots_.push_back(lane);
  const bool in_host = limits_.max_cpu_loras == 0 || host_.contains(lane);
  if (limits_.max_cpu_loras > 0) {
    host_.use({.id = lane, .weight = 1});
  }
  if (held) {
    return {};
  }
  loads_ += 1;
  fetches_ += in_host ? 0 : 1;
  return limits_.load + (in_host ? Seconds{} : limits_.fetch);
}

void AdapterQueue::leave(const Sequence& sequence) {
  const std::size_t lane = place_of(sequence);
  if (lane > 0) {
    requests_[lane] -= 1;
    in_batch_ -= requests_[lane] == 0 ? 1 : 0;
  }
}

}  // namespace mtok::engine
