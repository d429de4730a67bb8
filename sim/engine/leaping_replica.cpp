// One replica of the leaping engine: the schedule on sums, and steps in closed form.
#include "sim/engine/leaping_replica.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <utility>

namespace mtok::engine {

LeapingReplica::LeapingReplica(std::int32_t index, const SchedulerConfig& config, StepTimer& timer,
                               DurationHistogram& inter_token)
    : ReplicaCore(index, config, timer, inter_token), decodes_(config.kv_geometry, timer.windows()) {}

SimTime LeapingReplica::enqueue(Sequence& sequence, SimTime now) {
  const bool may_change_batch = may_be_admitted(sequence.record.batch) || waiting_.lifts(sequence);
  const bool leaps = stepping_ && steps_ > 1;
  const std::int64_t nth = leaps ? first_step_ending_at(now) : (stepping_ ? 1 : 0);
  const std::int64_t joins_after = inbox_.add(sequence, nth);
  if (!leaps || !may_change_batch || joins_after >= steps_) {
    return kNever;
  }
  steps_ = joins_after;
  return end_after(steps_);
}

SimTime LeapingReplica::start_step(SimTime now) {
  assert(can_start());
  prefills_.clear();
  begin_step();
  while (must_yield()) {
    preempt_last();
  }
  evicted_since_prompts_ = false;
  decodes_run_ = true;
  if (config_.mixed_batches) {
    schedule_mixed(now);
  } else if (schedule_prompts(now)) {
    decodes_run_ = false;
  } else {
    std::int64_t budget = config_.max_num_batched_tokens;
    const std::int64_t cached = pool_.cached_pages();
    schedule_running(budget);
    evicted_since_prompts_ = pool_.cached_pages() < cached;
  }
  assert(!prefills_.empty() || decodes_.size() > 0);

  start_ = now;
  stepping_ = true;
  steps_ = 1;
  if (!prefills_.empty()) {
    end_ = start_mixed(now, decodes_run_ ? decode_shape() : StepShape{});
    return end_;
  }
  run_ = timer_->decode_run(decode_shape(), decodes_.windowed_growth());
  steps_ = steps_ahead();
  return end_after(steps_);
}

/// As Replica::schedule_mixed.
void LeapingReplica::schedule_mixed(SimTime now) {
  std::int64_t budget = config_.max_num_batched_tokens - decodes_.size();
  schedule_running(budget);
  admit(false, budget, now);
  schedule_batch_prompt(budget);
  admit(true, budget, now);
}

/// As Replica::schedule_prompts.
bool LeapingReplica::schedule_prompts(SimTime now) {
  std::int64_t budget = config_.max_num_batched_tokens;
  for (const bool batch : {false, true}) {
    go_on_with_prompts(batch, budget);
    admit(batch, budget, now);
  }
  return !prefills_.empty();
}

void LeapingReplica::go_on_with_prompts(bool batch, std::int64_t& budget) {
  for (Sequence* sequence : partial_) {
    const std::int64_t new_tokens = std::min(sequence->known() - sequence->computed, budget);
    if (sequence->record.batch == batch && new_tokens > 0 &&
        pool_.grow(sequence->kv, sequence->computed + new_tokens)) {
      schedule_prefill(*sequence, new_tokens);
      budget -= new_tokens;
    }
  }
}

void LeapingReplica::admit(bool batch, std::int64_t& budget, SimTime now) {
  while (budget > 0) {
    const Admitted admitted = admit_head(batch, budget, now);
    if (admitted.sequence == nullptr) {
      return;
    }
    Sequence& sequence = *admitted.sequence;
    note_admission(sequence);
    if (config_.mixed_batches && sequence.decoding()) {
      begin_sharing(sequence);
      decodes_.join(sequence);
      resumed_.push_back(&sequence);
    } else {
      schedule_prefill(sequence, admitted.new_tokens);
    }
    budget -= admitted.new_tokens;
  }
}

/// As Replica::schedule_running: at once when only the last admitted can be short of pages.
void LeapingReplica::schedule_running(std::int64_t& budget) {
  Sequence* const partial = partial_.empty() || partial_.front()->record.batch ? nullptr : partial_.front();
  const bool at_once = config_.mixed_batches ? partial == nullptr || running_batch_ == 0 : partial_.empty();
  const std::int64_t pages = decodes_.pages_for(decodes_.step(), 1);
  if (!at_once || (pages > pool_.available_pages() && !decodes_.even_pages())) {
    schedule_one_by_one(budget);
    return;
  }
  take_in_order(pages);
  if (partial != nullptr && partial->serial != Sequence::kNotRunning) {
    const std::int64_t new_tokens = std::min(partial->known() - partial->computed, budget);
    if (!pool_.grow(partial->kv, partial->computed + new_tokens)) {
      preempt_last();
      return;
    }
    schedule_prefill(*partial, new_tokens);
    budget -= new_tokens;
  }
}

/// The decoding sequences get `pages`, as many each of those who need any: in order of admission, while the
/// last ones give theirs up.
void LeapingReplica::take_in_order(std::int64_t pages) {
  const std::int64_t each = decodes_.pages_per_block();
  while (pages > pool_.available_pages()) {
    const std::int64_t fitting = pool_.available_pages() / each * each;
    const bool taken = pool_.take(fitting);
    assert(taken);
    static_cast<void>(taken);
    const Sequence& last = last_running();
    pages -= fitting + (last.decoding_counted ? decodes_.pages_of(last) : 0);
    preempt_last();
  }
  const bool taken = pool_.take(pages);
  assert(taken);
  static_cast<void>(taken);
}

/// The pool may be too full for all: those who need pages get them in order of admission, the batch tier
/// last, while the last ones give theirs up.
void LeapingReplica::schedule_one_by_one(std::int64_t& budget) {
  in_order_ = partial_;
  if (config_.mixed_batches) {
    std::erase_if(in_order_, [](const Sequence* s) { return s->record.batch; });
  }
  for (Sequence* member : decodes_.members()) {
    if (decodes_.pages_of(*member) > 0) {
      in_order_.push_back(member);
    }
  }
  std::sort(in_order_.begin(), in_order_.end(),
            [](const Sequence* a, const Sequence* b) { return a->serial < b->serial; });
  const auto runs = [](const Sequence* s) { return s->serial != Sequence::kNotRunning; };
  for (Sequence* sequence : in_order_) {
    if (!runs(sequence)) {
      return;  // preempted for one before it, and so are all after it
    }
    if (sequence->decoding_counted) {
      while (runs(sequence) && !pool_.take(decodes_.pages_of(*sequence))) {
        preempt_last();
      }
      continue;
    }
    const std::int64_t new_tokens = std::min(sequence->known() - sequence->computed, budget);
    while (new_tokens > 0 && runs(sequence) && !pool_.grow(sequence->kv, sequence->computed + new_tokens)) {
      preempt_last();
    }
    if (new_tokens > 0 && runs(sequence)) {
      schedule_prefill(*sequence, new_tokens);
      budget -= new_tokens;
    }
  }
}

/// As Replica::schedule_batch_prompt.
void LeapingReplica::schedule_batch_prompt(std::int64_t& budget) {
  if (partial_.empty() || !partial_.back()->record.batch) {
    return;
  }
  Sequence& last = *partial_.back();
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

Sequence& LeapingReplica::last_running() {
  std::vector<Admission>& list = admissions_[running_batch_ > 0 ? 1 : 0];
  while (list.back().sequence->serial != list.back().serial) {
    list.pop_back();
  }
  return *list.back().sequence;
}

void LeapingReplica::preempt_last() {
  Sequence& last = last_running();
  if (last.decoding_counted) {
    leave_decodes(last);
  } else {
    std::erase(partial_, &last);
  }
  put_back(last);
}

void LeapingReplica::leave_decodes(Sequence& sequence) {
  decodes_.leave(sequence);
  pool_.settle(sequence.kv, sequence.computed);
  const auto resumed = std::find(resumed_.begin(), resumed_.end(), &sequence);
  if (resumed != resumed_.end()) {
    resumed_.erase(resumed);
  } else {
    sequence.record.last_token = last_tokens_;
  }
}

void LeapingReplica::note_admission(Sequence& sequence) {
  std::vector<Admission>& list = admissions_[sequence.record.batch ? 1 : 0];
  const auto twice = static_cast<std::size_t>(2 * running_count_);
  if (list.size() > twice + 64) {
    std::erase_if(list, [](const Admission& a) { return a.sequence->serial != a.serial; });
  }
  list.push_back({.serial = sequence.serial, .sequence = &sequence});
}

StepShape LeapingReplica::decode_shape() {
  return {.decode_sequences = decodes_.size(),
          .decode_context = decodes_.context(),
          .decode_windowed = decodes_.windowed(),
          .adapters = adapters_in_batch()};
}

/// How many steps of decodes alone nothing can interrupt but a request that joins the queue.
std::int64_t LeapingReplica::steps_ahead() {
  const bool head_waits = !waiting_.empty();
  const bool makes_room = running_batch_ > 0 && waiting_.interactive() > 0;
  const bool paused = last_tokens_ != start_;
  if (!resumed_.empty() || paused || makes_room || (preempted_ && head_waits)) {
    return 1;
  }
  const std::int64_t step = decodes_.step();
  std::int64_t steps = std::min(run_.steps, decodes_.next_completion() - step + 1);
  steps = std::min(steps, decodes_.next_edge() - step);
  const std::int64_t batch_waits = batch_waits_ahead();
  for (const bool batch : {false, true}) {
    if (may_be_admitted(batch)) {
      steps = std::min(steps, inbox_.steps_to_first(batch));
    }
  }
  if (batch_waits != INT64_MAX) {
    steps = std::min(steps, 1 + batch_waits);
  }
  if (const FairLanes* const lanes = waiting_.lanes(); lanes != nullptr) {
    steps = std::min(steps, inbox_.steps_to_first(false));
    steps = running_count_ < config_.max_num_seqs ? std::min(steps, lanes->steps_to_other_head()) : steps;
  }
  if (steps == 1) {
    return 1;
  }
  // A request that waits for room still waits when there is less of it. But evictions may cut what the prefix
  // cache has of it, and a smaller first chunk may fit.
  const bool watches_cache = head_waits && config_.prefix_hash_block_size > 0;
  if (watches_cache && evicted_since_prompts_) {
    return 1;
  }
  const std::int64_t pages = watches_cache ? pool_.free_pages() : pool_.available_pages();
  if (pages >= decodes_.pages_for(step + 1, steps - 1)) {
    return steps;
  }
  return 1 + decodes_.steps_with(step + 1, pages);
}

SimTime LeapingReplica::end_after(std::int64_t steps) const {
  return after_ticks(start_, sum_of_steps(run_.duration, run_.growth, steps));
}

/// The first step of those in progress that ends at `time` or later.
std::int64_t LeapingReplica::first_step_ending_at(SimTime time) const {
  // n d + g n (n - 1) / 2 = t, solved for n; then corrected, for doubles are not exact.
  const double t = static_cast<double>(nanoseconds(time) - nanoseconds(start_)) * 1e-9;
  const double g = run_.growth.seconds().base();
  const double b = run_.duration.seconds().base() - g / 2;
  const double n = std::ceil(2 * t / (b + std::sqrt(b * b + 2 * g * t)));
  std::int64_t steps = n > 1 ? std::min(static_cast<std::int64_t>(n), steps_) : 1;
  while (steps > 1 && end_after(steps - 1) >= time) {
    --steps;
  }
  while (steps < steps_ && end_after(steps) < time) {
    ++steps;
  }
  return steps;
}

/// Gaps between tokens of the interactive sequences that decode.
void LeapingReplica::count_gaps(SimTime now) {
  const std::int64_t resumed_batch =
      std::count_if(resumed_.begin(), resumed_.end(), [](const Sequence* s) { return s->record.batch; });
  const std::int64_t resumed_interactive = static_cast<std::int64_t>(resumed_.size()) - resumed_batch;
  const std::int64_t in_a_row = decodes_.size() - decoding_batch_ - resumed_interactive;
  if (in_a_row > 0) {
    if (prefills_.empty() && last_tokens_ == start_) {
      inter_token_->add_ramp(run_.duration, run_.growth, steps_, in_a_row);
    } else {
      inter_token_->add(nanoseconds(now) - nanoseconds(last_tokens_), in_a_row);
    }
  }
  for (const Sequence* sequence : resumed_) {
    if (sequence->record.batch) {
      continue;
    }
    const bool in_time = prefills_.empty() && sequence->record.last_token == start_;
    inter_token_->add(in_time ? run_.duration : gap_since_last(*sequence, now));
  }
  resumed_.clear();
  last_tokens_ = now;
}

void LeapingReplica::finish_step(SimTime now, std::vector<Sequence*>& completed) {
  end_ = now;
  end_steps(steps_);
  if (decodes_run_ && decodes_.size() > 0) {
    finish_decodes(now, completed);
  }
  if (!prefills_.empty()) {
    finish_prompts(now, completed);
  }
  std::sort(completed.begin(), completed.end(),
            [](const Sequence* a, const Sequence* b) { return a->serial < b->serial; });
  for (Sequence* sequence : completed) {
    complete(*sequence);
  }
}

void LeapingReplica::finish_decodes(SimTime now, std::vector<Sequence*>& completed) {
  count_gaps(now);
  if (prefills_.empty()) {
    const Ticks duration = sum_of_steps(run_.duration, run_.growth, steps_);
    charge(run_, steps_, start_, now);
    move_clock(duration);
    shares_.add(duration, decodes_.size());
    const bool enough = pool_.take(decodes_.pages_for(decodes_.step() + 1, steps_ - 1));
    assert(enough);
    static_cast<void>(enough);
  } else {
    shares_.add(Ticks::from_nanoseconds(mixed_.phases.decode_ns), decodes_.size());
  }
  decodes_.move_to(decodes_.step() + steps_);
  if (FairLanes* const lanes = waiting_.lanes(); lanes != nullptr) {
    lanes->serve_decoding(steps_);
  }
  while (Sequence* const sequence = decodes_.pop_completed()) {
    pool_.settle(sequence->kv, sequence->computed);
    sequence->record.last_token = now;
    completed.push_back(sequence);
  }
}

void LeapingReplica::finish_prompts(SimTime now, std::vector<Sequence*>& completed) {
  finish_prefill();
  if (decodes_.size() == 0) {
    last_tokens_ = now;
  }
  for (const Prefill& entry : prefills_) {
    Sequence& sequence = *entry.sequence;
    const auto begun = std::find(partial_.begin(), partial_.end(), &sequence);
    const bool through = sequence.computed == sequence.known();
    if (through) {
      emit_token(sequence, now, gap_since_last(sequence, now));
    }
    const bool done = sequence.record.output_tokens == sequence.target_output;
    if (!done && !sequence.decoding()) {
      if (begun == partial_.end()) {
        const auto place =
            std::upper_bound(partial_.begin(), partial_.end(), &sequence,
                             [](const Sequence* a, const Sequence* b) { return a->serial < b->serial; });
        partial_.insert(place, &sequence);
      }
      continue;
    }
    if (begun != partial_.end()) {
      partial_.erase(begun);
    }
    if (done) {
      completed.push_back(&sequence);
      continue;
    }
    begin_sharing(sequence);
    decodes_.join(sequence);
    if (sequence.record.last_token != last_tokens_) {
      resumed_.push_back(&sequence);
    }
  }
}

/// Applies those steps of decodes in progress that have ended, so that one is left that has begun at start_
/// and ends at end_.
void LeapingReplica::settle(SimTime now) {
  const std::int64_t done = first_step_ending_at(SimTime{nanoseconds(now) + 1}) - 1;
  if (done > 0) {
    steps_ = done;
    std::vector<Sequence*> completed;
    finish_step(end_after(done), completed);
    assert(completed.empty());
    start_ = end_;
    const bool enough = pool_.take(decodes_.pages_for(decodes_.step(), 1));
    assert(enough);
    static_cast<void>(enough);
    const auto n = static_cast<double>(done);
    run_.duration += run_.growth * done;
    run_.energy += run_.energy_growth * n;
    run_.compute_peak += run_.compute_growth * n;
    run_.memory_peak += run_.memory_growth * n;
  }
  end_ = end_after(1);
}

SimTime LeapingReplica::stop(SimTime now) {
  if (!stepping_ || !prefills_.empty()) {
    return stepping_ ? end_ : now;
  }
  settle(now);
  charge(run_, 1, start_, end_);
  return end_;
}

void LeapingReplica::fail(SimTime now, std::vector<Sequence*>& all) {
  if (stepping_ && prefills_.empty()) {
    settle(now);
    lose_step(start_, now, end_, books_of(run_, start_, end_), false);
  } else if (stepping_) {
    lose_step(start_, now, end_, mixed_, true);
  }
  abandon(all);
}

StepNote LeapingReplica::note() const {
  StepNote note = note_of_step(decodes_run_ ? decodes_.size() : 0);
  note.start = start_;
  note.end = prefills_.empty() ? end_after(steps_) : end_;
  note.steps = steps_;
  return note;
}

void LeapingReplica::abandon(std::vector<Sequence*>& all) {
  while (decodes_.size() > 0) {
    Sequence& sequence = *decodes_.members().back();
    leave_decodes(sequence);
    end_sharing(sequence);
    all.push_back(&sequence);
  }
  all.insert(all.end(), partial_.begin(), partial_.end());
  for (const Prefill& entry : prefills_) {
    if (stepping_ && std::find(partial_.begin(), partial_.end(), entry.sequence) == partial_.end()) {
      all.push_back(entry.sequence);
    }
  }
  abandon_queue(all);
}

}  // namespace mtok::engine
