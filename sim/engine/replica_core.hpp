// What both engines do alike in a replica: the queue, admission, prefill, the clock and the books.
#pragma once

#include <cstdint>
#include <deque>
#include <span>
#include <vector>

#include "sim/engine/engine.hpp"
#include "sim/engine/inbox.hpp"
#include "sim/engine/sequence.hpp"
#include "sim/engine/share_clock.hpp"

namespace mtok::engine {

/// Could this request ever run under these limits?
[[nodiscard]] bool can_hold(const SchedulerConfig& config, std::int64_t input_tokens,
                            std::int64_t output_tokens);

/// A queue, a KV pool and the accounts of one replica. How the running sequences advance is up to the engine.
class ReplicaCore {
 public:
  ReplicaCore(std::int32_t index, const SchedulerConfig& config, StepTimer& timer,
              DurationHistogram& inter_token);

  /// Requests that are queued or running.
  [[nodiscard]] std::int64_t load() const { return queued() + running_count_; }
  /// Requests that do not run, seen by the scheduler or not.
  [[nodiscard]] std::int64_t queued() const {
    return static_cast<std::int64_t>(waiting_.size()) + inbox_.size();
  }
  [[nodiscard]] bool can_start() const { return !stepping_ && load() > 0; }

  /// With pool counts; of the energy, what steps took.
  [[nodiscard]] ReplicaRecord record() const;
  /// The pool is gone, and with it what `all` had there: to be computed anew elsewhere.
  void forget_pool(std::span<Sequence* const> all);
  [[nodiscard]] std::int64_t prefix_queried_tokens() const { return prefix_queried_; }
  [[nodiscard]] std::int64_t prefix_hit_tokens() const { return prefix_hit_; }
  [[nodiscard]] std::int64_t prefix_hit_blocks() const { return prefix_hit_blocks_; }
  [[nodiscard]] const TierTokens& prefix_tier_tokens() const { return prefix_tier_tokens_; }

 protected:
  /// What a step put into the books.
  struct StepBooks {
    PhaseTime phases{};
    Joules energy{};
    Seconds compute_bound{};
    Seconds memory_bound{};
  };
  struct Prefill {
    Sequence* sequence = nullptr;
    std::int64_t new_tokens = 0;
    std::int64_t prefix_hit = 0;
  };

  /// At the start of a step: lets those join the queue that the scheduler has seen.
  void take_in() {
    inbox_.take(waiting_, running_count_ == 0);
    batch_wait_counts_ = false;
  }

  /// Do waiting requests wait in this step for a fuller batch? To be asked once a step, before it admits.
  [[nodiscard]] bool waits_for_batch();
  /// After a step that has asked: how many like it may follow until one admits; INT64_MAX: nobody waits so.
  [[nodiscard]] std::int64_t batch_waits_ahead() const {
    return batch_wait_counts_ ? config_.batch_wait_timeout_iters - batch_waited_ : INT64_MAX;
  }
  /// `steps` steps have ended in which nothing changed but the context.
  void end_steps(std::int64_t steps);

  struct Admitted {
    Sequence* sequence = nullptr;  ///< null: the head of the queue stays, or there is none
    std::int64_t new_tokens = 0;   ///< of it in the step that starts now
  };
  /// Admits the head of the queue if the limits, the pool and `budget` > 0 tokens of the step allow it.
  [[nodiscard]] Admitted admit_head(std::int64_t budget, SimTime now);
  /// New prompt tokens of the step that starts now. Requires that the pool has room for them.
  void schedule_prefill(Sequence& sequence, std::int64_t new_tokens);
  /// Takes a running sequence out of the batch and puts it at the head of the queue, to be computed anew.
  void put_back(Sequence& sequence);
  /// Ends a sequence that has all its tokens.
  void complete(Sequence& sequence);

  /// Starts a step with prefill; `shape` says what decodes. Returns its end.
  [[nodiscard]] SimTime start_mixed(SimTime now, StepShape shape);
  /// Time of `duration` from `start` on the clock of this replica, which carries fractions of a nanosecond.
  [[nodiscard]] SimTime after_ticks(SimTime start, Ticks duration) const;
  void move_clock(Ticks duration) { carry_ = (carry_ + duration).fraction(); }
  /// Books `steps` steps of decodes alone that took from `start` to `end`.
  void charge(const DecodeRun& run, std::int64_t steps, SimTime start, SimTime end);

  /// Books that the step in progress, which would have lasted until `end`, broke off: its time until now was
  /// lost, and the part of its energy. `booked`: the step is in the books already.
  void lose_step(SimTime start, SimTime now, SimTime end, const StepBooks& step, bool booked);
  [[nodiscard]] static StepBooks books_of(const DecodeRun& run, SimTime start, SimTime end);

  /// Shares the step's prefill time and moves the prompts on. Does not emit.
  void finish_prefill();
  /// A token of a sequence whose last one did not come from the step before.
  void emit_token(Sequence& sequence, SimTime now, Ticks gap);
  [[nodiscard]] static Ticks gap_since_last(const Sequence& sequence, SimTime now) {
    return Ticks::from_nanoseconds(nanoseconds(now) - nanoseconds(sequence.record.last_token));
  }

  /// The step in progress, of which `decode_sequences` are the engine's own.
  [[nodiscard]] StepNote note_of_step(std::int64_t decode_sequences) const;

  void begin_sharing(Sequence& sequence);
  void end_sharing(Sequence& sequence);

  /// Drafted tokens that a decoding sequence has verified in a step.
  [[nodiscard]] std::int64_t draft_tokens() const {
    return config_.speculation ? config_.speculation->draft_tokens() : 0;
  }

  std::int32_t index_;
  SchedulerConfig config_;
  StepTimer* timer_;
  KvPool pool_;
  DurationHistogram* inter_token_;
  Inbox inbox_;
  std::deque<Sequence*> waiting_;
  std::int64_t running_count_ = 0;
  bool stepping_ = false;
  std::vector<Prefill> prefills_;  ///< of the step
  StepBooks mixed_{};              ///< of the step, when it has prefill
  ShareClock shares_;
  Ticks carry_{};  ///< fraction of a nanosecond by which the clock is ahead of SimTime

 private:
  [[nodiscard]] std::int64_t promise_for(const Sequence& sequence) const;

  static constexpr std::int64_t kMostReplicas = std::int64_t{1} << 20;
  std::int64_t next_serial_;
  std::int64_t reserved_pages_ = 0;  ///< promised to the running sequences
  std::vector<PrefillChunk> chunks_;
  ReplicaRecord record_{};
  std::int64_t prefix_queried_ = 0;
  std::int64_t prefix_hit_ = 0;
  std::int64_t prefix_hit_blocks_ = 0;
  TierTokens prefix_tier_tokens_{};
  bool pool_is_gone_ = false;
  std::int64_t batch_waited_ = 0;   ///< steps that a batch has been waited for
  bool batch_wait_counts_ = false;  ///< the step in progress is one of them, or the one that ends them
  TierTokens loading_{};            ///< from slower tiers, in the step that starts now
};

}  // namespace mtok::engine
