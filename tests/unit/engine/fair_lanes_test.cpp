// Tenants who take turns, on schedules small enough to work out by hand.
#include "sim/engine/fair_lanes.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <string>

#include "tests/unit/engine/fakes.hpp"

namespace mtok::engine {
namespace {

using testing::ListSource;
using testing::request;
using testing::roomy_plan;
using testing::RoundTimer;

Sequence of_tenant(std::int16_t tenant) {
  Sequence sequence;
  sequence.record.tenant = tenant;
  return sequence;
}

TEST(FairLanes, ThoseOfOneTenantAreFirstComeFirstServed) {
  FairLanes lanes(std::array{1.0});
  std::array<Sequence, 3> all{of_tenant(0), of_tenant(0), of_tenant(0)};
  lanes.push(all[0]);
  lanes.push(all[1]);
  lanes.push_front(all[2]);
  for (const std::size_t next : {2U, 0U, 1U}) {
    EXPECT_EQ(lanes.head(), &all.at(next));
    lanes.pop();
  }
  EXPECT_EQ(lanes.head(), nullptr);
}

// A has had 100 prompt tokens while B was away. B comes while another one of A waits, and is lifted to A's
// 100: the first lane is next. Without the lift it would have 100 tokens ahead of A.
TEST(FairLanes, NobodySavesUpWhileAway) {
  FairLanes lanes(std::array{1.0, 1.0});
  std::array<Sequence, 3> all{of_tenant(0), of_tenant(0), of_tenant(1)};
  lanes.push(all[0]);
  lanes.pop();
  lanes.serve_input(all[0], 100);
  lanes.push(all[1]);
  EXPECT_TRUE(lanes.lifts(all[2]));
  lanes.push(all[2]);
  EXPECT_FALSE(lanes.lifts(all[2]));
  EXPECT_EQ(lanes.head(), &all[1]);
}

// Nobody waits, A was admitted last and has had 100: B is lifted to that, and A, who comes a moment later,
// goes first as the first lane.
TEST(FairLanes, OnAnEmptyQueueTheLastAdmittedIsTheLevel) {
  FairLanes lanes(std::array{1.0, 1.0});
  std::array<Sequence, 3> all{of_tenant(0), of_tenant(0), of_tenant(1)};
  lanes.push(all[0]);
  lanes.pop();
  lanes.serve_input(all[0], 100);
  lanes.push(all[2]);
  lanes.push(all[1]);
  EXPECT_EQ(lanes.head(), &all[1]);
}

// A at 0 with three sequences that decode, 2 x 3 = 6 a step; B at 20 with one, 2 a step: 4 closer a step,
// level after 5 steps, past after 6. A is the first lane: at equal counters it stays next. The other way
// round B, the first lane, is next when they are level.
TEST(FairLanes, TellsWhenSomebodyElseIsNext) {
  for (const bool first : {true, false}) {
    FairLanes lanes(std::array{1.0, 1.0});
    const auto a = static_cast<std::int16_t>(first ? 0 : 1);
    Sequence of_a = of_tenant(a);
    Sequence of_b = of_tenant(static_cast<std::int16_t>(1 - a));
    lanes.push(of_a);
    EXPECT_EQ(lanes.steps_to_other_head(), INT64_MAX) << "nobody else waits";
    lanes.push(of_b);
    lanes.serve_input(of_b, 20);
    EXPECT_EQ(lanes.steps_to_other_head(), INT64_MAX) << "nobody decodes";
    lanes.begin_decoding(of_b);
    for (int i = 0; i < 3; ++i) {
      lanes.begin_decoding(of_a);
    }
    const std::int64_t steps = first ? 6 : 5;
    EXPECT_EQ(lanes.steps_to_other_head(), steps);
    lanes.serve_decoding(steps - 1);
    EXPECT_EQ(lanes.head(), &of_a);
    lanes.serve_decoding(1);
    EXPECT_EQ(lanes.head(), &of_b);
  }
}

// One seat, all there at time zero, each 5 + 2 x 3 = 11 of service; B counts half. A: 11, B: 5.5, 11, A: 22,
// B: 16.5, 22, A ...: one of A, two of B.
TEST(FairLanes, TwiceTheWeightHasTwiceTheTurns) {
  RoundTimer timer{Seconds(0.010), Seconds(0.001)};
  RunPlan plan = roomy_plan();
  plan.scheduler.max_num_seqs = 1;
  plan.tenants = {"a", "b"};
  plan.scheduler.tenant_weights = {1, 2, 1};
  std::vector<workload::Request> requests;
  for (int i = 0; i < 8; ++i) {
    requests.push_back(request(0, 5, 3));
    requests.back().tenant = i < 4 ? "a" : "b";
  }
  ListSource source(requests);
  RunRecord run = run_leaping(plan, timer, source);
  std::sort(run.requests.begin(), run.requests.end(),
            [](const RequestRecord& x, const RequestRecord& y) { return x.scheduled < y.scheduled; });
  std::string turns;
  for (const RequestRecord& r : run.requests) {
    turns += r.tenant == 0 ? 'a' : 'b';
  }
  EXPECT_EQ(turns, "abbabbaa");
  ASSERT_EQ(run.tenants.size(), 3U);
  EXPECT_EQ(run.tenants[0].output_tokens, 12);
  EXPECT_EQ(run.tenants[1].completed, 4);
  EXPECT_EQ(run.tenants[2].offered, 0) << "nobody else";
}

}  // namespace
}  // namespace mtok::engine
