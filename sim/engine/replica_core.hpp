// What both engines do alike in a replica: the queue, admission, prefill, the clock and the books.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "sim/engine/engine.hpp"
#include "sim/engine/inbox.hpp"
#include "sim/engine/sequence.hpp"
#include "sim/engine/share_clock.hpp"
#include "sim/engine/wait_queue.hpp"

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
  [[nodiscard]] std::int64_t queued() const { return waiting_.size() + inbox_.size(); }
  /// Of those, interactive ones.
  [[nodiscard]] std::int64_t interactive_load() const {
    return interactive_queued() + running_count_ - running_batch_;
  }
  [[nodiscard]] std::int64_t interactive_queued() const {
    return waiting_.interactive() + inbox_.interactive();
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

  /// Lets those join the queue that the scheduler has seen, and forgets what the last step was formed by.
  void begin_step();
  /// Takes out all that do not run: by tier, in order, seen or not.
  void abandon_queue(std::vector<Sequence*>& all) {
    inbox_.take(waiting_, true);
    waiting_.abandon(all);
  }
  /// After a step was formed: how many like it may follow until one admits those that wait for a fuller
  /// batch; INT64_MAX: nobody waits so.
  [[nodiscard]] std::int64_t batch_waits_ahead() const {
    return batch_wait_counts_ ? config_.batch_wait_timeout_iters - batch_waited_ : INT64_MAX;
  }
  /// `steps` steps have ended in which nothing changed but the context.
  void end_steps(std::int64_t steps);

  struct Admitted {
    Sequence* sequence = nullptr;  ///< null: the head of the queue stays, or there is none
    std::int64_t new_tokens = 0;   ///< of it in the step that starts now
  };
  /// Admits the head of the queue if it is of this tier, and if the limits, the pool and `budget` > 0 tokens
  /// of the step allow it. After a preemption in this step nobody of the same tier, or of a lower one, is
  /// admitted; while requests wait for a fuller batch, nobody.
  [[nodiscard]] Admitted admit_head(bool batch, std::int64_t budget, SimTime now);
  /// An interactive request that the step has tokens for waits for room that the batch tier has: the last
  /// admitted of that tier has to go before the step is formed.
  [[nodiscard]] bool must_yield();
  /// May a request of this tier that joins the queue now change how the steps after those in progress are
  /// formed?
  [[nodiscard]] bool may_be_admitted(bool batch) const;
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

  /// Applies `act` to the lanes, if this request is in one of them.
  template <class Act>
  void charge_tenant(const Sequence& sequence, const Act& act) {
    if (FairLanes* const lanes = waiting_.lanes(); lanes != nullptr && !sequence.record.batch) {
      act(*lanes);
    }
  }
  /// Distinct low-rank adapters of the running requests.
  [[nodiscard]] std::int64_t adapters_in_batch() const {
    const AdapterQueue* const adapters = waiting_.adapters();
    return adapters != nullptr ? adapters->in_batch() : 0;
  }
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
  WaitQueue waiting_;
  std::int64_t running_count_ = 0;
  std::int64_t running_batch_ = 0;      ///< of them, of the batch tier
  std::int64_t decoding_batch_ = 0;     ///< of those, sequences for which the share clock runs
  bool preempted_ = false;              ///< somebody, in the step that is formed or in progress
  bool preempted_interactive_ = false;  ///< ... who was interactive
  std::int64_t preemptions_ = 0;        ///< of the whole run
  bool stepping_ = false;
  std::vector<Prefill> prefills_;  ///< of the step
  StepBooks mixed_{};              ///< of the step, when it has prefill
  ShareClock shares_;
  Ticks carry_{};  ///< fraction of a nanosecond by which the clock is ahead of SimTime

 private:
  /// Whether, and how, a waiting request can be admitted now.
  struct Fit {
    bool fits = false;
    KvPool::Match match{};
    std::int64_t present = 0;     ///< tokens whose K and V need not be computed
    std::int64_t new_tokens = 0;  ///< in the first step
    std::int64_t promise = 0;     ///< pages
  };
  /// Do waiting requests wait in this step for a fuller batch? Counts the step when asked for the first time.
  [[nodiscard]] bool waits_for_batch();
  void leave_batch(const Sequence& sequence);
  [[nodiscard]] bool batch_is_waited_for();
  [[nodiscard]] Fit fit_of(const Sequence& head, std::int64_t budget, std::int64_t spare_pages) const;
  [[nodiscard]] std::int64_t promise_for(const Sequence& sequence) const;

  static constexpr std::int64_t kMostReplicas = std::int64_t{1} << 20;
  static constexpr std::int64_t kBatchSerials = std::int64_t{1} << 62;  ///< from here on
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
  std::optional<bool> held_up_{};   ///< does the step that is formed admit nobody for that; unset: not asked
  Seconds adapter_wait_{};          ///< for adapters, in the step that starts now
  TierTokens loading_{};            ///< from slower tiers, in the step that starts now
};

}  // namespace mtok::engine
