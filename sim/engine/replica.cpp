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
  prefills_.clear();
  decodes_.clear();
  begin_step();
  while (must_yield()) {
    preempt_last();
  }
  if (config_.mixed_batches) {
    schedule_mixed(now);
  } else if (!schedule_prompts(now)) {
    std::int64_t budget = config_.max_num_batched_tokens;
    schedule_running(budget);
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

/// All decodes have their tokens of the budget first, then come prompts: interactive ones that have begun and
/// that wait, then those of the batch tier.
void Replica::schedule_mixed(SimTime now) {
  const std::int64_t decoding =
      std::count_if(running_.begin(), running_.end(), [](const Sequence* s) { return s->decoding(); });
  const std::int64_t most = config_.max_num_batched_tokens;
  std::int64_t budget = most - std::min(most, decoding * (1 + draft_tokens()));
  schedule_running(budget);
  admit(false, budget, now);
  schedule_batch_prompt(budget);
  admit(true, budget, now);
}

/// Prompts that have begun, as far as blocks last, then waiting ones; both of one tier after those of the
/// other. False when no prompt can go on.
bool Replica::schedule_prompts(SimTime now) {
  std::int64_t budget = config_.max_num_batched_tokens;
  for (const bool batch : {false, true}) {
    go_on_with_prompts(batch, budget);
    admit(batch, budget, now);
  }
  return !prefills_.empty();
}

void Replica::go_on_with_prompts(bool batch, std::int64_t& budget) {
  for (Sequence* sequence : running_) {
    const std::int64_t new_tokens = std::min(sequence->known() - sequence->computed, budget);
    if (sequence->record.batch == batch && !sequence->decoding() && new_tokens > 0 &&
        pool_.grow(sequence->kv, sequence->computed + new_tokens)) {
      schedule_prefill(*sequence, new_tokens);
      budget -= new_tokens;
    }
  }
}

void Replica::admit(bool batch, std::int64_t& budget, SimTime now) {
  while (budget > 0) {
    const Admitted admitted = admit_head(batch, budget, now);
    if (admitted.sequence == nullptr) {
      return;
    }
    const auto first_of_batch =
        std::find_if(running_.begin(), running_.end(), [](const Sequence* s) { return s->record.batch; });
    running_.insert(batch ? running_.end() : first_of_batch, admitted.sequence);
    if (config_.mixed_batches) {
      schedule(*admitted.sequence, admitted.new_tokens);
    } else {
      schedule_prefill(*admitted.sequence, admitted.new_tokens);
    }
    budget -= admitted.new_tokens;
  }
}

/// Running sequences, who preempt those behind them when blocks run out. In a mixed step the prompt of the
/// batch tier that has begun waits until interactive ones are admitted.
void Replica::schedule_running(std::int64_t& budget) {
  for (std::size_t i = 0; i < running_.size(); ++i) {
    Sequence& sequence = *running_[i];
    const bool decoding = sequence.decoding();
    if (!decoding && sequence.record.batch && config_.mixed_batches) {
      continue;
    }
    const std::int64_t new_tokens =
        decoding ? 1 + draft_tokens() : std::min(sequence.known() - sequence.computed, budget);
    if (new_tokens == 0) {
      continue;
    }
    while (!pool_.grow(sequence.kv, sequence.computed + new_tokens)) {
      const bool itself = i + 1 == running_.size();
      preempt_last();
      if (itself) {
        return;
      }
    }
    schedule(sequence, new_tokens);
    budget -= decoding ? 0 : new_tokens;
  }
}

/// At most one has begun: the last admitted.
void Replica::schedule_batch_prompt(std::int64_t& budget) {
  if (running_.empty() || !running_.back()->record.batch || running_.back()->decoding()) {
    return;
  }
  Sequence& last = *running_.back();
  const std::int64_t new_tokens = std::min(last.known() - last.computed, budget);
  if (new_tokens == 0) {
    return;
  }
  if (!pool_.grow(last.kv, last.computed + new_tokens)) {
    preempt_last();
    return;
  }
  schedule_prefill(last, new_tokens);
  budget -= new_tokens;
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
  shape.adapters = adapters_in_batch();
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
  running_.clear();
  abandon_queue(all);
}

}  // namespace mtok::engine
