// The CPU model against kernels, layers and forward passes recorded on one machine: its form, tested without
// running anything.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>

#include "sim/validation/host_judgement.hpp"

namespace mtok::validation {
namespace {

/// Mean errors that must hold on shapes that no constant was fitted to.
constexpr double kProducts = 0.12;
constexpr double kSpeedUps = 0.12;
constexpr double kMixtures = 0.20;
constexpr double kDistinct = 0.01;
constexpr double kSteps = 0.20;
/// Under caps the library falls back to its older code and emulates BF16; these times are less regular, and
/// the samples are those of a quick look.
constexpr double kCapped = 0.35;

double limit_of(const ErrorSummary& summary, bool capped) {
  if (summary.family.starts_with("distinct")) {
    return kDistinct;
  }
  if (capped) {
    return kCapped;
  }
  if (summary.family.starts_with("gemm")) {
    return kProducts;
  }
  if (summary.family.starts_with("speed-up")) {
    return kSpeedUps;
  }
  return summary.family.starts_with("moe") ? kMixtures : kSteps;
}

std::vector<HostDevice> judged(const char* file) {
  const planner::Catalogue catalogue{std::filesystem::path(MTOK_SOURCE_DIR)};
  return judge_host(read_samples(std::filesystem::path(MTOK_SOURCE_DIR "/tests/accuracy") / file), catalogue);
}

void expect_within_limits(const char* file, bool capped) {
  const auto devices = judged(file);
  ASSERT_FALSE(devices.empty());
  const auto outcomes = outcomes_of(devices);
  for (const ErrorSummary& summary :
       summarize(outcomes, std::array{GroupBy::device, GroupBy::metric, GroupBy::family})) {
    EXPECT_LE(summary.mean_ape, limit_of(summary, capped)) << summary.device << ": " << summary.family;
  }
}

TEST(AccuracyOfTheHost, HoldsOnWhatWasRecorded) {
  expect_within_limits("recorded_host.csv", false);
}

TEST(AccuracyOfTheHost, HoldsUnderEveryInstructionSet) {
  expect_within_limits("recorded_host_isa.csv", true);
}

TEST(AccuracyOfTheHost, NoShapeIsInBothSplits) {
  for (const HostDevice& device : judged("recorded_host.csv")) {
    for (const HostRow& row : device.rows) {
      if (row.sample.work.kind != HostKind::gemm || row.sample.split != Split::validation) {
        continue;
      }
      EXPECT_TRUE(std::none_of(device.rows.begin(), device.rows.end(), [&](const HostRow& other) {
        return other.sample.work.kind == HostKind::gemm && other.sample.split == Split::calibration &&
               other.sample.work.k == row.sample.work.k && other.sample.work.n == row.sample.work.n;
      })) << shape_text(row.sample.work);
    }
  }
}

}  // namespace
}  // namespace mtok::validation
