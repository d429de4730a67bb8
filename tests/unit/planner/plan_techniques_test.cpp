// A plan compares deployments with and without techniques, and looks at the cost of a growing demand.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "sim/config/diagnostic.hpp"
#include "sim/planner/plan_capacity.hpp"
#include "sim/planner/techniques.hpp"
#include "tests/unit/planner/shipped.hpp"

namespace mtok::planner {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr const char* kHead =
    "mtok: 1\nworkload: {synthetic: {requests: 300, arrivals: {poisson: {rate_per_s: 20}},\n"
    "  input_tokens: {fixed: 800}, output_tokens: {fixed: 60}}}\n"
    "slo: {ttft_p99_ms: 1500, tpot_p99_ms: 40}\n";

Plan plan_of(const std::string& text) {
  const testing::ScenarioFile file(kHead + text);
  Plan plan = load_plan(file.path(), testing::catalogue());
  plan.file = std::filesystem::path(MTOK_SOURCE_DIR) / "workloads/plan_chat.yaml";  // the other one goes now
  for (Candidate& candidate : plan.candidates) {
    candidate.scenario.file = plan.file;
  }
  return plan;
}

const PlanRow& row_named(const PlanResult& result, const std::string& name) {
  for (const PlanRow& row : result.rows) {
    if (row.row.name == name) {
      return row;
    }
  }
  throw std::runtime_error("no row " + name);
}

TEST(PlanTechniques, AreAnAxisWithAndWithout) {
  const PlanResult result = search(plan_of("candidates:\n  models: [llama-3.1-8b, qwen2.5-14b]\n"
                                           "  devices: [h100-sxm]\n  techniques:\n    - {}\n"
                                           "    - {kv_cache: true, weights: true}\n    - {batching: false}\n"
                                           "    - {prefix_cache: true}\n    - {speculative_config: {method: "
                                           "draft_model, model: llama-3.2-1b,\n        "
                                           "num_speculative_tokens: 3, acceptance_rate: 0.8}}\n"),
                                   testing::catalogue());
  ASSERT_EQ(result.rows.size(), 10U);
  const std::string stem = "llama-3.1-8b bf16/bf16/bf16, h100-sxm TP1, ";
  const PlanRow& plain = row_named(result, stem + "as stated");
  const PlanRow& narrow = row_named(result, stem + "weights + kv_cache");
  ASSERT_TRUE(plain.row.feasible && narrow.row.feasible);
  EXPECT_EQ(narrow.deployment.formats.weights, kernel::NumberFormat::fp8);
  EXPECT_EQ(narrow.deployment.formats.kv_cache, kernel::NumberFormat::fp8);
  EXPECT_LT(*narrow.row.tpot_p99, *plain.row.tpot_p99);

  // Nothing can be shared in these prompts, and the row says so.
  EXPECT_THAT(row_named(result, stem + "prefix_cache").row.reason, HasSubstr("no content ids"));
  EXPECT_FALSE(row_named(result, stem + "no batching").row.feasible &&
               row_named(result, stem + "no batching").row.replicas <= plain.row.replicas);

  // Three drafted tokens at 0.8 give 2.952 tokens a step, so a token comes sooner on the same device.
  const PlanRow& drafted = row_named(result, stem + "draft llama-3.2-1b");
  ASSERT_TRUE(drafted.row.feasible) << drafted.row.reason;
  ASSERT_TRUE(drafted.deployment.speculation);
  EXPECT_LT(*drafted.row.tpot_p99, *plain.row.tpot_p99);
  EXPECT_THAT(row_named(result, "qwen2.5-14b bf16/bf16/bf16, h100-sxm TP1, draft llama-3.2-1b").row.reason,
              HasSubstr("another vocabulary"));
}

// A candidate that drafts is the scenario that drafts: the same fleet has the same bill.
TEST(PlanTechniques, ADraftingCandidateIsTheScenarioThatDrafts) {
  const Plan plan = plan_of(
      "candidates:\n  models: [llama-3.1-8b]\n  devices: [h100-sxm]\n  replicas: [2]\n  techniques:\n"
      "    - {speculative_config: {method: draft_model, model: llama-3.2-1b, num_speculative_tokens: 2,\n"
      "        acceptance_rate: 0.5}}\n");
  const PlanResult result = search(plan, testing::catalogue());
  Scenario scenario = result.rows.front().deployment;
  scenario.workload = plan.workload;
  scenario.slo = plan.slo;
  const RunResult run_alone = run(scenario, testing::catalogue());
  EXPECT_EQ(result.rows.front().row.total, run_alone.bill.total);
  EXPECT_EQ(*result.rows.front().row.ttft_p99, run_alone.metrics.ttft.p99);
}

// What is switched on is undone by switching off, but for the limit of the batch, which only the file knows.
TEST(PlanTechniques, SwitchingOffLeavesTheNaiveWay) {
  Scenario scenario = testing::small_scenario(10, 1);
  for (const Technique& technique : deployment_techniques()) {
    EXPECT_NE(technique.switch_on(scenario, testing::catalogue()), "");
    technique.switch_off(scenario);
  }
  EXPECT_EQ(scenario.formats, kernel::Formats{});
  EXPECT_EQ(scenario.engine.max_num_seqs, 1);
  EXPECT_FALSE(scenario.engine.enable_prefix_caching);
}

TEST(PlanTechniques, DraftsAreNotSpreadOverStages) {
  Scenario scenario = testing::small_scenario(10, 1);
  const SpeculationChoice choice{.draft_file = *testing::catalogue().find_model("llama-3.2-1b", {}).file};
  EXPECT_EQ(draft_obstacle(choice, scenario, testing::catalogue()), "");
  scenario.sharding = {.tensor = 64};
  EXPECT_THAT(draft_obstacle(choice, scenario, testing::catalogue()), StartsWith("draft model llama-3.2-1b"));
  scenario.sharding = {.pipeline = 2};
  EXPECT_THAT(draft_obstacle(choice, scenario, testing::catalogue()), HasSubstr("stages"));
}

TEST(PlanTechniques, BadEntriesAreRefusedAtTheirPlace) {
  try {
    (void)plan_of(
        "candidates:\n  models: [llama-3.1-8b]\n  devices: [h100-sxm]\n  techniques:\n"
        "    - {kv_cache: 1}\n    - {prefix_cach: true}\n"
        "    - {speculative_config: {method: draft_model, model: none, num_speculative_tokens: 3,\n"
        "        acceptance_rate: 2}}\n");
    FAIL() << "accepted";
  } catch (const config::Error& error) {
    const std::string text = error.what();
    for (const char* part : {":9:", ":10:", ":11:", ":12:", "did you mean 'prefix_cache'?"}) {
      EXPECT_THAT(text, HasSubstr(part));
    }
  }
}

// Three months at 1, 1.5 and 2.25 times the demand are the total; the fourth fleet is only shown. The ranking
// over the horizon holds the rows of the ranking of now.
TEST(PlanHorizon, AddsUpTheMonthsOfTheCheapestRows) {
  const PlanResult result =
      search(plan_of("growth: {per_month: 0.5, months: 3}\ncandidates:\n  models: [llama-3.1-8b]\n"
                     "  devices: [h100-sxm, l40s]\n  formats: [{weights: fp8}, {weights: bf16}]\n"
                     "  tensor_parallel_size: [1, 2]\n"),
             testing::catalogue());
  ASSERT_FALSE(result.horizon.empty());
  EXPECT_LE(result.horizon.size(), kHorizonRows);
  for (const PlanHorizon& horizon : result.horizon) {
    ASSERT_EQ(horizon.months.size(), 4U);
    const Usd total = horizon.months[0].per_month + horizon.months[1].per_month + horizon.months[2].per_month;
    EXPECT_DOUBLE_EQ(horizon.total.base(), total.base());
    EXPECT_EQ(horizon.months.front().replicas, row_named(result, horizon.name).row.replicas);
  }
  for (std::size_t i = 1; i < result.horizon.size(); ++i) {
    EXPECT_TRUE(!result.horizon[i].feasible || result.horizon[i - 1].total <= result.horizon[i].total);
  }
  EXPECT_EQ(result.months.size(), 4U);
}

// The capacity of a plan is that of a scenario with its cheapest deployment, under the plan's growth.
TEST(PlanCapacity, IsThatOfTheCheapestCandidate) {
  Plan plan = plan_of(
      "growth: {per_month: 0.1}\ncapacity: {months: 4, spare_replicas: 0}\ncandidates:\n"
      "  models: [llama-3.1-8b]\n  devices: [h100-sxm, l40s]\n");
  EXPECT_EQ(plan.capacity.months, 4);
  EXPECT_EQ(plan.capacity.demand_growth_per_month, 0.1);
  const Capacity capacity = plan_capacity(plan, testing::catalogue());
  ASSERT_TRUE(capacity.feasible) << capacity.reason;
  plan.growth.reset();
  Scenario scenario = search(plan, testing::catalogue()).rows.front().deployment;
  scenario.workload = plan.workload;
  scenario.slo = plan.slo;
  scenario.capacity = plan.capacity;
  const Capacity direct = plan_capacity(scenario, testing::catalogue());
  ASSERT_EQ(capacity.months.size(), 4U);
  EXPECT_EQ(capacity.device, direct.device);
  for (std::size_t i = 0; i < capacity.months.size(); ++i) {
    EXPECT_EQ(capacity.months[i].replicas, direct.months[i].replicas);
    EXPECT_EQ(capacity.months[i].mean_requests_per_s, direct.months[i].mean_requests_per_s);
  }
  ASSERT_EQ(capacity.options.size(), direct.options.size());
  EXPECT_EQ(capacity.options.front().total, direct.options.front().total);
  plan.slo.ttft_p99 = Seconds(1e-3);
  EXPECT_THAT(plan_capacity(plan, testing::catalogue()).reason, HasSubstr("no candidate"));
}

}  // namespace
}  // namespace mtok::planner
