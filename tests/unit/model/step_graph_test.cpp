// The step graph: its critical path, and the kernels that layers ask for.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "sim/model/step_graph.hpp"

namespace mtok::model {
namespace {

using kernel::Collective;
using kernel::CollectiveOp;
using kernel::Elementwise;
using kernel::Gemm;
using kernel::GroupedGemm;

/// A kernel that takes `seconds` under `time_of`.
Node taking(double seconds, Stream stream) {
  return {.name = "k", .kernel = Elementwise{.bytes_read = Bytes(seconds)}, .stream = stream};
}
Seconds time_of(const kernel::Kernel& kernel) {
  return Seconds(std::get<Elementwise>(kernel).bytes_read.base());
}

// a(3, compute) -> b(5, communication) -> d(2, compute), and c(4, compute) after a only.
// a: 0..3, b: 3..8, c: 3..7 beside b, d: max(8, 7)..10.
TEST(StepGraph, OverlapsComputeWithCommunicationWhereNothingWaits) {
  StepGraph graph;
  const std::size_t a = graph.add(taking(3, Stream::compute), {});
  const std::size_t b = graph.add(taking(5, Stream::communication), {a});
  const std::size_t c = graph.add(taking(4, Stream::compute), {a});
  graph.add(taking(2, Stream::compute), {b, c});
  EXPECT_DOUBLE_EQ(graph.critical_path(time_of).base(), 10);
}

// The same four in a chain: 3 + 5 + 4 + 2 = 14. Two of one stream without an edge still follow each other: 3
// + 4 = 7.
TEST(StepGraph, RunsKernelsOfAChainAndOfOneStreamOneAfterTheOther) {
  StepGraph chain;
  std::size_t last = chain.add(taking(3, Stream::compute), {});
  last = chain.add(taking(5, Stream::communication), {last});
  last = chain.add(taking(4, Stream::compute), {last});
  chain.add(taking(2, Stream::compute), {last});
  EXPECT_DOUBLE_EQ(chain.critical_path(time_of).base(), 14);
  StepGraph stream;
  stream.add(taking(3, Stream::compute), {});
  stream.add(taking(4, Stream::compute), {});
  EXPECT_DOUBLE_EQ(stream.critical_path(time_of).base(), 7);
  EXPECT_DOUBLE_EQ(StepGraph().critical_path(time_of).base(), 0);
}

AttentionSpec small_attention() {
  return {.heads = 8, .kv_heads = 4, .head_dim = 16};
}

Architecture small_network(const FfnSpec& ffn) {
  return {.hidden_size = 64,
          .vocab_size = 1000,
          .max_position_embeddings = 512,
          .groups = {{.layer = {.attention = small_attention(), .ffn = ffn}, .count = 3}}};
}
FfnSpec dense_ffn() {
  return {.intermediate_size = 256};
}
FfnSpec moe_ffn() {
  return {.experts = 8, .experts_per_token = 2, .moe_intermediate_size = 128};
}

/// The kernel of a name in the layers' part; fails the test when it is not there.
template <class K>
K kernel_named(const std::vector<StepPart>& parts, const std::string& name) {
  for (const StepPart& part : parts) {
    for (const Node& node : part.graph.nodes()) {
      if (node.name == name) {
        return std::get<K>(node.kernel);
      }
    }
  }
  ADD_FAILURE() << "no kernel " << name;
  return {};
}
std::vector<std::string> names_of(const StepPart& part) {
  std::vector<std::string> names;
  for (const Node& node : part.graph.nodes()) {
    names.emplace_back(node.name);
  }
  return names;
}
double flops_of(const std::vector<StepPart>& parts, bool of_gemms_only) {
  double sum = 0;
  for (const StepPart& part : parts) {
    for (const Node& node : part.graph.nodes()) {
      if (!of_gemms_only || !std::holds_alternative<Elementwise>(node.kernel)) {
        sum += static_cast<double>(part.repeats) * kernel::flops_of(node.kernel).base();
      }
    }
  }
  return sum;
}

// q 8*16 = 128, k and v 2*4*16 = 128: 256 columns of 64. o: 64 columns of 128. gate and up: 512 columns.
TEST(LayerParts, GiveADenseLayerItsFourProducts) {
  const std::vector<StepPart> parts = layer_parts(small_network(dense_ffn()), {}, {}, 10);
  EXPECT_EQ(kernel_named<Gemm>(parts, "qkv_proj").m, 10);
  EXPECT_EQ(kernel_named<Gemm>(parts, "qkv_proj").n, 256);
  EXPECT_EQ(kernel_named<Gemm>(parts, "qkv_proj").k, 64);
  EXPECT_EQ(kernel_named<Gemm>(parts, "o_proj").n, 64);
  EXPECT_EQ(kernel_named<Gemm>(parts, "o_proj").k, 128);
  EXPECT_EQ(kernel_named<Gemm>(parts, "gate_up_proj").n, 512);
  EXPECT_EQ(kernel_named<Gemm>(parts, "down_proj").k, 256);
  EXPECT_EQ(parts.at(1).repeats, 3);
  // 2 * 10 tokens * 3 layers * (64*256 + 128*64 + 64*512 + 256*64) = 60 * 73,728
  EXPECT_DOUBLE_EQ(flops_of(parts, true), 60.0 * 73728);
}

// Two ranks: QKV and gate+up lose half their columns, O and down half their rows, and each block ends in an
// all-reduce of 10 tokens * 64 * 2 B = 1280 B.
TEST(LayerParts, HalveColumnsThenRowsOverTwoTensorRanks) {
  const std::vector<StepPart> parts = layer_parts(small_network(dense_ffn()), {.tensor = 2}, {}, 10);
  EXPECT_EQ(kernel_named<Gemm>(parts, "qkv_proj").n, 128);
  EXPECT_EQ(kernel_named<Gemm>(parts, "o_proj").k, 64);
  EXPECT_EQ(kernel_named<Gemm>(parts, "gate_up_proj").n, 256);
  EXPECT_EQ(kernel_named<Gemm>(parts, "down_proj").k, 128);
  const auto reduce = kernel_named<Collective>(parts, "ffn_all_reduce");
  EXPECT_EQ(reduce.op, CollectiveOp::all_reduce);
  EXPECT_DOUBLE_EQ(reduce.bytes.base(), 1280);
  EXPECT_EQ(reduce.ranks, 2);
}

// 8 tensor ranks, 4 key heads: one query head and a copy of one key head on each: (1 + 2) * 16 = 48 columns.
TEST(LayerParts, CopyKeyHeadsWhenThereAreMoreRanks) {
  const std::vector<StepPart> parts = layer_parts(small_network(dense_ffn()), {.tensor = 8}, {}, 1);
  EXPECT_EQ(kernel_named<Gemm>(parts, "qkv_proj").n, 48);
}

TEST(LayerParts, ReduceOnceWhereAttentionAndFfnRunSideBySide) {
  Architecture network = small_network(dense_ffn());
  network.groups.front().layer.parallel = true;
  network.groups.front().layer.norms = 1;
  const std::vector<std::string> names = names_of(layer_parts(network, {.tensor = 2}, {}, 10).at(1));
  EXPECT_EQ(std::count(names.begin(), names.end(), "attention_all_reduce"), 0);
  EXPECT_EQ(std::count(names.begin(), names.end(), "ffn_all_reduce"), 1);
  EXPECT_EQ(std::count(names.begin(), names.end(), "ffn_norm"), 0);
}

// 4 experts of 64, all chosen, are a dense layer of 4 * 64 = 256. The router's 2 * 10 * 4 * 64 flops a layer
// come on top.
TEST(LayerParts, OfExpertsThatAreAllChosenMultiplyAsMuchAsADenseLayer) {
  const FfnSpec all{.experts = 4, .experts_per_token = 4, .moe_intermediate_size = 64};
  const std::vector<StepPart> moe = layer_parts(small_network(all), {}, {}, 10);
  const std::vector<StepPart> dense = layer_parts(small_network(dense_ffn()), {}, {}, 10);
  EXPECT_DOUBLE_EQ(flops_of(moe, true), flops_of(dense, true) + 3 * 2 * 10 * 4 * 64);
  const auto gate_up = kernel_named<GroupedGemm>(moe, "experts_gate_up");
  const auto merged = kernel_named<Gemm>(dense, "gate_up_proj");
  EXPECT_DOUBLE_EQ(gate_up.experts * static_cast<double>(gate_up.n * gate_up.k),
                   static_cast<double>(merged.n * merged.k));  // the same weights are read
}

// expert = 1: each of 2 ranks holds half of every expert, 2 * 128 / 2 columns, and sees all 10 * 2 pairs.
TEST(LayerParts, SliceExpertsOverTensorRanksWithoutExpertParallelism) {
  const auto gemm = kernel_named<GroupedGemm>(layer_parts(small_network(moe_ffn()), {.tensor = 2}, {}, 10),
                                              "experts_gate_up");
  EXPECT_EQ(gemm.n, 128);
  EXPECT_DOUBLE_EQ(gemm.rows, 20);
}

// Tensor ranks hold all tokens already, so experts spread over them need no exchange, only the all-reduce.
TEST(LayerParts, SpreadExpertsOverTensorRanksWithoutAnExchange) {
  const std::vector<StepPart> parts =
      layer_parts(small_network(moe_ffn()), {.tensor = 2, .expert = 2}, {}, 10);
  EXPECT_EQ(kernel_named<GroupedGemm>(parts, "experts_gate_up").n, 256);
  EXPECT_THAT(names_of(parts.at(1)), ::testing::Contains("ffn_all_reduce"));
  EXPECT_THAT(names_of(parts.at(1)), ::testing::Not(::testing::Contains("dispatch")));
}

// 2 data ranks of 10 tokens, 2 experts each chosen: a rank sends 10 * 2 * 64 * 2 B = 2560 B. Both see 40
// pairs together, 20 each on average, the busiest more.
TEST(LayerParts, ExchangeTokensBetweenDataRanksWithSpreadExperts) {
  const std::vector<StepPart> parts = layer_parts(small_network(moe_ffn()), {.expert = 2, .data = 2}, {}, 10);
  const auto dispatch = kernel_named<Collective>(parts, "dispatch");
  EXPECT_EQ(dispatch.op, CollectiveOp::all_to_all);
  EXPECT_DOUBLE_EQ(dispatch.bytes.base(), 2560);
  EXPECT_EQ(dispatch.ranks, 2);
  const auto gemm = kernel_named<GroupedGemm>(parts, "experts_gate_up");
  EXPECT_GT(gemm.rows, 20);
  EXPECT_LT(gemm.rows, 40);
  EXPECT_LE(gemm.experts, 4);
}

// 2 data ranks, sliced experts: the gathered tensor has 20 tokens * 64 * 2 B = 2560 B.
TEST(LayerParts, GatherTokensOfDataRanksWithSlicedExperts) {
  const std::vector<StepPart> parts = layer_parts(small_network(moe_ffn()), {.data = 2}, {}, 10);
  EXPECT_DOUBLE_EQ(kernel_named<Collective>(parts, "gather_tokens").bytes.base(), 2560);
  EXPECT_EQ(kernel_named<Collective>(parts, "scatter_sums").op, CollectiveOp::reduce_scatter);
  EXPECT_DOUBLE_EQ(kernel_named<GroupedGemm>(parts, "experts_gate_up").rows, 40);
}

// While tokens are under way (10 s each way), the shared expert computes (all other kernels take 0 or 6 s):
// dispatch 0..10 beside the shared products 0..6, experts, combine 10..20.
TEST(LayerParts, OverlapTheSharedExpertWithTheExchange) {
  FfnSpec ffn = moe_ffn();
  ffn.shared_intermediate_size = 128;
  const std::vector<StepPart> parts = layer_parts(small_network(ffn), {.expert = 2, .data = 2}, {}, 10);
  const auto time = [](const kernel::Kernel& kernel) {
    const auto* gemm = std::get_if<Gemm>(&kernel);
    const bool shared_down = gemm != nullptr && gemm->n == 64 && gemm->k == 128 && gemm->m == 10;
    return Seconds(std::holds_alternative<Collective>(kernel) ? 10 : shared_down ? 6 : 0);
  };
  // o_proj has the shape of the shared down product, 64 x 128, and takes 6 s before: 6 + 20 = 26, not 32.
  EXPECT_DOUBLE_EQ(parts.at(1).graph.critical_path(time).base(), 26);
}

// Router 4 s, experts 6 s, each way 5 s, all else nothing; three layers, two half batches A and B.
// A: router 0..4, dispatch 4..9, experts 9..15, combine 15..20; B: 4..8, 9..14, 15..21, 21..26. In the next
// layer the router of A waits for the experts of B: 21..25, dispatch 26..31, experts 31..37, combine 37..42;
// B ends at 48, and 22 s later in the third. One half after the other: 3 * 2 * 20 = 120. Computing takes 3 *
// 20, so that attention has 10 s for nothing.
TEST(LayerParts, OverlapTwoHalfBatches) {
  const Sharding sharding{.expert = 2, .data = 2, .two_batch_overlap = true};
  const std::vector<StepPart> parts = layer_parts(small_network(moe_ffn()), sharding, {}, 64);
  const auto time = [](const kernel::Kernel& kernel) {
    const auto* gemm = std::get_if<Gemm>(&kernel);
    const auto* experts = std::get_if<GroupedGemm>(&kernel);
    const bool router = gemm != nullptr && gemm->n == 8;
    const bool up = experts != nullptr && experts->n == 256;
    return Seconds(std::holds_alternative<Collective>(kernel) ? 5 : router ? 4 : up ? 6 : 0);
  };
  const StepPart& layers = parts.at(1);
  EXPECT_EQ(layers.repeats, 1);
  EXPECT_EQ(layers.overlapped_layers, 3);
  EXPECT_DOUBLE_EQ(layers.graph.critical_path(time).base(), 70);
  EXPECT_DOUBLE_EQ(layers.graph.time_on(Stream::compute, time).base(), 60);
  const auto router = kernel_named<Gemm>(parts, "router");
  EXPECT_EQ(router.m, 32);
}

TEST(LayerParts, DoNotCutFewTokensInTwo) {
  const Sharding sharding{.expert = 2, .data = 2, .two_batch_overlap = true};
  EXPECT_EQ(layer_parts(small_network(moe_ffn()), sharding, {}, 31).at(1).overlapped_layers, 0);
  EXPECT_EQ(layer_parts(small_network(dense_ffn()), {.data = 2}, {}, 64).at(1).overlapped_layers, 0);
}

// hidden 64, 4 heads, q rank 32, kv rank 16, nope 8, rope 4, v 8.
AttentionSpec small_latent() {
  return {.form = AttentionSpec::Form::latent,
          .heads = 4,
          .kv_heads = 4,
          .head_dim = 12,
          .q_lora_rank = 32,
          .kv_lora_rank = 16,
          .qk_nope_head_dim = 8,
          .qk_rope_head_dim = 4,
          .v_head_dim = 8};
}

// Down: 32 + 16 + 4 = 52 columns, not split. q_b: 2 heads of 2 ranks * 12 = 24 columns of 32. Per head 8 x 16
// and 16 x 8.
TEST(LayerParts, ProjectLatentAttentionThroughItsLowRanks) {
  Architecture network = small_network(dense_ffn());
  network.groups.front().layer.attention = small_latent();
  const std::vector<StepPart> parts = layer_parts(network, {.tensor = 2}, {}, 10);
  EXPECT_EQ(kernel_named<Gemm>(parts, "q_a_and_kv_a_proj").n, 52);
  EXPECT_EQ(kernel_named<Gemm>(parts, "q_b_proj").n, 24);
  EXPECT_EQ(kernel_named<Gemm>(parts, "q_b_proj").k, 32);
  EXPECT_EQ(kernel_named<Gemm>(parts, "k_b_proj").batch, 2);
  EXPECT_EQ(kernel_named<Gemm>(parts, "k_b_proj").n, 16);
  EXPECT_EQ(kernel_named<Gemm>(parts, "v_b_proj").k, 16);
  EXPECT_EQ(kernel_named<Gemm>(parts, "o_proj").k, 16);
}

// Decode: latent of 16 + 4 = 20 values, one key head. Prefill: 12 and 8 values for each of 4 heads, (12 + 8)
// * 4 * 2 B.
TEST(AttentionKernel, OfMlaReadsTheLatentCacheInDecodeAndExpandedHeadsInPrefill) {
  const kernel::Attention decode = attention_kernel(small_latent(), {}, {}, {.phase = kernel::Phase::decode});
  EXPECT_EQ(decode.kv_heads, 1);
  EXPECT_EQ(decode.qk_dim, 20);
  EXPECT_EQ(decode.v_dim, 16);
  EXPECT_DOUBLE_EQ(decode.kv_bytes_per_token.base(), 40);
  const kernel::Attention prefill =
      attention_kernel(small_latent(), {}, {}, {.phase = kernel::Phase::prefill});
  EXPECT_EQ(prefill.kv_heads, 4);
  EXPECT_EQ(prefill.qk_dim, 12);
  EXPECT_EQ(prefill.v_dim, 8);
  EXPECT_DOUBLE_EQ(prefill.kv_bytes_per_token.base(), 160);
}

// 2 ranks: 4 query heads, 2 key heads, 2 * 2 * 16 values; FP8 cache: 1 B each.
TEST(AttentionKernel, SplitsHeadsOverTensorRanks) {
  const kernel::Formats fp8{.activations = kernel::NumberFormat::fp8, .kv_cache = kernel::NumberFormat::fp8};
  const kernel::Attention attention =
      attention_kernel(small_attention(), {.tensor = 2}, fp8, {.kv_tokens = 7});
  EXPECT_EQ(attention.q_heads, 4);
  EXPECT_EQ(attention.kv_heads, 2);
  EXPECT_DOUBLE_EQ(attention.kv_bytes_per_token.base(), 64);
  EXPECT_EQ(attention.compute, kernel::NumberFormat::fp8);
}

// 1000 / 2 columns; all ranks' logits of 3 sequences: 3 * 1000 * 2 B.
TEST(HeadPart, SplitsTheOutputMatrixAndGathersTheLogits) {
  std::vector<StepPart> parts;
  parts.push_back(head_part(small_network(dense_ffn()), {.tensor = 2}, {}, 3));
  EXPECT_EQ(kernel_named<Gemm>(parts, "output_matrix").n, 500);
  EXPECT_DOUBLE_EQ(kernel_named<Collective>(parts, "gather_logits").bytes.base(), 6000);
  EXPECT_TRUE(head_part(small_network(dense_ffn()), {}, {}, 0).graph.nodes().empty());
}

TEST(LayerParts, CrossABorderBetweenEachTwoStages) {
  const std::vector<StepPart> parts = layer_parts(small_network(dense_ffn()), {.pipeline = 3}, {}, 10);
  EXPECT_EQ(parts.back().name, "stage_border");
  EXPECT_EQ(parts.back().repeats, 2);
  EXPECT_DOUBLE_EQ(kernel_named<Collective>(parts, "send").bytes.base(), 2 * 10 * 64 * 2);
}

}  // namespace
}  // namespace mtok::model
