// TPU times, worked out by hand on a device with round numbers.
#include "sim/hardware/tpu_device.hpp"

#include <gtest/gtest.h>

#include "tests/unit/hardware/round_devices.hpp"

namespace mtok::hardware {
namespace {

using kernel::Gemm;
using kernel::GroupedGemm;

constexpr double kTiny = 1e-12;

// m = 129 -> 256, n = 200 -> 256, k = 130 -> 256: 2 * 256^3 / 1e14 = 33554432 / 1e14 = 0.33554432 us
TEST(TpuDevice, PadsEveryDimensionToTheArray) {
  const TpuDevice tpu(round_tpu());
  EXPECT_NEAR(tpu.time_of(Gemm{.m = 129, .n = 200, .k = 130}).compute.base(), 0.33554432e-6, kTiny);
  EXPECT_EQ(tpu.time_of(Gemm{.m = 1, .n = 1, .k = 1}).compute,
            tpu.time_of(Gemm{.m = 128, .n = 128, .k = 128}).compute);
}

// 3 experts with 2 rows each are three products of 128 padded rows: 3 * 2 * 128 * 1280 * 128 / 1e14
// = 1.2582912 us
TEST(TpuDevice, PadsTheRowsOfEachExpert) {
  const TpuDevice tpu(round_tpu());
  const KernelTime t = tpu.time_of(GroupedGemm{.rows = 6, .experts = 3, .n = 1280, .k = 128});
  EXPECT_NEAR(t.compute.base(), 1.2582912e-6, kTiny);
}

// An 8-bit product runs at the rate of bf16 on an array that has no 8-bit mode.
TEST(TpuDevice, FallsBackToTheNextWiderFormat) {
  const TpuDevice tpu(round_tpu());
  EXPECT_EQ(tpu.multiply_format(kernel::NumberFormat::int8, kernel::NumberFormat::int8),
            kernel::NumberFormat::bf16);
  EXPECT_FALSE(tpu.native(kernel::NumberFormat::int8));
  EXPECT_TRUE(tpu.native(kernel::NumberFormat::bf16));
}

}  // namespace
}  // namespace mtok::hardware
