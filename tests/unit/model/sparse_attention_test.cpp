// Networks with DeepSeek Sparse Attention: latent attention to the keys that an indexer chooses.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/model/footprint.hpp"
#include "sim/model/step_graph.hpp"
#include "tests/unit/model/model_files.hpp"

namespace mtok::model {
namespace {

using kernel::NumberFormat;

const AttentionSpec& attention_of(const Architecture& network) {
  return network.groups.front().layer.attention;
}
kernel::Gemm gemm_named(const std::vector<StepPart>& parts, const std::string& name) {
  for (const Node& node : parts.at(1).graph.nodes()) {
    if (node.name == name) {
      return std::get<kernel::Gemm>(node.kernel);
    }
  }
  ADD_FAILURE() << "no kernel " << name;
  return {};
}

// DeepSeek-V3.2 is DeepSeek-V3 (671,026,404,352) and in each of 61 layers an indexer of 64 heads of 128:
// queries 1536 * 8192, keys 7168 * 128, head weights 7168 * 64, a LayerNorm of 2 * 128: 13,959,424.
TEST(SparseAttention, AddsAnIndexerToEachLayer) {
  const Architecture dense = load_architecture(shipped_models() / "deepseek-v3.yaml");
  const Architecture sparse = load_architecture(shipped_models() / "deepseek-v3.2.yaml");
  EXPECT_EQ(count_parameters(sparse).total - count_parameters(dense).total, 61 * 13959424);
  EXPECT_EQ(attention_of(sparse).reach(), 2048);
  EXPECT_EQ(attention_of(sparse).window, 0) << "the whole cache is kept";
}

// GLM-5: 78 layers; latent cache 512 + 64 values of 2 B = 1152 B; indexer key 128 B and a scale of 4 B in any
// format.
TEST(SparseAttention, KeepsAnIndexerKeyBesideTheLatentCache) {
  const Architecture network = load_architecture(shipped_models() / "glm-5.yaml");
  EXPECT_EQ(index_bytes_per_token_of_layer(attention_of(network)).base(), 132);
  EXPECT_EQ(kv_bytes_per_token(network, NumberFormat::bf16).base(), 78 * (1152 + 132));
  EXPECT_EQ(kv_bytes_per_token(network, NumberFormat::fp8).base(), 78 * (576 + 132));
  EXPECT_EQ(kv_bytes_per_token_per_device(network, NumberFormat::fp8, {.tensor = 8}).base(), 78 * (576 + 132))
      << "copied to every rank";
}

TEST(SparseAttention, ProjectsTheIndexerWholeOnEveryRank) {
  const Architecture network = load_architecture(shipped_models() / "glm-5.yaml");
  const kernel::Formats fp8{.weights = NumberFormat::fp8, .activations = NumberFormat::fp8};
  const std::vector<StepPart> parts = layer_parts(network, {.tensor = 8}, fp8, 10);
  EXPECT_EQ(gemm_named(parts, "index_q_proj").n, 32 * 128);
  EXPECT_EQ(gemm_named(parts, "index_q_proj").k, 2048);
  EXPECT_EQ(gemm_named(parts, "index_k_proj").n, 128);
  EXPECT_EQ(gemm_named(parts, "index_k_proj").weights, NumberFormat::fp8);
  EXPECT_EQ(gemm_named(parts, "index_weights_proj").n, 32);
  EXPECT_EQ(gemm_named(parts, "index_weights_proj").weights, NumberFormat::bf16);
  EXPECT_EQ(gemm_named(parts, "index_weights_proj").activations, NumberFormat::bf16);
}

// 10 sequences of 5000 keys: 50,000 pairs, each 2 * 32 * 128 flops in FP8 over a key of 132 B; a score of 4 B
// is written and read, and 10 * 2048 numbers of 4 B of the chosen.
TEST(SparseAttention, ScoresEveryKeyAndReadsOnlyTheChosen) {
  const AttentionSpec attention = attention_of(load_architecture(shipped_models() / "glm-5.yaml"));
  const AttentionLoad whole{
      .sequences = 10, .query_tokens = 10, .query_key_pairs = 50000, .kv_tokens = 50000};
  const IndexKernels index = index_kernels(attention, whole);
  EXPECT_EQ(kernel::flops_of(index.scores).base(), 50000.0 * 2 * 32 * 128);
  EXPECT_EQ(index.scores.compute, NumberFormat::fp8);
  EXPECT_EQ(index.scores.kv_bytes_per_token.base(), 132);
  EXPECT_EQ(index.choice.bytes_read.base(), 50000.0 * 4);
  EXPECT_EQ(index.choice.bytes_written.base(), 50000.0 * 4 + 10 * 2048 * 4);
  const kernel::Attention chosen =
      attention_kernel(attention, {.tensor = 8}, {},
                       {.sequences = 10, .query_tokens = 10, .query_key_pairs = 20480, .kv_tokens = 20480});
  EXPECT_EQ(chosen.kv_bytes_per_token.base(), 1152) << "without the indexer's key";
  EXPECT_EQ(kernel::flops_of(chosen).base(), 20480.0 * 2 * (576 + 512) * 8);
}

// Three queries of a prompt that chose 2048 keys each gather 6144 latent vectors, not a run of the cache.
TEST(SparseAttention, GathersTheChosenKeysOfAPromptQueryByQuery) {
  const AttentionSpec attention = attention_of(load_architecture(shipped_models() / "glm-5.yaml"));
  AttentionLoad load{.phase = kernel::Phase::prefill,
                     .sequences = 1,
                     .query_tokens = 3,
                     .query_key_pairs = 6144,
                     .kv_tokens = 2051};
  EXPECT_EQ(attention_kernel(attention, {}, {}, load).qk_dim, 256) << "short prompts: expanded heads";
  load.chosen = true;
  const kernel::Attention gathered = attention_kernel(attention, {}, {}, load);
  EXPECT_EQ(gathered.phase, kernel::Phase::decode);
  EXPECT_EQ(gathered.sequences, 3);
  EXPECT_EQ(gathered.kv_tokens, 6144);
  EXPECT_EQ(gathered.qk_dim, 576);
  EXPECT_EQ(gathered.kv_heads, 1);
}

TEST(SparseAttention, LeavesLatentProjectionsWideInNvfp4) {
  const Architecture deepseek = load_architecture(shipped_models() / "deepseek-v3.yaml");
  const MatrixFormats formats = matrix_formats(deepseek, NumberFormat::nvfp4);
  EXPECT_EQ(formats.attention, NumberFormat::bf16);
  EXPECT_EQ(formats.attention_output, NumberFormat::nvfp4);
  EXPECT_EQ(formats.dense, NumberFormat::nvfp4);
  EXPECT_EQ(matrix_formats(deepseek, NumberFormat::fp8_block).attention, NumberFormat::fp8_block);
  const Architecture kimi = load_architecture(shipped_models() / "kimi-k2.5.yaml");
  EXPECT_EQ(matrix_formats(kimi, NumberFormat::nvfp4).attention_output, NumberFormat::bf16);
  const Architecture minimax = load_architecture(shipped_models() / "minimax-m2.5.yaml");
  EXPECT_EQ(matrix_formats(minimax, NumberFormat::nvfp4).attention, NumberFormat::nvfp4);
}

}  // namespace
}  // namespace mtok::model
