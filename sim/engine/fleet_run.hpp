// The run of a fleet: arrivals, routing and the order of events, the same for every kind of replica.
#pragma once

#include <algorithm>
#include <cassert>
#include <deque>
#include <optional>
#include <utility>
#include <vector>

#include "sim/engine/engine.hpp"
#include "sim/engine/hand_over.hpp"
#include "sim/engine/min_tree.hpp"
#include "sim/engine/prefix_router.hpp"
#include "sim/engine/sequence.hpp"

namespace mtok::engine {

/// Events are handled in order of (time, kind, replica or order of arrival), kinds in this order: steps end,
/// requests arrive, requests are ready for a scheduler. New steps start last.
/// `R` advances by start_step and finish_step; it may end a step that is in progress earlier than announced
/// when a request joins its queue.
template <class R>
class FleetRun {
 public:
  FleetRun(const RunPlan& plan, StepTimer& timer, workload::RequestSource& requests,
           const KeepGoing& keep_going)
      : plan_(plan),
        requests_(requests),
        keep_going_(keep_going),
        ends_(static_cast<std::size_t>(all_replicas(plan)), kNever, kNever),
        loads_(static_cast<std::size_t>(plan.replicas), 0, INT64_MAX) {
    assert(plan.replicas >= 1 && plan.scheduler.max_num_seqs >= 1 &&
           plan.scheduler.max_num_batched_tokens >= 1);
    run_.totals.slo = plan.slo;
    if (plan.router == Router::prefix_affine && plan.scheduler.prefix_hash_block_size > 0) {
      prefix_router_.emplace(plan.replicas, plan.scheduler.kept_blocks());
    }
    for (std::int64_t i = 0; i < plan.replicas; ++i) {
      replicas_.emplace_back(static_cast<std::int32_t>(i), plan.scheduler, timer, run_.inter_token);
    }
    if (plan.decode_pool) {
      hand_over_.emplace(*plan.decode_pool, plan.replicas);
      for (std::int64_t i = plan.replicas; i < all_replicas(plan); ++i) {
        replicas_.emplace_back(static_cast<std::int32_t>(i), plan.decode_pool->scheduler,
                               *plan.decode_pool->timer, run_.inter_token);
      }
    }
  }

  RunRecord run() {
    feed_first();
    while (!run_.cancelled) {
      now_ = std::min({ends_.least(), next_arrival(), next_ready(), next_landing()});
      if (now_ == kNever) {
        break;
      }
      while (handle_one()) {
      }
      start_steps();
    }
    return close();
  }

 private:
  struct OnTheWay {
    SimTime ready{};
    Sequence* sequence = nullptr;
  };

  [[nodiscard]] SimTime next_arrival() const { return ahead_ ? SimTime{ahead_->arrival_ns} : kNever; }
  [[nodiscard]] SimTime next_ready() const {
    return on_the_way_.empty() ? kNever : on_the_way_.front().ready;
  }

  [[nodiscard]] SimTime next_landing() const { return hand_over_ ? hand_over_->next_landing() : kNever; }
  [[nodiscard]] static std::int64_t all_replicas(const RunPlan& plan) {
    return plan.replicas + (plan.decode_pool ? plan.decode_pool->replicas : 0);
  }

  /// False when nothing is left to do at this time.
  bool handle_one() {
    if (ends_.least() == now_) {
      finish_step(ends_.index_of_least());
    } else if (next_arrival() == now_) {
      arrive();
    } else if (next_ready() == now_) {
      Sequence& sequence = *on_the_way_.front().sequence;
      on_the_way_.pop_front();
      enqueue(sequence, choose(sequence));
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
    sequence.target_output = request.output_tokens;
    std::swap(sequence.hash_ids, request.hash_ids);
    const bool elsewhere = hand_over_ && request.output_tokens > 1;
    if (elsewhere) {
      sequence.target_output = 1;
      sequence.output_elsewhere = request.output_tokens - 1;
    }
    if (!replicas_.front().can_hold(request.input_tokens, sequence.target_output) ||
        (elsewhere && !replicas_.back().can_hold(request.input_tokens, request.output_tokens))) {
      sequence.record.outcome = Outcome::rejected;
      ++ended_;
      write_off(sequence);
      return false;
    }
    if (plan_.request_overhead > Seconds{}) {
      // First in, first out: all are on the way equally long.
      on_the_way_.push_back({.ready = after(now_, plan_.request_overhead), .sequence = &sequence});
    } else {
      enqueue(sequence, choose(sequence));
    }
    return true;
  }

  void enqueue(Sequence& sequence, std::size_t chosen) {
    R& replica = replicas_[chosen];
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
    const std::int64_t load = replicas_[index].load();
    if (index < static_cast<std::size_t>(plan_.replicas)) {
      loads_.set(index, load);
    } else {
      hand_over_->set_load(index, load);
    }
  }

  /// A replica for a request that has just come.
  std::size_t choose(const Sequence& sequence) {
    if (plan_.router == Router::round_robin) {
      return std::exchange(next_replica_, (next_replica_ + 1) % static_cast<std::size_t>(plan_.replicas));
    }
    if (prefix_router_) {
      return prefix_router_->choose(sequence.hash_ids, loads_.index_of_least(),
                                    [this](std::size_t i) { return loads_.at(i); });
    }
    return loads_.index_of_least();
  }

  void finish_step(std::size_t index) {
    R& replica = replicas_[index];
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
    constexpr std::int64_t kReportEvery = 256;
    if (keep_going_ && !completed_.empty() && ended_ >= reported_ + kReportEvery) {
      reported_ = ended_;
      run_.cancelled = !keep_going_(ended_, now_);
    }
  }

  /// Counts a request for which nothing more will happen, and forgets it.
  void write_off(Sequence& sequence) {
    run_.totals.add(sequence.record);
    if (plan_.keep_requests) {
      const auto id = static_cast<std::size_t>(sequence.record.id);
      if (id >= run_.requests.size()) {
        run_.requests.resize(id + 1);
      }
      run_.requests[id] = sequence.record;
    }
    store_.take_back(sequence);
  }

  /// Only replicas that an event of this time has touched can have something new to start.
  void start_steps() {
    std::sort(touched_.begin(), touched_.end());
    for (const std::size_t i : touched_) {
      if (replicas_[i].can_start()) {
        ends_.set(i, replicas_[i].start_step(now_));
      }
    }
    touched_.clear();
  }

  RunRecord close() {
    std::vector<Sequence*> unfinished;
    for (R& replica : replicas_) {
      if (run_.cancelled) {  // steps that have begun are paid for to their end
        run_.makespan = std::max(run_.makespan, replica.stop(now_));
      }
      replica.abandon(unfinished);
    }
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
    run_.devices_per_replica = plan_.devices_per_replica;
    run_.kv_blocks_per_replica = plan_.scheduler.kv_pages / plan_.scheduler.kv_geometry.pages_per_block();
    for (const R& replica : replicas_) {
      run_.replicas.push_back(replica.closed_record(run_.makespan));
      run_.prefix_hit_blocks += replica.prefix_hit_blocks();
      run_.prefix_queried_tokens += replica.prefix_queried_tokens();
      run_.prefix_hit_tokens += replica.prefix_hit_tokens();
      for (std::size_t t = 0; t < kMostKvTiers; ++t) {
        run_.prefix_tier_tokens.at(t) += replica.prefix_tier_tokens().at(t);
      }
    }
    return std::move(run_);
  }

  const RunPlan& plan_;
  workload::RequestSource& requests_;
  const KeepGoing& keep_going_;
  RunRecord run_{};
  SequenceStore store_;
  std::deque<R> replicas_;  // never moved: a replica holds a KV pool
  MinTree<SimTime> ends_;   ///< of the steps in progress
  MinTree<std::int64_t> loads_;
  std::size_t next_replica_ = 0;
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
};

}  // namespace mtok::engine
