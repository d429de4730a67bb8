// A plan finds the cheapest candidate that keeps its promises, and says of the others why not.
#include "sim/planner/plan.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <tbb/global_control.h>

#include <algorithm>

#include "sim/config/diagnostic.hpp"
#include "tests/unit/planner/shipped.hpp"

namespace mtok::planner {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

Catalogue made_up() {
  return Catalogue(std::filesystem::path(MTOK_SOURCE_DIR) / "tests/golden/data");
}

Plan made_up_plan() {
  return load_plan(made_up().root() / "plan.yaml", made_up());
}

const PlanRow& row_named(const PlanResult& result, const std::string& name) {
  for (const PlanRow& row : result.rows) {
    if (row.row.name == name) {
      return row;
    }
  }
  throw std::runtime_error("no row " + name);
}

// Each layer multiplies 2 * 4096^2 + 2 * 4096 * 1024 + 3 * 4096 * 16384 parameters, 32 layers 7.784628e9
// (norms add 0.27e6), which take 31.14 GB in 32 bits and 7.785 ms at 4 TB/s: 285 us above the promise of 7.5
// ms. In 8 bits there is room for the rest. A tenth of 80 GB holds neither beside the workspace of 4 GB.
TEST(Plan, ScreensByHandWorkedNumbers) {
  const PlanResult result = search(made_up_plan(), made_up());
  ASSERT_EQ(result.rows.size(), 4U);
  const PlanRow& best = result.rows.front();
  EXPECT_EQ(best.row.name, "round fp8/fp8/bf16, round TP1, vllm");
  EXPECT_TRUE(best.row.feasible) << best.row.reason;
  EXPECT_TRUE(best.on_front);
  EXPECT_EQ(best.nearest_miss, "");
  EXPECT_GE(best.row.total->usd(), best.least_bill);
  EXPECT_DOUBLE_EQ(*best.quality, 70 * 0.99);

  const PlanRow& slow = row_named(result, "round fp32/bf16/bf16, round TP1, vllm");
  EXPECT_FALSE(slow.simulated);
  EXPECT_THAT(slow.nearest_miss, StartsWith("misses TPOT p99 by at least 285 us"));
  for (const char* engine :
       {"round fp8/fp8/bf16, round TP1, vllm #2", "round fp32/bf16/bf16, round TP1, vllm #2"}) {
    EXPECT_THAT(row_named(result, engine).nearest_miss, HasSubstr("on each device")) << engine;
    EXPECT_THAT(row_named(result, engine).row.reason, HasSubstr("does not fit")) << engine;
  }
}

// A promise that not even an idle replica keeps needs no simulation, and its miss is told.
TEST(Plan, TellsTheMissOfWhatNoFleetCanKeep) {
  const PlanResult result = search(made_up_plan(), made_up(), {.ttft = Seconds(1e-3)});
  const PlanRow& row = row_named(result, "round fp8/fp8/bf16, round TP1, vllm");
  EXPECT_FALSE(row.simulated);
  EXPECT_FALSE(row.row.feasible);
  EXPECT_THAT(row.row.reason, StartsWith("even on an idle replica TTFT p99 is "));
  EXPECT_THAT(row.nearest_miss, StartsWith("misses TTFT p99 by at least "));
  EXPECT_FALSE(row.on_front);
}

TEST(Plan, RefusesWhatIsBelowTheQualityFloor) {
  Plan plan = made_up_plan();
  plan.quality.least = 69.5;
  const PlanResult result = search(plan, made_up());
  EXPECT_EQ(row_named(result, "round fp8/fp8/bf16, round TP1, vllm").nearest_miss, "misses MMLU by 0.2");
  plan.quality.benchmark = "nothing";
  EXPECT_EQ(search(plan, made_up()).rows.front().row.reason, "no published nothing score of round");
}

// Six requests at 2 a second: the last one comes after 3 s, and one replica at 3.60 USD an hour costs 0.001
// USD a second at least so long.
TEST(Plan, StretchesArrivalsToTheTargetRate) {
  const PlanResult result = search(made_up_plan(), made_up(), {.requests_per_s = 2});
  EXPECT_NEAR(result.rows.front().least_bill.base(), 0.003, 1e-9);
  EXPECT_GE(result.rows.front().row.total->usd(), result.rows.front().least_bill);
}

TEST(Plan, TopNFindsTheSameCheapest) {
  const PlanResult all = search(made_up_plan(), made_up());
  const PlanResult first = search(made_up_plan(), made_up(), {.top_n = 1});
  EXPECT_EQ(all.rows.front().row.name, first.rows.front().row.name);
  EXPECT_EQ(all.rows.front().row.total, first.rows.front().row.total);
}

PlanRow point(double cost, double ttft, std::optional<double> quality) {
  return {.row = {.feasible = true,
                  .per_token = UsdPerToken(cost),
                  .ttft_p99 = Seconds(ttft),
                  .tpot_p99 = Seconds(1)},
          .quality = quality,
          .energy_per_token = Joules(1)};
}

// The second is beaten by the first on cost at equal TTFT; the third is dear but fast; the fourth is the only
// one with a published quality; equal points do not dominate each other; what is infeasible neither counts
// nor beats.
TEST(Plan, MarksTheFront) {
  std::vector<PlanRow> rows{point(1, 2, {}), point(2, 2, {}), point(3, 1, {}),
                            point(4, 4, 50), point(1, 2, {}), point(0, 0, 99)};
  rows.back().row.feasible = false;
  mark_front(rows);
  std::vector<bool> front;
  for (const PlanRow& row : rows) {
    front.push_back(row.on_front);
  }
  EXPECT_EQ(front, (std::vector<bool>{true, false, true, true, true, false}));
}

TEST(Plan, EveryErrorOfAFileHasItsPlace) {
  const testing::ScenarioFile file(
      "mtok: 1\nworkload: {synthetic: {requests: 1, arrivals: {poisson: {rate_per_s: 1}},\n"
      "  input_tokens: {fixed: 8}, output_tokens: {fixed: 8}}}\ncandidates:\n  models: [no-such-model]\n"
      "  devices: [h100-sxm, h100-sxm]\n  tiers: [free]\n  tensor_paralel_size: [2]\n");
  try {
    (void)load_plan(file.path(), testing::catalogue());
    FAIL() << "accepted";
  } catch (const config::Error& error) {
    const std::string text = error.what();
    for (const char* part : {":5:", ":6:", ":7:", ":8:", "listed twice", "unknown tier 'free'",
                             "did you mean 'tensor_parallel_size'?"}) {
      EXPECT_THAT(text, HasSubstr(part));
    }
  }
}

/// Twelve candidates on shipped data, with generated requests: two networks, two devices, three ways to
/// spread.
Plan small_plan(const std::string& more = "") {
  const testing::ScenarioFile file(
      "mtok: 1\nworkload: {synthetic: {requests: 400, arrivals: {poisson: {rate_per_s: 20}},\n"
      "  input_tokens: {lognormal: {mean: 800, cv: 1}}, output_tokens: {fixed: 60}}}\n"
      "slo: {ttft_p99_ms: 1500, tpot_p99_ms: 40}\n"
      "candidates:\n  models: [llama-3.1-8b, qwen2.5-14b]\n  devices: [h100-sxm, l40s]\n"
      "  formats: [{weights: fp8}]\n  tensor_parallel_size: [1, 2, 3]\n" +
      more);
  Plan plan = load_plan(file.path(), testing::catalogue());
  plan.file = std::filesystem::path(MTOK_SOURCE_DIR) / "workloads/plan_chat.yaml";  // the other one goes now
  for (Candidate& candidate : plan.candidates) {
    candidate.scenario.file = plan.file;
  }
  return plan;
}

/// All of a result that a search may change, as text.
std::string told(const PlanResult& result) {
  std::string text;
  for (const PlanRow& row : result.rows) {
    text += row.row.name + "|" + std::to_string(row.row.feasible) + "|" + row.row.reason + "|" +
            row.nearest_miss + "|" + std::to_string(row.row.replicas) + "|" +
            (row.row.total ? row.row.total->to_decimal() : "-") + "|" +
            std::to_string(row.row.ttft_p99.value_or(Seconds{}).base()) + "|" +
            std::to_string(row.energy_per_token.value_or(Joules{}).base()) + "|" + row.dominated_by + "|" +
            std::to_string(row.on_front) + std::to_string(row.simulated) + std::to_string(row.replays) + "\n";
  }
  for (const Assumption& assumption : result.assumptions) {
    text += assumption.key + assumption.value;
  }
  for (const std::string& warning : result.warnings) {
    text += warning;
  }
  return text;
}

TEST(Plan, IsTheSameForEveryNumberOfThreads) {
  const Plan plan = small_plan();
  const std::string once = told(search(plan, testing::catalogue()));
  for (const std::size_t threads : {1U, 2U, 4U, 8U}) {
    const tbb::global_control limit(tbb::global_control::max_allowed_parallelism, threads);
    EXPECT_EQ(told(search(plan, testing::catalogue())), once) << threads;
  }
}

// What a search has kept, another one need not find again; nor does it tell of it a second time.
TEST(Plan, TakesUpWhatAnEarlierSearchHasKept) {
  const Plan plan = small_plan();
  const auto read = [&](std::map<std::string, PlanRecord> known, std::map<std::string, PlanRecord>& kept) {
    PlanOptions options{.known = std::move(known)};
    options.keep = [&](const PlanRecord& record) { kept.emplace(record.key, record); };
    return told(search(plan, testing::catalogue(), options));
  };
  std::map<std::string, PlanRecord> kept;
  const std::string first = read({}, kept);
  ASSERT_GE(kept.size(), 6U);
  std::map<std::string, PlanRecord> again;
  EXPECT_EQ(read(kept, again), first);
  EXPECT_TRUE(again.empty());
  kept.erase(kept.begin());
  EXPECT_EQ(read(kept, again), first);
  EXPECT_EQ(again.size(), 1U);
}

TEST(Plan, ShardsTogetherAreTheWhole) {
  const Plan plan = small_plan();
  std::map<std::string, PlanRecord> kept;
  std::size_t rows = 0;
  for (std::int64_t i = 0; i < 3; ++i) {
    PlanOptions options{.shard = {.index = i, .of = 3}};
    options.keep = [&](const PlanRecord& record) { kept.emplace(record.key, record); };
    rows += search(plan, testing::catalogue(), options).rows.size();
  }
  EXPECT_EQ(rows, plan.candidates.size());
  PlanOptions options{.known = std::move(kept)};
  options.keep = [](const PlanRecord& record) { FAIL() << record.row.name; };
  EXPECT_EQ(told(search(plan, testing::catalogue(), options)), told(search(plan, testing::catalogue())));
}

// With one replica fewer than the cheapest row has, a promise breaks; a plan that gives the number says so.
TEST(Plan, FindsTheFewestReplicas) {
  const PlanResult result = search(small_plan(), testing::catalogue());
  const auto found = std::find_if(result.rows.begin(), result.rows.end(), [](const PlanRow& row) {
    return row.row.feasible && row.row.replicas > 1;
  });
  ASSERT_NE(found, result.rows.end());
  const std::int64_t fewest = found->row.replicas;
  const PlanResult given =
      search(small_plan("  replicas: [" + std::to_string(fewest) + ", " + std::to_string(fewest - 1) + "]\n"),
             testing::catalogue());
  const PlanRow& enough = row_named(given, found->row.name + " x" + std::to_string(fewest));
  EXPECT_TRUE(enough.row.feasible);
  EXPECT_EQ(enough.row.total, found->row.total);
  EXPECT_EQ(enough.replays, 1);
  const PlanRow& fewer = row_named(given, found->row.name + " x" + std::to_string(fewest - 1));
  EXPECT_FALSE(fewer.row.feasible);
  EXPECT_TRUE(fewer.simulated);
  EXPECT_THAT(fewer.nearest_miss, StartsWith("misses "));
  EXPECT_THAT(fewer.nearest_miss, HasSubstr(" by "));
  EXPECT_THAT(fewer.nearest_miss, HasSubstr("; cheapest fix: "));
  EXPECT_TRUE(row_named(given, fewer.fix).row.feasible);
}

// Devices are rented by tier: the simulation is the same, the bill goes with the price.
TEST(Plan, TiersOfOneDeploymentDifferInTheBillOnly) {
  const PlanResult result = search(small_plan("  tiers: [on_demand, reserved_3y]\n"), testing::catalogue());
  const PlanRow& rented = row_named(result, "llama-3.1-8b fp8/fp8/bf16, h100-sxm TP1, on_demand");
  const PlanRow& reserved = row_named(result, "llama-3.1-8b fp8/fp8/bf16, h100-sxm TP1, reserved_3y");
  ASSERT_TRUE(rented.row.feasible);
  ASSERT_TRUE(reserved.row.feasible) << reserved.row.reason;
  EXPECT_EQ(rented.row.replicas, reserved.row.replicas);
  EXPECT_EQ(rented.row.ttft_p99, reserved.row.ttft_p99);
  EXPECT_NE(*reserved.row.total, *rented.row.total);
  EXPECT_NE(rented.replays > 0, reserved.replays > 0);
}

TEST(Plan, SizesForANumberOfUsers) {
  const auto replicas = [&](std::int64_t users) {
    const PlanResult result = search(small_plan(), testing::catalogue(), {.concurrency = users});
    EXPECT_TRUE(result.rows.front().row.feasible);
    return row_named(result, "qwen2.5-14b fp8/fp8/bf16, l40s TP2").row.replicas;
  };
  EXPECT_EQ(replicas(1), 1);
  EXPECT_GT(replicas(200), replicas(8));
}

// Half as many requests again every month: the fleet never shrinks, and month 0 is the plan itself.
TEST(Plan, ShowsTheFleetByMonth) {
  Plan plan = small_plan();
  plan.growth = Growth{.per_month = 0.5, .months = 3};
  const PlanResult result = search(plan, testing::catalogue());
  ASSERT_EQ(result.months.size(), 4U);
  EXPECT_EQ(result.months.front().replicas, result.rows.front().row.replicas);
  for (std::size_t i = 1; i < result.months.size(); ++i) {
    EXPECT_GE(result.months[i].replicas, result.months[i - 1].replicas);
    EXPECT_NEAR(result.months[i].requests_per_s / result.months[i - 1].requests_per_s, 1.5, 1e-6);
  }
}

TEST(Plan, HostileFilesAreRefusedWithAHint) {
  const auto error_of = [](const std::string& more) -> std::string {
    const testing::ScenarioFile file(
        "mtok: 1\nworkload: {load: offline, synthetic: {requests: 1, arrivals: {poisson: {rate_per_s: 1}},\n"
        "  input_tokens: {fixed: 8}, output_tokens: {fixed: 8}}}\n" +
        more);
    try {
      (void)load_plan(file.path(), testing::catalogue());
    } catch (const config::Error& error) {
      return error.what();
    }
    return "";
  };
  const std::string axes = "candidates: {models: [llama-3.1-8b], devices: [h100-sxm]";
  EXPECT_EQ(error_of(axes + "}\n"), "");
  EXPECT_THAT(error_of(axes + "}\ngrowth: {per_month: 0.1}\n"), HasSubstr("only an open load grows"));
  EXPECT_THAT(error_of(axes + "}\ngrowth: {per_month: 5%}\n"), HasSubstr("growth.per_month"));
  EXPECT_THAT(error_of(axes + "}\nbuy: [gpt-none]\n"), HasSubstr("no list price of 'gpt-none'"));
  EXPECT_THAT(error_of(axes + ", replicas: [0]}\n"), HasSubstr("candidates.replicas"));
  EXPECT_THAT(error_of(axes + ", replicas: [2, 2]}\n"), HasSubstr("listed twice"));
  EXPECT_THAT(error_of(axes + ", tensor_parallel_size: []}\n"), HasSubstr("empty"));
  std::string many = "1";
  for (int i = 2; i <= 400; ++i) {
    many += ", " + std::to_string(i);
  }
  EXPECT_THAT(
      error_of(axes + ", tensor_parallel_size: [" + many + "], pipeline_parallel_size: [" + many + "]}\n"),
      HasSubstr("more than 100000 candidates"));
}

}  // namespace
}  // namespace mtok::planner
