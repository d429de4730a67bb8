// Laws of fleets that change, on random scenarios.
#include <gtest/gtest.h>

#include "sim/cost/idle_parts.hpp"
#include "sim/engine/idle_on.hpp"
#include "tests/unit/engine/random_scenario.hpp"

namespace mtok::engine {
namespace {

using testing::draw_scenario;
using testing::RandomScenario;

constexpr std::uint64_t kScenarios = 2000;

void expect_same_run(const RunRecord& a, const RunRecord& b) {
  ASSERT_EQ(a.makespan, b.makespan);
  ASSERT_EQ(a.requests.size(), b.requests.size());
  for (std::size_t i = 0; i < a.requests.size(); ++i) {
    ASSERT_EQ(a.requests[i].outcome, b.requests[i].outcome);
    ASSERT_EQ(a.requests[i].replica, b.requests[i].replica);
    ASSERT_EQ(a.requests[i].scheduled, b.requests[i].scheduled);
    ASSERT_EQ(a.requests[i].first_token, b.requests[i].first_token);
    ASSERT_EQ(a.requests[i].last_token, b.requests[i].last_token);
    ASSERT_EQ(a.requests[i].decode_time, b.requests[i].decode_time);
  }
  ASSERT_EQ(a.replicas.size(), b.replicas.size());
  for (std::size_t i = 0; i < a.replicas.size(); ++i) {
    ASSERT_EQ(a.replicas[i].phases.busy_ns(), b.replicas[i].phases.busy_ns());
    ASSERT_EQ(a.replicas[i].unpaid_ns, b.replicas[i].unpaid_ns);
    ASSERT_EQ(a.replicas[i].energy, b.replicas[i].energy);
  }
  const cost::Price price{.per_device = usd_per_hour(2.5)};
  const cost::Bill x = cost::make_bill(a, price);
  const cost::Bill y = cost::make_bill(b, price);
  ASSERT_EQ(x.total, y.total);
  ASSERT_EQ(x.per_month, y.per_month);
  ASSERT_EQ(x.per_request, y.per_request);
}

TEST(ElasticProperty, AnAutoscalerWithoutChoiceIsAFixedFleet) {
  for (std::uint64_t seed = 1; seed <= kScenarios; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    RandomScenario s = draw_scenario(seed);
    s.plan.replicas = std::max<std::int64_t>(1, s.plan.replicas);
    s.plan.autoscaler.reset();
    s.plan.failures.reset();
    const RunRecord fixed = s.run(run_leaping);
    s.plan.autoscaler = {.min_replicas = s.plan.replicas,
                         .max_replicas = s.plan.replicas,
                         .target_queue = 0.5,
                         .scrape_interval = Seconds(0.01),
                         .cooldown = Seconds(0)};
    const RunRecord elastic = s.run(run_leaping);
    ASSERT_NO_FATAL_FAILURE(expect_same_run(fixed, elastic));
    ASSERT_EQ(elastic.elastic->scaled_up + elastic.elastic->scaled_down, 0);
  }
}

TEST(ElasticProperty, DevicesThatLastForEverNeverFail) {
  for (std::uint64_t seed = 1; seed <= kScenarios; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    RandomScenario s = draw_scenario(seed);
    s.plan.failures.reset();
    const RunRecord without = s.run(run_leaping);
    s.plan.failures = {.mtbf = Seconds(1e30), .mttr = Seconds(1)};
    ASSERT_NO_FATAL_FAILURE(expect_same_run(without, s.run(run_leaping)));
  }
}

// A spare that nobody needs costs its rent and changes nothing else.
TEST(ElasticProperty, AnIdleSpareIsPaidFor) {
  for (std::uint64_t seed = 1; seed <= kScenarios; ++seed) {
    RandomScenario s = draw_scenario(seed);
    if (s.plan.decode_pool) {
      continue;
    }
    s.plan.failures = {.mtbf = Seconds(1e30), .mttr = Seconds(1)};
    const RunRecord without = s.run(run_leaping);
    s.plan.failures->spares = 1;
    const RunRecord with = s.run(run_leaping);
    ASSERT_EQ(without.makespan, with.makespan) << "seed " << seed;
    ASSERT_EQ(with.wall_ns(), without.wall_ns() + nanoseconds(without.makespan)) << "seed " << seed;
    ASSERT_EQ(with.replicas.back().standby_ns, nanoseconds(with.makespan)) << "seed " << seed;
  }
}

// Nothing gets lost, whatever comes and goes; states, pages and money add up.
TEST(ElasticProperty, EverythingAddsUp) {
  const cost::Price price{.per_device = usd_per_hour(2.5)};
  std::int64_t changes = 0;
  for (std::uint64_t seed = 1; seed <= kScenarios; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    const RandomScenario s = draw_scenario(seed);
    const RunRecord run = s.run(run_leaping);
    ASSERT_EQ(run.totals.unfinished, 0);
    ASSERT_EQ(run.totals.completed + run.totals.rejected, run.totals.offered);
    Int128 rented_ns = 0;
    for (const ReplicaRecord& replica : run.replicas) {
      ASSERT_EQ(replica.kv_pages_taken, replica.kv_pages_freed + replica.kv_pages_held);
      ASSERT_EQ(replica.kv_pages_held, 0);
      const std::int64_t known =
          replica.provisioning_ns + replica.standby_ns + replica.down_ns + replica.lost_ns;
      ASSERT_GE(replica.idle_ns(run.makespan), known);
      ASSERT_LE(replica.unpaid_ns, nanoseconds(run.makespan));
      rented_ns += nanoseconds(run.makespan) - replica.unpaid_ns;
    }
    if (run.elastic && !run.decode_pool) {
      const cost::Bill bill = cost::make_bill(run, price);
      ASSERT_EQ(bill.total, cost::rent_of(price.per_device, rented_ns * s.plan.devices_per_replica));
      ASSERT_EQ(bill.parts.sum(), bill.total);
      ASSERT_EQ(cost::split_idle(bill, run).sum(), bill.parts.idle);
      changes += run.elastic->scaled_up + run.elastic->failures;
    }
  }
  EXPECT_GT(changes, 500);
}

// A fleet that waits for others: at its own end nothing changes, in two stretches it does what it does in
// one, and no replica is in states for longer than there is time.
TEST(ElasticProperty, WaitingIsOneStretchOrTwo) {
  for (std::uint64_t seed = 1; seed <= 2'000; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    const RandomScenario s = draw_scenario(seed);
    const RunRecord run = s.run(run_leaping);
    const auto later = [&](double seconds) { return after(run.makespan, Seconds(seconds)); };
    RunRecord still = run;
    idle_on(still, run.makespan);
    ASSERT_EQ(still.wall_ns(), run.wall_ns());
    RunRecord once = run;
    idle_on(once, later(3));
    RunRecord twice = run;
    idle_on(twice, later(1.1));
    idle_on(twice, later(3));
    for (std::size_t i = 0; i < run.replicas.size(); ++i) {
      const ReplicaRecord& x = once.replicas[i];
      const ReplicaRecord& y = twice.replicas[i];
      ASSERT_EQ(x.unpaid_ns, y.unpaid_ns);
      ASSERT_EQ(x.provisioning_ns, y.provisioning_ns);
      ASSERT_EQ(x.standby_ns, y.standby_ns);
      ASSERT_EQ(x.down_ns, y.down_ns);
      ASSERT_GE(x.unpaid_ns, run.replicas[i].unpaid_ns);
      ASSERT_LE(x.unpaid_ns + x.provisioning_ns + x.standby_ns + x.down_ns + x.lost_ns + x.phases.busy_ns(),
                nanoseconds(once.makespan));
    }
  }
}

}  // namespace
}  // namespace mtok::engine
