// Small random scenarios with every limit of the scheduler in reach.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "sim/engine/adapter_timer.hpp"
#include "sim/workload/random.hpp"
#include "tests/unit/engine/fakes.hpp"

namespace mtok::engine::testing {

/// Tight pools, small budgets, windows, shared prefixes, one to three replicas, all loads; in a quarter of
/// them one to three more replicas that decode, with limits of their own; in a quarter each an autoscaler,
/// and failures with up to two spares; in a third a batch tier; in half
/// schedulers that do not look at new requests after every step.
struct RandomScenario {
  RunPlan plan{};
  KinkedTimer::Constants times{};
  std::vector<workload::Request> requests{};
  std::int64_t hash_block_size = 0;
  std::int64_t input_tokens = 0;
  std::int64_t output_tokens = 0;

  /// `engine`: run_stepwise or run_leaping.
  template <class Engine>
  [[nodiscard]] RunRecord run(const Engine& engine, const KeepGoing& keep_going = {}) const {
    const auto demand = [](std::int64_t tokens, std::int64_t adapters) {
      return Demand{.time = Seconds(1.1e-6) * static_cast<double>(tokens) +
                            Seconds(3.3e-5) * static_cast<double>(adapters),
                    .energy = Joules(0.01)};
    };
    const std::unique_ptr<StepTimer> adapted = with_adapters(std::make_unique<KinkedTimer>(times), demand);
    StepTimer& timer = *adapted;
    KinkedTimer decode_timer(times);
    RunPlan with_timers = plan;
    if (with_timers.decode_pool) {
      with_timers.decode_pool->timer = &decode_timer;
    }
    ListSource source(requests, hash_block_size);
    return engine(with_timers, timer, source, keep_going);
  }
};

inline std::int64_t between_inclusive(workload::Random& random, std::int64_t least, std::int64_t most) {
  return least + static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(most - least + 1)));
}

/// Times that are no whole nanoseconds, or, in a quarter of the scenarios, so round that many steps of
/// several replicas end at the same time.
inline KinkedTimer::Constants draw_times(workload::Random& random, std::vector<std::int64_t> windows) {
  KinkedTimer::Constants c{.windows = std::move(windows)};
  if (random.below(4) == 0) {
    c.step = Seconds(0.001);
    return c;
  }
  const auto upto = [&](double most) { return Seconds(random.uniform() * most); };
  c.step = upto(0.002);
  c.per_sequence = upto(0.0001);
  c.per_prompt_token = upto(0.0001);
  c.start = upto(0.001);
  c.per_key = upto(1e-6);
  c.per_key_later = upto(1e-5);
  c.per_window_key = upto(1e-6);
  c.host = upto(0.005);
  c.host_hidden = random.below(2) == 0 ? 0 : random.uniform();
  return c;
}

/// Autoscalers that scrape while steps run, and devices that break several times in a run.
inline void draw_elastic(workload::Random& random, RandomScenario& s) {
  RunPlan& plan = s.plan;
  if (random.below(4) == 0) {
    Autoscaler scaler{.min_replicas = between_inclusive(random, 0, 2),
                      .scrape_interval = Seconds(random.below(2) == 0 ? 0.01 : 0.05 + random.uniform()),
                      .provisioning_delay = Seconds(static_cast<double>(random.below(3)) * 0.05),
                      .cooldown = Seconds(static_cast<double>(random.below(3)) * 0.04)};
    scaler.max_replicas = between_inclusive(random, std::max<std::int64_t>(1, scaler.min_replicas), 4);
    (random.below(2) == 0 ? scaler.target_utilization : scaler.target_queue) = 0.1 + random.uniform();
    plan.replicas = between_inclusive(random, scaler.min_replicas, scaler.max_replicas);
    plan.autoscaler = scaler;
  }
  if (random.below(4) == 0) {
    plan.failures = {.mtbf = Seconds(random.below(2) == 0 ? 0.2 : 2),
                     .mttr = Seconds(random.below(2) == 0 ? 0.05 : 0.5),
                     .spares = between_inclusive(random, 0, 2)};
    plan.devices_per_replica = between_inclusive(random, 1, 2);
  }
  plan.seed = random.next();
}

/// In a third of the scenarios half of the requests, or nearly all, are of the batch tier.
inline void draw_tiers(workload::Random& random, RandomScenario& s) {
  if (random.below(3) != 0) {
    return;
  }
  const double share = random.below(2) == 0 ? 0.5 : 0.9;
  for (workload::Request& r : s.requests) {
    r.batch = random.uniform() < share;
  }
}

/// In a third of the scenarios tenants of unlike weights and traffic, whose requests take turns by FairLanes.
inline void draw_tenants(std::uint64_t seed, RandomScenario& s) {
  workload::Random random(seed + (1ULL << 36U));
  if (random.below(3) != 0) {
    return;
  }
  const std::int64_t named = between_inclusive(random, 1, 4);
  for (std::int64_t i = 0; i < named; ++i) {
    s.plan.tenants.push_back(std::string(1, static_cast<char>('a' + i)));
    s.plan.scheduler.tenant_weights.push_back(random.below(3) == 0 ? 1 : 0.2 + 5 * random.uniform());
  }
  s.plan.scheduler.tenant_weights.push_back(1);
  s.plan.scheduler.batch_wait_timeout_iters = 0;
  if (s.plan.decode_pool) {  // in half of them who waits there takes turns too
    s.plan.decode_pool->scheduler.batch_wait_timeout_iters = 0;
    if (random.below(2) == 0) {
      s.plan.decode_pool->scheduler.tenant_weights = s.plan.scheduler.tenant_weights;
    }
  }
  const double common = random.uniform();
  for (workload::Request& r : s.requests) {
    const bool first = random.uniform() < common;
    r.tenant = std::string(1, static_cast<char>('a' + (first ? 0 : between_inclusive(random, 0, named))));
  }
}

/// A router that looks at prefixes, and slower memories behind the pool: tiny ones, slow ones, quick ones.
inline void draw_fleet(workload::Random& random, RandomScenario& s) {
  if (random.below(3) == 0) {
    s.plan.router = Router::prefix_affine;
  }
  for (std::uint64_t tiers = random.below(3); tiers > 0; --tiers) {
    s.plan.scheduler.kv_tiers.push_back({.name = "tier",
                                         .capacity_tokens = between_inclusive(random, 1, 300),
                                         .load_per_token = Seconds(random.uniform() * 0.001)});
  }
}

/// In half of the scenarios the scheduler does not look at new requests after every step, makes batches ahead
/// or waits for fuller ones.
inline void draw_looks(std::uint64_t seed, SchedulerConfig& scheduler) {
  workload::Random random(seed + (1ULL << 35U));
  if (random.below(2) == 0) {
    scheduler.scheduler_recv_interval = between_inclusive(random, 1, random.below(2) == 0 ? 4 : 40);
    scheduler.schedules_ahead = random.below(2) == 0;
    if (random.below(4) == 0) {
      scheduler.batch_wait_timeout_iters = between_inclusive(random, 1, 20);
      scheduler.batch_wait_max_tokens_ratio = random.uniform();
    }
  }
}

inline DecodePool draw_decode_pool(workload::Random& random, const SchedulerConfig& prefill) {
  DecodePool pool{.scheduler = prefill};
  pool.scheduler.max_num_seqs = between_inclusive(random, 1, 8);
  pool.scheduler.max_num_batched_tokens = between_inclusive(random, 1, 64);
  pool.scheduler.kv_pages = between_inclusive(random, 8, 120) * prefill.kv_geometry.pages_per_block();
  pool.scheduler.prefix_hash_block_size = 0;
  pool.scheduler.mixed_batches = random.below(4) != 0;
  pool.replicas = between_inclusive(random, 1, 3);
  pool.devices_per_replica = between_inclusive(random, 1, 4);
  const double per_page = random.below(2) == 0 ? 0.001 : 0.00001;
  pool.link = {.per_page = Seconds(random.uniform() * per_page),
               .latency = Seconds(static_cast<double>(random.below(2)) * 0.003),
               .send_lanes = between_inclusive(random, 1, 2),
               .receive_lanes = between_inclusive(random, 1, 2),
               .overlapped_layers = random.below(2) == 0 ? 0 : 4};
  return pool;
}

inline RandomScenario draw_scenario(std::uint64_t seed) {
  workload::Random random(seed);
  RandomScenario s;
  const std::int64_t block = between_inclusive(random, 1, 8);
  const auto groups = static_cast<std::size_t>(random.below(3));
  KvGeometry geometry{.block_size = block};
  std::vector<std::int64_t> windows;
  for (std::size_t i = 0; i < groups; ++i) {
    windows.push_back(between_inclusive(random, 1, 60));
    geometry.groups.push_back({.window = windows.back(), .weight = between_inclusive(random, 1, 3)});
  }
  if (groups == 2 && windows[0] == windows[1]) {
    windows.pop_back();
  }
  s.times = draw_times(random, std::move(windows));
  workload::Random slack_random(seed + (1ULL << 33U));
  if (slack_random.below(4) == 0) {
    s.times.attention_slack = s.times.step * slack_random.uniform();
  }
  s.hash_block_size = random.below(2) == 0 ? 0 : block * between_inclusive(random, 1, 4);
  s.plan.scheduler = {.max_num_seqs = between_inclusive(random, 1, 8),
                      .max_num_batched_tokens = between_inclusive(random, 1, 64),
                      .max_model_len = between_inclusive(random, 50, 200),
                      .enable_chunked_prefill = random.below(2) == 0,
                      .kv_pages = between_inclusive(random, 8, 120) * geometry.pages_per_block(),
                      .kv_geometry = std::move(geometry),
                      .prefix_hash_block_size = s.hash_block_size,
                      .output_reserve = static_cast<double>(random.below(3)) / 2,
                      .mixed_batches = random.below(4) != 0};
  draw_looks(seed, s.plan.scheduler);
  workload::Random pool_random(seed + (1ULL << 32U));
  if (pool_random.below(4) == 0) {
    s.plan.decode_pool = draw_decode_pool(pool_random, s.plan.scheduler);
  }
  if (pool_random.below(8) == 0) {
    const auto drafts = static_cast<std::size_t>(between_inclusive(pool_random, 1, 5));
    s.plan.scheduler.speculation =
        Speculation{.acceptance = std::vector<double>(drafts, pool_random.uniform())};
    if (s.plan.decode_pool) {
      s.plan.decode_pool->scheduler.speculation = s.plan.scheduler.speculation;
    }
  }
  s.plan.request_overhead = Seconds(static_cast<double>(random.below(2)) * 0.003);
  s.plan.replicas = between_inclusive(random, 1, 3);
  s.plan.router = random.below(2) == 0 ? Router::round_robin : Router::least_loaded;
  s.plan.load.kind = static_cast<Load::Kind>(random.below(3));
  s.plan.load.concurrency = between_inclusive(random, 1, 10);
  const double gap = random.below(2) == 0 ? 0.05 : 0.005;
  const std::int64_t longest_output = random.below(3) == 0 ? 5 : 90;
  double now = 0;
  for (std::int64_t i = between_inclusive(random, 1, 40); i > 0; --i) {
    now += random.below(4) == 0 ? 0 : random.exponential(gap);
    workload::Request r =
        request(now, between_inclusive(random, 1, 100), between_inclusive(random, 1, longest_output));
    const std::uint64_t document = random.below(3);
    for (std::int64_t at = 0; s.hash_block_size > 0 && at * s.hash_block_size < r.input_tokens; ++at) {
      const bool whole = (at + 1) * s.hash_block_size <= r.input_tokens;
      r.hash_ids.push_back(whole && at < 4 ? document * 100 + static_cast<std::uint64_t>(at)
                                           : 1000 + random.next() % (1ULL << 40U));
    }
    s.input_tokens += r.input_tokens;
    s.output_tokens += r.output_tokens;
    s.requests.push_back(std::move(r));
  }
  draw_fleet(random, s);
  workload::Random elastic_random(seed + (1ULL << 33U));
  draw_elastic(elastic_random, s);
  workload::Random tier_random(seed + (1ULL << 34U));
  draw_tiers(tier_random, s);
  return s;
}

inline RandomScenario draw_scenario_with_tenants(std::uint64_t seed) {
  RandomScenario s = draw_scenario(seed);
  draw_tenants(seed, s);
  return s;
}

/// In a quarter of the scenarios, in place of tenants, tiers, pools and drafts: low-rank adapters for some of
/// the requests, few slots for them, and loading that takes as long as a step.
inline RandomScenario draw_scenario_with_adapters(std::uint64_t seed) {
  workload::Random random(seed + (1ULL << 37U));
  if (random.below(4) != 0) {
    return draw_scenario_with_tenants(seed);
  }
  RandomScenario s = draw_scenario(seed);
  s.plan.decode_pool.reset();
  s.plan.scheduler.speculation.reset();
  s.plan.scheduler.batch_wait_timeout_iters = 0;
  AdapterLimits& limits = s.plan.scheduler.adapters;
  limits.max_loras = between_inclusive(random, 1, 3);
  limits.max_cpu_loras = random.below(2) == 0 ? 0 : between_inclusive(random, limits.max_loras, 5);
  limits.load = Seconds(random.uniform() * 0.01);
  limits.fetch = Seconds(random.uniform() * 0.05);
  const std::int64_t adapters = between_inclusive(random, 1, 6);
  for (workload::Request& r : s.requests) {
    r.batch = false;
    r.adapter = static_cast<std::int32_t>(between_inclusive(random, -1, adapters - 1));
  }
  return s;
}

}  // namespace mtok::engine::testing
