// One replica of the reference engine: vLLM V1's schedule, step by step and sequence by sequence.
#include "sim/engine/replica.hpp"

#include <algorithm>
#include <cassert>

namespace mtok::engine {

Replica::Replica(std::int32_t index, const SchedulerConfig& config, StepTimer& timer,
                 DurationHistogram& inter_token)
    : ReplicaCore(index, config, timer, inter_token) {
  if (config.speculation) {
    pattern_.emplace(*config.speculation);
  }
}

SimTime Replica::start_step(SimTime now) {
  assert(can_start());
  take_in();
  prefills_.clear();
  decodes_.clear();
  std::int64_t budget = config_.max_num_batched_tokens;
  if (config_.mixed_batches || !schedule_prompts(budget, now)) {
    const bool nobody_preempted = schedule_running(budget);
    const bool admits = config_.mixed_batches && nobody_preempted && budget > 0 && !waits_for_batch();
    while (admits && budget > 0) {
      const Admitted admitted = admit_head(budget, now);
      if (admitted.sequence == nullptr) {
        break;
      }
      running_.push_back(admitted.sequence);
      schedule(*admitted.sequence, admitted.new_tokens);
      budget -= admitted.new_tokens;
    }
  }
  assert(!prefills_.empty() || !decodes_.empty());

  start_ = now;
  const StepShape shape = decode_shape();
  if (!prefills_.empty()) {
    end_ = start_mixed(now, shape);
    return end_;
  }
  decode_run_ = timer_->decode_run(shape, std::vector<std::int64_t>(windowed_.size()));
  end_ = after_ticks(now, decode_run_.duration);
  move_clock(decode_run_.duration);
  charge(decode_run_, 1, now, end_);
  stepping_ = true;
  return end_;
}

/// Prompts that have begun, as far as blocks last, then waiting ones. False when no prompt can go on.
bool Replica::schedule_prompts(std::int64_t& budget, SimTime now) {
  for (Sequence* sequence : running_) {
    const std::int64_t new_tokens = std::min(sequence->known() - sequence->computed, budget);
    if (!sequence->decoding() && new_tokens > 0 &&
        pool_.grow(sequence->kv, sequence->computed + new_tokens)) {
      schedule_prefill(*sequence, new_tokens);
      budget -= new_tokens;
    }
  }
  const bool admits = budget > 0 && !waits_for_batch();
  while (admits && budget > 0) {
    const Admitted admitted = admit_head(budget, now);
    if (admitted.sequence == nullptr) {
      break;
    }
    running_.push_back(admitted.sequence);
    schedule_prefill(*admitted.sequence, admitted.new_tokens);
    budget -= admitted.new_tokens;
  }
  return !prefills_.empty();
}

/// False when a sequence had to be preempted.
bool Replica::schedule_running(std::int64_t& budget) {
  bool nobody_preempted = true;
  for (std::size_t i = 0; i < running_.size(); ++i) {
    Sequence& sequence = *running_[i];
    const bool free_of_budget = !config_.mixed_batches && sequence.decoding();
    const std::int64_t new_tokens =
        sequence.decoding() ? 1 + draft_tokens() : std::min(sequence.known() - sequence.computed, budget);
    if (new_tokens == 0) {
      continue;
    }
    while (!pool_.grow(sequence.kv, sequence.computed + new_tokens)) {
      const bool itself = i + 1 == running_.size();
      preempt_last();
      nobody_preempted = false;
      if (itself) {
        return false;
      }
    }
    schedule(sequence, new_tokens);
    budget -= free_of_budget ? 0 : std::min(new_tokens, budget);
  }
  return nobody_preempted;
}

void Replica::preempt_last() {
  Sequence& last = *running_.back();
  running_.pop_back();
  put_back(last);
}

void Replica::schedule(Sequence& sequence, std::int64_t new_tokens) {
  if (!sequence.decoding()) {
    schedule_prefill(sequence, new_tokens);
    return;
  }
  if (!sequence.decoding_counted) {
    begin_sharing(sequence);
  }
  decodes_.push_back(&sequence);
}

StepShape Replica::decode_shape() {
  const auto windows = timer_->windows();
  windowed_.assign(windows.size(), 0);
  StepShape shape;
  for (const Sequence* sequence : decodes_) {
    const std::int64_t context = sequence->computed + 1;
    shape.decode_sequences += 1;
    shape.decode_context += context;
    for (std::size_t w = 0; w < windows.size(); ++w) {
      windowed_[w] += std::min(context, windows[w]);
    }
  }
  shape.decode_windowed = windowed_;
  return shape;
}

/// What the step in progress yields for a decoding sequence.
std::int64_t Replica::tokens_of_step(Sequence& sequence) const {
  if (!pattern_) {
    return 1;
  }
  const std::int64_t left = sequence.target_output - sequence.record.output_tokens;
  return std::min(left, pattern_->tokens(sequence.record.id, sequence.verifications++));
}

void Replica::finish_step(SimTime now, std::vector<Sequence*>& completed) {
  const bool mixed = !prefills_.empty();
  const Ticks duration =
      mixed ? Ticks::from_nanoseconds(nanoseconds(now) - nanoseconds(start_)) : decode_run_.duration;
  if (!decodes_.empty()) {
    shares_.add(mixed ? Ticks::from_nanoseconds(mixed_.phases.decode_ns) : duration,
                static_cast<std::int64_t>(decodes_.size()));
  }
  for (Sequence* sequence : decodes_) {
    const bool in_a_row = sequence->record.last_token == start_;
    const std::int64_t tokens = tokens_of_step(*sequence);
    sequence->computed += tokens;
    emit_token(*sequence, now, in_a_row ? duration : gap_since_last(*sequence, now));
    for (std::int64_t i = 1; i < tokens; ++i) {
      emit_token(*sequence, now, Ticks{});
    }
  }
  finish_prefill();
  for (const Prefill& entry : prefills_) {
    if (entry.sequence->computed == entry.sequence->known()) {
      emit_token(*entry.sequence, now, gap_since_last(*entry.sequence, now));
    }
  }
  end_steps(1);

  const auto done = [](const Sequence* s) { return s->record.output_tokens == s->target_output; };
  for (Sequence* sequence : running_) {
    if (done(sequence)) {
      complete(*sequence);
      completed.push_back(sequence);
    }
  }
  std::erase_if(running_, done);
}

void Replica::fail(SimTime now, std::vector<Sequence*>& all) {
  if (stepping_) {
    lose_step(start_, now, end_, prefills_.empty() ? books_of(decode_run_, start_, end_) : mixed_, true);
  }
  abandon(all);
}

StepNote Replica::note() const {
  StepNote note = note_of_step(static_cast<std::int64_t>(decodes_.size()));
  note.start = start_;
  note.end = end_;
  return note;
}

void Replica::abandon(std::vector<Sequence*>& all) {
  for (Sequence* sequence : running_) {
    end_sharing(*sequence);
    all.push_back(sequence);
  }
  all.insert(all.end(), waiting_.begin(), waiting_.end());
  running_.clear();
  waiting_.clear();
  inbox_.abandon(all);
}

}  // namespace mtok::engine
