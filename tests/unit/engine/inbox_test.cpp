// When a replica sees new requests, on schedules small enough to work out by hand; with both engines.
#include <gtest/gtest.h>

#include <vector>

#include "tests/unit/engine/fakes.hpp"

namespace mtok::engine {
namespace {

using testing::ListSource;
using testing::request;
using testing::roomy_plan;
using testing::RoundTimer;

/// When the requests' first steps start [ms]; every step takes 10 ms.
std::vector<std::int64_t> starts(std::int64_t interval, bool ahead,
                                 const std::vector<workload::Request>& requests, std::int64_t seats = 100) {
  RunPlan plan = roomy_plan();
  plan.scheduler.max_num_seqs = seats;
  plan.scheduler.scheduler_recv_interval = interval;
  plan.scheduler.schedules_ahead = ahead;
  const auto run = [&](const auto& engine) {
    RoundTimer timer(Seconds(0.010), Seconds{});
    ListSource source(requests);
    std::vector<std::int64_t> result;
    for (const RequestRecord& r : engine(plan, timer, source, {}).requests) {
      result.push_back(nanoseconds(r.scheduled) / 1'000'000);
    }
    return result;
  };
  std::vector<std::int64_t> result = run(run_stepwise);
  EXPECT_EQ(result, run(run_leaping));
  return result;
}

using Times = std::vector<std::int64_t>;

// Steps start at 0, 10, 20 ...; the one at 0 has the first prompt. With interval 4 the looks after it are at
// the ends of the 4th and 8th step of decodes, at 50 and 90.
TEST(Inbox, LooksAfterSoManyStepsOfDecodes) {
  EXPECT_EQ(starts(1, false, {request(0, 1, 40), request(0.035, 1, 1)}), (Times{0, 40}));
  EXPECT_EQ(starts(4, false, {request(0, 1, 40), request(0.035, 1, 1)}), (Times{0, 50}));
  EXPECT_EQ(starts(4, false, {request(0, 1, 40), request(0.050, 1, 1)}), (Times{0, 50}));
  EXPECT_EQ(starts(4, false, {request(0, 1, 40), request(0.051, 1, 1)}), (Times{0, 90}));
}

// The second prompt runs from 50 to 60, so that there is a look at 60, and then at 100.
TEST(Inbox, LooksAfterEveryStepWithPrompts) {
  EXPECT_EQ(starts(4, false, {request(0, 1, 40), request(0.035, 1, 1), request(0.055, 1, 1)}),
            (Times{0, 50, 60}));
  EXPECT_EQ(starts(4, false, {request(0, 1, 40), request(0.035, 1, 1), request(0.061, 1, 1)}),
            (Times{0, 50, 100}));
}

// The first request leaves at 20; the second finds nothing that runs, and so does the third.
TEST(Inbox, AnIdleReplicaLooksAtOnce) {
  EXPECT_EQ(starts(30, false, {request(0, 1, 2), request(0.015, 1, 1), request(1, 1, 1)}),
            (Times{0, 20, 1000}));
  EXPECT_EQ(starts(30, true, {request(0, 1, 2), request(0.015, 1, 1), request(1, 1, 1)}),
            (Times{0, 20, 1000}));
}

// The batch of the step at 40 is made at 30, before the second request comes, that of the step at 50 at 40.
TEST(Inbox, ABatchMadeAheadTakesWhatHadComeAStepEarlier) {
  EXPECT_EQ(starts(1, true, {request(0, 1, 40), request(0.035, 1, 1)}), (Times{0, 50}));
  EXPECT_EQ(starts(1, true, {request(0, 1, 40), request(0.040, 1, 1)}), (Times{0, 50}));
  // The look of the 4th step of decodes is at its start, at 40, that of the 8th at 80.
  EXPECT_EQ(starts(4, true, {request(0, 1, 40), request(0.035, 1, 1)}), (Times{0, 50}));
  EXPECT_EQ(starts(4, true, {request(0, 1, 40), request(0.041, 1, 1)}), (Times{0, 90}));
  // The step at 50 has a prompt, so that there is a look at its start.
  EXPECT_EQ(starts(4, true, {request(0, 1, 40), request(0.035, 1, 1), request(0.045, 1, 1)}),
            (Times{0, 50, 60}));
}

// As LooksAfterSoManyStepsOfDecodes; the one seat is a batch request's, which yields it when the interactive
// request is seen, and not to the batch request that came before that one.
TEST(Inbox, TheBatchTierYieldsWhenTheRequestIsSeen) {
  std::vector<workload::Request> requests = {request(0, 1, 40), request(0.015, 1, 1), request(0.035, 1, 1)};
  requests[0].batch = requests[1].batch = true;
  const Times times = starts(4, false, requests, 1);
  EXPECT_EQ(times[2], 50);
  EXPECT_GT(times[1], 60);
}

}  // namespace
}  // namespace mtok::engine
