// The reference engine: events in order of time, every replica one step at a time.
#include <algorithm>
#include <cassert>
#include <deque>
#include <memory>
#include <queue>
#include <utility>
#include <vector>

#include "sim/engine/engine.hpp"
#include "sim/engine/replica.hpp"

namespace mtok::engine {
namespace {

/// The order of kinds is the order in which events of one time are handled.
enum class Kind : std::uint8_t { step_finished, request_arrived, request_ready };

struct Event {
  SimTime at{};
  Kind kind{};
  std::uint64_t serial = 0;
  std::size_t replica = 0;  ///< of step_finished

  /// For a max-heap: "less" means later.
  friend bool operator<(const Event& a, const Event& b) {
    if (a.at != b.at) {
      return a.at > b.at;
    }
    return a.kind != b.kind ? a.kind > b.kind : a.serial > b.serial;
  }
};

class Simulation {
 public:
  Simulation(const RunPlan& plan, StepTimer& timer, workload::RequestSource& requests,
             const KeepGoing& keep_going)
      : plan_(plan), requests_(requests), keep_going_(keep_going) {
    for (std::int64_t i = 0; i < plan.replicas; ++i) {
      replicas_.emplace_back(static_cast<std::int32_t>(i), plan.scheduler, timer);
    }
  }

  RunRecord run() {
    feed_first();
    while (!events_.empty() && !run_.cancelled) {
      now_ = events_.top().at;
      while (!events_.empty() && events_.top().at == now_) {
        const Event event = events_.top();
        events_.pop();
        handle(event);
      }
      start_steps();
    }
    return close();
  }

 private:
  void handle(const Event& event) {
    switch (event.kind) {
      case Kind::step_finished:
        finish_step(event.replica);
        break;
      case Kind::request_arrived:
        arrive();
        break;
      case Kind::request_ready:
        enqueue(std::move(on_the_way_.front()));
        on_the_way_.pop_front();
        break;
    }
  }

  void push(SimTime at, Kind kind, std::size_t replica) { events_.push({at, kind, next_serial_++, replica}); }

  /// Open load keeps one arrival ahead; offline and closed load hand out requests at time zero.
  void feed_first() {
    if (plan_.load.kind == Load::Kind::open) {
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
    if (requests_.next(ahead_)) {
      push(SimTime{ahead_.arrival_ns}, Kind::request_arrived, 0);
    }
  }

  void arrive() {
    route(std::move(ahead_));
    ahead_ = {};
    read_ahead();
  }

  /// Sends the next request of the workload now, whatever its time of arrival; a rejected one is followed by
  /// the next.
  bool send_next() {
    workload::Request request;
    while (requests_.next(request)) {
      request.arrival_ns = nanoseconds(now_);
      if (route(std::move(request))) {
        return true;
      }
      request = {};
    }
    return false;
  }

  /// False when the request can never fit.
  bool route(workload::Request request) {
    auto sequence = std::make_unique<Sequence>();
    sequence->record.id = static_cast<std::int64_t>(run_.requests.size());
    sequence->record.arrival = SimTime{request.arrival_ns};
    sequence->record.input_tokens = request.input_tokens;
    sequence->target_output = request.output_tokens;
    sequence->hash_ids = std::move(request.hash_ids);
    run_.requests.push_back(sequence->record);
    if (!replicas_.front().can_hold(request.input_tokens, request.output_tokens)) {
      run_.requests.back().outcome = Outcome::rejected;
      ++ended_;
      return false;
    }
    if (plan_.request_overhead > Seconds{}) {
      on_the_way_.push_back(std::move(sequence));  // first in, first out: all are on the way equally long
      push(after(now_, plan_.request_overhead), Kind::request_ready, 0);
    } else {
      enqueue(std::move(sequence));
    }
    return true;
  }

  void enqueue(std::unique_ptr<Sequence> sequence) {
    const std::size_t chosen = choose();
    replicas_[chosen].enqueue(std::move(sequence));
    touched_.push_back(chosen);
  }

  std::size_t choose() {
    if (plan_.router == Router::round_robin) {
      return std::exchange(next_replica_, (next_replica_ + 1) % replicas_.size());
    }
    std::size_t best = 0;
    for (std::size_t i = 1; i < replicas_.size(); ++i) {
      best = replicas_[i].load() < replicas_[best].load() ? i : best;
    }
    return best;
  }

  void finish_step(std::size_t replica) {
    touched_.push_back(replica);
    for (const std::unique_ptr<Sequence>& sequence : replicas_[replica].finish_step(now_)) {
      run_.requests[static_cast<std::size_t>(sequence->record.id)] = sequence->record;
      run_.makespan = std::max(run_.makespan, now_);
      ++ended_;
      if (plan_.load.kind == Load::Kind::closed) {
        send_next();
      }
    }
    constexpr std::int64_t kReportEvery = 256;
    if (keep_going_ && ended_ >= reported_ + kReportEvery) {
      reported_ = ended_;
      run_.cancelled = !keep_going_(ended_, now_);
    }
  }

  /// Only replicas that an event of this time has touched can have something new to start.
  void start_steps() {
    std::sort(touched_.begin(), touched_.end());
    for (const std::size_t i : touched_) {
      if (replicas_[i].can_start()) {
        push(replicas_[i].start_step(now_), Kind::step_finished, i);
      }
    }
    touched_.clear();
  }

  RunRecord close() {
    for (; run_.cancelled && !events_.empty();
         events_.pop()) {  // steps that have begun are paid for to their end
      if (events_.top().kind == Kind::step_finished) {
        run_.makespan = std::max(run_.makespan, events_.top().at);
      }
    }
    run_.devices_per_replica = plan_.devices_per_replica;
    run_.kv_blocks_per_replica = plan_.scheduler.kv_pages / plan_.scheduler.kv_geometry.pages_per_block();
    for (Replica& replica : replicas_) {
      for (const std::unique_ptr<Sequence>& sequence : replica.abandon()) {
        run_.requests[static_cast<std::size_t>(sequence->record.id)] = sequence->record;
      }
      run_.replicas.push_back(replica.closed_record(run_.makespan));
      run_.inter_token.merge(replica.inter_token());
      run_.prefix_hit_blocks += replica.prefix_hit_blocks();
      run_.prefix_queried_tokens += replica.prefix_queried_tokens();
      run_.prefix_hit_tokens += replica.prefix_hit_tokens();
    }
    for (const RequestRecord& request : run_.requests) {
      run_.preemptions += request.preemptions;
    }
    return std::move(run_);
  }

  const RunPlan& plan_;
  workload::RequestSource& requests_;
  const KeepGoing& keep_going_;
  std::deque<Replica> replicas_;  // never moved: a replica holds a KV pool
  std::priority_queue<Event> events_;
  std::uint64_t next_serial_ = 0;
  std::size_t next_replica_ = 0;
  std::vector<std::size_t> touched_;
  std::deque<std::unique_ptr<Sequence>> on_the_way_;  ///< arrived, not yet seen by a scheduler
  workload::Request ahead_{};
  SimTime now_{};
  std::int64_t ended_ = 0;
  std::int64_t reported_ = 0;
  RunRecord run_{};
};

}  // namespace

RunRecord run_stepwise(const RunPlan& plan, StepTimer& timer, workload::RequestSource& requests,
                       const KeepGoing& keep_going) {
  assert(plan.replicas >= 1 && plan.scheduler.max_num_seqs >= 1 &&
         plan.scheduler.max_num_batched_tokens >= 1);
  return Simulation(plan, timer, requests, keep_going).run();
}

}  // namespace mtok::engine
