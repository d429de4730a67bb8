// Autoscaler, failures and spares on schedules small enough to work out by hand.
#include <gtest/gtest.h>

#include <string>

#include "sim/engine/idle_on.hpp"
#include "sim/workload/random.hpp"
#include "tests/unit/engine/fakes.hpp"

namespace mtok::engine {
namespace {

using testing::ListSource;
using testing::request;
using testing::roomy_plan;
using testing::RoundTimer;

constexpr std::int64_t kMs = 1'000'000;

std::int64_t ms(SimTime t) {
  return nanoseconds(t) / kMs;
}

/// 10 ms a step, 1 ms a token, one sequence at a time.
struct Elastic {
  RoundTimer timer{Seconds(0.010), Seconds(0.001)};
  RunPlan plan = roomy_plan();

  Elastic() { plan.scheduler.max_num_seqs = 1; }
  [[nodiscard]] RunRecord run(std::vector<workload::Request> requests) {
    ListSource source(std::move(requests));
    return run_leaping(plan, timer, source);
  }
};

/// A request takes 15 ms for its prompt and 20 x 11 ms for the other tokens: 235 ms.
workload::Request quarter(double arrival_s) {
  return request(arrival_s, 5, 21);
}

// Three at once on one replica: until 235, 470 and 705 ms. The scrape at 100 sees two in the queue and orders
// one more, which serves from 150 on; the request of 160 goes there and is done at 395. The scrape at 300
// sees one, but that of 200 lies within the cooldown; that of 400 lets the second replica go at once.
TEST(AutoscalerByQueue, OrdersAndLetsGo) {
  Elastic e;
  e.plan.autoscaler = {.max_replicas = 2,
                       .target_queue = 1,
                       .scrape_interval = Seconds(0.100),
                       .provisioning_delay = Seconds(0.050),
                       .cooldown = Seconds(0.150)};
  const RunRecord run = e.run({quarter(0), quarter(0), quarter(0), quarter(0.160)});
  EXPECT_EQ(ms(run.requests[2].last_token), 705);
  EXPECT_EQ(run.requests[3].replica, 1);
  EXPECT_EQ(ms(run.requests[3].last_token), 395);
  EXPECT_EQ(ms(run.makespan), 705);
  ASSERT_EQ(run.replicas.size(), 2U);
  EXPECT_EQ(run.replicas[0].unpaid_ns, 0);
  EXPECT_EQ(run.replicas[1].unpaid_ns, (100 + 305) * kMs);
  EXPECT_EQ(run.replicas[1].provisioning_ns, 50 * kMs);
  EXPECT_EQ(run.replicas[1].phases.busy_ns(), 235 * kMs);
  EXPECT_EQ(run.wall_ns(), (705 + 300) * kMs);
  EXPECT_EQ(run.elastic->scaled_up, 1);
  EXPECT_EQ(run.elastic->scaled_down, 1);
  EXPECT_EQ(run.elastic->most_serving, 2);
  EXPECT_EQ(run.elastic->least_serving, 1);
  // 100 W idle, 1 J for each of 4 x 21 steps; the second replica is idle for 300 - 235 ms.
  EXPECT_NEAR(run.energy().base(), 84 + 100 * 0.065, 1e-9);
}

// Half of two seats is one request a replica: three of them call for three replicas.
TEST(AutoscalerByUtilization, CountsRequestsAgainstSeats) {
  Elastic e;
  e.plan.scheduler.max_num_seqs = 2;
  e.plan.autoscaler = {.max_replicas = 8, .target_utilization = 0.5, .scrape_interval = Seconds(0.020)};
  const RunRecord run = e.run({quarter(0), quarter(0), quarter(0)});
  EXPECT_EQ(run.elastic->scaled_up, 2);
  EXPECT_EQ(run.elastic->most_serving, 3);
}

// 21 requests over a target of 20: within a tenth, so nothing happens. 23 are too many.
TEST(AutoscalerByUtilization, ToleratesATenth) {
  for (const std::size_t requests : {21U, 23U}) {
    Elastic e;
    e.plan.scheduler.max_num_seqs = 40;
    e.plan.autoscaler = {.max_replicas = 8, .target_utilization = 0.5, .scrape_interval = Seconds(0.020)};
    const RunRecord run = e.run(std::vector<workload::Request>(requests, quarter(0)));
    EXPECT_EQ(run.elastic->scaled_up, requests == 21 ? 0 : 1) << requests;
  }
}

// Nobody serves: requests wait at the gate until the scrape at 100 has seen them and 50 more have passed.
TEST(Autoscaler, ScalesFromZero) {
  Elastic e;
  e.plan.replicas = 0;
  e.plan.autoscaler = {.min_replicas = 0,
                       .max_replicas = 1,
                       .target_queue = 1,
                       .scrape_interval = Seconds(0.100),
                       .provisioning_delay = Seconds(0.050)};
  const RunRecord run = e.run({quarter(0.010)});
  EXPECT_EQ(ms(run.requests[0].scheduled), 150);
  EXPECT_EQ(ms(run.makespan), 150 + 235);
  EXPECT_EQ(run.replicas[0].unpaid_ns, 100 * kMs);
}

// A replica that is to go finishes what it has, and gets nothing new. From 100 on nothing waits, so the
// second is told to go at once; it is busy until 235, and the request of 110 queues behind the first
// replica's.
TEST(Autoscaler, DrainsBeforeItGivesBack) {
  Elastic e;
  e.plan.replicas = 2;
  e.plan.autoscaler = {
      .max_replicas = 2, .target_queue = 1, .scrape_interval = Seconds(0.100), .cooldown = Seconds(0)};
  const RunRecord run = e.run({quarter(0), quarter(0), quarter(0.110)});
  EXPECT_EQ(run.requests[1].replica, 1);
  EXPECT_EQ(ms(run.requests[1].last_token), 235);
  EXPECT_EQ(run.requests[2].replica, 0);
  EXPECT_EQ(ms(run.requests[2].last_token), 470);
  EXPECT_EQ(run.replicas[1].unpaid_ns, 235 * kMs);
}

constexpr double kMtbf = 1000;

/// How long the device of a replica lasts the first time, or the second, in ns.
std::int64_t life(std::uint64_t seed, int replica, int time = 1) {
  workload::Random luck = workload::Random::stream(seed, "failures of replica " + std::to_string(replica));
  for (; time > 1; --time) {
    static_cast<void>(luck.exponential(kMtbf));
  }
  return std::llround(luck.exponential(kMtbf) * 1e9);
}

/// A seed under which replica 0 breaks once after 1 to 5 s, and nothing else does.
std::uint64_t seed_of_one_failure() {
  std::uint64_t seed = 1;
  while (life(seed, 0) < 1000 * kMs || life(seed, 0) > 5000 * kMs || life(seed, 0, 2) < 30'000 * kMs ||
         life(seed, 1) < 30'000 * kMs) {
    ++seed;
  }
  return seed;
}

// 5 / 1001 tokens: 15 ms, then 11 ms each. The failure comes after k tokens; the spare computes 5 + k tokens
// anew, which gives the next one, and goes on.
TEST(Failures, TheSpareTakesOverAndTokensStand) {
  Elastic e;
  e.plan.failures = {.mtbf = Seconds(kMtbf), .mttr = Seconds(1), .spares = 1};
  e.plan.seed = seed_of_one_failure();
  const std::int64_t failure = life(e.plan.seed, 0);
  const std::int64_t k = 1 + (failure - 15 * kMs) / (11 * kMs);
  const RunRecord run = e.run({request(0, 5, 1001)});
  EXPECT_EQ(run.elastic->failures, 1);
  EXPECT_EQ(run.elastic->takeovers, 1);
  EXPECT_EQ(run.elastic->requeued, 1);
  EXPECT_EQ(run.elastic->lost_tokens, 5 + k - 1);
  EXPECT_EQ(ms(run.requests[0].first_token), 15);
  EXPECT_EQ(run.requests[0].output_tokens, 1001);
  EXPECT_EQ(nanoseconds(run.requests[0].last_token), failure + (10 + 5 + k + 11 * (1001 - k - 1)) * kMs);
  EXPECT_EQ(run.replicas[0].phases.busy_ns(), (15 + 11 * (k - 1)) * kMs);
  EXPECT_EQ(run.replicas[0].lost_ns, failure - run.replicas[0].phases.busy_ns());
  EXPECT_EQ(run.replicas[0].down_ns, 1000 * kMs);
  EXPECT_EQ(run.replicas[1].standby_ns, failure);
  EXPECT_EQ(run.replicas[0].standby_ns, nanoseconds(run.makespan) - failure - 1000 * kMs)
      << "what was repaired is the spare";
  EXPECT_EQ(run.wall_ns(), 2 * nanoseconds(run.makespan)) << "all is paid for throughout";
}

// Without a spare the request waits for the repair.
TEST(Failures, WithoutASpareTheRepairIsWaitedFor) {
  Elastic e;
  e.plan.failures = {.mtbf = Seconds(kMtbf), .mttr = Seconds(2)};
  e.plan.seed = seed_of_one_failure();
  const std::int64_t failure = life(e.plan.seed, 0);
  const std::int64_t k = 1 + (failure - 15 * kMs) / (11 * kMs);
  const RunRecord run = e.run({request(0, 5, 1001)});
  EXPECT_EQ(run.elastic->takeovers, 0);
  EXPECT_EQ(run.elastic->least_serving, 0);
  EXPECT_EQ(nanoseconds(run.requests[0].last_token),
            failure + (2000 + 10 + 5 + k + 11 * (1001 - k - 1)) * kMs);
}

// Two devices a replica break twice as often. Alternating exponential times of mean 1 / 2 s up and 0.25 s
// down: up for two thirds of the time. The standard deviation over 1500 s is below 0.01.
TEST(Failures, AvailabilityIsThatOfARenewalProcess) {
  Elastic e;
  e.plan.devices_per_replica = 2;
  e.plan.load = {.kind = Load::Kind::closed, .concurrency = 1};
  e.plan.failures = {.mtbf = Seconds(1), .mttr = Seconds(0.25)};
  const RunRecord run = e.run(std::vector<workload::Request>(40'000, request(0, 5, 2)));
  const double down = double(run.replicas[0].down_ns) / double(nanoseconds(run.makespan));
  EXPECT_GT(run.elastic->failures, 1500);
  EXPECT_NEAR(down, 1.0 / 3, 0.02);
}

// Two replicas, one request until 235 ms. The scrapes at 100 and 200 want one replica, but the two of the
// start lie within the cooldown; that of 300 lets the second one go, so of 1,000 ms it is not paid for 700.
TEST(IdleOn, TheAutoscalerGoesOnAfterTheLastRequest) {
  Elastic e;
  e.plan.replicas = 2;
  e.plan.autoscaler = {.min_replicas = 1,
                       .max_replicas = 2,
                       .target_queue = 1,
                       .scrape_interval = Seconds(0.100),
                       .cooldown = Seconds(0.250)};
  RunRecord run = e.run({quarter(0)});
  EXPECT_EQ(ms(run.makespan), 235);
  EXPECT_EQ(run.wall_ns(), 2 * (235 * kMs));
  idle_on(run, SimTime{1000 * kMs});
  EXPECT_EQ(ms(run.makespan), 1000);
  EXPECT_EQ(run.replicas[0].unpaid_ns, 0);
  EXPECT_EQ(run.replicas[1].unpaid_ns, 700 * kMs);
  EXPECT_EQ(run.elastic->scaled_down, 1);
  EXPECT_EQ(run.elastic->least_serving, 1);
}

TEST(IdleOn, AFixedFleetIsPaidToTheEnd) {
  Elastic e;
  e.plan.replicas = 2;
  RunRecord run = e.run({quarter(0)});
  idle_on(run, SimTime{1000 * kMs});
  EXPECT_EQ(run.wall_ns(), 2 * (1000 * kMs));
  EXPECT_FALSE(run.elastic);
}

}  // namespace
}  // namespace mtok::engine
