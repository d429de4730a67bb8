// The batch tier on schedules small enough to work out by hand.
#include <gtest/gtest.h>

#include "sim/engine/metrics.hpp"
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

workload::Request batch(workload::Request request) {
  request.batch = true;
  return request;
}

/// 10 ms a step, 1 ms a token.
struct Tiers {
  RoundTimer timer{Seconds(0.010), Seconds(0.001)};
  RunPlan plan = roomy_plan();

  [[nodiscard]] RunRecord run(std::vector<workload::Request> requests) {
    ListSource source(std::move(requests));
    return run_leaping(plan, timer, source);
  }
};

// One seat. The batch request has it until the step ends in which the interactive one comes: 15 + 4 x 11 = 59
// ms. Then that one runs, 15 + 2 x 11, and the batch request is computed anew with the tokens that it has: 5
// + 5.
TEST(BatchTier, GivesItsSeatUpAtTheEndOfTheStep) {
  Tiers t;
  t.plan.scheduler.max_num_seqs = 1;
  const RunRecord run = t.run({batch(request(0, 5, 10)), request(0.050, 5, 3)});
  EXPECT_EQ(ms(run.requests[1].scheduled), 59);
  EXPECT_EQ(ms(run.requests[1].last_token), 59 + 15 + 22);
  EXPECT_EQ(run.requests[0].preemptions, 1);
  EXPECT_EQ(ms(run.requests[0].last_token), 96 + 20 + 4 * 11);
  EXPECT_EQ(run.batch->completed, 1);
  EXPECT_EQ(run.totals.completed, 2);
  EXPECT_EQ(measure(run.totals, run.inter_token).ttft.max, Seconds(0.024)) << "of interactive requests alone";
  EXPECT_EQ(run.inter_token.count(), 2);
}

// Both wait when the seat gets free at 15 + 22 = 37 ms: the interactive one is first, though it came later.
TEST(BatchTier, IsNotAdmittedWhileInteractiveRequestsWait) {
  Tiers t;
  t.plan.scheduler.max_num_seqs = 1;
  const RunRecord run = t.run({request(0, 5, 3), batch(request(0.001, 5, 3)), request(0.002, 5, 3)});
  EXPECT_EQ(ms(run.requests[2].scheduled), 37);
  EXPECT_EQ(ms(run.requests[1].scheduled), 74);
  EXPECT_EQ(run.requests[1].preemptions, 0);
}

// Four blocks of 16. Both sequences grow past their first block at about the same time, and their third block
// is one too many: the batch request goes, though it was admitted first.
TEST(BatchTier, IsPreemptedFirst) {
  Tiers t;
  t.plan.scheduler.kv_pages = 4;
  const RunRecord run = t.run({batch(request(0, 5, 40)), request(0.001, 5, 40)});
  EXPECT_EQ(run.requests[0].preemptions, 1);
  EXPECT_EQ(run.requests[1].preemptions, 0);
  EXPECT_LT(run.requests[1].last_token, run.requests[0].last_token);
}

// A budget of 8: the interactive prompt of 12 takes 8, then 4; the batch prompt gets the 4 that are left.
TEST(BatchTier, PromptsGetWhatInteractivePromptsLeave) {
  Tiers t;
  t.plan.scheduler.max_num_batched_tokens = 8;
  const RunRecord run = t.run({request(0, 12, 1), batch(request(0, 6, 1))});
  EXPECT_EQ(ms(run.requests[0].first_token), 18 + 18);
  EXPECT_EQ(ms(run.requests[1].scheduled), 18);
  EXPECT_EQ(ms(run.requests[1].first_token), 36 + 12);
}

// Interactive requests count for the autoscaler, those of the batch tier do not, unless nobody serves at all.
TEST(BatchTier, CallsForNoReplicas) {
  Tiers t;
  t.plan.scheduler.max_num_seqs = 1;
  t.plan.autoscaler = {
      .min_replicas = 0, .max_replicas = 4, .target_queue = 1, .scrape_interval = Seconds(0.010)};
  const std::vector<workload::Request> requests(6, batch(request(0, 5, 10)));
  EXPECT_EQ(t.run(requests).elastic->most_serving, 1);
  t.plan.replicas = 0;
  const RunRecord from_zero = t.run(requests);
  EXPECT_EQ(from_zero.totals.completed, 6);
  EXPECT_EQ(from_zero.elastic->most_serving, 1);
}

}  // namespace
}  // namespace mtok::engine
