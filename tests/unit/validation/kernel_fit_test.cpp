// Fits find the constants from which measurements were made, and profiles keep them.
#include "sim/validation/kernel_fit.hpp"

#include <gtest/gtest.h>

namespace mtok::validation {
namespace {

hardware::DeviceProfile l40s() {
  static const planner::Catalogue catalogue(MTOK_SOURCE_DIR);
  hardware::DeviceProfile profile = profile_named(catalogue, "l40s");
  if (profile.fitted) {
    profile.efficiency = profile.fitted->unfitted;
    profile.fitted.reset();
  }
  return profile;
}

/// Products of many shapes, "measured" on a device.
std::vector<KernelRow> rows_from(const hardware::DeviceProfile& truth) {
  std::vector<KernelRow> rows;
  PlacedDevices devices(truth);
  for (const std::int64_t m : {1, 64, 4096}) {
    for (std::int64_t n = 1024; n <= 16384; n += 1024) {
      KernelRow row;
      row.outcome = {.family = m < 16 ? "gemm bfloat16 m < 16" : "gemm bfloat16 m >= 16"};
      row.kernels = {kernel::Gemm{.m = m, .n = n, .k = 4096}};
      row.shape = "gemm " + std::to_string(n);
      row.outcome.measured = devices.time_of(row).base() * 1e6;
      rows.push_back(std::move(row));
    }
  }
  return rows;
}

TEST(KernelFit, FindsTheConstantsBehindTheMeasurements) {
  hardware::DeviceProfile truth = l40s();
  truth.efficiency.bandwidth_fraction = 0.6;
  truth.efficiency.peak_fraction_of[kernel::NumberFormat::bf16] = 0.4;
  const KernelFit fit = fit_kernels(l40s(), rows_from(truth));
  EXPECT_NEAR(fit.profile.efficiency.bandwidth_fraction, 0.6, 0.03);
  EXPECT_NEAR(fit.profile.efficiency.peak_fraction_of.at(kernel::NumberFormat::bf16), 0.4, 0.02);
  for (const FitError& error : fit.errors) {
    EXPECT_LT(error.judged, 0.05) << error.kind;
    EXPECT_LT(error.fitted, error.before) << error.kind;
  }
}

TEST(KernelFit, JudgesEveryRowOnce) {
  const std::vector<KernelRow> rows = rows_from(l40s());
  EXPECT_EQ(fit_kernels(l40s(), rows).judged.size(), rows.size());
}

// A fit of a device to measurements of itself, and of its double: what the one learnt predicts the other.
TEST(LeaveOneDeviceOut, PredictsADoubleFromTheOtherOne) {
  hardware::DeviceProfile truth = l40s();
  truth.efficiency.bandwidth_fraction = 0.6;
  const std::vector<KernelRow> rows = rows_from(truth);
  std::vector<KernelFit> fits{fit_kernels(l40s(), rows), fit_kernels(l40s(), rows)};
  fits[1].profile.name = "double";
  judge_by_others(fits, 0, rows);
  EXPECT_EQ(fits[0].donors, std::vector<std::string>{"double"});
  for (const FitError& error : fits[0].errors) {
    ASSERT_TRUE(error.others) << error.kind;
    EXPECT_NEAR(*error.others, error.fitted, 1e-12) << error.kind;
  }
  EXPECT_TRUE(fits[1].donors.empty());
}

TEST(LeaveOneDeviceOut, TakesNothingFromAnotherKind) {
  const std::vector<KernelRow> rows = rows_from(l40s());
  std::vector<KernelFit> fits{fit_kernels(l40s(), rows)};
  fits.push_back(fits[0]);
  fits[1].profile.name = "other";
  fits[1].profile.kind = hardware::DeviceKind::cpu;
  judge_by_others(fits, 0, rows);
  EXPECT_TRUE(fits[0].donors.empty());
  EXPECT_FALSE(fits[0].errors.front().others);
}

// Two ranks on one node say how fast its links are; on two nodes, or on a node of pairs, they do not.
TEST(KernelFit, TakesNoEvidenceFromLinksThatNobodyNames) {
  KernelRow row;
  EXPECT_FALSE(is_evidence(row));  // unsupported
  row.kernels = {kernel::Collective{.bytes = Bytes(1e6), .ranks = 2}};
  EXPECT_TRUE(is_evidence(row));
  row.placement = {.ranks_per_node = 2};
  EXPECT_TRUE(is_evidence(row));
  row.placement = {.ranks_per_node = 1};
  EXPECT_FALSE(is_evidence(row));
  row.placement = {.ranks_per_node = 4, .pairs = true};
  EXPECT_FALSE(is_evidence(row));
}

// An L40S has 864 GB/s and a last cache of about 100 MB: a product with 1 GB of weights in 1 ms is faster
// than that, one with 10 MB may come from the cache.
TEST(KernelFit, TakesNoEvidenceFromTimesThatTheMemoryForbids) {
  KernelRow row;
  row.kernels = {kernel::Gemm{.m = 1, .n = 32768, .k = 16384}};
  row.outcome.measured = 1000;
  EXPECT_TRUE(beats_data_sheet(row, l40s()));
  row.outcome.measured = 1200;
  EXPECT_FALSE(beats_data_sheet(row, l40s()));
  row.kernels = {kernel::Gemm{.m = 1, .n = 1024, .k = 5120}};
  row.outcome.measured = 1;
  EXPECT_FALSE(beats_data_sheet(row, l40s()));
}

TEST(FittedBlock, ReplacesTheOldOneAndLeavesTheRest) {
  const std::string head = "name: x\npower:\n  tdp: 1 W\n";
  const std::string block = "fitted:\n  data: \"d\"\n  peak_fraction_of:\n    bf16: 0.5\n";
  EXPECT_EQ(with_fitted_block(head, block), head + block);
  EXPECT_EQ(with_fitted_block(head + "fitted:\n  rows: 1\n", block), head + block);
  EXPECT_EQ(with_fitted_block("a: 1\nfitted:\n  rows: 1\nz: 2\n", block), "a: 1\n" + block + "z: 2\n");
}

}  // namespace
}  // namespace mtok::validation
