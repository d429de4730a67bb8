// Waiting for a fuller batch of prompts, on schedules small enough to work out by hand; with both engines.
#include <gtest/gtest.h>

#include <vector>

#include "tests/unit/engine/fakes.hpp"

namespace mtok::engine {
namespace {

using testing::ListSource;
using testing::request;
using testing::roomy_plan;
using testing::RoundTimer;
using Times = std::vector<std::int64_t>;

/// When the requests' first steps start [ms]; every step takes 10 ms, a batch is full enough with 50 tokens
/// or after 4 steps.
Times starts(const std::vector<workload::Request>& requests, std::int64_t seats = 100) {
  RunPlan plan = roomy_plan();
  plan.scheduler.max_num_seqs = seats;
  plan.scheduler.max_num_batched_tokens = 100;
  plan.scheduler.batch_wait_max_tokens_ratio = 0.5;
  plan.scheduler.batch_wait_timeout_iters = 4;
  const auto run = [&](const auto& engine) {
    RoundTimer timer(Seconds(0.010), Seconds{});
    ListSource source(requests);
    Times result;
    for (const RequestRecord& r : engine(plan, timer, source, {}).requests) {
      result.push_back(nanoseconds(r.scheduled) / 1'000'000);
    }
    return result;
  };
  Times result = run(run_stepwise);
  EXPECT_EQ(result, run(run_leaping));
  return result;
}

// The second request is there at 40; the steps at 40, 50, 60 and 70 wait, the one at 80 admits it, and the
// third, which came meanwhile. The fourth waits for four steps of its own, from 110 on.
TEST(BatchWait, AdmitsAfterSoManySteps) {
  EXPECT_EQ(
      starts({request(0, 1, 40), request(0.035, 10, 40), request(0.055, 10, 40), request(0.101, 10, 1)}),
      (Times{0, 80, 80, 150}));
}

// 1 running + 10 + 39 waiting tokens make 50.
TEST(BatchWait, AdmitsAFullEnoughBatchAtOnce) {
  EXPECT_EQ(starts({request(0, 1, 40), request(0.035, 10, 1), request(0.055, 39, 1)}), (Times{0, 60, 60}));
  EXPECT_EQ(starts({request(0, 1, 40), request(0.035, 10, 1), request(0.055, 38, 1)}), (Times{0, 80, 80}));
}

// The first request leaves at 50, after two steps that waited.
TEST(BatchWait, NobodyWaitsForABatchWhenNothingRuns) {
  EXPECT_EQ(starts({request(0, 10, 5), request(0.025, 10, 1)}), (Times{0, 50}));
}

// As AdmitsAfterSoManySteps, but the one seat is a batch request's: it keeps it while the other one waits for
// a batch, and is computed anew when that one is through.
TEST(BatchWait, HoldsTheSeatOfTheBatchTier) {
  std::vector<workload::Request> requests = {request(0, 1, 40), request(0.035, 10, 2)};
  requests[0].batch = true;
  EXPECT_EQ(starts(requests, 1), (Times{0, 80}));
  requests[1].input_tokens = 50;  // and none runs beside it
  EXPECT_EQ(starts(requests, 1), (Times{0, 40}));
}

}  // namespace
}  // namespace mtok::engine
