// Requests that have come to a replica and that its scheduler has not taken into its queue yet.
#pragma once

#include <cstdint>
#include <deque>

#include "sim/engine/sequence.hpp"
#include "sim/engine/wait_queue.hpp"

namespace mtok::engine {

/// When the scheduler looks at new requests. A look belongs to a step: to each step with prompts, and to each
/// `interval`-th step of decodes alone after the last look. What had come by the end of that step, or, when
/// the batch after it is made while it runs (`ahead`), by its start, joins the queue at its end. An idle
/// replica looks at once. With interval 1 and not ahead: what has come joins at the end of the step.
/// Source: SGLang, SchedulerRecvSkipper (scheduler_recv_interval) and event_loop_overlap.
class Inbox {
 public:
  /// Requires interval >= 1.
  Inbox(std::int64_t interval, bool ahead) : interval_(interval), ahead_(ahead) {}

  [[nodiscard]] std::int64_t size() const { return std::ssize(entries_); }
  [[nodiscard]] std::int64_t interactive() const { return interactive_; }

  /// A request that has come by the end of the `nth` step of those in progress; 0: before they start, or none
  /// is in progress. Returns after how many steps it joins, unless one of them has prompts.
  std::int64_t add(Sequence& sequence, std::int64_t nth);
  /// At the start of a step: moves what joins now to `queue`, or all when nothing runs.
  void take(WaitQueue& queue, bool idle);
  /// After how many steps the first of this tier joins, unless one has prompts; INT64_MAX when there is none.
  [[nodiscard]] std::int64_t steps_to_first(bool batch) const;
  /// The step that starts has prompts.
  void step_has_prompts();
  /// `steps` steps in progress have ended.
  void advance(std::int64_t steps);

 private:
  struct Entry {
    Sequence* sequence = nullptr;
    std::int64_t joins = 0;  ///< the step at whose start
  };

  std::int64_t interval_;
  bool ahead_;
  std::int64_t step_ = 0;         ///< steps that have ended
  std::int64_t since_look_ = 0;   ///< of them, those of decodes alone since the last look
  bool prompts_ = false;          ///< the step in progress has prompts
  std::deque<Entry> entries_;     ///< in order of arrival, and so of joining
  std::int64_t interactive_ = 0;  ///< of them
};

}  // namespace mtok::engine
