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
// again: 50 MB / 100 GB/s = 500 us. The 5 kB of activations and 5 kB of
// results stay in the cache: 10 ns at 1 TB/s.
TEST(CpuDevice, ReadsWeightsFromMemoryWhenTheWorkingSetIsLargerThanTheCache) {
  const Gemm gemm{
      .m = 1, .n = 2500, .k = 5000, .weights = NumberFormat::fp32, .activations = NumberFormat::int8};
  EXPECT_NEAR(CpuDevice(round_cpu(), {}).time_of(gemm).memory.base(), 50e-6 + 10e-9, kTiny);
  EXPECT_NEAR(CpuDevice(round_cpu(), 1.0_GB).time_of(gemm).memory.base(), 500e-6 + 10e-9, kTiny);
}

// m = 100, n = k = 10000, int8: 2e10 op / 4 TOP/s = 5000 us of compute;
// 1e8 (weights) in a footprint of 103 MB: share of the cache 2 - 1.03 = 0.97,
// 97 MB / 1 TB/s + 3 MB / 100 GB/s = 97 + 30 = 127 us; 1e6 (activations) + 2e6 (results) at 1 TB/s = 3 us.
// unhidden = the 30 us from memory, launch 5 us, total 5000 + 30 + 5.
TEST(CpuDevice, HidesCacheReadsButNotMemoryReadsUnderCompute) {
  const CpuDevice cpu(round_cpu(), {});
  const KernelTime t = cpu.time_of(Gemm{
      .m = 100, .n = 10000, .k = 10000, .weights = NumberFormat::int8, .activations = NumberFormat::int8});
  EXPECT_NEAR(t.compute.base(), 5000e-6, kTiny);
  EXPECT_NEAR(t.memory.base(), 130e-6, kTiny);
  EXPECT_NEAR(t.unhidden.base(), 30e-6, kTiny);
  EXPECT_NEAR(t.total().base(), 5035e-6, kTiny);
}

// 2 * (4 + 2) * 1000 * 1000 / 4 TOP/s = 3 us: two rows more than there are.
TEST(CpuDevice, UnpacksTheWeightsInTheTimeOfSomeRows) {
  DeviceProfile profile = round_cpu();
  profile.efficiency.unpack_rows_of[NumberFormat::int8] = 2;
  const Gemm gemm{
      .m = 4, .n = 1000, .k = 1000, .weights = NumberFormat::int8, .activations = NumberFormat::int8};
  EXPECT_NEAR(CpuDevice(profile, {}).time_of(gemm).compute.base(), 3e-6, kTiny);
}

// Three experts of 1 MB each, 12 rows: compute 2 * (12 + 3 * 2) * 1e6 / 4 TOP/s = 9 us, launches 5 + 3 * 7
// us.
TEST(CpuDevice, RunsOneProductForEachExpert) {
  DeviceProfile profile = round_cpu();
  profile.efficiency.unpack_rows_of[NumberFormat::int8] = 2;
  profile.efficiency.expert_floor = 7.0_us;
  const KernelTime t = CpuDevice(profile, {})
                           .time_of(kernel::GroupedGemm{.rows = 12,
                                                        .experts = 3,
                                                        .n = 1000,
                                                        .k = 1000,
                                                        .weights = NumberFormat::int8,
                                                        .activations = NumberFormat::int8});
  EXPECT_NEAR(t.compute.base(), 9e-6, kTiny);
  EXPECT_NEAR(t.launch.base(), 26e-6, kTiny);
}

// 8 heads, 1000 pairs, 2 (64 + 64) + 244 = 500 flop a pair: 4e6 / 1 TFLOP/s = 4 us.
// Cache: 1000 tokens of 1 kB, read at half of 100 GB/s: 20 us; queries and results: 8 * 128 * 2 B / 100 GB/s.
TEST(CpuDevice, AttentionPaysForTheSoftmaxAndForItsWayThroughTheCache) {
  DeviceProfile profile = round_cpu();
  profile.efficiency.softmax_flops = Flops(244);
  profile.efficiency.cache_fraction_of[NumberFormat::int8] = 0.5;
  const KernelTime t = CpuDevice(profile, {})
                           .time_of(kernel::Attention{.query_key_pairs = 1000,
                                                      .kv_tokens = 1000,
                                                      .q_heads = 8,
                                                      .kv_heads = 8,
                                                      .qk_dim = 64,
                                                      .v_dim = 64,
                                                      .kv_bytes_per_token = Bytes(1000),
                                                      .kv_format = NumberFormat::int8,
                                                      .compute = NumberFormat::fp32});
  EXPECT_NEAR(t.compute.base(), 4e-6, kTiny);
  EXPECT_NEAR(t.memory.base(), 20e-6 + 20.48e-9, kTiny);
}

}  // namespace
}  // namespace mtok::hardware
