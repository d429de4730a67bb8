// The run of a fleet: arrivals, routing and the order of events, the same for every kind of replica.
#pragma once

#include <algorithm>
#include <cassert>
#include <deque>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "sim/engine/engine.hpp"
#include "sim/engine/hand_over.hpp"
#include "sim/engine/min_tree.hpp"
#include "sim/engine/prefix_router.hpp"
#include "sim/engine/replica_core.hpp"
#include "sim/engine/roster.hpp"
#include "sim/engine/sequence.hpp"
#include "sim/engine/tenant_books.hpp"

namespace mtok::engine {

/// Events are handled in order of (time, kind, replica or order of arrival), kinds in this order: steps end,
/// replicas come and go, requests arrive, requests are ready for a scheduler, KV caches land. New steps start
/// last. `R` advances by start_step and finish_step; it may end a step that is in progress earlier than
/// announced when a request joins its queue.
template <class R>
class FleetRun {
 public:
  FleetRun(const RunPlan& plan, StepTimer& timer, workload::RequestSource& requests,
           const KeepGoing& keep_going)
      : plan_(plan),
        timer_(timer),
        requests_(requests),
        keep_going_(keep_going),
        slots_(static_cast<std::size_t>(Roster::slots(plan))),
        replicas_(slots_ + static_cast<std::size_t>(plan.decode_pool ? plan.decode_pool->replicas : 0)),
        earlier_(replicas_.size()),
        ends_(replicas_.size(), kNever, kNever),
        roster_(plan),
        loads_(slots_, kClosed, kClosed),
        batch_loads_(slots_, kClosed, kClosed),
        tenants_(plan.tenants, plan.slo) {
    assert(plan.scheduler.max_num_seqs >= 1 && plan.scheduler.max_num_batched_tokens >= 1);
    run_.totals.slo = plan.slo;
    if (plan.router == Router::prefix_affine && plan.scheduler.prefix_hash_block_size > 0) {
      prefix_router_.emplace(static_cast<std::int64_t>(slots_), plan.scheduler.kept_blocks());
    }
    for (std::size_t i = 0; i < slots_; ++i) {
      if (roster_.serves(i)) {
        open(i);
      }
    }
    if (plan.decode_pool) {
      hand_over_.emplace(*plan.decode_pool, static_cast<std::int64_t>(slots_));
      for (std::size_t i = slots_; i < replicas_.size(); ++i) {
        replicas_[i] = std::make_unique<R>(static_cast<std::int32_t>(i), plan.decode_pool->scheduler,
                                           *plan.decode_pool->timer, run_.inter_token);
      }
    }
  }

  RunRecord run() {
    feed_first();
    while (!run_.cancelled) {
      now_ = std::min({ends_.least(), roster_.next(), next_arrival(), next_ready(), next_landing()});
      const bool all_done = !ahead_ && ended_ == next_id_;
      if (now_ == kNever || all_done) {
        break;
      }
      while (handle_one()) {
      }
      start_steps();
    }
    return close();
  }

 private:
  static constexpr std::int64_t kClosed = INT64_MAX;  ///< load of a replica that takes no requests

  struct OnTheWay {
    SimTime ready{};
    Sequence* sequence = nullptr;
  };

  [[nodiscard]] SimTime next_arrival() const { return ahead_ ? SimTime{ahead_->arrival_ns} : kNever; }
  [[nodiscard]] SimTime next_ready() const {
    return on_the_way_.empty() ? kNever : on_the_way_.front().ready;
  }

  [[nodiscard]] SimTime next_landing() const { return hand_over_ ? hand_over_->next_landing() : kNever; }

  /// False when nothing is left to do at this time.
  bool handle_one() {
    if (ends_.least() == now_) {
      finish_step(ends_.index_of_least());
    } else if (roster_.next() == now_) {
      change_fleet();
    } else if (next_arrival() == now_) {
      arrive();
    } else if (next_ready() == now_) {
      Sequence& sequence = *on_the_way_.front().sequence;
      on_the_way_.pop_front();
      admit(sequence);
    } else if (next_landing() == now_) {
      const HandOver::Landing landed = hand_over_->land();
      enqueue(*landed.sequence, landed.replica);
    } else {
      return false;
    }
    return true;
  }

  /// Open load keeps one arrival ahead; offline and closed load hand out requests at time zero.
  void feed_first() {
    if (plan_.load.kind == Load::Kind::open) {
      ahead_.emplace();
      read_ahead();
      return;
    }
    const bool offline = plan_.load.kind == Load::Kind::offline;
    for (std::int64_t i = 0; offline || i < plan_.load.concurrency; ++i) {
      if (!send_next()) {
        break;
      }
    }
    start_steps();
  }

  void read_ahead() {
    if (!requests_.next(*ahead_)) {
      ahead_.reset();
    }
  }

  void arrive() {
    route(*ahead_);
    read_ahead();
  }

  /// Sends the next request of the workload now, whatever its time of arrival; a rejected one is followed by
  /// the next.
  bool send_next() {
    while (requests_.next(sent_)) {
      sent_.arrival_ns = nanoseconds(now_);
      if (route(sent_)) {
        return true;
      }
    }
    return false;
  }

  /// False when the request can never fit. Takes the hash ids out of `request`.
  bool route(workload::Request& request) {
    Sequence& sequence = store_.lend();
    sequence.record.id = next_id_++;
    sequence.record.arrival = SimTime{request.arrival_ns};
    sequence.record.input_tokens = request.input_tokens;
    sequence.record.batch = request.batch;
    sequence.adapter = request.adapter;
    sequence.record.tenant = tenants_.place_of(request.tenant);
    sequence.target_output = request.output_tokens;
    std::swap(sequence.hash_ids, request.hash_ids);
    const bool elsewhere = hand_over_ && request.output_tokens > 1;
    if (elsewhere) {
      sequence.target_output = 1;
      sequence.output_elsewhere = request.output_tokens - 1;
    }
    if (!can_hold(plan_.scheduler, request.input_tokens, sequence.target_output) ||
        (elsewhere && !can_hold(plan_.decode_pool->scheduler, request.input_tokens, request.output_tokens))) {
      sequence.record.outcome = Outcome::rejected;
      ++ended_;
      write_off(sequence);
      return false;
    }
    if (plan_.request_overhead > Seconds{}) {
      // First in, first out: all are on the way equally long.
      on_the_way_.push_back({.ready = after(now_, plan_.request_overhead), .sequence = &sequence});
    } else {
      admit(sequence);
    }
    return true;
  }

  /// To a replica, or to the gate while none serves.
  void admit(Sequence& sequence) {
    if (loads_.least() == kClosed) {
      gate_.push_back(&sequence);
    } else {
      enqueue(sequence, choose(sequence));
    }
  }

  void enqueue(Sequence& sequence, std::size_t chosen) {
    R& replica = *replicas_[chosen];
    const SimTime earlier_end = replica.enqueue(sequence, now_);
    note_load(chosen);
    if (earlier_end != kNever) {
      ends_.set(chosen, earlier_end);
    }
    if (replica.can_start()) {
      touched_.push_back(chosen);
    }
  }

  void note_load(std::size_t index) {
    const R& replica = *replicas_[index];
    if (index >= slots_) {
      hand_over_->set_load(index, replica.load());
    } else if (roster_.serves(index)) {
      set_load(index, replica.interactive_load(), replica.load());
    }
  }

  void set_load(std::size_t index, std::int64_t interactive, std::int64_t all) {
    loads_.set(index, interactive);
    batch_loads_.set(index, all);
  }

  /// A replica begins to serve, its memory empty.
  void open(std::size_t index) {
    replicas_[index] =
        std::make_unique<R>(static_cast<std::int32_t>(index), plan_.scheduler, timer_, run_.inter_token);
    set_load(index, 0, 0);
  }

  /// A replica is gone; what it did stays in the books.
  void close(std::size_t index) {
    const R& replica = *replicas_[index];
    earlier_[index] += replica.record();
    note_prefix_hits(replica);
    if (prefix_router_) {
      prefix_router_->forget(index);
    }
    replicas_[index].reset();
  }

  void give_back_if_empty(std::size_t index) {
    if (index < slots_ && roster_.state(index) == ReplicaState::draining && replicas_[index]->load() == 0) {
      close(index);
      roster_.release(index, now_);
      announce(index, ReplicaState::absent);
    }
  }

  void announce(std::size_t index, ReplicaState state) {
    run_.makespan = std::max(run_.makespan, now_);  // the fleet is paid for until its last change
    if (plan_.observer != nullptr) {
      plan_.observer->replica_changed(index, state, now_);
    }
  }

  /// The next event of the roster, and what follows from it.
  void change_fleet() {
    Roster::Demand demand;
    if (roster_.scrapes_next()) {
      demand.requests = demand.queued =
          std::count_if(gate_.begin(), gate_.end(), [](const Sequence* s) { return !s->record.batch; });
      demand.stranded = !gate_.empty();
      for (std::size_t i = 0; i < slots_; ++i) {
        demand.requests += roster_.serves(i) ? replicas_[i]->interactive_load() : 0;
        demand.queued += roster_.serves(i) ? replicas_[i]->interactive_queued() : 0;
      }
    }
    for (const Roster::Change& change : roster_.handle(now_, demand)) {
      announce(change.replica, change.state);
      if (change.state == ReplicaState::serving) {
        open(change.replica);
      } else {
        set_load(change.replica, kClosed, kClosed);
        if (roster_.state(change.replica) == ReplicaState::draining) {
          give_back_if_empty(change.replica);
        } else if (replicas_[change.replica] != nullptr) {
          break_down(change.replica);
        }
      }
    }
    if (loads_.least() != kClosed) {
      for (Sequence* sequence : std::exchange(gate_, {})) {
        enqueue(*sequence, choose(*sequence));
      }
    }
  }

  /// What the replica had goes before those that already wait at the gate.
  void break_down(std::size_t index) {
    R& replica = *replicas_[index];
    if (plan_.observer != nullptr && ends_.at(index) != kNever) {
      StepNote note = replica.note();
      note.end = now_;
      plan_.observer->step_ended(note);
    }
    ends_.set(index, kNever);
    std::vector<Sequence*> all;
    replica.fail(now_, all);
    // Running ones in order of admission, then the queue.
    std::stable_sort(all.begin(), all.end(), [](const Sequence* a, const Sequence* b) {
      return static_cast<std::uint64_t>(a->serial) < static_cast<std::uint64_t>(b->serial);
    });
    requeued_ += static_cast<std::int64_t>(all.size());
    for (const Sequence* sequence : all) {
      lost_tokens_ += sequence->computed;
    }
    replica.forget_pool(all);
    close(index);
    gate_.insert(gate_.begin(), all.begin(), all.end());
  }

  void note_prefix_hits(const R& replica) {
    run_.prefix_hit_blocks += replica.prefix_hit_blocks();
    run_.prefix_queried_tokens += replica.prefix_queried_tokens();
    run_.prefix_hit_tokens += replica.prefix_hit_tokens();
    for (std::size_t t = 0; t < kMostKvTiers; ++t) {
      run_.prefix_tier_tokens.at(t) += replica.prefix_tier_tokens().at(t);
    }
  }

  /// A replica for a request that has just come. Requires that one serves.
  std::size_t choose(const Sequence& sequence) {
    if (plan_.router == Router::round_robin) {
      while (!roster_.serves(next_replica_)) {
        next_replica_ = (next_replica_ + 1) % slots_;
      }
      return std::exchange(next_replica_, (next_replica_ + 1) % slots_);
    }
    const MinTree<std::int64_t>& loads = sequence.record.batch ? batch_loads_ : loads_;
    if (prefix_router_) {
      return prefix_router_->choose(sequence.hash_ids, loads.index_of_least(),
                                    [&](std::size_t i) { return loads.at(i); });
    }
    return loads.index_of_least();
  }

  void finish_step(std::size_t index) {
    R& replica = *replicas_[index];
    if (plan_.observer != nullptr) {
      plan_.observer->step_ended(replica.note());
    }
    ends_.set(index, kNever);
    touched_.push_back(index);
    completed_.clear();
    replica.finish_step(now_, completed_);
    note_load(index);
    for (Sequence* sequence : completed_) {
      if (sequence->output_elsewhere > 0) {
        hand_over_->depart(*sequence, index, now_);
        continue;
      }
      run_.makespan = std::max(run_.makespan, now_);
      ++ended_;
      write_off(*sequence);
      if (plan_.load.kind == Load::Kind::closed) {
        send_next();
      }
    }
    give_back_if_empty(index);
    constexpr std::int64_t kReportEvery = 256;
    if (keep_going_ && !completed_.empty() && ended_ >= reported_ + kReportEvery) {
      reported_ = ended_;
      run_.cancelled = run_.cancelled || !keep_going_(ended_, now_);
    }
  }

  /// Counts a request for which nothing more will happen, and forgets it.
  void write_off(Sequence& sequence) {
    run_.totals.add(sequence.record);
    if (sequence.record.batch) {
      if (!run_.batch) {
        run_.batch.emplace();
      }
      run_.batch->add_alone(sequence.record);
    }
    tenants_.add(sequence.record);
    if (plan_.give_up) {
      judge(sequence.record, *plan_.give_up);
    }
    if (plan_.keep_requests) {
      const auto id = static_cast<std::size_t>(sequence.record.id);
      if (id >= run_.requests.size()) {
        run_.requests.resize(id + 1);
      }
      run_.requests[id] = sequence.record;
    }
    store_.take_back(sequence);
  }

  void judge(const RequestRecord& request, const GiveUp& limit) {
    const bool completed = request.outcome == Outcome::completed;
    broken_ += completed && !request.batch && !keeps(request, limit.slo) ? 1 : 0;
    run_.cancelled = run_.cancelled || broken_ > limit.broken || request.outcome == Outcome::rejected;
  }

  /// Only replicas that an event of this time has touched can have something new to start.
  void start_steps() {
    std::sort(touched_.begin(), touched_.end());
    for (const std::size_t i : touched_) {
      if (replicas_[i] != nullptr && replicas_[i]->can_start()) {
        ends_.set(i, replicas_[i]->start_step(now_));
      }
    }
    touched_.clear();
  }

  RunRecord close() {
    std::vector<Sequence*> unfinished;
    for (const std::unique_ptr<R>& replica : replicas_) {
      if (replica == nullptr) {
        continue;
      }
      if (run_.cancelled) {  // steps that have begun are paid for to their end
        run_.makespan = std::max(run_.makespan, replica->stop(now_));
      }
      replica->abandon(unfinished);
    }
    unfinished.insert(unfinished.end(), gate_.begin(), gate_.end());
    for (const OnTheWay& entry : on_the_way_) {
      unfinished.push_back(entry.sequence);
    }
    if (hand_over_) {
      hand_over_->abandon(unfinished);
      run_.decode_pool = hand_over_->record();
    }
    for (Sequence* sequence : unfinished) {
      write_off(*sequence);
    }
    run_.tenants = tenants_.take();
    run_.devices_per_replica = plan_.devices_per_replica;
    run_.kv_blocks_per_replica = plan_.scheduler.kv_pages / plan_.scheduler.kv_geometry.pages_per_block();
    for (std::size_t i = 0; i < replicas_.size(); ++i) {
      close_books(i);
    }
    roster_.book_times(run_.replicas, run_.makespan);
    for (std::size_t i = 0; i < replicas_.size(); ++i) {
      draw_idle_power(i);
    }
    run_.elastic = roster_.record();
    if (run_.elastic) {
      run_.roster = std::make_shared<const Roster>(roster_);
      run_.elastic->requeued = requeued_;
      run_.elastic->lost_tokens = lost_tokens_;
    }
    return std::move(run_);
  }

  void close_books(std::size_t index) {
    ReplicaRecord& record = run_.replicas.emplace_back(earlier_[index]);
    if (replicas_[index] != nullptr) {
      record += replicas_[index]->record();
      note_prefix_hits(*replicas_[index]);
    }
  }

  void draw_idle_power(std::size_t index) {
    ReplicaRecord& record = run_.replicas[index];
    const std::int64_t waits = std::max<std::int64_t>(0, record.idle_ns(run_.makespan) - record.lost_ns);
    const StepTimer& timer = index < slots_ ? timer_ : *plan_.decode_pool->timer;
    record.energy += timer.idle_power() * Seconds(static_cast<double>(waits) * 1e-9);
  }

  const RunPlan& plan_;
  StepTimer& timer_;
  workload::RequestSource& requests_;
  const KeepGoing& keep_going_;
  RunRecord run_{};
  SequenceStore store_;
  std::size_t slots_;  ///< numbers of the first pool; those of the decode pool come after
  std::vector<std::unique_ptr<R>> replicas_;  ///< by number; null: nobody serves under it
  std::vector<ReplicaRecord> earlier_;        ///< of replicas that are gone, by number
  MinTree<SimTime> ends_;                     ///< of the steps in progress
  Roster roster_;
  MinTree<std::int64_t> loads_;        ///< of the first pool, interactive requests; kClosed: takes none
  MinTree<std::int64_t> batch_loads_;  ///< the same as the batch tier sees it: all requests
  std::deque<Sequence*> gate_;         ///< while no replica serves
  std::int64_t requeued_ = 0;
  std::int64_t lost_tokens_ = 0;
  std::size_t next_replica_ = 0;
  TenantBooks tenants_;
  std::optional<PrefixRouter> prefix_router_;
  std::vector<std::size_t> touched_;
  std::vector<Sequence*> completed_;
  std::optional<HandOver> hand_over_{};
  std::deque<OnTheWay> on_the_way_;  ///< arrived, not yet seen by a scheduler
  std::optional<workload::Request> ahead_{};
  workload::Request sent_{};
  std::int64_t next_id_ = 0;
  SimTime now_{};
  std::int64_t ended_ = 0;
  std::int64_t reported_ = 0;
  std::int64_t broken_ = 0;  ///< completed requests that broke a promise of RunPlan::give_up
};

}  // namespace mtok::engine
