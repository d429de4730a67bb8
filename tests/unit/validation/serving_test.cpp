// Serving rows, one test for each load mode: how a row becomes a scenario, and what comes out.
#include "sim/validation/serving.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <string>

#include "sim/validation/serving_point.hpp"
#include "sim/validation/serving_run.hpp"
#include "tests/unit/validation/measurement_file.hpp"

namespace mtok::validation {
namespace {

const planner::Catalogue& catalogue() {
  static const planner::Catalogue shipped(MTOK_SOURCE_DIR);
  return shipped;
}

const KnownWorkloads& known() {
  static const KnownWorkloads shipped{.benchmarks =
                                          load_benchmarks(MTOK_SOURCE_DIR "/workloads/benchmarks.yaml")};
  return shipped;
}

ServingPoint small_point(std::string load_mode) {
  return {.model = "Llama-3.1-8B",
          .weight_precision = "fp8",
          .gpu = "H100-SXM-80GB",
          .n_gpus = 2,
          .tp = 1,
          .framework = "vLLM",
          .isl_tokens = 64,
          .osl_tokens = 16,
          .load_mode = std::move(load_mode),
          .concurrency = 4};
}

ServingPoint server_point() {
  ServingPoint point = small_point("server_poisson_slo");
  point.isl_tokens = 0;
  point.osl_tokens = 0;
  point.workload = "CNN-DailyMail v3.0.0 summarisation";
  return point;
}

// 120 bears the load, 121 does not: found from below, above and far away, never above and within two percent.
TEST(HighestRate, FindsTheEdge) {
  for (const double start : {120.0, 90.0, 200.0, 4.0, 30'000.0}) {
    int calls = 0;
    const double rate = highest_rate(start, [&](double tried) {
      ++calls;
      return tried <= 120;
    });
    EXPECT_LE(rate, 120) << start;
    EXPECT_GE(rate, 120 / 1.02) << start;
    EXPECT_LE(calls, 16) << start;
  }
}

TEST(HighestRate, IsZeroWhenNothingKeeps) {
  EXPECT_EQ(highest_rate(10, [](double) { return false; }), 0);
}

// Two replicas of one device each: one of them is simulated, with the whole stream of the source to itself.
TEST(ServingPoint, OfflineSendsAllAtOnceToOneOfAlikeReplicas) {
  const PointScenario point = scenario_of(small_point("offline_max"), catalogue(), known());
  ASSERT_TRUE(point.scenario) << point.unsupported;
  EXPECT_EQ(point.scenario->workload.load.kind, engine::Load::Kind::offline);
  EXPECT_EQ(point.scenario->replicas, 1);
  EXPECT_EQ(point.scenario->device_count, 1);
}

TEST(ServingPoint, StaticBatchIsOneBatch) {
  const PointScenario point = scenario_of(small_point("static_batch"), catalogue(), known());
  ASSERT_TRUE(point.scenario) << point.unsupported;
  EXPECT_EQ(point.scenario->workload.synthetic->requests, 4);
  EXPECT_EQ(point.scenario->engine.max_num_seqs, 4);
}

// Clients are shared by the replicas, so both are simulated. 4 clients send 10 prompts each.
TEST(ServingPoint, ClosedLoopSharesClientsAmongReplicas) {
  const PointScenario point = scenario_of(small_point("closed_loop_concurrency"), catalogue(), known());
  ASSERT_TRUE(point.scenario) << point.unsupported;
  EXPECT_EQ(point.scenario->replicas, 2);
  EXPECT_EQ(point.scenario->workload.load.concurrency, 4);
  EXPECT_EQ(point.scenario->workload.synthetic->requests, 40);
}

TEST(ServingPoint, ServerTakesLengthsAndLimitsOfItsDataSet) {
  const PointScenario point = scenario_of(server_point(), catalogue(), known());
  ASSERT_TRUE(point.scenario) << point.unsupported;
  ASSERT_TRUE(point.limits);
  EXPECT_DOUBLE_EQ(point.limits->tpot_p99->base(), 0.1);
  EXPECT_DOUBLE_EQ(point.output_mean, 73);
  EXPECT_EQ(point.tensor_may_grow_to, 0);  // the row states a layout
  ServingPoint tight = server_point();
  tight.load_mode = "server_poisson_tight_slo";
  tight.osl_tokens = 70;  // the mean of this entry's outputs: one step of four percent below 73
  tight.tp = 0;
  const PointScenario interactive = scenario_of(tight, catalogue(), known());
  ASSERT_TRUE(interactive.limits);
  EXPECT_DOUBLE_EQ(interactive.limits->tpot_p99->base(), 0.03);
  EXPECT_DOUBLE_EQ(interactive.output_mean, 73 / 1.04);
  EXPECT_EQ(interactive.tensor_may_grow_to, 2);
}

TEST(ServingPoint, SaysWhatIsNotKnown) {
  ServingPoint point = server_point();
  point.workload = "somebody's prompts";
  EXPECT_EQ(scenario_of(point, catalogue(), known()).unsupported,
            "the lengths of prompts or outputs are not in the row");
  point = server_point();
  point.weight_precision = "unset";
  EXPECT_EQ(scenario_of(point, catalogue(), known()).unsupported, "weight precision 'unset'");
  EXPECT_EQ(scenario_of(small_point("production"), catalogue(), known()).unsupported,
            "load mode 'production'");
  EXPECT_EQ(scenario_of(small_point("trace_replay"), catalogue(), known()).unsupported,
            "no recorded requests of this run (request_traces*.csv beside the file)");
}

// GPT-J was trained to 2,048 tokens; who measured 2,048 in and 128 out built the engine for 2,176.
TEST(ServingPoint, RunsLongerRequestsThanTheNetworkWasTrainedFor) {
  ServingPoint point = small_point("static_batch");
  point.model = "GPT-J 6B";
  point.isl_tokens = 2048;
  point.osl_tokens = 128;
  const PointScenario longer = scenario_of(point, catalogue(), known());
  ASSERT_TRUE(longer.scenario) << longer.unsupported;
  EXPECT_EQ(longer.scenario->engine.max_model_len, 2176);
}

// Two cores of one chip; experts over two devices with attention on one each.
TEST(ServingPoint, ReadsCoresAndDataParallelAttentionFromRanks) {
  ServingPoint point = small_point("offline_max");
  point.n_gpus = 1;
  point.tp = 2;
  EXPECT_EQ(scenario_of(point, catalogue(), known()).scenario->sharding.tensor, 1);
  point = small_point("offline_max");
  point.model = "Qwen3-30B-A3B";
  point.ep = 2;
  const PointScenario experts = scenario_of(point, catalogue(), known());
  ASSERT_TRUE(experts.scenario) << experts.unsupported;
  EXPECT_EQ(experts.scenario->sharding.data, 2);
  EXPECT_EQ(experts.scenario->sharding.expert, 2);
}

TEST(RunPoint, ServerBearsLessThanOfflineAndKeepsItsLimits) {
  ServingPoint offline_point = server_point();
  offline_point.load_mode = "offline_max";
  const PointResult offline = run_point(scenario_of(offline_point, catalogue(), known()), catalogue());
  const PointResult server = run_point(scenario_of(server_point(), catalogue(), known()), catalogue());
  ASSERT_EQ(server.unsupported, "");
  EXPECT_GT(server.samples_per_s, 0);
  EXPECT_LE(server.samples_per_s, offline.samples_per_s);
  EXPECT_LE(server.metrics.ttft.p99.base(), 2);
  EXPECT_LE(server.metrics.tpot.p99.base(), 0.1);
  ServingPoint tight = server_point();
  tight.load_mode = "server_poisson_tight_slo";
  EXPECT_LE(run_point(scenario_of(tight, catalogue(), known()), catalogue()).samples_per_s,
            server.samples_per_s * 1.02);  // the search is that coarse
}

constexpr const char* kHeader =
    "row_id,model,weight_precision,gpu,n_gpus,tp,framework,isl_tokens,osl_tokens,workload,load_mode,"
    "concurrency,max_batch,metric,value\n";

// Eight devices do what one does eight times; both rows are one simulation. Every row has an outcome.
TEST(ValidateServing, ScalesAlikeReplicasAndCountsWhatItCannotDo) {
  const auto file = measurement_file(std::string(kHeader) +
                                     "a,Llama-3.1-8B,fp8,L40S,1,1,vLLM,,,CNN-DailyMail,offline_max,,,"
                                     "output_tokens_per_s,1642\n"
                                     "b,Llama-3.1-8B,fp8,L40S,8,1,vLLM,,73,CNN-DailyMail,offline_max,,,"
                                     "output_tokens_per_s,13000\n"
                                     "c,Llama-3.1-8B,fp8,L40S,8,1,vLLM,,73,CNN-DailyMail,offline_max,,,"
                                     "system_power_w,3000\n");
  const std::vector<Outcome> outcomes = validate_serving(file, catalogue());
  ASSERT_EQ(outcomes.size(), 3U);
  ASSERT_TRUE(outcomes[0].predicted && outcomes[1].predicted);
  EXPECT_NEAR(*outcomes[1].predicted, 8 * *outcomes[0].predicted, 1e-6 * *outcomes[1].predicted);
  EXPECT_FALSE(outcomes[2].predicted);
  EXPECT_EQ(outcomes[2].unsupported, "metric 'system_power_w'");
}

TEST(ReadRecordedRuns, RefuseTimesThatRunBackwardsOrOutOfTheClock) {
  const auto error_of = [](const std::string& times) {
    const auto file = std::filesystem::path(testing::TempDir()) / "recorded_bad.csv";
    std::ofstream(file) << "bench,model,gpu,tp,input_tokens,output_tokens,queued_s,scheduled_s,first_token_s,"
                           "last_token_s\none,Llama-3.1-8B,L40S,1,32,4,"
                        << times << '\n';
    try {
      static_cast<void>(read_recorded_runs(file));
      return std::string();
    } catch (const config::Error& error) {
      return config::to_text(error.diagnostics());
    }
  };
  EXPECT_EQ(error_of("1.5,,2.5,3.5"), "");
  EXPECT_NE(error_of("1.5,1.4,2.5,3.5").find(":2:34: error: scheduled_s"), std::string::npos);
  EXPECT_NE(error_of("1.5,1.6,2.5,2.4").find("last_token_s"), std::string::npos);
  EXPECT_NE(error_of("1.5,18446744073709551615,2.5,3.5").find("scheduled_s: expected"), std::string::npos);
}

// Three requests of 32 in and 4 out lie in a file of recorded requests beside the rows.
TEST(ValidateServing, ReplaysRecordedRequestsBesideTheFile) {
  const auto folder = std::filesystem::path(testing::TempDir()) / "replay";
  std::filesystem::create_directories(folder);
  std::ofstream(folder / "request_traces_small.csv")
      << "bench,model,gpu,tp,max_num_seqs,max_num_batched_tokens,input_tokens,output_tokens,queued_s,"
         "first_token_s,last_token_s\n"
         "one,Llama-3.1-8B,L40S,1,64,2048,32,4,0,0.1,0.2\n"
         "one,Llama-3.1-8B,L40S,1,64,2048,32,4,1,1.1,1.2\n"
         "one,Llama-3.1-8B,L40S,1,64,2048,32,4,2,2.1,2.2\n";
  std::ofstream(folder / "rows.csv") << kHeader
                                     << "a,Llama-3.1-8B,bf16,L40S,1,1,vLLM,32,4,recorded,trace_replay,,64,"
                                        "requests_per_s,1.4\n";
  const std::vector<Outcome> outcomes = validate_serving(folder / "rows.csv", catalogue());
  ASSERT_EQ(outcomes.size(), 1U);
  ASSERT_TRUE(outcomes[0].predicted) << outcomes[0].unsupported;
  // The last request comes at 2 s and ends within a second.
  EXPECT_GT(*outcomes[0].predicted, 1.0);
  EXPECT_LT(*outcomes[0].predicted, 1.5);
}

}  // namespace
}  // namespace mtok::validation
