// Benchmarks: their data file, the lengths that are drawn, the arrivals.
#include "sim/validation/benchmark.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <numeric>

#include "sim/config/diagnostic.hpp"
#include "tests/unit/validation/measurement_file.hpp"

namespace mtok::validation {
namespace {

double mean_of(const std::vector<std::int64_t>& lengths) {
  return static_cast<double>(std::accumulate(lengths.begin(), lengths.end(), std::int64_t{0})) /
         static_cast<double>(lengths.size());
}

TEST(DrawLengths, KeepsMeanAndBoundsAfterTheCut) {
  const LengthLaw law{.mean = 290, .cv = 0.8, .least = 3, .most = 1024};
  const std::vector<std::int64_t> lengths = draw_lengths(law, 5000, 1);
  EXPECT_NEAR(mean_of(lengths), 290, 0.5);  // rounding of single draws
  EXPECT_GE(*std::min_element(lengths.begin(), lengths.end()), 3);
  EXPECT_EQ(*std::max_element(lengths.begin(), lengths.end()), 1024);  // 0.8 is wide enough to reach the cut
  EXPECT_EQ(lengths, draw_lengths(law, 5000, 1));
  EXPECT_NE(lengths, draw_lengths(law, 5000, 2));
}

TEST(DrawLengths, WithoutSpreadAreTheMean) {
  EXPECT_EQ(draw_lengths({.mean = 73, .cv = 0, .least = 1, .most = 128}, 3, 1),
            (std::vector<std::int64_t>{73, 73, 73}));
}

// Four beams: the first has the prompt, three share it; all end together.
TEST(DrawRequests, MakesASequenceOfEachBeam) {
  const Benchmark benchmark{.beams = 4,
                            .input = {.mean = 800, .cv = 0, .least = 1, .most = 1919},
                            .output = {.mean = 69, .cv = 0, .least = 30, .most = 128}};
  const auto requests = draw_requests(benchmark, 60, 2, 1);
  ASSERT_EQ(requests.size(), 8U);
  for (std::size_t i = 0; i < requests.size(); ++i) {
    EXPECT_EQ(requests[i].input_tokens, i % 4 == 0 ? 800 : 1);
    EXPECT_EQ(requests[i].output_tokens, 60);
  }
}

TEST(ArriveAtRandom, IsOneStreamAtEveryRate) {
  std::vector<workload::Request> slow(20'000);
  arrive_at_random(slow, 2, 5, 1);
  std::vector<workload::Request> fast(20'000);
  arrive_at_random(fast, 2, 10, 1);
  EXPECT_EQ(slow.front().arrival_ns, 0);
  EXPECT_EQ(slow[2].arrival_ns, slow[3].arrival_ns);  // beams of a sample come together
  EXPECT_TRUE(std::is_sorted(slow.begin(), slow.end(),
                             [](const auto& a, const auto& b) { return a.arrival_ns < b.arrival_ns; }));
  // 9,999 gaps of 0.2 s; the error of their sum is one percent.
  EXPECT_NEAR(static_cast<double>(slow.back().arrival_ns) * 1e-9, 2000, 60);
  EXPECT_NEAR(static_cast<double>(fast.back().arrival_ns), static_cast<double>(slow.back().arrival_ns) / 2,
              2);
}

TEST(FindBenchmark, PrefersTheModelThenTheLongestName) {
  const std::vector<Benchmark> benchmarks{{.dataset = "OpenOrca", .models = {"llama-2-70b"}},
                                          {.dataset = "OpenOrca+GSM8K", .models = {"mixtral-8x7b"}},
                                          {.dataset = "CNN", .models = {"gpt-j-6b"}}};
  EXPECT_EQ(find_benchmark(benchmarks, "OpenOrca 24576 samples", "llama-2-70b"), &benchmarks[0]);
  EXPECT_EQ(find_benchmark(benchmarks, "OpenOrca+GSM8K+MBXP", "mixtral-8x7b"), &benchmarks[1]);
  EXPECT_EQ(find_benchmark(benchmarks, "OpenOrca+GSM8K+MBXP", "another"), &benchmarks[1]);
  EXPECT_EQ(find_benchmark(benchmarks, "CNN-DailyMail", "another"), &benchmarks[2]);
  EXPECT_EQ(find_benchmark(benchmarks, "ShareGPT", "llama-2-70b"), nullptr);
}

TEST(LoadBenchmarks, ReadsTheShippedFile) {
  const std::vector<Benchmark> benchmarks = load_benchmarks(MTOK_SOURCE_DIR "/workloads/benchmarks.yaml");
  const Benchmark* const orca = find_benchmark(benchmarks, "OpenOrca 24576 samples", "llama-2-70b");
  ASSERT_NE(orca, nullptr);
  EXPECT_EQ(orca->samples, 24576);
  EXPECT_DOUBLE_EQ(orca->limits.ttft_p99->base(), 2);
  EXPECT_DOUBLE_EQ(orca->interactive_limits.tpot_p99->base(), 0.04);
  const Benchmark* const gpt_j = find_benchmark(benchmarks, "CNN-DailyMail v3.0.0", "gpt-j-6b");
  ASSERT_NE(gpt_j, nullptr);
  EXPECT_EQ(gpt_j->beams, 4);
  EXPECT_FALSE(gpt_j->limits.tpot_p99);
}

TEST(LoadBenchmarks, RefusesAMeanOutsideItsBoundsAtItsPlace) {
  const auto file = measurement_file(
      "mtok: 1\n"
      "benchmarks:\n"
      "  - dataset: X\n"
      "    models: [m]\n"
      "    samples: 10\n"
      "    input_tokens: {mean: 5, cv: 1, least: 10, most: 20}\n"
      "    output_tokens: {mean: 5, cv: 1, least: 1, most: 20}\n"
      "    limits: {ttft_p99: 2 s}\n"
      "    source: here\n");
  try {
    static_cast<void>(load_benchmarks(file));
    FAIL() << "no error";
  } catch (const config::Error& error) {
    ASSERT_EQ(error.diagnostics().size(), 1U);
    EXPECT_EQ(error.diagnostics().front().at.line, 6);
  }
}

}  // namespace
}  // namespace mtok::validation
