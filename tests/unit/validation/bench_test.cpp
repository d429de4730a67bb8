// Reads benchmarks as their tools write them, made up in shape and size like real ones, and fits to them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "sim/config/diagnostic.hpp"
#include "sim/validation/bench_fit.hpp"

namespace mtok::validation {
namespace {

using ::testing::HasSubstr;

std::filesystem::path sample(const std::string& name) {
  return std::filesystem::path(MTOK_SOURCE_DIR) / "tests/unit/validation/bench" / name;
}

// 204,800 input tokens of 200 requests are 1,024 each; a rate of "inf" with 16 clients is a closed loop.
TEST(ReadBench, Vllm) {
  const BenchFile file = read_bench(sample("vllm.json"));
  ASSERT_EQ(file.points.size(), 1U);
  const BenchPoint& point = file.points.front();
  EXPECT_EQ(point.tool, "vllm bench serve");
  EXPECT_EQ(point.requests, 200);
  EXPECT_DOUBLE_EQ(point.input_tokens, 1024);
  EXPECT_DOUBLE_EQ(point.output_tokens, 256);
  EXPECT_FALSE(point.rate_per_s);
  EXPECT_EQ(point.concurrency, 16);
  EXPECT_DOUBLE_EQ(point.ttft->value.base(), 0.062);
  EXPECT_DOUBLE_EQ(point.tpot->value.base(), 0.0089);
  EXPECT_DOUBLE_EQ(*point.output_tokens_per_s, 1741.5);
}

// One document a line; Python writes an infinite rate as Infinity, which is no JSON.
TEST(ReadBench, SglangLineByLine) {
  const BenchFile file = read_bench(sample("sglang.jsonl"));
  ASSERT_EQ(file.points.size(), 2U);
  EXPECT_EQ(file.points[0].concurrency, 8);
  EXPECT_FALSE(file.points[0].rate_per_s);
  EXPECT_EQ(file.points[1].rate_per_s, 4.0);
  EXPECT_EQ(file.points[1].place, "sglang.jsonl:2");
}

// The trap: GuideLLM's time_per_output_token_ms (10.4) counts the first token; its inter_token_latency_ms
// (10.2) is what everybody else calls TPOT.
TEST(ReadBench, GuidellmsInterTokenLatencyIsOurTpot) {
  const BenchFile file = read_bench(sample("guidellm.json"));
  ASSERT_EQ(file.points.size(), 1U);
  EXPECT_DOUBLE_EQ(file.points[0].tpot->value.base(), 0.0102);
  EXPECT_EQ(file.points[0].rate_per_s, 5.0);
  EXPECT_EQ(file.points[0].requests, 150);
  EXPECT_THAT(file.notes.front(), HasSubstr("time_per_output_token_ms counts the first token"));
}

TEST(ReadBench, AiperfsObjectsOfAMetric) {
  const BenchPoint point = read_bench(sample("aiperf.json")).points.at(0);
  EXPECT_EQ(point.concurrency, 16);
  EXPECT_DOUBLE_EQ(point.tpot->value.base(), 0.009);
  EXPECT_DOUBLE_EQ(*point.output_tokens_per_s, 1715);
}

std::string error_of(const std::string& text) {
  const std::filesystem::path file = std::filesystem::path(::testing::TempDir()) / "mtok_bad_bench.json";
  std::ofstream(file) << text;
  std::string message;
  try {
    static_cast<void>(read_bench(file));
  } catch (const config::Error& error) {
    message = config::to_text(error.diagnostics());
  }
  std::filesystem::remove(file);
  return message;
}

TEST(ReadBench, RefusesNumbersThatNoServerGives) {
  const auto serve = [](const std::string& more) {
    return error_of(R"({"request_throughput": 1, "num_prompts": 9, "completed": 9, "total_input_tokens": 90,
 "total_output_tokens": 90, "mean_ttft_ms": 5, )" +
                    more + "}");
  };
  EXPECT_EQ(serve("\"request_rate\": 0"), "");
  EXPECT_THAT(serve("\"request_rate\": -1"), HasSubstr("request_rate: expected a value from 0"));
  EXPECT_THAT(serve("\"max_concurrency\": 1e15"), HasSubstr("max_concurrency: expected a value from 0"));
}

TEST(ReadBench, RefusesWhatIsNoBenchmark) {
  EXPECT_THAT(error_of(R"({"hello": 1})"), HasSubstr("no benchmark that is known here"));
  EXPECT_THAT(error_of("not json"), HasSubstr(":1:1"));
  EXPECT_THAT(error_of(R"({"request_throughput": 1, "num_prompts": 1, "completed": 0})"),
              HasSubstr("completed"));
  EXPECT_THAT(error_of(R"({"metadata": {"version": 3}, "benchmarks": []})"), HasSubstr("version"));
}

planner::Catalogue catalogue() {
  return planner::Catalogue(std::filesystem::path(MTOK_SOURCE_DIR));
}

planner::Scenario deployed() {
  planner::Scenario scenario{.name = "deployed"};
  scenario.model_file = *catalogue().find_model("llama-3.1-8b", {}).file;
  scenario.device_file = *catalogue().find_device("h100-sxm", {}).file;
  scenario.prices.per_device = usd_per_hour(1);
  return scenario;
}

BenchPoint point(std::int64_t clients) {
  return {.tool = "made up",
          .place = "made up",
          .requests = 4 * clients,
          .input_tokens = 512,
          .output_tokens = 64,
          .concurrency = clients,
          .ttft = BenchLatency{.value = Seconds(0.1)},
          .tpot = BenchLatency{.value = Seconds(0.01)},
          .output_tokens_per_s = 1000};
}

/// Points that measure what the simulator says, its TPOT times `slower`.
std::vector<BenchPoint> as_simulated(double slower) {
  std::vector<BenchPoint> points{point(2), point(8), point(32)};
  const BenchFit fit = fit_bench(deployed(), points, catalogue());
  for (std::size_t i = 0; i < points.size(); ++i) {
    points[i].ttft->value = fit.points[i].before.ttft;
    points[i].tpot->value = fit.points[i].before.tpot * slower;
    points[i].output_tokens_per_s = fit.points[i].before.output_tokens_per_s / slower;
  }
  return points;
}

// A system that is as simulated needs no other constants.
TEST(FitBench, LeavesWhatIsRight) {
  const BenchFit fit = fit_bench(deployed(), as_simulated(1), catalogue());
  EXPECT_NEAR(fit.error_before, 0, 1e-12);
  EXPECT_NEAR(fit.error_after, 0, 1e-12);
  EXPECT_EQ(fit.framework.step_overhead, fit.deployment.framework.step_overhead);
}

// Tokens that take 30 % longer at every load: constants exist with which that is so, and they hold for points
// that the fit has not seen.
TEST(FitBench, FindsConstantsThatHoldForPointsLeftOut) {
  const BenchFit fit = fit_bench(deployed(), as_simulated(1.3), catalogue());
  EXPECT_GT(fit.error_before, 0.15);
  EXPECT_LT(fit.error_after, fit.error_before / 3);
  ASSERT_TRUE(fit.error_left_out);
  EXPECT_LT(*fit.error_left_out, fit.error_before / 2);
}

// What is written can be read again, and says where it comes from.
TEST(FitBench, WritesProfilesThatSayTheirData) {
  const BenchFit fit = fit_bench(deployed(), as_simulated(1.3), catalogue());
  const std::filesystem::path folder = std::filesystem::path(::testing::TempDir()) / "mtok-bench";
  std::filesystem::create_directories(folder);
  const auto text_of = [](const std::filesystem::path& file) {
    std::stringstream text;
    text << std::ifstream(file).rdbuf();
    return text.str();
  };
  const std::filesystem::path root = catalogue().root();
  std::ofstream(folder / "vllm.yaml")
      << fitted_framework_text(text_of(root / "hwprofiles/frameworks/vllm.yaml"), fit, "mine.json");
  std::ofstream(folder / "h100.yaml")
      << fitted_device_text(text_of(deployed().device_file), fit, "mine.json");
  const hardware::FrameworkProfile framework = hardware::load_framework(folder / "vllm.yaml");
  EXPECT_NEAR(framework.step_overhead / fit.framework.step_overhead, 1, 0.005);
  EXPECT_THAT(framework.source, HasSubstr("fitted to 3 measured points (mine.json)"));
  const hardware::DeviceProfile device = catalogue().device(folder / "h100.yaml");
  EXPECT_NEAR(device.efficiency.bandwidth_fraction, fit.device.efficiency.bandwidth_fraction, 0.001);
  EXPECT_EQ(device.efficiency.attention_fraction, fit.deployment.device.efficiency.attention_fraction);
  ASSERT_TRUE(device.fitted);
  EXPECT_THAT(device.fitted->data, HasSubstr("then mine.json"));
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace mtok::validation
