// The same bytes on 1, 2, 4 and 8 threads: every verb that works in parallel, and runs beside each other.
#include <gtest/gtest.h>
#include <tbb/global_control.h>
#include <tbb/task_arena.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>

#include "app/report/comparison_report.hpp"
#include "app/report/plan_report.hpp"
#include "app/report/run_report.hpp"
#include "app/report/validation_report.hpp"
#include "sim/planner/ladder.hpp"
#include "sim/planner/parallel.hpp"
#include "sim/planner/plan.hpp"
#include "sim/validation/serving.hpp"

namespace mtok::report {
namespace {

namespace fs = std::filesystem;

const planner::Catalogue& catalogue() {
  static const planner::Catalogue shipped{fs::path(MTOK_SOURCE_DIR)};
  return shipped;
}

/// A shipped scenario, cut short.
planner::Scenario scenario_of(const std::string& name, std::int64_t requests) {
  planner::Scenario scenario =
      planner::load_scenario(fs::path(MTOK_SOURCE_DIR) / "workloads" / (name + ".yaml"), catalogue());
  scenario.workload.trace_options.limit = requests;
  return scenario;
}

/// What `text` gives with so many threads, also where the machine has fewer cores.
std::string on_threads(int threads, const std::function<std::string()>& text) {
  const tbb::global_control limit(tbb::global_control::max_allowed_parallelism,
                                  static_cast<std::size_t>(threads));
  tbb::task_arena arena(threads);
  std::string result;
  arena.execute([&] { result = text(); });
  return result;
}

void expect_same_bytes(const std::function<std::string()>& text) {
  const std::string one = on_threads(1, text);
  EXPECT_GT(one.size(), 100U);
  for (const int threads : {2, 4, 8}) {
    EXPECT_TRUE(on_threads(threads, text) == one) << threads << " threads";
  }
}

TEST(Threads, RunsBesideEachOtherAreTheSameRuns) {
  constexpr std::array<const char*, 4> kNames{"chat", "chat_disaggregated", "chat_speculative", "rag_tiers"};
  expect_same_bytes([&] {
    std::array<std::string, 2 * kNames.size()> texts;
    planner::for_each_in_parallel(texts.size(), [&](std::size_t i) {
      texts.at(i) = run_json(planner::run(scenario_of(kNames.at(i % kNames.size()), 100), catalogue()));
    });
    std::string all;
    for (const std::string& text : texts) {
      all += text;
    }
    return all;
  });
}

TEST(Threads, Compare) {
  expect_same_bytes([] {
    return compare_json(
        planner::compare({scenario_of("chat", 200), scenario_of("chat_cascade", 200)}, catalogue()));
  });
}

TEST(Threads, Ladder) {
  expect_same_bytes([] { return ladder_json(planner::ladder(scenario_of("rag", 30), catalogue())); });
}

TEST(Threads, Plan) {
  expect_same_bytes([] {
    planner::Plan plan =
        planner::load_plan(fs::path(MTOK_SOURCE_DIR) / "workloads/plan_chat.yaml", catalogue());
    plan.workload.trace_options.limit = 30;
    plan.candidates.resize(12);
    for (planner::Candidate& candidate : plan.candidates) {
      candidate.scenario.workload = plan.workload;
    }
    return plan_text(planner::search(plan, catalogue()), {.format = Format::json});
  });
}

// Rows as in the measured files: one operating point a load mode and concurrency.
TEST(Threads, ValidateServing) {
  const fs::path file = fs::path(testing::TempDir()) / "mtok_threads_serving.csv";
  std::ofstream out(file);
  out << "row_id,model,weight_precision,kv_precision,gpu,n_gpus,tp,pp,ep,framework,isl_tokens,osl_tokens,"
         "load_mode,"
         "concurrency,metric,value,spec_quality\n";
  for (int row = 1; row <= 16; ++row) {
    out << "r" << row << ",Llama-3.1-8B,fp8,fp8,H100-SXM-80GB,1,1,1,,vLLM,256,64,closed_loop," << row
        << ",output_tokens_per_s,1000,A\n";
  }
  out.close();
  expect_same_bytes([&] { return outcomes_csv(validation::validate_serving(file, catalogue())); });
  fs::remove(file);
}

}  // namespace
}  // namespace mtok::report
