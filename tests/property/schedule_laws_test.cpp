// What must hold between two runs of the engine when their inputs are related in a known way.
#include <gtest/gtest.h>

#include <algorithm>
#include <iostream>
#include <numeric>

#include "sim/engine/metrics.hpp"
#include "tests/unit/engine/random_scenario.hpp"

namespace mtok::engine {
namespace {

using testing::draw_scenario;
using testing::KinkedTimer;
using testing::RandomScenario;

constexpr std::uint64_t kScenarios = 1000;
constexpr std::int64_t kSecond = 1'000'000'000;
constexpr Seconds kNanosecond{1e-9};

RunRecord run(const RandomScenario& s) {
  return s.run(run_leaping);
}

/// Of a fleet that stays as it is, in one tier: what comes and goes by the clock obeys no law of shifted or
/// scaled times, and who yields depends on who else is there.
RandomScenario steady(std::uint64_t seed) {
  RandomScenario s = draw_scenario(seed);
  s.plan.autoscaler.reset();
  s.plan.failures.reset();
  s.plan.replicas = std::max<std::int64_t>(1, s.plan.replicas);
  for (workload::Request& r : s.requests) {
    r.batch = false;
  }
  return s;
}

/// Open arrivals on one pool, nothing remembered from one request to the next: neither prefixes nor the
/// router's turn nor the pattern of drafts.
RandomScenario forgetful(std::uint64_t seed) {
  RandomScenario s = steady(seed);
  s.plan.load.kind = Load::Kind::open;
  s.plan.router = Router::least_loaded;
  s.plan.decode_pool.reset();
  s.plan.scheduler.speculation.reset();
  s.plan.scheduler.kv_tiers.clear();
  s.plan.scheduler.prefix_hash_block_size = 0;
  s.plan.scheduler.scheduler_recv_interval = 1;
  s.plan.scheduler.batch_wait_timeout_iters = 0;
  return s;
}

/// Room for everything that is asked, all at once.
void make_roomy(RandomScenario& s) {
  s.plan.scheduler.kv_pages = 1'000'000;
  s.plan.scheduler.max_num_seqs = 1'000;
  s.plan.scheduler.max_num_batched_tokens = 1'000'000;
}

void expect_same_times(const RequestRecord& x, const RequestRecord& y, std::int64_t later_ns = 0) {
  const auto moved = [&](SimTime time) {
    return time == kNever ? kNever : SimTime{nanoseconds(time) + later_ns};
  };
  ASSERT_EQ(x.outcome, y.outcome);
  ASSERT_EQ(moved(x.arrival), y.arrival);
  ASSERT_EQ(moved(x.scheduled), y.scheduled);
  ASSERT_EQ(moved(x.first_token), y.first_token);
  ASSERT_EQ(moved(x.last_token), y.last_token);
}

TEST(ScheduleLaws, AloneARequestDoesNotFeelTheLimitOfTheBatch) {
  for (std::uint64_t seed = 1; seed <= kScenarios; ++seed) {
    SCOPED_TRACE(seed);
    RandomScenario s = steady(seed);
    s.requests.resize(1);
    s.plan.scheduler.max_num_seqs = 1;
    const RunRecord one = run(s);
    s.plan.scheduler.max_num_seqs = 1 + static_cast<std::int64_t>(seed % 500);
    const RunRecord many = run(s);
    ASSERT_NO_FATAL_FAILURE(expect_same_times(one.requests[0], many.requests[0]));
  }
}

// What lies behind a gap starts on an idle fleet: the whole is its parts and the gap. Each replica's clock
// carries fractions of a nanosecond over the gap, so times may differ by one, busy time by one a replica.
TEST(ScheduleLaws, ATraceSplitAtAnIdleGapIsTheSumOfItsParts) {
  for (std::uint64_t seed = 1; seed <= kScenarios; ++seed) {
    SCOPED_TRACE(seed);
    RandomScenario first = forgetful(seed);
    RandomScenario second = first;
    second.requests = steady(seed + kScenarios).requests;
    const RunRecord a = run(first);
    const RunRecord b = run(second);
    const std::int64_t gap_ends = nanoseconds(a.makespan) + kSecond + nanoseconds(a.requests.back().arrival);
    RandomScenario both = first;
    for (workload::Request request : second.requests) {
      request.arrival_ns += gap_ends;
      both.requests.push_back(request);
    }
    const RunRecord whole = run(both);
    for (std::size_t i = 0; i < first.requests.size(); ++i) {
      ASSERT_NO_FATAL_FAILURE(expect_same_times(a.requests[i], whole.requests[i]));
    }
    for (std::size_t i = 0; i < second.requests.size(); ++i) {
      const RequestRecord& apart = b.requests[i];
      const RequestRecord& joined = whole.requests[first.requests.size() + i];
      ASSERT_EQ(apart.outcome, joined.outcome);
      if (apart.outcome == Outcome::completed) {
        ASSERT_NEAR(double(nanoseconds(apart.last_token) + gap_ends), double(nanoseconds(joined.last_token)),
                    1);
      }
    }
    ASSERT_NEAR(double(a.phases().busy_ns() + b.phases().busy_ns()), double(whole.phases().busy_ns()),
                double(first.plan.replicas));
    ASSERT_EQ(a.totals.preemptions + b.totals.preemptions, whole.totals.preemptions);
  }
}

// Two tenants take turns, so that a fleet of two replicas gives each a replica of its own.
TEST(ScheduleLaws, TwoTenantsOnReplicasOfTheirOwnAreTwoFleets) {
  for (std::uint64_t seed = 1; seed <= kScenarios; ++seed) {
    SCOPED_TRACE(seed);
    RandomScenario a = forgetful(seed);
    a.plan.replicas = 1;
    // A request that can never fit would not take a turn.
    a.plan.scheduler.enable_chunked_prefill = true;
    a.plan.scheduler.max_model_len = 1'000;
    a.plan.scheduler.kv_pages += 1'000 * a.plan.scheduler.kv_geometry.pages_per_block();
    RandomScenario b = a;
    b.requests = steady(seed + kScenarios).requests;
    const std::size_t count = std::min(a.requests.size(), b.requests.size());
    a.requests.resize(count);
    b.requests.resize(count);
    RandomScenario together = a;
    together.plan.replicas = 2;
    together.plan.router = Router::round_robin;
    together.requests.clear();
    for (std::size_t i = 0; i < count; ++i) {
      b.requests[i].arrival_ns = a.requests[i].arrival_ns;
      together.requests.push_back(a.requests[i]);
      together.requests.push_back(b.requests[i]);
    }
    const RunRecord of_a = run(a);
    const RunRecord of_b = run(b);
    const RunRecord sum = run(together);
    for (std::size_t i = 0; i < count; ++i) {
      ASSERT_NO_FATAL_FAILURE(expect_same_times(of_a.requests[i], sum.requests[2 * i]));
      ASSERT_NO_FATAL_FAILURE(expect_same_times(of_b.requests[i], sum.requests[2 * i + 1]));
    }
    ASSERT_EQ(of_a.phases().busy_ns() + of_b.phases().busy_ns(), sum.phases().busy_ns());
    ASSERT_EQ(std::max(of_a.makespan, of_b.makespan), sum.makespan);
  }
}

// Rows of equal time in another order: where all of them fit a step, nobody notices; where they queue for
// seats and pages, those before the first tie do not notice, and the sums stay.
TEST(ScheduleLaws, RowsOfEqualTimeInAnotherOrderChangeTiesOnly) {
  for (std::uint64_t seed = 1; seed <= kScenarios; ++seed) {
    SCOPED_TRACE(seed);
    RandomScenario s = forgetful(seed);
    s.plan.replicas = 1;
    for (workload::Request& request : s.requests) {  // ties of several
      request.arrival_ns -= request.arrival_ns % 20'000'000;
    }
    std::vector<std::size_t> order(s.requests.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(), [&](std::size_t i, std::size_t j) {
      const auto key = [&](std::size_t k) { return std::pair(s.requests[k].arrival_ns, -std::int64_t(k)); };
      return key(i) < key(j);
    });
    RandomScenario turned = s;
    for (std::size_t i = 0; i < order.size(); ++i) {
      turned.requests[i] = s.requests[order[i]];
    }
    const RunRecord before = run(s);
    const RunRecord after = run(turned);
    SimTime first_tie = kNever;
    for (std::size_t i = 0; i < order.size() && first_tie == kNever; ++i) {
      first_tie = order[i] == i ? kNever : before.requests[i].arrival;
    }
    std::int64_t tokens = 0;
    std::int64_t tokens_after = 0;
    for (std::size_t i = 0; i < order.size(); ++i) {
      tokens += before.requests[i].output_tokens;
      tokens_after += after.requests[i].output_tokens;
      if (before.requests[i].last_token < first_tie) {
        ASSERT_NO_FATAL_FAILURE(expect_same_times(before.requests[i], after.requests[i]));
      }
    }
    ASSERT_EQ(tokens, tokens_after);

    make_roomy(s);
    make_roomy(turned);
    const RunRecord roomy = run(s);
    const RunRecord roomy_turned = run(turned);
    for (std::size_t i = 0; i < order.size(); ++i) {
      ASSERT_NO_FATAL_FAILURE(expect_same_times(roomy.requests[order[i]], roomy_turned.requests[i]));
    }
  }
}

TEST(ScheduleLaws, EverythingComesLaterByAsMuchAsTheArrivals) {
  constexpr std::int64_t kLater = 123'456'789;
  for (std::uint64_t seed = 1; seed <= kScenarios; ++seed) {
    SCOPED_TRACE(seed);
    RandomScenario s = steady(seed);
    s.plan.load.kind = Load::Kind::open;
    const RunRecord before = run(s);
    for (workload::Request& request : s.requests) {
      request.arrival_ns += kLater;
    }
    const RunRecord after = run(s);
    for (std::size_t i = 0; i < s.requests.size(); ++i) {
      ASSERT_NO_FATAL_FAILURE(expect_same_times(before.requests[i], after.requests[i], kLater));
    }
    ASSERT_EQ(before.phases().busy_ns(), after.phases().busy_ns());
  }
}

/// All times of a scenario, k times as long.
RandomScenario stretched(RandomScenario s, std::int64_t k) {
  const auto factor = static_cast<double>(k);
  KinkedTimer::Constants& c = s.times;
  for (Seconds* time : {&c.step, &c.per_sequence, &c.per_prompt_token, &c.start, &c.per_key, &c.per_key_later,
                        &c.per_window_key, &c.host, &c.attention_slack, &s.plan.request_overhead}) {
    *time = *time * factor;
  }
  for (KvTier& tier : s.plan.scheduler.kv_tiers) {
    tier.load_per_token = tier.load_per_token * factor;
  }
  if (s.plan.decode_pool) {
    s.plan.decode_pool->link.per_page = s.plan.decode_pool->link.per_page * factor;
    s.plan.decode_pool->link.latency = s.plan.decode_pool->link.latency * factor;
  }
  for (workload::Request& request : s.requests) {
    request.arrival_ns *= k;
  }
  return s;
}

/// Whether all times of `after` are k times those of `before`. Rounded to a nanosecond are steps with
/// prompts, and times at which requests, clients or pools wait for each other, at most twice a request; k
/// times a rounded time is k ns off at most.
bool is_stretched(const RunRecord& before, const RunRecord& after, std::int64_t k) {
  std::size_t roundings = 2 * (before.requests.size() + 1);
  for (const ReplicaRecord& replica : before.replicas) {
    roundings += static_cast<std::size_t>(replica.steps);
  }
  const auto fits = [&](SimTime x, SimTime y) {
    return x == y ||
           std::abs(k * nanoseconds(x) - nanoseconds(y)) <= k * static_cast<std::int64_t>(roundings);
  };
  return std::equal(before.requests.begin(), before.requests.end(), after.requests.begin(),
                    [&](const RequestRecord& x, const RequestRecord& y) {
                      return x.outcome == y.outcome && fits(x.first_token, y.first_token) &&
                             fits(x.last_token, y.last_token);
                    });
}

// Two events of the same nanosecond may come apart when times are stretched, and change places: rare, and all
// that follows is another run.
TEST(ScheduleLaws, AllTimesTwiceAsLongMakeLatenciesTwiceAsLong) {
  constexpr std::int64_t kFactor = 2;
  std::uint64_t others = 0;
  for (std::uint64_t seed = 1; seed <= kScenarios; ++seed) {
    const RandomScenario s = steady(seed);
    others += is_stretched(run(s), run(stretched(s, kFactor)), kFactor) ? 0 : 1;
  }
  EXPECT_LE(others, kScenarios / 200);
}

// One client at a time: the router finds the first replica free, and a second one waits, paid for.
TEST(ScheduleLaws, AReplicaThatStaysIdleChangesNothingButTheWall) {
  for (std::uint64_t seed = 1; seed <= kScenarios; ++seed) {
    SCOPED_TRACE(seed);
    RandomScenario s = steady(seed);
    s.plan.load = {.kind = Load::Kind::closed, .concurrency = 1};
    s.plan.router = Router::least_loaded;
    s.plan.replicas = 1;
    const RunRecord one = run(s);
    s.plan.replicas = 2;
    const RunRecord two = run(s);
    for (std::size_t i = 0; i < s.requests.size(); ++i) {
      ASSERT_NO_FATAL_FAILURE(expect_same_times(one.requests[i], two.requests[i]));
    }
    ASSERT_EQ(one.phases().busy_ns(), two.phases().busy_ns());
    ASSERT_EQ(two.wall_ns(), one.wall_ns() + nanoseconds(one.makespan));
  }
}

// No prompt begins like another: a cache that keeps everything finds nothing, and costs nothing.
TEST(ScheduleLaws, ACacheWithoutHitsIsNoCache) {
  for (std::uint64_t seed = 1; seed <= kScenarios; ++seed) {
    SCOPED_TRACE(seed);
    RandomScenario s = steady(seed);
    if (s.hash_block_size == 0) {
      continue;
    }
    s.plan.router = Router::least_loaded;  // prefix_affine is this one without a cache
    std::uint64_t id = 1;
    for (workload::Request& request : s.requests) {
      for (std::uint64_t& hash : request.hash_ids) {
        hash = id++;
      }
    }
    const RunRecord with = run(s);
    s.plan.scheduler.prefix_hash_block_size = 0;
    s.plan.scheduler.kv_tiers.clear();
    const RunRecord without = run(s);
    // A preempted request finds its own units again, which only a cache can give it.
    if (with.totals.preemptions > 0 || without.totals.preemptions > 0) {
      continue;
    }
    ASSERT_EQ(with.prefix_hit_tokens, 0);
    for (std::size_t i = 0; i < s.requests.size(); ++i) {
      ASSERT_NO_FATAL_FAILURE(expect_same_times(with.requests[i], without.requests[i]));
    }
  }
}

TEST(ScheduleLaws, PercentilesAreInOrderAndTheFirstTokenComesBeforeTheLast) {
  for (std::uint64_t seed = 1; seed <= kScenarios; ++seed) {
    SCOPED_TRACE(seed);
    const RunRecord record = run(draw_scenario(seed));
    const Metrics m = measure(record.totals, record.inter_token);
    for (const Distribution* d : {&m.ttft, &m.tpot, &m.itl, &m.e2e, &m.queue}) {
      ASSERT_LE(d->p50, d->p90);
      ASSERT_LE(d->p90, d->p95);
      ASSERT_LE(d->p95, d->p99);
      ASSERT_LE(d->p99, d->max);
      ASSERT_LE(d->mean, d->max + kNanosecond) << "the longest gap is rounded down, the mean is not";
    }
    ASSERT_LE(m.queue.mean, m.ttft.mean);
    ASSERT_LE(m.ttft.mean, m.e2e.mean);
    ASSERT_LE(m.ttft.p99, m.e2e.p99);
  }
}

/// All device times 10 % shorter, arrivals as they were.
RandomScenario faster(RandomScenario s) {
  KinkedTimer::Constants& c = s.times;
  for (Seconds* time : {&c.step, &c.per_sequence, &c.per_prompt_token, &c.start, &c.per_key, &c.per_key_later,
                        &c.per_window_key}) {
    *time = *time * 0.9;
  }
  return s;
}

std::int64_t later_ends(const RandomScenario& s) {
  const RunRecord slow = run(s);
  const RunRecord quick = run(faster(s));
  std::int64_t later = 0;
  for (std::size_t i = 0; i < s.requests.size(); ++i) {
    later += quick.requests[i].last_token > slow.requests[i].last_token ? 1 : 0;
  }
  return later;
}

// One request at a time, first come first served: departure = max(departure before, arrival) + service, which
// grows with every service time.
TEST(ScheduleLaws, AFasterDeviceDelaysNobodyInASingleQueue) {
  for (std::uint64_t seed = 1; seed <= kScenarios; ++seed) {
    RandomScenario s = forgetful(seed);
    s.plan.replicas = 1;
    s.plan.scheduler.max_num_seqs = 1;
    ASSERT_EQ(later_ends(s), 0) << "seed " << seed;
  }
}

// With batches it is not so (Graham, "Bounds on multiprocessing timing anomalies", 1969): what ends a step
// earlier misses a request that arrives in between, which then waits for the next, fuller one; and requests
// that end earlier change who shares steps and pages with whom. Counted, not asserted.
TEST(ScheduleLaws, CountsWhoWaitsLongerForAFasterDeviceInBatches) {
  std::int64_t later = 0;
  std::int64_t all = 0;
  for (std::uint64_t seed = 1; seed <= kScenarios; ++seed) {
    const RandomScenario s = forgetful(seed);
    later += later_ends(s);
    all += static_cast<std::int64_t>(s.requests.size());
  }
  RecordProperty("requests", std::to_string(all));
  RecordProperty("later", std::to_string(later));
  std::cout << later << " of " << all << " requests end later on devices 10 % faster\n";
}

}  // namespace
}  // namespace mtok::engine
