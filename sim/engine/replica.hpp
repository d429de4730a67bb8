// One replica: a queue, the running sequences, a KV pool, and the step that it works on.
#pragma once

#include <deque>
#include <memory>
#include <vector>

#include "sim/engine/engine.hpp"

namespace mtok::engine {

/// A request inside the engine.
struct Sequence {
  RequestRecord record{};
  std::vector<std::uint64_t> hash_ids{};
  std::int64_t target_output = 0;
  std::int64_t computed = 0;        ///< tokens whose K and V exist
  std::int64_t prefix_hit = 0;      ///< of `computed`, found in the prefix cache at first admission
  std::int64_t reserved_pages = 0;  ///< promised at admission
  KvPool::Holding kv{};

  /// Tokens whose value is known: the prompt and what was emitted.
  [[nodiscard]] std::int64_t known() const { return record.input_tokens + record.output_tokens; }
  /// Its next token needs exactly one computed token: an ordinary decode.
  [[nodiscard]] bool decoding() const { return record.output_tokens > 0 && computed + 1 == known(); }
};

/// Schedules and runs steps. The caller moves the clock: start_step, then finish_step at the time it
/// returned.
class Replica {
 public:
  Replica(std::int32_t index, const SchedulerConfig& config, StepTimer& timer);

  /// Could this request ever run here?
  [[nodiscard]] bool can_hold(std::int64_t input_tokens, std::int64_t output_tokens) const;
  void enqueue(std::unique_ptr<Sequence> sequence) { waiting_.push_back(std::move(sequence)); }
  [[nodiscard]] std::size_t load() const { return waiting_.size() + running_.size(); }
  [[nodiscard]] bool can_start() const { return !stepping_ && load() > 0; }

  /// Forms a batch and starts it. Returns the time at which it ends. Requires can_start().
  [[nodiscard]] SimTime start_step(SimTime now);
  /// Applies the step that ends now; returns the sequences that it completed, in order of admission.
  [[nodiscard]] std::vector<std::unique_ptr<Sequence>> finish_step(SimTime now);
  /// Takes out everything that is queued or running, for a run that was stopped.
  [[nodiscard]] std::vector<std::unique_ptr<Sequence>> abandon();

  [[nodiscard]] ReplicaRecord closed_record(SimTime makespan) const;  ///< with idle energy and pool counts
  [[nodiscard]] const DurationHistogram& inter_token() const { return inter_token_; }
  [[nodiscard]] std::int64_t prefix_queried_tokens() const { return prefix_queried_; }
  [[nodiscard]] std::int64_t prefix_hit_tokens() const { return prefix_hit_; }
  [[nodiscard]] std::int64_t prefix_hit_blocks() const { return prefix_hit_blocks_; }

 private:
  struct Scheduled {
    Sequence* sequence = nullptr;
    std::int64_t new_tokens = 0;
    std::int64_t prefix_hit = 0;
    bool decode = false;
  };
  bool schedule_prompts(std::int64_t& budget, SimTime now);
  bool schedule_running(std::int64_t& budget);
  void admit_waiting(std::int64_t& budget, SimTime now);
  void schedule(Sequence& sequence, std::int64_t new_tokens);
  void preempt_last();
  [[nodiscard]] std::int64_t promise_for(const Sequence& sequence) const;
  [[nodiscard]] StepCost cost_of_batch();
  void emit_token(Sequence& sequence, SimTime now);

  std::int32_t index_;
  SchedulerConfig config_;
  StepTimer* timer_;
  KvPool pool_;
  std::deque<std::unique_ptr<Sequence>> waiting_;
  std::vector<std::unique_ptr<Sequence>> running_;  ///< in order of admission

  std::int64_t reserved_pages_ = 0;  ///< promised to the running sequences
  bool stepping_ = false;
  std::vector<Scheduled> batch_;
  PhaseTime step_phases_{};
  std::vector<PrefillChunk> chunks_;
  std::vector<std::int64_t> windowed_;

  ReplicaRecord record_{};
  DurationHistogram inter_token_;
  std::int64_t prefix_queried_ = 0;
  std::int64_t prefix_hit_ = 0;
  std::int64_t prefix_hit_blocks_ = 0;
};

}  // namespace mtok::engine
