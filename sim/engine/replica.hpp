// One replica of the reference engine: every running sequence is looked at in every step.
#pragma once

#include <vector>

#include "sim/engine/replica_core.hpp"

namespace mtok::engine {

/// Schedules and runs steps. The caller moves the clock: start_step, then finish_step at the time it
/// returned.
class Replica final : public ReplicaCore {
 public:
  Replica(std::int32_t index, const SchedulerConfig& config, StepTimer& timer,
          DurationHistogram& inter_token);

  /// Puts a request into the queue. Returns the new end of the step in progress: never another one here.
  SimTime enqueue(Sequence& sequence, SimTime /*now*/) {
    inbox_.add(sequence, stepping_ ? 1 : 0);
    return kNever;
  }
  /// Forms a batch and starts it. Returns the time at which it ends. Requires can_start().
  [[nodiscard]] SimTime start_step(SimTime now);
  /// Applies the step that ends now; appends the sequences that it completed, in order of admission.
  void finish_step(SimTime now, std::vector<Sequence*>& completed);
  /// The end of the step that is in progress when the run is stopped, and has to be paid for; `now` if none.
  [[nodiscard]] SimTime stop(SimTime now) const { return stepping_ ? end_ : now; }
  /// Breaks down; the step in progress is lost. Takes out everything that was queued or running, as if none
  /// of it had begun.
  void fail(SimTime now, std::vector<Sequence*>& all);
  /// The step in progress, for observers.
  [[nodiscard]] StepNote note() const;
  /// Takes out everything that is queued or running, for a run that was stopped.
  void abandon(std::vector<Sequence*>& all);

 private:
  void schedule_mixed(SimTime now);
  bool schedule_prompts(SimTime now);
  void go_on_with_prompts(bool batch, std::int64_t& budget);
  void admit(bool batch, std::int64_t& budget, SimTime now);
  void schedule_running(std::int64_t& budget);
  void schedule_batch_prompt(std::int64_t& budget);
  void schedule(Sequence& sequence, std::int64_t new_tokens);
  void preempt_last();
  [[nodiscard]] StepShape decode_shape();
  [[nodiscard]] std::int64_t tokens_of_step(Sequence& sequence) const;

  std::optional<TokenPattern> pattern_{};  ///< with speculation
  std::vector<Sequence*> running_;         ///< in order of admission, the batch tier last
  std::vector<Sequence*> decodes_;         ///< of the step
  std::vector<std::int64_t> windowed_;
  DecodeRun decode_run_{};  ///< of a step of decodes alone
  SimTime start_{};
  SimTime end_{};
};

}  // namespace mtok::engine
