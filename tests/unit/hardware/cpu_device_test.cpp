// CPU times, worked out by hand on a device with round numbers.
#include "sim/hardware/cpu_device.hpp"

#include <gtest/gtest.h>

#include "tests/unit/hardware/round_devices.hpp"

namespace mtok::hardware {
namespace {

using kernel::Elementwise;
using kernel::Gemm;
using kernel::NumberFormat;

constexpr double kTiny = 1e-12;

// 50 MB fit the cache of 100 MB: 50e6 / 1 TB/s = 50 us. 200 MB do not: 200e6 / 100 GB/s = 2000 us.
// 150 MB are served half and half: 75e6 / 1 TB/s + 75e6 / 100 GB/s = 75 + 750 = 825 us.
TEST(CpuDevice, ReadsFromTheCacheThatHoldsTheOperands) {
  const CpuDevice cpu(round_cpu(), {});
  EXPECT_NEAR(cpu.time_of(Elementwise{.bytes_read = Bytes(50e6)}).memory.base(), 50e-6, kTiny);
  EXPECT_NEAR(cpu.time_of(Elementwise{.bytes_read = Bytes(200e6)}).memory.base(), 2000e-6, kTiny);
  EXPECT_NEAR(cpu.time_of(Elementwise{.bytes_read = Bytes(150e6)}).memory.base(), 825e-6, kTiny);
}

// The weights of one layer fit the cache, those of the whole step (1 GB) push them out before they are used
// again.
TEST(CpuDevice, ReadsFromMemoryWhenTheWorkingSetIsLargerThanTheCache) {
  const CpuDevice cpu(round_cpu(), 1.0_GB);
  EXPECT_NEAR(cpu.time_of(Elementwise{.bytes_read = Bytes(50e6)}).memory.base(), 500e-6, kTiny);
}

// m = 100, n = k = 10000, int8: 2e10 op / 4 TOP/s = 5000 us of compute;
// 1e8 (weights) + 1e6 (activations) + 2e6 (results) = 103 MB: share of the cache 2 - 1.03 = 0.97,
// 99.91 MB / 1 TB/s + 3.09 MB / 100 GB/s = 99.91 + 30.9 = 130.81 us, of which 30.9 come from memory.
// unhidden = 130.81 * 30.9 / 130.81 = 30.9 us, launch 5 us, total 5000 + 30.9 + 5.
TEST(CpuDevice, HidesCacheReadsButNotMemoryReadsUnderCompute) {
  const CpuDevice cpu(round_cpu(), {});
  const KernelTime t = cpu.time_of(Gemm{
      .m = 100, .n = 10000, .k = 10000, .weights = NumberFormat::int8, .activations = NumberFormat::int8});
  EXPECT_NEAR(t.compute.base(), 5000e-6, kTiny);
  EXPECT_NEAR(t.memory.base(), 130.81e-6, kTiny);
  EXPECT_NEAR(t.unhidden.base(), 30.9e-6, kTiny);
  EXPECT_NEAR(t.total().base(), 5035.9e-6, kTiny);
}

}  // namespace
}  // namespace mtok::hardware
