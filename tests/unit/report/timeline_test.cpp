// The timeline tells all steps, joins neighbours when there are too many, and is valid JSON.
#include "app/report/timeline.hpp"

#include <gtest/gtest.h>

#include <sstream>

#include "app/report/json.hpp"

namespace mtok::report {
namespace {

engine::StepNote step(std::size_t replica, std::int64_t start_us, std::int64_t end_us, bool prefill) {
  return {.replica = replica,
          .start = SimTime{start_us * 1000},
          .end = SimTime{end_us * 1000},
          .prefill_tokens = prefill ? 100 : 0,
          .prefill_sequences = prefill ? 1 : 0,
          .decode_sequences = 3,
          .kv_used_pages = 20,
          .waiting = 2,
          .running = 4};
}

// Replica 0 serves throughout; 1 is ordered at 2 ms, serves from 5 and breaks at 7 of 10.
TEST(Timeline, WritesWhatReplicasWere) {
  Timeline timeline;
  using engine::ReplicaState;
  timeline.replica_changed(1, ReplicaState::provisioning, SimTime{2'000'000});
  timeline.replica_changed(1, ReplicaState::serving, SimTime{5'000'000});
  timeline.replica_changed(1, ReplicaState::down, SimTime{7'000'000});
  planner::RunResult result;
  result.run.replicas.resize(2);
  result.run.elastic.emplace();
  result.run.makespan = SimTime{10'000'000};
  std::ostringstream out;
  timeline.write(result, out);
  std::string states;
  const Json json = Json::parse(out.str());
  for (const Json& event : json["traceEvents"]) {
    if (event["ph"] == "X") {
      states += event["name"].get<std::string>() + std::to_string(event["pid"].get<int>()) + " " +
                std::to_string(event["ts"].get<int>()) + "+" + std::to_string(event["dur"].get<int>()) + "; ";
    }
  }
  EXPECT_EQ(states, "provisioning1 2000+3000; serving1 5000+2000; serving0 0+10000; broken1 7000+3000; ");
}

TEST(Timeline, WritesSlicesAndCounters) {
  Timeline timeline;
  timeline.step_ended(step(1, 10, 25, true));
  planner::RunResult result;
  result.scenario.name = "a \"name\"";
  result.run.replicas.resize(2);
  std::ostringstream out;
  timeline.write(result, out);
  const Json json = Json::parse(out.str());
  const Json& events = json["traceEvents"];
  ASSERT_EQ(events.size(), 6U) << "two replicas, a slice with two counters, the name";
  EXPECT_EQ(events[2]["ph"], "X");
  EXPECT_EQ(events[2]["name"], "mixed");
  EXPECT_EQ(events[2]["pid"], 1);
  EXPECT_DOUBLE_EQ(events[2]["ts"], 10);
  EXPECT_DOUBLE_EQ(events[2]["dur"], 15);
  EXPECT_EQ(events[3]["args"]["used"], 20);
  EXPECT_EQ(events[4]["args"]["waiting"], 2);
}

TEST(Timeline, NamesReplicasByModelAndPool) {
  planner::RunResult result;
  result.pools.resize(2);
  result.pools[0].architecture.name = "small";
  result.pools[0].run.replicas.resize(1);
  result.pools[1].architecture.name = "large";
  result.pools[1].run.replicas.resize(3);
  result.pools[1].run.decode_pool = {.replicas = 2};
  std::ostringstream out;
  Timeline().write(result, out);
  const Json json = Json::parse(out.str());
  std::vector<std::string> names;
  for (std::size_t i = 0; i < 4; ++i) {
    names.push_back(json["traceEvents"][i]["args"]["name"]);
  }
  EXPECT_EQ(names, (std::vector<std::string>{"small replica 0", "large prefill 0", "large decode 0",
                                             "large decode 1"}));
}

// 1,000 steps of 10 us on each of two replicas, room for 100 stretches: joined, and nothing is lost.
TEST(Timeline, JoinsNeighboursWhenThereAreTooMany) {
  Timeline timeline(100);
  for (std::int64_t i = 0; i < 1000; ++i) {
    timeline.step_ended(step(0, 10 * i, 10 * i + 9, i % 2 == 0));
    timeline.step_ended(step(1, 10 * i, 10 * i + 9, false));
  }
  EXPECT_LE(timeline.stretches().size(), 100U);
  EXPECT_GE(timeline.stretches().size(), 30U);
  std::int64_t steps = 0;
  std::int64_t busy = 0;
  std::int64_t tokens = 0;
  for (const Timeline::Stretch& stretch : timeline.stretches()) {
    steps += stretch.last.steps;
    busy += stretch.busy_ns;
    tokens += stretch.last.prefill_tokens;
  }
  EXPECT_EQ(steps, 2000);
  EXPECT_EQ(busy, 2000 * 9'000);
  EXPECT_EQ(tokens, 500 * 100);
}

}  // namespace
}  // namespace mtok::report
