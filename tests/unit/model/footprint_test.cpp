// Parameters, weight bytes and cache bytes of made-up networks, worked out by hand.
#include <gtest/gtest.h>

#include "sim/model/footprint.hpp"

namespace mtok::model {
namespace {

using kernel::NumberFormat;

Architecture network_of(const AttentionSpec& attention, const FfnSpec& ffn, std::int64_t layers) {
  return {.hidden_size = 10,
          .vocab_size = 100,
          .max_position_embeddings = 50,
          .groups = {{.layer = {.attention = attention, .ffn = ffn}, .count = layers}}};
}
AttentionSpec multi_head() {
  return {.heads = 2, .kv_heads = 2, .head_dim = 5};
}
FfnSpec dense() {
  return {.intermediate_size = 30};
}

// A layer: attention 4 * 10 * 10 = 400, FFN 3 * 10 * 30 = 900, norms 2 * 10 = 20: 1320.
// Two layers 2640; embedding and output 2 * 100 * 10 = 2000; final norm 10: 4650. Active without the
// embedding: 3650.
TEST(CountParameters, OfASmallDenseNetwork) {
  const ParameterCount count = count_parameters(network_of(multi_head(), dense(), 2));
  EXPECT_EQ(count.total, 4650);
  EXPECT_EQ(count.active, 3650);
}

// Tied: one matrix of 1000 less, and the embedding is the output matrix, so all are active.
TEST(CountParameters, OfTiedMatricesCountThemOnceAndAsActive) {
  Architecture network = network_of(multi_head(), dense(), 2);
  network.tie_word_embeddings = true;
  EXPECT_EQ(count_parameters(network).total, 3650);
  EXPECT_EQ(count_parameters(network).active, 3650);
}

// 4 heads and 1 key head of 5: q and o 2 * 10 * 20 = 400, k and v 2 * 10 * 5 = 100, bias 20 + 5 + 5 = 30, qk
// norm 10, sinks 4, output bias 10: 554. FFN of two matrices 2 * 10 * 30 = 600, bias 30 + 10 = 40. Norms with
// bias 2 * 20 = 40.
TEST(CountParameters, OfGroupedQueriesWithBiasesNormsAndSinks) {
  const AttentionSpec attention{.heads = 4,
                                .kv_heads = 1,
                                .head_dim = 5,
                                .qkv_bias = true,
                                .output_bias = true,
                                .qk_norm = true,
                                .sinks = true};
  const Layer layer{.attention = attention,
                    .ffn = {.intermediate_size = 30, .gated = false, .bias = true},
                    .norm_bias = true};
  EXPECT_EQ(count_parameters(layer, 10).total, 554 + 640 + 40);
}

// 2 heads, q rank 6, kv rank 4, nope 3, rope 2, v 3:
// q: 10*6 + 6 (norm) + 6*2*5 = 126; kv: 10*(4+2) + 4 (norm) + 4*2*(3+3) = 112; o: 2*3*10 = 60; norms 20; FFN
// 900.
TEST(CountParameters, OfLatentAttention) {
  const Layer layer{.attention = {.form = AttentionSpec::Form::latent,
                                  .heads = 2,
                                  .kv_heads = 2,
                                  .head_dim = 5,
                                  .q_lora_rank = 6,
                                  .kv_lora_rank = 4,
                                  .qk_nope_head_dim = 3,
                                  .qk_rope_head_dim = 2,
                                  .v_head_dim = 3},
                    .ffn = dense()};
  EXPECT_EQ(count_parameters(layer, 10).total, 126 + 112 + 60 + 20 + 900);
}

// Attention 400, norms 20, router 10*8 + 8 = 88, shared 3*10*7 = 210, its gate 10: 728 for every token.
// An expert 3*10*4 = 120 and 8 of them 960; a token takes 2: 240.
FfnSpec experts() {
  return {.experts = 8,
          .experts_per_token = 2,
          .moe_intermediate_size = 4,
          .shared_intermediate_size = 7,
          .shared_gate = true,
          .router_bias = true};
}
TEST(CountParameters, OfExpertsSeparatesTotalFromActive) {
  const ParameterCount count = count_parameters(Layer{.attention = multi_head(), .ffn = experts()}, 10);
  EXPECT_EQ(count.total, 728 + 960);
  EXPECT_EQ(count.active, 728 + 240);
}

// Dense network of 4650: the two layers' matrices, 2 * 1300, in 8 bits: 2600 B; the other 2050 in 16 bits:
// 4100 B.
TEST(WeightBytes, KeepAllButTheMatricesOfLayersIn16Bits) {
  const Architecture network = network_of(multi_head(), dense(), 2);
  EXPECT_DOUBLE_EQ(weight_bytes(network, NumberFormat::bf16).base(), 9300);
  EXPECT_DOUBLE_EQ(weight_bytes(network, NumberFormat::int8).base(), 2600 + 4100);
  EXPECT_DOUBLE_EQ(weight_bytes(network, NumberFormat::fp32).base(), 18600);
}

// As published in MXFP4 (17/32 B a value), the experts' 960 values take 510 B and all else 2 B a value.
TEST(WeightBytes, OfACheckpointThatQuantizesOnlyItsExperts) {
  Architecture network = network_of(multi_head(), experts(), 1);
  network.checkpoint_format = NumberFormat::mxfp4;
  network.only_experts_quantized = true;
  const double others = static_cast<double>(count_parameters(network).total - 960);
  EXPECT_DOUBLE_EQ(weight_bytes(network, NumberFormat::mxfp4).base(), 510 + 2 * others);
  // Quantized otherwise, nothing is excepted: attention and shared expert take 1 B.
  EXPECT_DOUBLE_EQ(weight_bytes(network, NumberFormat::int8).base(), 960 + 2 * others - (400 + 210));
}

// Two tensor ranks: matrices of a layer 650, norms 20, half of embedding and output 1000, final norm 10:
// 2 * 670 + 1010 = 2350 values of 2 B.
TEST(WeightBytesPerDevice, SplitMatricesAndCopyNorms) {
  const Architecture network = network_of(multi_head(), dense(), 2);
  EXPECT_DOUBLE_EQ(weight_bytes_per_device(network, NumberFormat::bf16, {.tensor = 2}).base(), 4700);
}

// 3 layers in 2 stages: what is left over goes before the last stage, 2 and 1. First: 2 * 1320 + 1000
// (embedding) = 3640; last: 1320 + 1000 + 10.
TEST(WeightBytesPerDevice, OfAPipelineAreThoseOfTheFullestStage) {
  const Architecture network = network_of(multi_head(), dense(), 3);
  EXPECT_DOUBLE_EQ(weight_bytes_per_device(network, NumberFormat::bf16, {.pipeline = 2}).base(), 7280);
}

// 4 expert ranks over 4 data ranks: 2 of 8 experts, 240, and all else of the layer, 728; embedding, output,
// norm 2010.
TEST(WeightBytesPerDevice, SpreadWholeExpertsAndCopyTheRestOverDataRanks) {
  const Architecture network = network_of(multi_head(), experts(), 1);
  const Sharding spread{.expert = 4, .data = 4};
  EXPECT_DOUBLE_EQ(weight_bytes_per_device(network, NumberFormat::bf16, spread).base(),
                   2 * (240 + 728 + 2010));
  // Sliced instead, each device holds a quarter of each expert: as much.
  EXPECT_DOUBLE_EQ(weight_bytes_per_device(network, NumberFormat::bf16, {.data = 4}).base(),
                   2 * (240 + 728 + 2010));
}

// 2 layers, K and V of 2 heads of 5: 40 values, 80 B in 16 bits, 40 B in FP8.
TEST(KvBytesPerToken, CountKAndVOfAllLayers) {
  const Architecture network = network_of(multi_head(), dense(), 2);
  EXPECT_DOUBLE_EQ(kv_bytes_per_token(network, NumberFormat::fp16).base(), 80);
  EXPECT_DOUBLE_EQ(kv_bytes_per_token(network, NumberFormat::fp8).base(), 40);
}

// 2 key heads over 4 tensor ranks: one each, 2 layers * 2 * 5 values; over 2 stages of one layer: half of it.
TEST(KvBytesPerTokenPerDevice, KeepOneHeadPerRankAndSplitLayersOverStages) {
  const Architecture network = network_of(multi_head(), dense(), 2);
  EXPECT_DOUBLE_EQ(kv_bytes_per_token_per_device(network, NumberFormat::fp16, {.tensor = 4}).base(), 40);
  EXPECT_DOUBLE_EQ(
      kv_bytes_per_token_per_device(network, NumberFormat::fp16, {.tensor = 4, .pipeline = 2}).base(), 20);
}

TEST(KvBytesPerTokenPerDevice, CopyTheLatentCacheToEveryTensorRank) {
  const AttentionSpec latent{.form = AttentionSpec::Form::latent,
                             .heads = 2,
                             .kv_heads = 2,
                             .kv_lora_rank = 6,
                             .qk_rope_head_dim = 2};
  EXPECT_DOUBLE_EQ(kv_bytes_per_token_of_layer(latent, NumberFormat::bf16, {.tensor = 2}).base(), 16);
}

TEST(ShardingObstacle, NamesWhatDoesNotDivide) {
  const Architecture network = network_of(multi_head(), dense(), 2);
  EXPECT_EQ(sharding_obstacle(network, {.tensor = 2, .pipeline = 2}), "");
  EXPECT_EQ(sharding_obstacle(network, {.tensor = 3}), "3 tensor ranks do not divide 2 heads");
  EXPECT_EQ(sharding_obstacle(network, {.pipeline = 3}), "3 pipeline stages are more than 2 layers");
  EXPECT_EQ(sharding_obstacle(network, {.tensor = 2, .expert = 2}), "expert parallelism needs experts");
  EXPECT_EQ(sharding_obstacle(network_of(multi_head(), experts(), 1), {.expert = 3, .data = 3}),
            "3 expert ranks do not divide 8 experts");
}

}  // namespace
}  // namespace mtok::model
