// What is known of a deployment before it is simulated bounds what the simulation finds.
#include "sim/planner/steady_state.hpp"

#include <gtest/gtest.h>

#include "sim/planner/compiled_deployment.hpp"
#include "sim/planner/run.hpp"
#include "tests/unit/planner/shipped.hpp"

namespace mtok::planner {
namespace {

// The bounds hold at every load and number of replicas, and at one request at a time they are met to 5 %:
// prompts are all alike then, and the decode steps of an answer differ by their contexts only.
TEST(SteadyState, NoRunIsFasterThanAnIdleReplica) {
  for (const double rate : {0.01, 5.0, 60.0}) {
    const Scenario scenario = testing::small_scenario(300, rate);
    PreparedRun prepared(scenario, testing::catalogue());
    const WorkloadFacts facts = look_through(scenario);
    engine::StepTimer& timer = *prepared.compiled()->timer;
    const RunResult& loaded = prepared.loaded();
    const Seconds ttft = least_ttft_p99(timer, loaded.scheduler, facts, loaded.framework.request_overhead);
    const Seconds tpot = least_tpot_p99(timer, facts);
    for (const std::int64_t replicas : {1, 3}) {
      const engine::Metrics metrics = prepared.with(replicas).metrics;
      EXPECT_GE(metrics.ttft.p99, ttft * 0.999) << rate;
      EXPECT_GE(metrics.tpot.p99, tpot * 0.999) << rate;
      if (rate < 1) {
        EXPECT_NEAR(metrics.ttft.p99 / ttft, 1, 0.05);
        EXPECT_NEAR(metrics.tpot.p99 / tpot, 1, 0.05);
      }
    }
  }
}

// All requests wait in the queue: the rate of a replica that is full is near the steady one.
TEST(SteadyState, RatesAreNearThoseOfABusyReplica) {
  Scenario scenario = testing::small_scenario(4000, 1);
  scenario.workload.load.kind = engine::Load::Kind::offline;
  PreparedRun prepared(scenario, testing::catalogue());
  const RunResult result = prepared.with(1);
  const double measured = 4000 / between(SimTime{}, result.run.makespan).base();
  const SteadyState steady =
      steady_state(*prepared.compiled()->timer, prepared.loaded().scheduler, look_through(scenario), {});
  EXPECT_NEAR(steady.requests_per_s / measured, 1, 0.25);
}

// A prepared run is the run itself, whatever was run before it.
TEST(PreparedRun, IsTheRunOfTheScenario) {
  Scenario scenario = testing::small_scenario(200, 30);
  PreparedRun prepared(scenario, testing::catalogue());
  const RunResult two = prepared.with(2);
  const RunResult one = prepared.with(1);
  for (const RunResult* result : {&one, &two}) {
    scenario.replicas = result == &one ? 1 : 2;
    const RunResult whole = run(scenario, testing::catalogue());
    EXPECT_EQ(result->bill.total, whole.bill.total);
    EXPECT_EQ(result->run.makespan, whole.run.makespan);
    EXPECT_EQ(result->metrics.ttft.p99, whole.metrics.ttft.p99);
    EXPECT_EQ(result->warnings, whole.warnings);
  }
}

// One request may be late; the second late one ends the run.
TEST(PreparedRun, IsGivenUpWhenTooManyPromisesAreBroken) {
  PreparedRun prepared(testing::small_scenario(200, 30), testing::catalogue());
  const engine::Slo never{.ttft_p99 = Seconds(1e-9)};
  const RunResult stopped = prepared.with(1, engine::GiveUp{.slo = never, .broken = 1});
  EXPECT_TRUE(stopped.run.cancelled);
  EXPECT_FALSE(stopped.metrics.slo_met);
  EXPECT_GE(stopped.metrics.completed, 2);
  EXPECT_LT(stopped.metrics.completed, 200);
  const RunResult whole = prepared.with(1, engine::GiveUp{.slo = never, .broken = 200});
  EXPECT_FALSE(whole.run.cancelled);
  EXPECT_EQ(whole.metrics.completed, 200);
}

// What is kept is what was read first, even when the file has changed since.
TEST(Catalogue, AKeepingOneSeesOneStateOfTheFiles) {
  const testing::ScenarioFile file("one");
  const Catalogue plain = testing::catalogue();
  const Catalogue keeping = plain.keeping();
  const std::string before = keeping.digest(file.path());
  std::ofstream(file.path()) << "two";
  EXPECT_EQ(keeping.digest(file.path()), before);
  EXPECT_NE(plain.digest(file.path()), before);
  EXPECT_NE(plain.keeping().digest(file.path()), before);
}

}  // namespace
}  // namespace mtok::planner
