// What both engines do alike in a replica: vLLM V1's admission, prefill, the clock and the books.
#include "sim/engine/replica_core.hpp"

#include <algorithm>
#include <cassert>
#include <functional>
#include <utility>

namespace mtok::engine {
namespace {

void add(TierTokens& sum, const TierTokens& more) {
  std::transform(sum.begin(), sum.end(), more.begin(), sum.begin(), std::plus<>());
}

}  // namespace

ReplicaCore::ReplicaCore(std::int32_t index, const SchedulerConfig& config, StepTimer& timer,
                         DurationHistogram& inter_token)
    : index_(index),
      config_(config),
      timer_(&timer),
      pool_(config.kv_pages, config.kv_geometry, config.prefix_hash_block_size, config.kv_tiers),
      inter_token_(&inter_token),
      inbox_(config.scheduler_recv_interval, config.schedules_ahead),
      next_serial_(index) {
  assert(index < kMostReplicas);
}

bool can_hold(const SchedulerConfig& config, std::int64_t input_tokens, std::int64_t output_tokens) {
  const std::int64_t longest = input_tokens + output_tokens;
  const bool prompt_fits = config.enable_chunked_prefill || input_tokens <= config.max_num_batched_tokens;
  // The last token is emitted, never stored; drafts are stored ahead of it.
  const std::int64_t drafts = config.speculation ? config.speculation->draft_tokens() : 0;
  const std::int64_t stored = longest - 1 + (output_tokens > 1 ? drafts : 0);
  return prompt_fits && longest <= config.max_model_len &&
         config.kv_geometry.pages_for(stored) <= config.kv_pages;
}

/// Pages of the prompt and of the share of the output that admission leaves room for.
std::int64_t ReplicaCore::promise_for(const Sequence& sequence) const {
  const double output = config_.output_reserve * static_cast<double>(sequence.target_output);
  const std::int64_t tokens = sequence.record.input_tokens + static_cast<std::int64_t>(output);
  return config_.kv_geometry.pages_for(std::max(sequence.known(), tokens));
}

ReplicaCore::Admitted ReplicaCore::admit_head(std::int64_t budget, SimTime now) {
  if (waiting_.empty() || running_count_ >= config_.max_num_seqs) {
    return {};
  }
  Sequence& head = *waiting_.front();
  const KvPool::Match match = pool_.match(head.hash_ids, head.record.input_tokens);
  const std::int64_t present = std::max(match.skipped_tokens, head.received);
  const std::int64_t missing = head.known() - present;
  const std::int64_t new_tokens = std::min(missing, budget);
  // What was cut off may come back in chunks: its prompt and output together can be more than any budget.
  const bool cut_off = head.record.preemptions > 0 || head.record.output_tokens > 0;
  const bool may_split = config_.enable_chunked_prefill || cut_off;
  if ((new_tokens < missing && !may_split) || !pool_.fits(match, present + new_tokens)) {
    return {};
  }
  const std::int64_t promise = config_.output_reserve > 0 ? promise_for(head) : 0;
  if (reserved_pages_ > 0 && reserved_pages_ + promise > config_.kv_pages) {
    return {};
  }
  head.reserved_pages = promise;
  reserved_pages_ += promise;
  pool_.take_prefix(head.kv, head.hash_ids, match);
  add(loading_, match.tier_tokens);
  const bool grown = pool_.grow(head.kv, present + new_tokens);
  assert(grown);
  static_cast<void>(grown);
  head.computed = present;
  head.received = 0;
  if (head.record.scheduled == kNever) {
    head.prefix_hit = match.skipped_tokens;
    head.record.scheduled = now;
    head.record.replica = index_;
    head.record.cached_input_tokens = match.skipped_tokens;
    prefix_queried_ += head.record.input_tokens;
    prefix_hit_ += match.skipped_tokens;
    prefix_hit_blocks_ += static_cast<std::int64_t>(match.units + match.tier_units);
    add(prefix_tier_tokens_, match.tier_tokens);
  }
  head.serial = next_serial_;
  next_serial_ += kMostReplicas;
  running_count_ += 1;
  waiting_.pop_front();
  return {.sequence = &head, .new_tokens = new_tokens};
}

bool ReplicaCore::waits_for_batch() {
  if (config_.batch_wait_timeout_iters == 0 || running_count_ == 0) {
    return false;
  }
  const auto enough =
      config_.batch_wait_max_tokens_ratio * static_cast<double>(config_.max_num_batched_tokens);
  const std::int64_t seats = config_.max_num_seqs - running_count_;
  const auto candidates = std::min<std::int64_t>(seats, std::ssize(waiting_));
  if (candidates == 0) {
    return false;
  }
  std::int64_t tokens = running_count_;
  for (std::int64_t i = 0; i < candidates; ++i) {
    tokens += waiting_[static_cast<std::size_t>(i)]->known();
    if (static_cast<double>(tokens) >= enough) {
      batch_waited_ = 0;
      return false;
    }
  }
  batch_wait_counts_ = true;
  const bool waits = batch_waited_ < config_.batch_wait_timeout_iters;
  batch_waited_ = waits ? batch_waited_ + 1 : 0;
  return waits;
}

void ReplicaCore::end_steps(std::int64_t steps) {
  stepping_ = false;
  inbox_.advance(steps);
  if (batch_wait_counts_) {
    batch_waited_ += steps - 1;
  }
}

void ReplicaCore::schedule_prefill(Sequence& sequence, std::int64_t new_tokens) {
  pool_.share(sequence.kv, sequence.hash_ids, sequence.record.input_tokens, sequence.computed + new_tokens);
  prefills_.push_back({.sequence = &sequence, .new_tokens = new_tokens, .prefix_hit = sequence.prefix_hit});
}

void ReplicaCore::put_back(Sequence& sequence) {
  end_sharing(sequence);
  pool_.release(sequence.kv);
  reserved_pages_ -= std::exchange(sequence.reserved_pages, 0);
  sequence.computed = 0;
  sequence.prefix_hit = 0;
  sequence.serial = Sequence::kNotRunning;
  sequence.record.preemptions += 1;
  running_count_ -= 1;
  waiting_.push_front(&sequence);
}

void ReplicaCore::complete(Sequence& sequence) {
  end_sharing(sequence);
  pool_.release(sequence.kv);
  reserved_pages_ -= std::exchange(sequence.reserved_pages, 0);
  sequence.serial = Sequence::kNotRunning;
  sequence.record.outcome = Outcome::completed;
  running_count_ -= 1;
}

void ReplicaCore::begin_sharing(Sequence& sequence) {
  sequence.share_mark = shares_.close();
  sequence.decoding_counted = true;
}

void ReplicaCore::end_sharing(Sequence& sequence) {
  const Ticks reading = shares_.close();
  if (std::exchange(sequence.decoding_counted, false)) {
    sequence.record.decode_time += (reading - sequence.share_mark).seconds();
  }
}

SimTime ReplicaCore::after_ticks(SimTime start, Ticks duration) const {
  return SimTime{nanoseconds(start) + (carry_ + duration).whole_nanoseconds()};
}

SimTime ReplicaCore::start_mixed(SimTime now, StepShape shape) {
  inbox_.step_has_prompts();
  chunks_.clear();
  for (const Prefill& entry : prefills_) {
    const Sequence& sequence = *entry.sequence;
    chunks_.push_back({.new_tokens = entry.new_tokens,
                       .context = sequence.computed,
                       .prefix_hit = entry.prefix_hit,
                       .emits = sequence.computed + entry.new_tokens == sequence.known()});
  }
  shape.prefill = chunks_;
  const StepCost cost = timer_->cost_of(shape);
  std::int64_t duration = rounded_nanoseconds(cost.duration);
  mixed_.phases.decode_ns = std::min(duration, rounded_nanoseconds(cost.decode));
  mixed_.phases.cached_ns = std::min(duration - mixed_.phases.decode_ns, rounded_nanoseconds(cost.cached));
  mixed_.phases.prefill_ns = duration - mixed_.phases.decode_ns - mixed_.phases.cached_ns;
  const std::int64_t loading = rounded_nanoseconds(pool_.tiers().load_time(std::exchange(loading_, {})));
  if (loading > duration) {
    const bool any_hit =
        std::any_of(prefills_.begin(), prefills_.end(), [](const Prefill& p) { return p.prefix_hit > 0; });
    (any_hit ? mixed_.phases.cached_ns : mixed_.phases.prefill_ns) += loading - duration;
    duration = loading;
  }

  mixed_.energy = cost.energy;
  mixed_.compute_bound = cost.compute_peak;
  mixed_.memory_bound = cost.memory_peak;
  record_.phases += mixed_.phases;
  record_.steps += 1;
  record_.energy += cost.energy;
  record_.compute_bound += cost.compute_peak;
  record_.memory_bound += cost.memory_peak;
  stepping_ = true;
  return SimTime{nanoseconds(now) + duration};
}

void ReplicaCore::charge(const DecodeRun& run, std::int64_t steps, SimTime start, SimTime end) {
  const auto n = static_cast<double>(steps);
  const double pairs = n * (n - 1) / 2;
  record_.phases.decode_ns += nanoseconds(end) - nanoseconds(start);
  record_.steps += steps;
  record_.energy += run.energy * n + run.energy_growth * pairs;
  record_.compute_bound += run.compute_peak * n + run.compute_growth * pairs;
  record_.memory_bound += run.memory_peak * n + run.memory_growth * pairs;
}

StepNote ReplicaCore::note_of_step(std::int64_t decode_sequences) const {
  StepNote note{.replica = static_cast<std::size_t>(index_),
                .prefill_sequences = static_cast<std::int64_t>(prefills_.size()),
                .decode_sequences = decode_sequences,
                .kv_used_pages = pool_.used_pages(),
                .kv_cached_pages = pool_.cached_pages(),
                .waiting = queued(),
                .running = running_count_};
  for (const Prefill& entry : prefills_) {
    note.prefill_tokens += entry.new_tokens;
  }
  return note;
}

void ReplicaCore::finish_prefill() {
  double prompt_tokens = 0;
  double hit_pairs = 0;
  for (const Prefill& entry : prefills_) {
    prompt_tokens += static_cast<double>(entry.new_tokens);
    hit_pairs += static_cast<double>(entry.new_tokens) * static_cast<double>(entry.prefix_hit);
  }
  const auto share = [](std::int64_t ns, double part, double whole) {
    return whole > 0 ? Seconds(static_cast<double>(ns) * 1e-9 * part / whole) : Seconds{};
  };
  for (const Prefill& entry : prefills_) {
    Sequence& sequence = *entry.sequence;
    const auto tokens = static_cast<double>(entry.new_tokens);
    sequence.record.prefill_time += share(mixed_.phases.prefill_ns, tokens, prompt_tokens);
    sequence.record.cached_time +=
        share(mixed_.phases.cached_ns, tokens * static_cast<double>(entry.prefix_hit), hit_pairs);
    sequence.computed += entry.new_tokens;
  }
}

void ReplicaCore::emit_token(Sequence& sequence, SimTime now, Ticks gap) {
  RequestRecord& record = sequence.record;
  if (record.output_tokens == 0) {
    record.first_token = now;
  } else {
    inter_token_->add(gap);
  }
  record.last_token = now;
  record.output_tokens += 1;
}

ReplicaCore::StepBooks ReplicaCore::books_of(const DecodeRun& run, SimTime start, SimTime end) {
  return {.phases = {.decode_ns = nanoseconds(end) - nanoseconds(start)},
          .energy = run.energy,
          .compute_bound = run.compute_peak,
          .memory_bound = run.memory_peak};
}

void ReplicaCore::lose_step(SimTime start, SimTime now, SimTime end, const StepBooks& step, bool booked) {
  if (booked) {
    record_.phases.prefill_ns -= step.phases.prefill_ns;
    record_.phases.cached_ns -= step.phases.cached_ns;
    record_.phases.decode_ns -= step.phases.decode_ns;
    record_.steps -= 1;
    record_.energy -= step.energy;
    record_.compute_bound -= step.compute_bound;
    record_.memory_bound -= step.memory_bound;
  }
  record_.lost_ns += nanoseconds(now) - nanoseconds(start);
  record_.energy += step.energy * (between(start, now) / between(start, end));
}

void ReplicaCore::forget_pool(std::span<Sequence* const> all) {
  pool_is_gone_ = true;
  for (Sequence* sequence : all) {
    sequence->kv = {};
    sequence->reserved_pages = 0;
    sequence->computed = 0;
    sequence->prefix_hit = 0;
    sequence->serial = Sequence::kNotRunning;
  }
}

ReplicaRecord ReplicaCore::record() const {
  ReplicaRecord record = record_;
  const std::int64_t pages_per_block = config_.kv_geometry.pages_per_block();
  record.kv_peak_blocks = (pool_.peak_pages() + pages_per_block - 1) / pages_per_block;
  record.kv_pages_taken = pool_.taken();
  record.kv_pages_freed = pool_is_gone_ ? pool_.taken() : pool_.given_back();
  record.kv_pages_held = pool_is_gone_ ? 0 : pool_.used_pages();
  return record;
}

}  // namespace mtok::engine
