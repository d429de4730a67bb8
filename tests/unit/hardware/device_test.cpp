// What all devices share: the sum of times, what bounds it, the format of a product, energy.
#include "sim/hardware/device.hpp"

#include <gtest/gtest.h>

#include "tests/unit/hardware/round_devices.hpp"

namespace mtok::hardware {
namespace {

using kernel::NumberFormat;

TEST(KernelTime, OverlapsComputeAndMemoryButNotTheRest) {
  const KernelTime t{
      .compute = 3.0_us, .memory = 7.0_us, .unhidden = 1.0_us, .network = 2.0_us, .launch = 5.0_us};
  EXPECT_NEAR(t.total().base(), 15e-6, 1e-15);
  EXPECT_EQ(t.bound_by(), KernelTime::Bound::memory);
  EXPECT_EQ(name_of(t.bound_by()), "memory");
}

// A device with fp32, bf16 and fp8: what each pair of formats is multiplied in.
TEST(Device, MultipliesInTheFormatOfTheWiderOperandOrTheNextWiderOneThatItHas) {
  const auto gpu = make_device(round_gpu());
  using enum NumberFormat;
  EXPECT_EQ(gpu->multiply_format(fp8, fp8), fp8);
  EXPECT_EQ(gpu->multiply_format(int4, bf16), bf16);
  EXPECT_EQ(gpu->multiply_format(nvfp4, nvfp4), fp8);
  EXPECT_EQ(gpu->multiply_format(nvfp4, fp8), fp8);
  EXPECT_EQ(gpu->multiply_format(int8, int8), bf16);
  EXPECT_EQ(gpu->multiply_format(fp16, fp16), bf16);
  EXPECT_EQ(gpu->multiply_format(bf16, fp8), bf16);
  EXPECT_EQ(gpu->multiply_format(tf32, tf32), fp32);
  EXPECT_TRUE(gpu->native(fp8));
  EXPECT_FALSE(gpu->native(int8));
}

// 1000 W with 10 % idle, 10 ms. Compute-bound: 1000 W * (0.1 + 0.9 * 1) = 10 J.
// Memory-bound: 1000 * (0.1 + 0.9 * 0.65) * 0.01 = 6.85 J.
TEST(Device, DrawsMorePowerWhenItComputesThanWhenItWaitsForMemory) {
  const auto gpu = make_device(round_gpu());
  EXPECT_NEAR(gpu->energy_of({.compute = 10.0_ms, .memory = 1.0_ms}).base(), 10, 1e-9);
  EXPECT_NEAR(gpu->energy_of({.compute = 1.0_ms, .memory = 10.0_ms}).base(), 6.85, 1e-9);
}

TEST(Device, OneRankNeedsNoCollective) {
  const auto gpu = make_device(round_gpu());
  EXPECT_EQ(gpu->time_of(kernel::Collective{.bytes = 1.0_GB, .ranks = 1}).total(), Seconds{});
}

}  // namespace
}  // namespace mtok::hardware
