// Which step's look finds a request, counted in steps.
#include "sim/engine/inbox.hpp"

#include <algorithm>
#include <cstdint>

namespace mtok::engine {

std::int64_t Inbox::add(Sequence& sequence, std::int64_t nth) {
  std::int64_t after = 0;
  if (prompts_) {
    after = 1 + (ahead_ ? interval_ : 0);
  } else {
    const std::int64_t first = nth + (ahead_ ? 1 : 0);
    const std::int64_t behind = (since_look_ + first) % interval_;
    after = first + (behind > 0 ? interval_ - behind : 0);
  }
  entries_.push_back({.sequence = &sequence, .joins = step_ + after});
  interactive_ += sequence.record.batch ? 0 : 1;
  return after;
}

void Inbox::take(WaitQueue& queue, bool idle) {
  while (!entries_.empty() && (idle || entries_.front().joins <= step_)) {
    Sequence& sequence = *entries_.front().sequence;
    interactive_ -= sequence.record.batch ? 0 : 1;
    queue.push(sequence);
    entries_.pop_front();
  }
  if (idle) {
    since_look_ = 0;
  }
}

std::int64_t Inbox::steps_to_first(bool batch) const {
  if ((batch ? size() - interactive_ : interactive_) == 0) {
    return INT64_MAX;
  }
  const auto first = std::find_if(entries_.begin(), entries_.end(),
                                  [&](const Entry& e) { return e.sequence->record.batch == batch; });
  return first->joins - step_;
}

void Inbox::step_has_prompts() {
  prompts_ = true;
  for (Entry& entry : entries_) {
    entry.joins = std::min(entry.joins, step_ + 1);
  }
}

void Inbox::advance(std::int64_t steps) {
  step_ += steps;
  since_look_ = prompts_ ? 0 : (since_look_ + steps) % interval_;
  prompts_ = false;
}

}  // namespace mtok::engine
