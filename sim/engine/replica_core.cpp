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
      waiting_(config.tenant_weights, config.adapters),
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

ReplicaCore::Fit ReplicaCore::fit_of(const Sequence& head, std::int64_t budget,
                                     std::int64_t spare_pages) const {
  Fit fit{.match = pool_.match(head.hash_ids, head.record.input_tokens)};
  fit.present = std::max(fit.match.skipped_tokens, head.received);
  const std::int64_t missing = head.known() - fit.present;
  fit.new_tokens = std::min(missing, budget);
  // What was cut off may come back in chunks: its prompt and output together can be more than any budget.
  const bool cut_off = head.record.preemptions > 0 || head.record.output_tokens > 0;
  const bool may_split = config_.enable_chunked_prefill || cut_off;
  if ((fit.new_tokens < missing && !may_split) ||
      !pool_.fits(fit.match, fit.present + fit.new_tokens, spare_pages)) {
    return fit;
  }
  fit.promise = config_.output_reserve > 0 ? promise_for(head) : 0;
  fit.fits = reserved_pages_ == 0 || reserved_pages_ + fit.promise <= config_.kv_pages;
  return fit;
}

bool ReplicaCore::must_yield() {
  if (running_batch_ == 0 || waiting_.interactive() == 0 || waits_for_batch()) {
    return false;
  }
  // In a mixed step each running sequence takes its tokens first, and at most one block for them.
  const std::int64_t running = config_.mixed_batches ? running_count_ : 0;
  const std::int64_t blocks = 1 + draft_tokens() / config_.kv_geometry.block_size;
  std::int64_t pages = running * blocks * config_.kv_geometry.pages_per_block();
  std::int64_t budget = config_.max_num_batched_tokens - running * (1 + draft_tokens());
  if (budget < 1) {
    return true;
  }
  std::int64_t seats = config_.max_num_seqs - running_count_;
  return waiting_.any_interactive([&](const Sequence& sequence) {
    if (budget == 0) {
      return false;  // its turn comes in a later step anyway
    }
    const Fit fit = fit_of(sequence, budget, pages);
    budget -= std::min(budget, fit.new_tokens);
    pages += config_.kv_geometry.pages_for(fit.present + fit.new_tokens);
    seats -= 1;
    return seats < 0 || !fit.fits;
  });
}

ReplicaCore::Admitted ReplicaCore::admit_head(bool batch, std::int64_t budget, SimTime now) {
  Sequence* const waiting = waiting_.head();
  const bool barred = batch ? preempted_ : preempted_interactive_;
  if (waiting == nullptr || waiting->record.batch != batch || barred || waits_for_batch() ||
      running_count_ >= config_.max_num_seqs) {
    return {};
  }
  Sequence& head = *waiting;
  const Fit fit = fit_of(head, budget, 0);
  if (!fit.fits) {
    return {};
  }
  head.reserved_pages = fit.promise;
  reserved_pages_ += fit.promise;
  pool_.take_prefix(head.kv, head.hash_ids, fit.match);
  add(loading_, fit.match.tier_tokens);
  const bool grown = pool_.grow(head.kv, fit.present + fit.new_tokens);
  assert(grown);
  static_cast<void>(grown);
  head.computed = fit.present;
  head.received = 0;
  const bool first_time = head.record.scheduled == kNever;
  if (first_time) {
    head.prefix_hit = fit.match.skipped_tokens;
    head.record.scheduled = now;
    head.record.replica = index_;
    head.record.cached_input_tokens = fit.match.skipped_tokens;
    prefix_queried_ += head.record.input_tokens;
    prefix_hit_ += fit.match.skipped_tokens;
    prefix_hit_blocks_ += static_cast<std::int64_t>(fit.match.units + fit.match.tier_units);
    add(prefix_tier_tokens_, fit.match.tier_tokens);
  }
  head.serial = next_serial_ + (batch ? kBatchSerials : 0);
  next_serial_ += kMostReplicas;
  running_count_ += 1;
  running_batch_ += batch ? 1 : 0;
  waiting_.pop();
  if (AdapterQueue* const adapters = waiting_.adapters(); adapters != nullptr) {
    adapter_wait_ += adapters->enter(head);
  }
  if (first_time) {
    charge_tenant(head, [&](FairLanes& lanes) {
      lanes.serve_input(head, head.record.input_tokens - fit.match.skipped_tokens);
    });
  }
  return {.sequence = &head, .new_tokens = fit.new_tokens};
}

void ReplicaCore::begin_step() {
  inbox_.take(waiting_, running_count_ == 0);
  batch_wait_counts_ = false;
  held_up_.reset();
  preempted_interactive_ = preempted_ = false;
}

bool ReplicaCore::waits_for_batch() {
  if (!held_up_) {
    held_up_ = batch_is_waited_for();
  }
  return *held_up_;
}

bool ReplicaCore::batch_is_waited_for() {
  if (config_.batch_wait_timeout_iters == 0 || running_count_ == 0) {
    return false;
  }
  const auto enough =
      config_.batch_wait_max_tokens_ratio * static_cast<double>(config_.max_num_batched_tokens);
  // Interactive requests may have the seats of the batch tier too.
  const std::int64_t seats = config_.max_num_seqs - running_count_;
  const std::int64_t interactive = std::min(seats + running_batch_, waiting_.interactive());
  const std::int64_t candidates = std::max(interactive, std::min(seats, waiting_.size()));
  if (candidates == 0) {
    return false;
  }
  std::int64_t tokens = running_count_;
  for (std::int64_t i = 0; i < candidates; ++i) {
    tokens += waiting_.at(i).known() - (i < seats ? 0 : 1);
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

bool ReplicaCore::may_be_admitted(bool batch) const {
  const bool seat = running_count_ < config_.max_num_seqs || (!batch && running_batch_ > 0);
  // A head that waits for room keeps all behind it waiting; those who wait for an adapter do not.
  const bool any_head = batch || waiting_.adapters() != nullptr;
  const bool behind_head = any_head ? waiting_.head() != nullptr : waiting_.interactive() > 0;
  // A batch that was full enough need not be with an interactive request in place of one of the batch tier.
  const bool displaces =
      !batch && config_.batch_wait_timeout_iters > 0 && waiting_.size() > waiting_.interactive();
  return seat && (!behind_head || displaces || batch_waits_ahead() != INT64_MAX);
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
  leave_batch(sequence);
  preempted_ = true;
  ++preemptions_;
  preempted_interactive_ = preempted_interactive_ || !sequence.record.batch;
  waiting_.push_front(sequence);
}

void ReplicaCore::complete(Sequence& sequence) {
  end_sharing(sequence);
  pool_.release(sequence.kv);
  reserved_pages_ -= std::exchange(sequence.reserved_pages, 0);
  sequence.serial = Sequence::kNotRunning;
  sequence.record.outcome = Outcome::completed;
  leave_batch(sequence);
}

void ReplicaCore::leave_batch(const Sequence& sequence) {
  running_count_ -= 1;
  running_batch_ -= sequence.record.batch ? 1 : 0;
  if (AdapterQueue* const adapters = waiting_.adapters(); adapters != nullptr) {
    adapters->leave(sequence);
  }
}

void ReplicaCore::begin_sharing(Sequence& sequence) {
  sequence.share_mark = shares_.close();
  sequence.decoding_counted = true;
  decoding_batch_ += sequence.record.batch ? 1 : 0;
  charge_tenant(sequence, [&](FairLanes& lanes) { lanes.begin_decoding(sequence); });
}

void ReplicaCore::end_sharing(Sequence& sequence) {
  const Ticks reading = shares_.close();
  if (std::exchange(sequence.decoding_counted, false)) {
    sequence.record.decode_time += (reading - sequence.share_mark).seconds();
    decoding_batch_ -= sequence.record.batch ? 1 : 0;
    charge_tenant(sequence, [&](FairLanes& lanes) { lanes.end_decoding(sequence); });
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
  shape.adapters = adapters_in_batch();
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
  const Seconds adapter_wait = std::exchange(adapter_wait_, {});
  const std::int64_t waited = rounded_nanoseconds(adapter_wait);
  mixed_.phases.prefill_ns += waited;
  duration += waited;
  record_.adapter_wait += adapter_wait;

  mixed_.energy = cost.energy + timer_->idle_power() * adapter_wait;
  mixed_.compute_bound = cost.compute_peak;
  mixed_.memory_bound = cost.memory_peak;
  record_.phases += mixed_.phases;
  record_.steps += 1;
  record_.energy += mixed_.energy;
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
                .running = running_count_,
                .preemptions = preemptions_};
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
  } else if (!record.batch) {
    inter_token_->add(gap);
  }
  record.last_token = now;
  record.output_tokens += 1;
  charge_tenant(sequence, [&](FairLanes& lanes) { lanes.serve_output(sequence); });
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
  if (const AdapterQueue* const adapters = waiting_.adapters(); adapters != nullptr) {
    record.adapter_loads = adapters->loads();
    record.adapter_fetches = adapters->fetches();
  }
  const std::int64_t pages_per_block = config_.kv_geometry.pages_per_block();
  record.kv_peak_blocks = (pool_.peak_pages() + pages_per_block - 1) / pages_per_block;
  record.kv_pages_taken = pool_.taken();
  record.kv_pages_freed = pool_is_gone_ ? pool_.taken() : pool_.given_back();
  record.kv_pages_held = pool_is_gone_ ? 0 : pool_.used_pages();
  return record;
}

}  // namespace mtok::engine
