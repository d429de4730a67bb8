// Kernels: flops and bytes of each shape, worked out by hand.
#include "sim/kernel/kernel.hpp"

#include <gtest/gtest.h>

namespace mtok::kernel {
namespace {

// flops = 2 * 4 * 8 * 16                          = 1024
// bytes = W 8*16*1 (fp8) + A 4*16*1 + C 4*8*2     = 128 + 64 + 64 = 256
TEST(Gemm, CountsAMultiplyAddAsTwoFlopsAndReadsEachOperandOnce) {
  const Gemm gemm{.m = 4, .n = 8, .k = 16, .weights = NumberFormat::fp8, .activations = NumberFormat::fp8};
  EXPECT_EQ(flops_of(gemm), Flops(1024));
  EXPECT_EQ(bytes_of(gemm), Bytes(256));
}

// Weight-only: W 8*16*0.515625 = 66, A 4*16*2 = 128, C 64: the flops stay.
TEST(Gemm, WeightOnlyQuantizationSavesBytesAndNoFlops) {
  const Gemm gemm{.m = 4, .n = 8, .k = 16, .weights = NumberFormat::int4};
  EXPECT_EQ(flops_of(gemm), Flops(1024));
  EXPECT_EQ(bytes_of(gemm), Bytes(66 + 128 + 64));
}

// 3 products of the first shape: 3 * 1024 flop, 3 * 256 B
TEST(Gemm, ABatchIsThatManyProducts) {
  const Gemm gemm{
      .m = 4, .n = 8, .k = 16, .weights = NumberFormat::fp8, .activations = NumberFormat::int8, .batch = 3};
  EXPECT_EQ(flops_of(gemm), Flops(3072));
  EXPECT_EQ(bytes_of(gemm), Bytes(768));
}

// 100,000^3 * 2 = 2e15 flop: no 32-bit product on the way
TEST(Gemm, LargeShapesDoNotOverflow) {
  EXPECT_EQ(flops_of(Gemm{.m = 100'000, .n = 100'000, .k = 100'000}), Flops(2e15));
}

// flops = 2 * 6 rows * 8 * 16                                  = 1536
// bytes = 2.5 experts * 8*16*2 + 6 rows * 16*2 + 6 rows * 8*2  = 640 + 192 + 96 = 928
TEST(GroupedGemm, ReadsTheWeightsOfTouchedExpertsAndWorksOnRows) {
  const GroupedGemm gemm{.rows = 6, .experts = 2.5, .n = 8, .k = 16};
  EXPECT_EQ(flops_of(gemm), Flops(1536));
  EXPECT_EQ(bytes_of(gemm), Bytes(928));
}

// Decode of 2 sequences with 10 and 30 keys, 8 query heads of 4, 2 KV heads of 4 in bf16:
// pairs = 40, flops = 2 * (4 + 4) * 8 * 40        = 5120
// cache = 40 tokens * (2 heads * 4 * 2 * 2 B)     = 40 * 32 = 1280
// Q and output = 2 tokens * 8 heads * (4 + 4) * 2 = 256
TEST(Attention, DecodeReadsTheWholeContextOncePerStep) {
  const Attention attention{.phase = Phase::decode,
                            .sequences = 2,
                            .query_tokens = 2,
                            .query_key_pairs = 40,
                            .kv_tokens = 40,
                            .q_heads = 8,
                            .kv_heads = 2,
                            .qk_dim = 4,
                            .v_dim = 4,
                            .kv_bytes_per_token = Bytes(32)};
  EXPECT_EQ(flops_of(attention), Flops(5120));
  EXPECT_EQ(bytes_of(attention), Bytes(1280 + 256));
}

// Causal prefill of q = 100 over c = 50 cached: pairs = q*c + q*(q + 1)/2 = 5000 + 5050 = 10,050.
// flops = 2 * (128 + 128) * 1 head * 10,050 = 5,145,600; the closed form 4*d*q*(c + q/2) = 5,120,000 lacks
// the diagonal.
TEST(Attention, PrefillFlopsFollowTheQueryKeyPairs) {
  const Attention attention{
      .phase = Phase::prefill, .query_tokens = 100, .query_key_pairs = 10'050, .kv_tokens = 150};
  EXPECT_EQ(flops_of(attention), Flops(5'145'600));
}

// Heads of unequal size (latent attention): flops = 2 * (576 + 512) * 16 * 10 = 348,160
TEST(Attention, QueryAndValueHeadsMayDiffer) {
  EXPECT_EQ(flops_of(Attention{.query_key_pairs = 10, .q_heads = 16, .qk_dim = 576, .v_dim = 512}),
            Flops(348'160));
}

TEST(Elementwise, IsWhatItSays) {
  const Elementwise norm{.bytes_read = Bytes(300), .bytes_written = Bytes(100), .flops = Flops(7)};
  EXPECT_EQ(flops_of(norm), Flops(7));
  EXPECT_EQ(bytes_of(norm), Bytes(400));
}

TEST(Collective, AsksNothingOfTheMultipliersOrTheMemory) {
  const Collective all_reduce{.op = CollectiveOp::all_reduce, .bytes = Bytes(1e6), .ranks = 8};
  EXPECT_EQ(flops_of(all_reduce), Flops(0));
  EXPECT_EQ(bytes_of(all_reduce), Bytes(0));
}

TEST(Collective, EveryOperationHasAName) {
  EXPECT_EQ(name_of(CollectiveOp::all_reduce), "all_reduce");
  EXPECT_EQ(name_of(CollectiveOp::all_gather), "all_gather");
  EXPECT_EQ(name_of(CollectiveOp::reduce_scatter), "reduce_scatter");
  EXPECT_EQ(name_of(CollectiveOp::all_to_all), "all_to_all");
  EXPECT_EQ(name_of(CollectiveOp::point_to_point), "point_to_point");
}

}  // namespace
}  // namespace mtok::kernel
