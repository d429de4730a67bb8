// GPU times, worked out by hand on a device with round numbers.
#include "sim/hardware/gpu_device.hpp"

#include <gtest/gtest.h>

#include "tests/unit/hardware/round_devices.hpp"

namespace mtok::hardware {
namespace {

using kernel::Attention;
using kernel::Elementwise;
using kernel::Gemm;
using kernel::GroupedGemm;
using kernel::NumberFormat;
using kernel::Phase;

constexpr double kTiny = 1e-12;  // seconds; far below the 1e-9 of the clock

// m = 128, n = 1280, k = 4096 is 10 full tiles on 10 units: one wave.
// compute = 2 * 128 * 128 * 4096 / 10 TFLOP/s = 134217728 / 1e13        = 13.4217728 us
// memory  = (4096 * 1280 + 128 * 4096) * 2 B + 128 * 1280 * 2 B
//         = 10485760 + 1048576 + 327680 = 11862016 B at 1 TB/s          = 11.862016 us
TEST(GpuDevice, RunsOneFullWaveAtThePeak) {
  const GpuDevice gpu(round_gpu());
  const KernelTime t = gpu.time_of(Gemm{.m = 128, .n = 1280, .k = 4096});
  EXPECT_NEAR(t.compute.base(), 13.4217728e-6, kTiny);
  EXPECT_NEAR(t.memory.base(), 11.862016e-6, kTiny);
  EXPECT_NEAR(t.launch.base(), 5e-6, kTiny);
  EXPECT_NEAR(t.total().base(), 18.4217728e-6, kTiny);
  EXPECT_EQ(t.bound_by(), KernelTime::Bound::compute);
}

// One column more: 11 tiles of 128 x 128 need 2 waves, 2 * 13.42 = 26.84 us.
// Tiles of 128 x 64: 21 tiles, 3 waves of half the work at the share 2 * 42.67 / (42.67 + 64) = 0.8: 3 * 6.71
// / 0.8 = 25.17. Tiles of 64 x 64: 2 * 21 = 42 tiles, 5 waves of a quarter at the share 2 * 32 / (32 + 64) =
// 2/3: 5 * 3.355 * 1.5 = 25.17. Tiles of 32 x 64: 4 * 21 = 84 tiles, 9 waves of an eighth at 2 * 21.33 /
// (21.33 + 64) = 0.5: 9 * 1.678 * 2 = 30.2. The best is 3 * 6.7108864 / 0.8 = 25.165824 us.
TEST(GpuDevice, PaysForASecondWaveWhenOneTileTooMany) {
  const GpuDevice gpu(round_gpu());
  const KernelTime t = gpu.time_of(Gemm{.m = 128, .n = 1281, .k = 4096});
  EXPECT_NEAR(t.compute.base(), 25.165824e-6, kTiny);
}

// m = n = 128, k = 10240 in one tile would take 2 * 128 * 128 * 10240 / 1e13 = 33.55 us on one unit.
// Split ten ways each unit takes a depth of 1024: 3.3554432 us; partial sums 2 * 10 * 128 * 128 * 4 B =
// 1310720 B and operands 2 * 128 * 10240 * 2 + 128 * 128 * 2 = 5275648 B at 1 TB/s: 6.586368 us. Smaller
// tiles split less and cost more: 128 x 64 five ways 2048 deep: 4.19 us compute, 2 * 5 * 65536 B of partial
// sums, so memory is 5.275648 + 0.65536 = 5.931008 us and the total is better: max(4.194304, 5.931008). 64 x
// 64: 4 tiles two ways 5120 deep: 4.194304 / 2 * 2.5 / (2/3) ... = 2 * 64 * 64 * 5120 / 1e13 * 1.5 = 6.291456
// us: worse.
TEST(GpuDevice, SplitsADeepProductWhenTilesAreFew) {
  const GpuDevice gpu(round_gpu());
  const KernelTime t = gpu.time_of(Gemm{.m = 128, .n = 128, .k = 10240});
  EXPECT_NEAR(t.memory.base(), 5.931008e-6, kTiny);
  // 2 * 128 * 64 * 2048 / 1e13 / 0.8
  EXPECT_NEAR(t.compute.base(), 4.194304e-6, kTiny);
}

// m = 1, n = k = 10240: weights 209715200 B + activations 20480 B + results 20480 B = 209756160 B at 1 TB/s.
TEST(GpuDevice, DecodeAtBatchOneWaitsForTheWeights) {
  const GpuDevice gpu(round_gpu());
  const KernelTime t = gpu.time_of(Gemm{.m = 1, .n = 10240, .k = 10240});
  EXPECT_EQ(t.bound_by(), KernelTime::Bound::memory);
  EXPECT_NEAR(t.memory.base(), 209.75616e-6, kTiny);
}

// fp8 weights with bf16 activations: the bytes of fp8 and the multiplier of bf16.
TEST(GpuDevice, WeightOnlyFormatsSaveBytesButNotFlops) {
  const GpuDevice gpu(round_gpu());
  const Gemm wide{.m = 12800, .n = 12800, .k = 4096};
  Gemm narrow = wide;
  narrow.weights = NumberFormat::fp8;
  EXPECT_EQ(gpu.multiply_format(NumberFormat::fp8, NumberFormat::bf16), NumberFormat::bf16);
  EXPECT_DOUBLE_EQ(gpu.time_of(narrow).compute.base(), gpu.time_of(wide).compute.base());
  EXPECT_LT(gpu.time_of(narrow).memory, gpu.time_of(wide).memory);
  narrow.activations = NumberFormat::fp8;
  EXPECT_DOUBLE_EQ(gpu.time_of(narrow).compute.base(), gpu.time_of(wide).compute.base() / 2);
}

// 4 experts with 128 rows each, n = 1280, k = 4096: their last tile is half full on average, so 1.5 * 10
// tiles each, 60 in 6 waves = 6 * 13.4217728 us = 80.5306368 us of compute; weights 4 * 10485760 B + rows 512
// * 4096 * 2 B + results 512 * 1280 * 2 B = 47448064 B.
TEST(GpuDevice, RunsTheExpertsOfAGroupedProductTogether) {
  const GpuDevice gpu(round_gpu());
  const KernelTime t = gpu.time_of(GroupedGemm{.rows = 512, .experts = 4, .n = 1280, .k = 4096});
  EXPECT_NEAR(t.compute.base(), 80.5306368e-6, kTiny);
  EXPECT_NEAR(t.memory.base(), 47.448064e-6, kTiny);
  DeviceProfile profile = round_gpu();
  profile.efficiency.grouped_fraction = 0.5;
  const KernelTime slower =
      GpuDevice(profile).time_of(GroupedGemm{.rows = 512, .experts = 4, .n = 1280, .k = 4096});
  EXPECT_NEAR(slower.compute.base(), 2 * 80.5306368e-6, kTiny);
  EXPECT_EQ(slower.memory, t.memory);
  EXPECT_EQ(slower.launch, t.launch);
}

// The same experts with 0.8 of the stream and a floor of their own.
TEST(GpuDevice, AGroupedProductHasItsOwnStreamAndFloor) {
  DeviceProfile profile = round_gpu();
  profile.efficiency.grouped_bandwidth = 0.8;
  profile.efficiency.grouped_floor = 7.0_us;
  const KernelTime t =
      GpuDevice(profile).time_of(GroupedGemm{.rows = 512, .experts = 4, .n = 1280, .k = 4096});
  EXPECT_NEAR(t.compute.base(), 80.5306368e-6, kTiny);
  EXPECT_NEAR(t.memory.base(), 47.448064e-6 / 0.8, kTiny);
  EXPECT_NEAR(t.launch.base(), 7e-6, kTiny);
}

// 8 sequences of 1000 tokens, 16 query heads on 1 KV head of 128: a group of 16 rows, no padding.
// compute = 4 * 128 * 16 * 8000 / 100 TFLOP/s = 65536000 / 1e14 = 0.65536 us
// memory  = 8000 * 512 B + 8 * 16 * 256 * 2 B = 4096000 + 65536 = 4161536 B = 4.161536 us; launch 10 us
TEST(GpuDevice, DecodeAttentionReadsTheCacheOnce) {
  const GpuDevice gpu(round_gpu());
  Attention decode{.phase = Phase::decode,
                   .sequences = 8,
                   .query_tokens = 8,
                   .query_key_pairs = 8000,
                   .kv_tokens = 8000,
                   .q_heads = 16,
                   .kv_heads = 1,
                   .kv_bytes_per_token = Bytes(512)};
  const KernelTime t = gpu.time_of(decode);
  EXPECT_NEAR(t.compute.base(), 0.65536e-6, kTiny);
  EXPECT_NEAR(t.memory.base(), 4.161536e-6, kTiny);
  EXPECT_NEAR(t.launch.base(), 10e-6, kTiny);
  // A group of 4 rows is padded to 16: 4 query heads take the time of 16.
  decode.q_heads = 4;
  EXPECT_NEAR(gpu.time_of(decode).compute.base(), 0.65536e-6, kTiny);
}

// The promise that event leaping rests on.
TEST(GpuDevice, DecodeAttentionIsLinearInTheContext) {
  DeviceProfile profile = round_gpu();
  profile.efficiency.half_bandwidth = Bytes(2e6);
  const GpuDevice gpu(profile);
  const auto at = [&](double context) {
    return gpu.time_of(Attention{.phase = Phase::decode,
                                 .sequences = 4,
                                 .query_tokens = 4,
                                 .query_key_pairs = 4 * context,
                                 .kv_tokens = 4 * context,
                                 .q_heads = 32,
                                 .kv_heads = 8,
                                 .kv_bytes_per_token = Bytes(4096)});
  };
  const KernelTime near = at(100);
  const KernelTime middle = at(5050);
  const KernelTime far = at(10000);
  EXPECT_NEAR((near.memory + far.memory).base(), 2 * middle.memory.base(), 1e-15);
  EXPECT_NEAR((near.compute + far.compute).base(), 2 * middle.compute.base(), 1e-15);
  EXPECT_EQ(near.launch, far.launch);
  EXPECT_EQ(far.unhidden, Seconds{});
}

// 1 sequence of 1280 queries, 10 heads of 128, 819200 pairs (1280 * 1280 / 2), 640 keys a query on average:
// all blocks are 10 * 1280 * 640 = 8192000 rows times keys, the longest one 128 * 1280 on each of 10 units
// = 1638400, a fifth: sqrt(25 + 1) * 1638400 = 8354233.5710704. Times 512 flops a pair = 4277367588.388;
// prologue: 10 * 1280 rows * 128 keys * 256 = 419430400. Sum / 100 TFLOP/s = 46.96797988388 us.
TEST(GpuDevice, PrefillAttentionPaysForItsPrologueAndTheLastBlocks) {
  const GpuDevice gpu(round_gpu());
  const KernelTime t = gpu.time_of(Attention{.phase = Phase::prefill,
                                             .sequences = 1,
                                             .query_tokens = 1280,
                                             .query_key_pairs = 819200,
                                             .kv_tokens = 1280,
                                             .q_heads = 10,
                                             .kv_heads = 10,
                                             .kv_bytes_per_token = Bytes(5120)});
  EXPECT_NEAR(t.compute.base(), 46.96797988388e-6, kTiny);
}

// A cache that is read at half the rate counts twice; queries and results do not.
TEST(GpuDevice, DecodeReadsTheCacheAtItsOwnShareOfTheBandwidth) {
  const Attention attention{.sequences = 1,
                            .query_tokens = 1,
                            .query_key_pairs = 1000,
                            .kv_tokens = 1000,
                            .kv_bytes_per_token = Bytes(1e6)};
  DeviceProfile profile = round_gpu();
  const Seconds whole = GpuDevice(profile).time_of(attention).memory;
  profile.efficiency.cache_fraction = 0.5;
  EXPECT_NEAR((GpuDevice(profile).time_of(attention).memory - whole).base(), 1e-3, kTiny);
  profile.efficiency.cache_fraction = 1;
  profile.efficiency.cache_ramp = Bytes(250e6);  // a quarter of the cache counts twice
  EXPECT_NEAR((GpuDevice(profile).time_of(attention).memory - whole).base(), 0.25e-3, kTiny);
}

// Weights in 4 bits that are widened on the way leave half of the rate; products of two narrow operands and
// of two wide ones are not slowed down.
TEST(GpuDevice, WideningWeightsCostsPartOfTheRate) {
  DeviceProfile profile = round_gpu();
  const Gemm wide{.m = 12800, .n = 12800, .k = 4096};
  Gemm widened = wide;
  widened.weights = NumberFormat::int4;
  const Seconds before = GpuDevice(profile).time_of(wide).compute;
  profile.efficiency.dequantize_fraction_of[NumberFormat::int4] = 0.5;
  const GpuDevice gpu(profile);
  EXPECT_NEAR(gpu.time_of(widened).compute.base(), 2 * before.base(), kTiny);
  EXPECT_DOUBLE_EQ(gpu.time_of(wide).compute.base(), before.base());
}

// A head of 2 * (16 + 16) = 64 flops a pair, where an exponential takes the time of 256: four times the time
// of the product.
TEST(GpuDevice, SmallHeadsWaitForTheExponentials) {
  DeviceProfile profile = round_gpu();
  const Attention attention{.query_tokens = 1,
                            .query_key_pairs = 1e6,
                            .kv_tokens = 1e6,
                            .q_heads = 16,
                            .qk_dim = 16,
                            .v_dim = 16,
                            .kv_bytes_per_token = Bytes(64)};
  const Seconds without = GpuDevice(profile).time_of(attention).compute;
  profile.efficiency.softmax_flops = Flops(256);
  EXPECT_NEAR(GpuDevice(profile).time_of(attention).compute / without, 4, 1e-12);
}

// An empty kernel still takes the floor; 1 GB takes 1000 us and the floor.
TEST(GpuDevice, ElementwiseIsAStreamOnTopOfTheLaunchFloor) {
  const GpuDevice gpu(round_gpu());
  EXPECT_NEAR(gpu.time_of(Elementwise{}).total().base(), 5e-6, kTiny);
  EXPECT_NEAR(gpu.time_of(Elementwise{.bytes_read = 0.5_GB, .bytes_written = 0.5_GB}).total().base(), 1005e-6,
              kTiny);
}

// A small stream gets half of the bandwidth at half_bandwidth bytes: 2 MB take (2 + 2) MB / 1 TB/s = 4 us.
TEST(GpuDevice, SmallStreamsWaitForTheMemoryLatency) {
  DeviceProfile profile = round_gpu();
  profile.efficiency.half_bandwidth = Bytes(2e6);
  EXPECT_NEAR(GpuDevice(profile).time_of(Elementwise{.bytes_read = Bytes(2e6)}).memory.base(), 4e-6, kTiny);
}

// m = n = 4096, k = 1024 on a cache of 4 MB, of which 2 count: both operands of 8 MB are larger. One wave
// covers a square of side sqrt(10 * 128 * 128) = 404.8: each operand is read 4096 / 404.8 = 10.12 times
// instead of once. bytes = 2 * 8388608 * 10.1193 + 33554432 (the result) = 203326863 B within the rounding of
// the square root.
TEST(GpuDevice, ReadsOperandsAgainThatTheCacheCannotHold) {
  DeviceProfile profile = round_gpu();
  const Gemm gemm{.m = 4096, .n = 4096, .k = 1024};
  profile.caches = {{.name = "L2", .capacity = Bytes(40e6), .bandwidth = 2.0_TBps}};
  EXPECT_NEAR(GpuDevice(profile).time_of(gemm).memory.base(), 50.331648e-6, kTiny);
  profile.caches.front().capacity = Bytes(4e6);
  EXPECT_NEAR(GpuDevice(profile).time_of(gemm).memory.base(), 203.33e-6, 0.05e-6);
}

// 100 sequences of 1 MB of state, 1 key head and 2 value heads of 128: 2 * 100 * 1e6 B and 100 * (2 * 128 + 2
// * 256) * 2 B = 200,153,600 B at 1 TB/s; compute 100 * 2 * 7 * 128 * 128 flops at 10 TFLOP/s = 2.29376 us
// hides under it.
TEST(GpuDevice, ReadsAndWritesTheStateOfLinearAttentionInDecode) {
  const GpuDevice gpu(round_gpu());
  const KernelTime t = gpu.time_of(
      kernel::LinearAttention{.sequences = 100, .tokens = 100, .value_heads = 2, .state_bytes = Bytes(1e6)});
  EXPECT_NEAR(t.memory.base(), 200.1536e-6, kTiny);
  EXPECT_NEAR(t.compute.base(), 2.29376e-6, kTiny);
  EXPECT_NEAR(t.launch.base(), 5e-6, kTiny);
}

// 6400 tokens of 2 heads: 12800 * (2 * 64 * 5 * 128 + 6 * 128^2) = 2.3068672e9 flops. In one sequence the
// chain of one head, 6400 * 4 * 128^2 flops on one of 10 units, counts 4.194304e9: sqrt(2.3068672^2
// + 4.194304^2) = 4.786834 at 100 TFLOP/s = 47.86834 us. In 64 sequences the chain is 0.065536e9, the
// root 2.307798: 23.07798 us. Traffic between kernels: 12800 * 2 * (2 * (256 + 128 + 256 + 64) + 4 * 64) =
// 42,598,400 B; q, k, v and results 6400 * 768 * 2 B = 9,830,400 B; state 2 B: 52,428,802 B at 1 TB/s.
TEST(GpuDevice, ChainsTheChunksOfASequenceOfLinearAttentionInPrefill) {
  const GpuDevice gpu(round_gpu());
  kernel::LinearAttention scan{
      .phase = Phase::prefill, .sequences = 1, .tokens = 6400, .value_heads = 2, .state_bytes = Bytes(1)};
  EXPECT_NEAR(gpu.time_of(scan).compute.base(), 47.86834e-6, 1e-10);
  EXPECT_NEAR(gpu.time_of(scan).memory.base(), 52.428802e-6, kTiny);
  scan.sequences = 64;
  EXPECT_NEAR(gpu.time_of(scan).compute.base(), 23.07798e-6, 1e-10);
}

}  // namespace
}  // namespace mtok::hardware
