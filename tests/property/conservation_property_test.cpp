// The four sums of the hand-overs hold on random scenarios: tokens, KV blocks, time, money.
#include <gtest/gtest.h>

#include <string>

#include "sim/cost/bill.hpp"
#include "tests/unit/engine/random_scenario.hpp"

namespace mtok::engine {
namespace {

using testing::draw_scenario;
using testing::RandomScenario;

RunRecord run(const RandomScenario& s) {
  return s.run(run_leaping);
}

constexpr std::uint64_t kScenarios = 2000;

TEST(ConservationProperty, TokensInAreTokensOutOrRejected) {
  for (std::uint64_t seed = 1; seed <= kScenarios; ++seed) {
    const RandomScenario s = draw_scenario(seed);
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
    const RunRecord record = run(draw_scenario(seed));
    for (const ReplicaRecord& replica : record.replicas) {
      ASSERT_EQ(replica.kv_pages_taken, replica.kv_pages_freed + replica.kv_pages_held) << "seed " << seed;
      ASSERT_EQ(replica.kv_pages_held, 0) << "seed " << seed << ": everything has ended";
      const std::int64_t decoding = record.decode_pool ? record.decode_pool->kv_blocks_per_replica : 0;
      ASSERT_LE(replica.kv_peak_blocks, std::max(record.kv_blocks_per_replica, decoding)) << "seed " << seed;
    }
  }
}

TEST(ConservationProperty, BusyAndIdleAreTheWall) {
  for (std::uint64_t seed = 1; seed <= kScenarios; ++seed) {
    const RunRecord record = run(draw_scenario(seed));
    Seconds shares;
    for (const RequestRecord& r : record.requests) {
      shares += r.prefill_time + r.cached_time + r.decode_time;
    }
    const std::int64_t busy = record.phases().busy_ns();
    ASSERT_LE(busy, record.wall_ns()) << "seed " << seed;
    // Shares are exact; the clock of a replica is rounded down, by less than 1 ns in all, until it is
    // replaced.
    const ElasticRecord changes = record.elastic.value_or(ElasticRecord{});
    const auto clocks = static_cast<double>(record.replicas.size()) +
                        static_cast<double>(changes.failures + changes.scaled_up);
    const double rounding = 1e-9 * clocks + 1e-12;
    ASSERT_NEAR(shares.base(), static_cast<double>(busy) * 1e-9, rounding) << "seed " << seed;
  }
}

TEST(ConservationProperty, TimesOfARequestAreInOrder) {
  for (std::uint64_t seed = 1; seed <= kScenarios; ++seed) {
    for (const RequestRecord& r : run(draw_scenario(seed)).requests) {
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
    const RunRecord record = run(draw_scenario(seed));
    const cost::Bill bill =
        cost::make_bill(record, {.per_device = usd_per_hour(2.5 + static_cast<double>(seed))},
                        {.per_device = usd_per_hour(1.25)});
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
    const RunRecord first = run(draw_scenario(seed));
    const RunRecord second = run(draw_scenario(seed));
    ASSERT_EQ(first.makespan, second.makespan);
    for (std::size_t i = 0; i < first.requests.size(); ++i) {
      ASSERT_EQ(first.requests[i].last_token, second.requests[i].last_token) << "seed " << seed;
    }
  }
}

}  // namespace
}  // namespace mtok::engine
