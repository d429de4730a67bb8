// One replica: vLLM V1's schedule, step by step.
#include "sim/engine/replica.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

namespace mtok::engine {

Replica::Replica(std::int32_t index, const SchedulerConfig& config, StepTimer& timer)
    : index_(index),
      config_(config),
      timer_(&timer),
      pool_(config.kv_pages, config.kv_geometry, config.prefix_hash_block_size),
      windowed_(timer.windows().size()) {}

bool Replica::can_hold(std::int64_t input_tokens, std::int64_t output_tokens) const {
  const std::int64_t longest = input_tokens + output_tokens;
  const bool prompt_fits = config_.enable_chunked_prefill || input_tokens <= config_.max_num_batched_tokens;
  // The last token is emitted, never stored.
  return prompt_fits && longest <= config_.max_model_len &&
         config_.kv_geometry.pages_for(longest - 1) <= config_.kv_pages;
}

SimTime Replica::start_step(SimTime now) {
  assert(can_start());
  batch_.clear();
  std::int64_t budget = config_.max_num_batched_tokens;
  if (config_.mixed_batches || !schedule_prompts(budget, now)) {
    const bool nobody_preempted = schedule_running(budget);
    if (nobody_preempted && config_.mixed_batches) {
      admit_waiting(budget, now);
    }
  }
  assert(!batch_.empty());

  const StepCost cost = cost_of_batch();
  const std::int64_t duration = rounded_nanoseconds(cost.duration);
  step_phases_.decode_ns = std::min(duration, rounded_nanoseconds(cost.decode));
  step_phases_.cached_ns = std::min(duration - step_phases_.decode_ns, rounded_nanoseconds(cost.cached));
  step_phases_.prefill_ns = duration - step_phases_.decode_ns - step_phases_.cached_ns;

  record_.phases += step_phases_;
  record_.steps += 1;
  record_.energy += cost.energy;
  record_.compute_bound += cost.compute_peak;
  record_.memory_bound += cost.memory_peak;
  stepping_ = true;
  return SimTime{nanoseconds(now) + duration};
}

/// Prompts that have begun, as far as blocks last, then waiting ones. False when no prompt can go on.
bool Replica::schedule_prompts(std::int64_t& budget, SimTime now) {
  for (const std::unique_ptr<Sequence>& running : running_) {
    Sequence& sequence = *running;
    const std::int64_t new_tokens = std::min(sequence.known() - sequence.computed, budget);
    if (!sequence.decoding() && new_tokens > 0 && pool_.grow(sequence.kv, sequence.computed + new_tokens)) {
      schedule(sequence, new_tokens);
      budget -= new_tokens;
    }
  }
  admit_waiting(budget, now);
  return !batch_.empty();
}

/// False when a sequence had to be preempted.
bool Replica::schedule_running(std::int64_t& budget) {
  bool nobody_preempted = true;
  for (std::size_t i = 0; i < running_.size() && budget > 0; ++i) {
    Sequence& sequence = *running_[i];
    const std::int64_t new_tokens = std::min(sequence.known() - sequence.computed, budget);
    while (!pool_.grow(sequence.kv, sequence.computed + new_tokens)) {
      const bool itself = i + 1 == running_.size();
      preempt_last();
      nobody_preempted = false;
      if (itself) {
        return false;
      }
    }
    schedule(sequence, new_tokens);
    budget -= new_tokens;
  }
  return nobody_preempted;
}

void Replica::preempt_last() {
  std::unique_ptr<Sequence> last = std::move(running_.back());
  running_.pop_back();
  pool_.release(last->kv);
  reserved_pages_ -= std::exchange(last->reserved_pages, 0);
  last->computed = 0;
  last->prefix_hit = 0;
  last->record.preemptions += 1;
  waiting_.push_front(std::move(last));
}

/// Pages of the prompt and of the share of the output that admission leaves room for.
std::int64_t Replica::promise_for(const Sequence& sequence) const {
  const double output = config_.output_reserve * static_cast<double>(sequence.target_output);
  const std::int64_t tokens = sequence.record.input_tokens + static_cast<std::int64_t>(output);
  return config_.kv_geometry.pages_for(std::max(sequence.known(), tokens));
}

void Replica::admit_waiting(std::int64_t& budget, SimTime now) {
  const auto most = static_cast<std::size_t>(config_.max_num_seqs);
  while (!waiting_.empty() && running_.size() < most && budget > 0) {
    Sequence& head = *waiting_.front();
    const KvPool::Match match = pool_.match(head.hash_ids, head.record.input_tokens);
    const std::int64_t missing = head.known() - match.skipped_tokens;
    const std::int64_t new_tokens = std::min(missing, budget);
    // What was preempted may come back in chunks: its prompt and output together can be more than any budget.
    const bool may_split = config_.enable_chunked_prefill || head.record.preemptions > 0;
    if ((new_tokens < missing && !may_split) || !pool_.fits(match, match.skipped_tokens + new_tokens)) {
      return;
    }
    const std::int64_t promise = config_.output_reserve > 0 ? promise_for(head) : 0;
    if (reserved_pages_ > 0 && reserved_pages_ + promise > config_.kv_pages) {
      return;
    }
    head.reserved_pages = promise;
    reserved_pages_ += promise;
    pool_.take_prefix(head.kv, head.hash_ids, match);
    const bool grown = pool_.grow(head.kv, match.skipped_tokens + new_tokens);
    assert(grown);
    static_cast<void>(grown);
    head.computed = match.skipped_tokens;
    if (head.record.scheduled == kNever) {
      head.prefix_hit = match.skipped_tokens;
      head.record.scheduled = now;
      head.record.replica = index_;
      head.record.cached_input_tokens = match.skipped_tokens;
      prefix_queried_ += head.record.input_tokens;
      prefix_hit_ += match.skipped_tokens;
      prefix_hit_blocks_ += static_cast<std::int64_t>(match.units);
    }
    running_.push_back(std::move(waiting_.front()));
    waiting_.pop_front();
    schedule(head, new_tokens);
    budget -= new_tokens;
  }
}

void Replica::schedule(Sequence& sequence, std::int64_t new_tokens) {
  const bool decode = sequence.decoding();
  if (!decode) {
    pool_.share(sequence.kv, sequence.hash_ids, sequence.record.input_tokens, sequence.computed + new_tokens);
  }
  batch_.push_back(
      {.sequence = &sequence, .new_tokens = new_tokens, .prefix_hit = sequence.prefix_hit, .decode = decode});
}

StepCost Replica::cost_of_batch() {
  const auto windows = timer_->windows();
  chunks_.clear();
  std::fill(windowed_.begin(), windowed_.end(), 0);
  StepShape shape;
  for (const Scheduled& entry : batch_) {
    const Sequence& sequence = *entry.sequence;
    if (entry.decode) {
      const std::int64_t context = sequence.computed + 1;
      shape.decode_sequences += 1;
      shape.decode_context += context;
      for (std::size_t w = 0; w < windows.size(); ++w) {
        windowed_[w] += std::min(context, windows[w]);
      }
    } else {
      chunks_.push_back({.new_tokens = entry.new_tokens,
                         .context = sequence.computed,
                         .prefix_hit = entry.prefix_hit,
                         .emits = sequence.computed + entry.new_tokens == sequence.known()});
    }
  }
  shape.decode_windowed = windowed_;
  shape.prefill = chunks_;
  return timer_->cost_of(shape);
}

std::vector<std::unique_ptr<Sequence>> Replica::finish_step(SimTime now) {
  std::int64_t decodes = 0;
  double prompt_tokens = 0;
  double hit_pairs = 0;
  for (const Scheduled& entry : batch_) {
    decodes += entry.decode ? 1 : 0;
    prompt_tokens += entry.decode ? 0 : static_cast<double>(entry.new_tokens);
    hit_pairs +=
        entry.decode ? 0 : static_cast<double>(entry.new_tokens) * static_cast<double>(entry.prefix_hit);
  }
  const auto share = [](std::int64_t ns, double part, double whole) {
    return whole > 0 ? Seconds(static_cast<double>(ns) * 1e-9 * part / whole) : Seconds{};
  };
  for (const Scheduled& entry : batch_) {
    Sequence& sequence = *entry.sequence;
    const auto tokens = static_cast<double>(entry.new_tokens);
    if (entry.decode) {
      sequence.record.decode_time += share(step_phases_.decode_ns, 1, static_cast<double>(decodes));
    } else {
      sequence.record.prefill_time += share(step_phases_.prefill_ns, tokens, prompt_tokens);
      sequence.record.cached_time +=
          share(step_phases_.cached_ns, tokens * static_cast<double>(entry.prefix_hit), hit_pairs);
    }
    sequence.computed += entry.new_tokens;
    if (sequence.computed == sequence.known()) {
      emit_token(sequence, now);
    }
  }
  stepping_ = false;

  std::vector<std::unique_ptr<Sequence>> completed;
  for (std::unique_ptr<Sequence>& sequence : running_) {
    if (sequence->record.output_tokens == sequence->target_output) {
      pool_.release(sequence->kv);
      reserved_pages_ -= sequence->reserved_pages;
      sequence->record.outcome = Outcome::completed;
      completed.push_back(std::move(sequence));
    }
  }
  if (!completed.empty()) {
    std::erase(running_, nullptr);
  }
  return completed;
}

void Replica::emit_token(Sequence& sequence, SimTime now) {
  RequestRecord& record = sequence.record;
  if (record.output_tokens == 0) {
    record.first_token = now;
  } else {
    inter_token_.add(nanoseconds(now) - nanoseconds(record.last_token));
  }
  record.last_token = now;
  record.output_tokens += 1;
}

std::vector<std::unique_ptr<Sequence>> Replica::abandon() {
  std::vector<std::unique_ptr<Sequence>> all = std::move(running_);
  std::move(waiting_.begin(), waiting_.end(), std::back_inserter(all));
  running_.clear();
  waiting_.clear();
  return all;
}

ReplicaRecord Replica::closed_record(SimTime makespan) const {
  ReplicaRecord record = record_;
  const std::int64_t pages_per_block = config_.kv_geometry.pages_per_block();
  record.kv_peak_blocks = (pool_.peak_pages() + pages_per_block - 1) / pages_per_block;
  record.kv_pages_taken = pool_.taken();
  record.kv_pages_freed = pool_.given_back();
  record.kv_pages_held = pool_.used_pages();
  const std::int64_t idle_ns = nanoseconds(makespan) - record.phases.busy_ns();
  record.energy +=
      timer_->idle_power() * Seconds(static_cast<double>(std::max<std::int64_t>(0, idle_ns)) * 1e-9);
  return record;
}

}  // namespace mtok::engine
