// The four sums of the hand-overs hold on random scenarios: tokens, KV blocks, time, money.
#include <gtest/gtest.h>

#include <string>

#include "sim/cost/bill.hpp"
#include "sim/engine/engine.hpp"
#include "sim/workload/random.hpp"
#include "tests/unit/engine/fakes.hpp"

namespace mtok::engine {
namespace {

using workload::Random;

/// A small scenario with every limit of the scheduler in reach: tight pools, small budgets, shared prefixes.
struct RandomScenario {
  RunPlan plan{};
  std::vector<workload::Request> requests{};
  std::int64_t hash_block_size = 0;
  std::int64_t input_tokens = 0;
  std::int64_t output_tokens = 0;
};

std::int64_t between_inclusive(Random& random, std::int64_t least, std::int64_t most) {
  return least + static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(most - least + 1)));
}

RandomScenario draw(std::uint64_t seed) {
  Random random(seed);
  RandomScenario s;
  const std::int64_t block = between_inclusive(random, 1, 8);
  s.hash_block_size = random.below(2) == 0 ? 0 : block * between_inclusive(random, 1, 4);
  s.plan.scheduler = {
      .max_num_seqs = between_inclusive(random, 1, 8),
      .max_num_batched_tokens = between_inclusive(random, 1, 64),
      .max_model_len = between_inclusive(random, 50, 200),
      .enable_chunked_prefill = random.below(2) == 0,
      .kv_pages = between_inclusive(random, 8, 120),
      .kv_geometry = {.block_size = block,
                      .pages_per_sequence = random.below(3) == 0 ? between_inclusive(random, 1, 6) : 0},
      .prefix_hash_block_size = s.hash_block_size,
      .output_reserve = static_cast<double>(random.below(3)) / 2,
      .mixed_batches = random.below(4) != 0};
  s.plan.request_overhead = Seconds(static_cast<double>(random.below(2)) * 0.003);
  s.plan.replicas = between_inclusive(random, 1, 3);
  s.plan.router = random.below(2) == 0 ? Router::round_robin : Router::least_loaded;
  s.plan.load.kind = static_cast<Load::Kind>(random.below(3));
  s.plan.load.concurrency = between_inclusive(random, 1, 10);
  double now = 0;
  for (std::int64_t i = between_inclusive(random, 1, 40); i > 0; --i) {
    now += random.below(4) == 0 ? 0 : random.exponential(0.05);
    workload::Request r =
        testing::request(now, between_inclusive(random, 1, 100), between_inclusive(random, 1, 60));
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
  return s;
}

RunRecord run(const RandomScenario& s) {
  testing::RoundTimer timer(Seconds(0.001), Seconds(0.0001));
  testing::ListSource source(s.requests, s.hash_block_size);
  return run_stepwise(s.plan, timer, source);
}

constexpr std::uint64_t kScenarios = 2000;

TEST(ConservationProperty, TokensInAreTokensOutOrRejected) {
  for (std::uint64_t seed = 1; seed <= kScenarios; ++seed) {
    const RandomScenario s = draw(seed);
    const RunRecord record = run(s);
    ASSERT_EQ(record.requests.size(), s.requests.size()) << "seed " << seed;
    for (std::size_t i = 0; i < s.requests.size(); ++i) {
      const RequestRecord& r = record.requests[i];
      ASSERT_NE(r.outcome, Outcome::unfinished) << "seed " << seed << " request " << i;
      ASSERT_EQ(r.input_tokens, s.requests[i].input_tokens);
      ASSERT_EQ(r.output_tokens, r.outcome == Outcome::completed ? s.requests[i].output_tokens : 0)
          << "seed " << seed << " request " << i;
    }
  }
}

TEST(ConservationProperty, KvBlocksTakenAreFreedOrHeld) {
  for (std::uint64_t seed = 1; seed <= kScenarios; ++seed) {
    const RunRecord record = run(draw(seed));
    for (const ReplicaRecord& replica : record.replicas) {
      ASSERT_EQ(replica.kv_pages_taken, replica.kv_pages_freed + replica.kv_pages_held) << "seed " << seed;
      ASSERT_EQ(replica.kv_pages_held, 0) << "seed " << seed << ": everything has ended";
      ASSERT_LE(replica.kv_peak_blocks, record.kv_blocks_per_replica) << "seed " << seed;
    }
  }
}

TEST(ConservationProperty, BusyAndIdleAreTheWall) {
  for (std::uint64_t seed = 1; seed <= kScenarios; ++seed) {
    const RunRecord record = run(draw(seed));
    Seconds shares;
    for (const RequestRecord& r : record.requests) {
      shares += r.prefill_time + r.cached_time + r.decode_time;
    }
    const std::int64_t busy = record.phases().busy_ns();
    ASSERT_LE(busy, record.wall_ns()) << "seed " << seed;
    ASSERT_NEAR(shares.base(), static_cast<double>(busy) * 1e-9, 1e-9) << "seed " << seed;
  }
}

TEST(ConservationProperty, TimesOfARequestAreInOrder) {
  for (std::uint64_t seed = 1; seed <= kScenarios; ++seed) {
    for (const RequestRecord& r : run(draw(seed)).requests) {
      if (r.outcome == Outcome::completed) {
        ASSERT_LE(r.arrival, r.scheduled);
        ASSERT_LT(r.scheduled, r.first_token);
        ASSERT_LE(r.first_token, r.last_token);
      }
    }
  }
}

TEST(ConservationProperty, PartsOfTheBillAreTheBill) {
  for (std::uint64_t seed = 1; seed <= kScenarios; ++seed) {
    const RunRecord record = run(draw(seed));
    const cost::Bill bill =
        cost::make_bill(record, {.per_device = usd_per_hour(2.5 + static_cast<double>(seed))});
    ASSERT_EQ(bill.parts.sum(), bill.total) << "seed " << seed;
    Money requests;
    for (const Money& part : bill.per_request) {
      requests += part;
    }
    ASSERT_EQ(requests + bill.parts.idle, bill.total) << "seed " << seed;
  }
}

TEST(ConservationProperty, TheSameScenarioRunsTheSameWay) {
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    const RunRecord first = run(draw(seed));
    const RunRecord second = run(draw(seed));
    ASSERT_EQ(first.makespan, second.makespan);
    for (std::size_t i = 0; i < first.requests.size(); ++i) {
      ASSERT_EQ(first.requests[i].last_token, second.requests[i].last_token) << "seed " << seed;
    }
  }
}

}  // namespace
}  // namespace mtok::engine
