// A fleet of several models: pools that run one after the other, and the sum of their results.
#include "sim/planner/model_mix.hpp"

#include <algorithm>
#include <utility>

#include "sim/engine/idle_on.hpp"
#include "sim/planner/pricing.hpp"
#include "sim/planner/workload_facts.hpp"

namespace mtok::planner {
namespace {

using engine::Outcome;
using engine::RequestRecord;

/// Counts the replicas of a pool behind those of the pools before it.
class ShiftedObserver final : public engine::RunObserver {
 public:
  ShiftedObserver(engine::RunObserver& target, std::size_t before) : target_(target), before_(before) {}
  void step_ended(const engine::StepNote& note) override {
    engine::StepNote shifted = note;
    shifted.replica += before_;
    target_.step_ended(shifted);
  }
  void replica_changed(std::size_t replica, engine::ReplicaState state, SimTime now) override {
    target_.replica_changed(replica + before_, state, now);
  }

 private:
  engine::RunObserver& target_;
  std::size_t before_;
};

/// Positions of escalation are hashed far away from those of slices.
bool escalates(const RequestRecord& request, double share) {
  constexpr std::uint64_t kFarAway = std::uint64_t{1} << 48U;
  return request.outcome == Outcome::rejected ||
         place_of(static_cast<std::uint64_t>(request.id) + kFarAway) < share;
}

/// Power of the devices of one replica that has nothing to do.
Watts idle_power(const hardware::DeviceProfile& device, std::int64_t devices) {
  return device.tdp * device.idle_power_fraction * static_cast<double>(devices);
}

class Mix {
 public:
  Mix(const Scenario& scenario, const Catalogue& catalogue, const Progress& progress,
      const RunOptions& options)
      : scenario_(scenario), catalogue_(catalogue), progress_(progress), options_(options) {}

  RunResult run() {
    Scenario large = scenario_;
    large.models.clear();
    const bool cascade = scenario_.models.front().escalate.has_value();
    if (cascade) {
      run_cascade(large);
    } else {
      run_shares(large);
    }
    return combine(cascade);
  }

 private:
  /// False when it cannot run.
  bool run_pool(const Scenario& pool, bool keep_requests) {
    RunOptions options = options_;
    options.keep_requests = keep_requests;
    std::optional<ShiftedObserver> observer;
    if (options_.observer != nullptr) {
      observer.emplace(*options_.observer, replicas_);
      options.observer = &*observer;
    }
    pools_.push_back(planner::run(pool, catalogue_, progress_, options));
    replicas_ += pools_.back().run.replicas.size();
    return !pools_.back().infeasible;
  }

  void run_shares(Scenario& large) {
    double from = 0;
    for (const Scenario& model : scenario_.models) {
      Scenario pool = model;
      pool.workload.slice = {.from = from, .to = from + *model.share};
      from = pool.workload.slice.to;
      if (!run_pool(pool, options_.keep_requests)) {
        return;
      }
    }
    large.workload.slice = {.from = from, .to = 1};
    run_pool(large, options_.keep_requests);
  }

  void run_cascade(Scenario& large) {
    const Scenario& small = scenario_.models.front();
    if (!run_pool(small, true)) {
      return;
    }
    large.workload.requests = escalated(small);
    large.workload.requests_hash_block_size = open_workload(small)->hash_block_size();
    large.workload.trace.reset();
    large.workload.synthetic.reset();
    large.workload.load = {};
    run_pool(large, true);
  }

  /// The requests that go on, by the time at which they do.
  std::shared_ptr<const std::vector<workload::Request>> escalated(const Scenario& small) {
    const std::unique_ptr<workload::RequestSource> source = open_workload(small);
    auto list = std::make_shared<std::vector<workload::Request>>();
    std::vector<std::pair<std::int64_t, std::size_t>> order;
    workload::Request request;
    for (const RequestRecord& first : pools_.front().run.requests) {
      if (!source->next(request) || first.outcome == Outcome::unfinished) {
        continue;
      }
      if (escalates(first, *small.escalate)) {
        request.arrival_ns =
            nanoseconds(first.outcome == Outcome::rejected ? first.arrival : first.last_token);
        order.emplace_back(request.arrival_ns, list->size());
        ids_.push_back(static_cast<std::size_t>(first.id));
        list->push_back(request);
      }
    }
    std::sort(order.begin(), order.end());
    auto sorted = std::make_shared<std::vector<workload::Request>>();
    std::vector<std::size_t> ids;
    for (const auto& [arrival, place] : order) {
      sorted->push_back(std::move((*list)[place]));
      ids.push_back(ids_[place]);
    }
    ids_ = std::move(ids);
    return sorted;
  }

  RunResult combine(bool cascade) {
    RunResult sum = pools_.back();  // the scenario's own model, or the one that cannot run
    sum.scenario = scenario_;
    for (RunResult& pool : pools_) {
      merge_notes(sum, pool);
    }
    if (!sum.infeasible) {
      pay_to_the_end();
      add_runs(sum, cascade);
      add_bills(sum, cascade);
      mix_quality(sum);
    }
    sum.pools = std::move(pools_);
    if (!sum.infeasible) {
      measure_groups(sum);
    }
    return sum;
  }

  static void merge_notes(RunResult& sum, const RunResult& pool) {
    const auto add = [](auto& list, const auto& items, const auto& same) {
      for (const auto& item : items) {
        if (std::none_of(list.begin(), list.end(), [&](const auto& other) { return same(item, other); })) {
          list.push_back(item);
        }
      }
    };
    add(sum.inputs, pool.inputs, [](const InputFile& a, const InputFile& b) { return a.path == b.path; });
    add(sum.assumptions, pool.assumptions, [](const Assumption& a, const Assumption& b) {
      return a.key == b.key && a.value == b.value && a.source == b.source;
    });
    add(sum.warnings, pool.warnings, std::equal_to<>());
  }

  /// A pool that is done waits until the last one is, as its autoscaler will have it.
  void pay_to_the_end() {
    for (const RunResult& pool : pools_) {
      makespan_ = std::max(makespan_, pool.run.makespan);
    }
    std::size_t before = 0;
    for (RunResult& pool : pools_) {
      const auto own_wall = static_cast<double>(pool.run.wall_ns());
      wait_for_others(pool, before);
      before += pool.run.replicas.size();
      if (pool.run.wall_ns() > 0) {
        pool.mfu *= own_wall / static_cast<double>(pool.run.wall_ns());
        pool.mbu *= own_wall / static_cast<double>(pool.run.wall_ns());
      }
      pool.bill = bill_of(pool);
      pool.footprint = cost::footprint_of(pool.run, terms_of(catalogue_, pool.scenario.prices));
      measure_groups(pool);
      if (pool.run.elastic) {
        pool.idle_parts = cost::split_idle(pool.bill, pool.run);
      }
    }
  }

  /// `before`: replicas of the pools before this one.
  void wait_for_others(RunResult& pool, std::size_t before) {
    std::vector<std::int64_t> unpaid;
    std::transform(pool.run.replicas.begin(), pool.run.replicas.end(), std::back_inserter(unpaid),
                   [](const engine::ReplicaRecord& replica) { return replica.unpaid_ns; });
    const std::int64_t waits = nanoseconds(makespan_) - nanoseconds(pool.run.makespan);
    std::optional<ShiftedObserver> observer;
    if (options_.observer != nullptr) {
      observer.emplace(*options_.observer, before);
    }
    engine::idle_on(pool.run, makespan_, observer ? &*observer : nullptr);
    const std::int64_t decoding = pool.run.decode_pool ? pool.run.decode_pool->replicas : 0;
    const auto own = pool.run.replicas.size() - static_cast<std::size_t>(decoding);
    for (std::size_t i = 0; i < pool.run.replicas.size(); ++i) {
      engine::ReplicaRecord& replica = pool.run.replicas[i];
      const std::int64_t paid = waits - (replica.unpaid_ns - unpaid[i]);
      replica.energy +=
          Seconds(static_cast<double>(paid) * 1e-9) *
          (i >= own ? idle_power(pool.decode_pool->device, pool.scenario.disaggregation->device_count)
                    : idle_power(pool.device, pool.scenario.device_count));
    }
  }

  void add_runs(RunResult& sum, bool cascade) {
    engine::RunRecord& run = sum.run;
    run = {.makespan = makespan_, .kv_blocks_per_replica = pools_.back().run.kv_blocks_per_replica};
    run.totals.slo = scenario_.slo;
    run.decode_pool = pools_.back().run.decode_pool;  // its replicas are the last ones of them all
    sum.hash_blocks = 0;
    sum.unbounded_prefix_hits = 0;
    sum.lru_blocks = 0;
    sum.lru_prefix_hits = 0;
    sum.mfu = 0;
    sum.mbu = 0;
    double device_time = 0;
    std::int32_t replicas = 0;
    for (const RunResult& pool : pools_) {
      run.replicas.insert(run.replicas.end(), pool.run.replicas.begin(), pool.run.replicas.end());
      run.prefix_queried_tokens += pool.run.prefix_queried_tokens;
      run.prefix_hit_tokens += pool.run.prefix_hit_tokens;
      run.prefix_hit_blocks += pool.run.prefix_hit_blocks;
      for (std::size_t t = 0; t < engine::kMostKvTiers; ++t) {
        run.prefix_tier_tokens.at(t) += pool.run.prefix_tier_tokens.at(t);
      }
      sum.hash_blocks += pool.hash_blocks;
      sum.unbounded_prefix_hits += pool.unbounded_prefix_hits;
      sum.lru_blocks += pool.lru_blocks;
      sum.lru_prefix_hits += pool.lru_prefix_hits;
      run.inter_token.merge(pool.run.inter_token);
      run.cancelled = run.cancelled || pool.run.cancelled;
      const double own = paid_device_time(pool).base();
      sum.mfu += pool.mfu * own;
      sum.mbu += pool.mbu * own;
      device_time += own;
      add_changes(run, pool.run);
      if (!cascade) {
        run.totals.merge(pool.run.totals);
        run.tenants.resize(pool.run.tenants.size(), engine::RequestTotals{.slo = scenario_.slo});
        for (std::size_t i = 0; i < run.tenants.size(); ++i) {
          run.tenants[i].merge(pool.run.tenants[i]);
        }
        for (RequestRecord record : pool.run.requests) {
          record.replica += record.replica >= 0 ? replicas : 0;
          record.id = static_cast<std::int64_t>(run.requests.size());
          run.requests.push_back(record);
        }
      }
      replicas += static_cast<std::int32_t>(pool.run.replicas.size());
    }
    if (device_time > 0) {
      sum.mfu /= device_time;
      sum.mbu /= device_time;
    }
    if (cascade) {
      follow_escalations(run);
    }
    sum.metrics = engine::measure(run.totals, run.inter_token);
    if (!options_.keep_requests) {
      run.requests.clear();
    }
  }

  /// How many of all pools serve at one time is not known: each has its own most and least.
  static void add_changes(engine::RunRecord& run, const engine::RunRecord& pool) {
    if (!pool.elastic) {
      return;
    }
    engine::ElasticRecord sum = run.elastic.value_or(engine::ElasticRecord{});
    sum.scaled_up += pool.elastic->scaled_up;
    sum.scaled_down += pool.elastic->scaled_down;
    sum.failures += pool.elastic->failures;
    sum.takeovers += pool.elastic->takeovers;
    sum.requeued += pool.elastic->requeued;
    sum.lost_tokens += pool.elastic->lost_tokens;
    run.elastic = sum;
  }

  /// The life of each request as its user sees it.
  void follow_escalations(engine::RunRecord& run) {
    const auto& second = pools_[1].run.requests;
    run.requests = pools_[0].run.requests;
    for (std::size_t i = 0; i < second.size(); ++i) {
      RequestRecord& record = run.requests[ids_[i]];
      const RequestRecord first = std::exchange(record, second[i]);
      record.id = first.id;
      record.arrival = first.arrival;
      record.scheduled = std::min(first.scheduled, record.scheduled);
      record.replica += record.replica >= 0 ? static_cast<std::int32_t>(pools_[0].run.replicas.size()) : 0;
      record.preemptions += first.preemptions;
      record.prefill_time += first.prefill_time;
      record.cached_time += first.cached_time;
      record.decode_time += first.decode_time;
    }
    const engine::Slo slo = run.totals.slo;
    run.totals = engine::totals_of(run.requests, slo);
    run.tenants.assign(pools_[0].run.tenants.size(), engine::RequestTotals{.slo = slo});
    for (const RequestRecord& request : run.requests) {
      if (!run.tenants.empty()) {
        run.tenants[static_cast<std::size_t>(request.tenant)].add(request);
      }
    }
  }

  void add_bills(RunResult& sum, bool cascade) {
    std::vector<cost::Bill> bills;
    std::transform(pools_.begin(), pools_.end(), std::back_inserter(bills),
                   [](const RunResult& pool) { return pool.bill; });
    sum.bill = cost::sum_of(bills, sum.run.totals);
    if (sum.run.elastic) {
      sum.idle_parts = idle_parts();
    }
    sum.footprint = {};
    for (const RunResult& pool : pools_) {
      sum.footprint = sum.footprint + pool.footprint;
    }
    if (!cascade) {
      for (const cost::Bill& bill : bills) {
        sum.bill.per_request.insert(sum.bill.per_request.end(), bill.per_request.begin(),
                                    bill.per_request.end());
      }
      return;
    }
    sum.bill.per_request = bills[0].per_request;
    for (std::size_t i = 0; i < ids_.size(); ++i) {
      Money& owed = sum.bill.per_request[ids_[i]];
      sum.wasted += owed;
      owed += bills[1].per_request[i];
    }
    if (!options_.keep_requests) {
      sum.bill.per_request.clear();
    }
  }

  /// Of a pool that stays as it is, all of it is headroom.
  [[nodiscard]] cost::IdleParts idle_parts() const {
    cost::IdleParts sum;
    for (const RunResult& pool : pools_) {
      sum += pool.idle_parts.value_or(cost::IdleParts{.headroom = pool.bill.parts.idle});
    }
    return sum;
  }

  /// Scores of one benchmark, by the requests that each model answers. What a router gains by knowing which
  /// requests are hard is not published for these models and not guessed: the split counts as random.
  void mix_quality(RunResult& sum) const {
    sum.quality.reset();
    sum.recovery.reset();
    cost::Score mix{.model = "mix", .setting = "mix by requests, random split"};
    const auto all = static_cast<double>(sum.metrics.completed);
    std::int64_t before_last = sum.metrics.completed;
    for (std::size_t i = 0; i < pools_.size(); ++i) {
      const RunResult& pool = pools_[i];
      if (!pool.quality || (i > 0 && pool.quality->benchmark != mix.benchmark) || all == 0) {
        return;
      }
      const bool last = i + 1 == pools_.size();
      const bool retried = !last && pool.scenario.escalate.has_value();
      const std::int64_t answered =
          retried ? sum.metrics.completed - pools_.back().metrics.completed : pool.metrics.completed;
      mix.benchmark = pool.quality->benchmark;
      mix.value += pool.quality->value * static_cast<double>(last ? before_last : answered) / all;
      before_last -= answered;
      mix.source += (mix.source.empty() ? "" : "; ") + pool.quality->source;
    }
    sum.quality = mix;
  }

  const Scenario& scenario_;
  const Catalogue& catalogue_;
  const Progress& progress_;
  const RunOptions& options_;
  std::vector<RunResult> pools_;  ///< the further models in order, then the scenario's own
  std::vector<std::size_t> ids_;  ///< of the escalated requests, in the order in which they go on
  std::size_t replicas_ = 0;
  SimTime makespan_{};
};

}  // namespace

RunResult run_models(const Scenario& scenario, const Catalogue& catalogue, const Progress& progress,
                     const RunOptions& options) {
  return Mix(scenario, catalogue, progress, options).run();
}

}  // namespace mtok::planner
