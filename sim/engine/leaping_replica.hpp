// One replica of the leaping engine: steps in which only the context grows are taken many at a time.
#pragma once

#include <array>
#include <vector>

#include "sim/engine/decode_set.hpp"
#include "sim/engine/replica_core.hpp"

namespace mtok::engine {

/// The same schedule as Replica. Decoding sequences are a DecodeSet, prompts that are not through a short
/// list. With mixed batches everyone who decodes takes part in every step, since they are never more than
/// the budget has tokens, and only the last admitted of each tier can have been cut by the budget. Without, a
/// step is either of prompts alone or has all decoding sequences.
class LeapingReplica final : public ReplicaCore {
 public:
  LeapingReplica(std::int32_t index, const SchedulerConfig& config, StepTimer& timer,
                 DurationHistogram& inter_token);

  /// Puts a request into the queue. Returns the new end of the steps in progress when they must end early to
  /// look at it, else kNever.
  [[nodiscard]] SimTime enqueue(Sequence& sequence, SimTime now);
  /// Forms a batch and starts one step, or as many steps of decodes as nothing can interrupt. Returns the
  /// time at which they end. Requires can_start().
  [[nodiscard]] SimTime start_step(SimTime now);
  /// Applies the steps that end now; appends the sequences that they completed, in order of admission.
  void finish_step(SimTime now, std::vector<Sequence*>& completed);
  /// The end of the step that is in progress when the run is stopped, and has to be paid for; `now` if none.
  [[nodiscard]] SimTime stop(SimTime now);
  /// Breaks down; the step in progress is lost. Takes out everything that was queued or running, as if none
  /// of it had begun.
  void fail(SimTime now, std::vector<Sequence*>& all);
  /// The steps in progress, for observers.
  [[nodiscard]] StepNote note() const;
  /// Takes out everything that is queued or running, for a run that was stopped.
  void abandon(std::vector<Sequence*>& all);

 private:
  struct Admission {
    std::int64_t serial = 0;
    Sequence* sequence = nullptr;
  };

  void schedule_mixed(SimTime now);
  bool schedule_prompts(SimTime now);
  void go_on_with_prompts(bool batch, std::int64_t& budget);
  void admit(bool batch, std::int64_t& budget, SimTime now);
  void schedule_running(std::int64_t& budget);
  void take_in_order(std::int64_t pages);
  void schedule_one_by_one(std::int64_t& budget);
  void schedule_batch_prompt(std::int64_t& budget);
  void note_admission(Sequence& sequence);
  [[nodiscard]] Sequence& last_running();
  void preempt_last();
  void leave_decodes(Sequence& sequence);
  [[nodiscard]] StepShape decode_shape();
  [[nodiscard]] std::int64_t steps_ahead();
  [[nodiscard]] SimTime end_after(std::int64_t steps) const;
  [[nodiscard]] std::int64_t first_step_ending_at(SimTime time) const;
  void settle(SimTime now);
  void count_gaps(SimTime now);
  void finish_decodes(SimTime now, std::vector<Sequence*>& completed);
  void finish_prompts(SimTime now, std::vector<Sequence*>& completed);

  DecodeSet decodes_;
  bool decodes_run_ = false;        ///< the step in progress has decodes_
  SimTime last_tokens_{};           ///< when decodes_ got their last tokens, but for resumed_
  std::vector<Sequence*> resumed_;  ///< in decodes_, with last tokens at times of their own
  std::vector<Sequence*> partial_;  ///< running, their prompts not through, by serial
  std::array<std::vector<Admission>, 2>
      admissions_;                      ///< interactive and batch in order; those who left are stale
  std::vector<Sequence*> in_order_;     ///< scratch of schedule_one_by_one
  bool evicted_since_prompts_ = false;  ///< in the step that was started last, after prompts were tried
  DecodeRun run_{};                     ///< of steps of decodes alone
  std::int64_t steps_ = 0;              ///< in progress
  SimTime start_{};
  SimTime end_{};  ///< of the step with prefill in progress, or of the last one
};

}  // namespace mtok::engine
