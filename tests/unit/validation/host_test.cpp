// Samples, fit, profile and judgement of a host, on a made-up processor whose times are known.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <filesystem>
#include <fstream>

#include "sim/config/diagnostic.hpp"
#include "sim/validation/host_fit.hpp"
#include "sim/validation/host_judgement.hpp"
#include "sim/validation/host_prediction.hpp"
#include "sim/validation/host_profile.hpp"
#include "tests/unit/validation/measurement_file.hpp"

namespace mtok::validation {
namespace {

using hardware::DeviceProfile;
using kernel::NumberFormat;

/// 200 GFLOP/s fp32, 800 int8, weights unpacked in the time of half a row and of a row, 1 MB of cache at 120
/// GB/s, 20 MB at 90, memory at 45, a tenth of the shorter hidden, 1 us a kernel.
DeviceProfile made_up() {
  return {.kind = hardware::DeviceKind::cpu,
          .memory_bandwidth = 45.0_GBps,
          .peak = {{NumberFormat::fp32, FlopsPerSecond(200e9)}, {NumberFormat::int8, FlopsPerSecond(800e9)}},
          .efficiency = {.peak_fraction = 1,
                         .bandwidth_fraction = 1,
                         .unpack_rows_of = {{NumberFormat::fp32, 0.5}, {NumberFormat::int8, 1}},
                         .elementwise_fraction = 0.1,
                         .attention_fraction = 0.3,
                         .softmax_flops = Flops(200),
                         .link_fraction = 1,
                         .reduction_fraction = 1,
                         .overlap = 0.1,
                         .kernel_floor = 1.0_us,
                         .expert_floor = 1.0_us,
                         .attention_floor = 5.0_us},
          .compute_units = 1,
          .caches = {{.name = "near", .capacity = Bytes(1e6), .bandwidth = 120.0_GBps},
                     {.name = "far", .capacity = Bytes(20e6), .bandwidth = 90.0_GBps}}};
}

HostSample sample(const HostWork& work, Split split) {
  const Seconds time = predicted_time(made_up(), work);
  return {.work = work, .split = split, .isa = "avx2", .threads = 1, .least = time, .median = time};
}

std::vector<HostSample> made_up_samples() {
  std::vector<HostSample> samples;
  const auto add = [&](std::int64_t k, std::int64_t n, Split split) {
    for (const NumberFormat format : {NumberFormat::fp32, NumberFormat::int8}) {
      for (const std::int64_t m : {1, 4, 16, 64}) {
        for (const bool cold : {false, true}) {
          samples.push_back(sample({.format = format, .cold = cold, .m = m, .n = n, .k = k}, split));
        }
      }
    }
  };
  add(2048, 2048, Split::calibration);
  add(512, 512, Split::calibration);
  add(256, 1024, Split::calibration);
  add(2048, 8192, Split::calibration);
  add(1024, 1536, Split::validation);
  for (const std::int64_t m : {1, 64}) {
    samples.push_back(sample({.kind = HostKind::elementwise, .format = NumberFormat::int8, .m = m, .n = 2048},
                             Split::calibration));
  }
  HostWork moe{.kind = HostKind::moe,
               .format = NumberFormat::int8,
               .cold = true,
               .m = 4,
               .n = 768,
               .k = 2048,
               .experts = 128,
               .top_k = 8};
  samples.push_back(sample(moe, Split::composition));
  samples.back().distinct = 29.12;
  moe.kind = HostKind::dense_active;
  moe.n = 8 * 768;
  moe.experts = 0;
  moe.top_k = 0;
  samples.push_back(sample(moe, Split::composition));
  return samples;
}

const planner::Catalogue& shipped() {
  static const planner::Catalogue catalogue{std::filesystem::path(MTOK_SOURCE_DIR)};
  return catalogue;
}

TEST(HostSamples, SurviveTheirFile) {
  const std::vector<HostSample> samples = made_up_samples();
  const std::filesystem::path file = measurement_file(samples_csv(samples));
  const std::vector<HostSample> read = read_samples(file);
  ASSERT_EQ(read.size(), samples.size());
  for (std::size_t i = 0; i < read.size(); ++i) {
    EXPECT_EQ(read[i].work, samples[i].work);
    EXPECT_EQ(read[i].split, samples[i].split);
    EXPECT_EQ(read[i].isa, "avx2");
    EXPECT_NEAR(read[i].least.base(), samples[i].least.base(), 1e-9);
  }
}

TEST(HostSamples, ARowThatIsNoneIsNamedWithItsLine) {
  std::string text = samples_csv(made_up_samples());
  text.replace(text.find("\ngemm,fp32") + 1, 4, "gmem");
  const std::filesystem::path file = measurement_file(text);
  try {
    (void)read_samples(file);
    FAIL() << "no error";
  } catch (const config::Error& error) {
    EXPECT_THAT(config::to_text(error.diagnostics()), ::testing::HasSubstr(".csv:2:1"));
    EXPECT_THAT(config::to_text(error.diagnostics()), ::testing::HasSubstr("gmem"));
  }
}

// Samples that follow the model exactly must lead back to it: the shapes that the fit has not seen are then
// predicted within a few percent, from a start that knows nothing of the made-up processor.
TEST(HostFit, FindsTheProcessorBehindTheSamples) {
  const std::vector<HostSample> samples = made_up_samples();
  const DeviceProfile fitted = fit_host(samples);
  EXPECT_LT(product_error(fitted, samples, Split::calibration), 0.02);
  EXPECT_LT(product_error(fitted, samples, Split::validation), 0.03);
  EXPECT_NEAR(fitted.memory_bandwidth / made_up().memory_bandwidth, 1, 0.05);
  EXPECT_NEAR(fitted.peak.at(NumberFormat::int8) / made_up().peak.at(NumberFormat::int8), 1, 0.05);
}

TEST(HostProfile, ReadBackPredictsTheSame) {
  const std::vector<HostSample> samples = made_up_samples();
  const DeviceProfile fitted = fit_host(samples);
  const host::Machine machine{
      .cpu = "Made-up \"CPU\" 1", .library = "oneDNN 0", .isa = "avx2", .memory = Bytes(4e9)};
  const std::filesystem::path file = measurement_file(host_profile_text(fitted, machine, samples));
  const DeviceProfile read = shipped().device(file);
  EXPECT_EQ(read.kind, hardware::DeviceKind::cpu);
  EXPECT_EQ(read.name, "host");
  ASSERT_TRUE(read.fitted.has_value());
  for (const HostSample& one : samples) {
    const Seconds before = predicted_time(fitted, one.work);
    EXPECT_NEAR(predicted_time(read, one.work) / before, 1, 1e-3) << shape_text(one.work);
  }
}

// 128 experts, 8 of them a token, 4 tokens: 128 (1 - (1 - 8/128)^4) = 29.12 distinct ones.
// The layer's products read 29.12 * 3 * 2048 * 768 bytes = 137 MB at 45 GB/s = 3.05 ms at least. Multiplying
// 32 rows and unpacking 29.12 experts takes 2 (32 + 29.12) 4.72e6 / 800e9 = 0.72 ms, of which nine tenths add
// up, 58 experts' products 0.06 ms, and the rest of the layer less than 0.1 ms.
TEST(HostPrediction, AMixtureReadsTheExpertsThatItTouches) {
  const HostWork moe{.kind = HostKind::moe,
                     .format = NumberFormat::int8,
                     .cold = true,
                     .m = 4,
                     .n = 768,
                     .k = 2048,
                     .experts = 128,
                     .top_k = 8};
  const Seconds time = predicted_time(made_up(), moe);
  EXPECT_GT(time, Seconds(3.7e-3));
  EXPECT_LT(time, Seconds(3.95e-3));
}

TEST(HostJudgement, PairsFormatsAndTwins) {
  const auto devices = judge_host(made_up_samples(), shipped());
  ASSERT_EQ(devices.size(), 1U);
  EXPECT_EQ(devices.front().name(), "avx2, 1 thread");
  ASSERT_EQ(devices.front().speed_ups.size(), 8U);  // 4 rows, hot and cold, of the one validation shape
  EXPECT_EQ(devices.front().speed_ups.front().formats, "int8/fp32");
  EXPECT_GT(devices.front().speed_ups.front().measured, 1);
  ASSERT_EQ(devices.front().mixtures.size(), 1U);
  EXPECT_TRUE(devices.front().mixtures.front().dense_active.has_value());
  EXPECT_FALSE(devices.front().mixtures.front().dense_total.has_value());
  EXPECT_NEAR(devices.front().mixtures.front().expected_distinct, 29.12, 0.01);
  const auto outcomes = outcomes_of(devices);
  for (const ErrorSummary& summary : summarize(outcomes, std::array{GroupBy::metric})) {
    EXPECT_LT(summary.mean_ape, 0.03) << summary.metric;
  }
}

// A sample beside which the memory ran at half its pace is predicted with half the bandwidth, and the
// constant stays that of the best pace.
TEST(HostFit, KnowsThePaceOfTheMemory) {
  std::vector<HostSample> samples = made_up_samples();
  for (std::size_t i = 0; i < samples.size(); i += 3) {
    samples[i].memory_pace = 0.5;
    samples[i].least = predicted_time(at_pace(made_up(), 0.5), samples[i].work);
  }
  const DeviceProfile fitted = fit_host(samples);
  EXPECT_LT(product_error(fitted, samples, Split::validation), 0.03);
  EXPECT_NEAR(fitted.memory_bandwidth / made_up().memory_bandwidth, 1, 0.05);
}

TEST(HostJudgement, PredictsFromAProfileThatIsGiven) {
  const DeviceProfile given = made_up();
  const auto devices = judge_host(made_up_samples(), shipped(), &given);
  for (const Outcome& outcome : outcomes_of(devices)) {
    EXPECT_LT(*outcome.ape(), 1e-3) << outcome.row_id;
  }
}

// Qwen3-0.6B has 0.44 G parameters in its layers and 0.16 G in the output matrix: 1.19 GB in BF16. A decode
// step reads all of them once: at 45 GB/s it takes 26.5 ms, and more for the cache and the rest.
TEST(HostPrediction, AStepReadsTheWeightsOnce) {
  const HostWork decode{.kind = HostKind::decode,
                        .format = NumberFormat::bf16,
                        .cold = true,
                        .m = 1,
                        .n = 28,
                        .context = 16,
                        .model = "qwen3-0.6b"};
  DeviceProfile profile = made_up();
  profile.peak[NumberFormat::bf16] = FlopsPerSecond(400e9);
  const Seconds time = predicted_step(profile, decode, shipped());
  EXPECT_GT(time, Seconds(26e-3));
  EXPECT_LT(time, Seconds(32e-3));
}

}  // namespace
}  // namespace mtok::validation
