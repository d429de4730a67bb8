// Networks with gated linear attention: Gated DeltaNet beside gated full attention.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/model/footprint.hpp"
#include "sim/model/step_graph.hpp"
#include "tests/unit/model/model_files.hpp"

namespace mtok::model {
namespace {

using kernel::NumberFormat;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr const char* kLinearKeys =
    R"("head_dim": 16, "linear_num_key_heads": 2, "linear_num_value_heads": 4, "linear_key_head_dim": 8,
 "linear_value_head_dim": 8, "linear_conv_kernel_dim": 4)";

Architecture small_hybrid(const std::string& more = "") {
  return load_small("hybrid", "qwen3_5_text", kLinearKeys + more);
}
std::string error_of_hybrid(const std::string& more) {
  try {
    static_cast<void>(small_hybrid(more));
  } catch (const config::Error& error) {
    return error.what();
  }
  return "";
}
const AttentionSpec& linear_of(const Architecture& network) {
  return network.groups.front().layer.attention;
}

// Qwen3.5-397B-A17B: 60 layers of hidden 4096, every fourth with full attention.
//   linear: q, k 2 * 16 * 128, v and z 2 * 64 * 128: 20,480 columns   20,480 * 4096 =    83,886,080
//           beta and decay 2 * 64 columns                                128 * 4096 =       524,288
//           convolution 4 taps of 12,288 channels, A_log, dt_bias, norm 49,152 + 256 =        49,408
//           output                                                     8192 * 4096 =    33,554,432
//   full:   q and its gate 2 * 32 * 256, k and v 2 * 2 * 256           17,408 * 4096 =    71,303,168
//           output 8192 * 4096, norms of q and k 512                                 =    33,554,944
//   MoE:    router 512 * 4096, experts 512 * 3 * 4096 * 1024                         = 6,444,548,096
//           shared expert and its gate 3 * 4096 * 1024 + 4096                        =    12,587,008
//   norms   2 * 4096                                                                 =         8,192
//   60 * 6,457,143,296 + 45 * 118,014,208 + 15 * 104,858,112                         = 394,312,108,800
//   embedding, output, final norm   2 * 248,320 * 4096 + 4096                        =   2,034,241,536
TEST(LinearAttention, CountsQwen35) {
  const Architecture network = load_architecture(shipped_models() / "qwen3.5-397b-a17b.yaml");
  EXPECT_EQ(count_parameters(network).total, 394312108800 + 2034241536);
  EXPECT_EQ(network.groups.size(), 2U);
  EXPECT_EQ(network.groups.front().count, 45);
  EXPECT_EQ(linear_of(network).form, AttentionSpec::Form::linear);
}

// A layer: 64 heads of 128 * 128 values of 4 B = 4,194,304 B, and 3 tokens of 12,288 channels of 2 B = 73,728
// B. 45 layers: 192,061,440 B, as much as 6,252 tokens of cache. Eight ranks hold 8 value heads and 2 key
// heads each: 524,288 + 3 * 1536 * 2 = 533,504 B.
TEST(LinearAttention, KeepsAStateOfConstantSizeInPlaceOfACache) {
  const Architecture network = load_architecture(shipped_models() / "qwen3.5-397b-a17b.yaml");
  EXPECT_EQ(state_bytes_per_sequence_per_device(network, {}).base(), 192061440);
  EXPECT_EQ(state_bytes_of_layer(linear_of(network), {.tensor = 8}).base(), 533504);
  EXPECT_EQ(state_bytes_per_sequence_per_device(network, {.tensor = 8}).base(), 45 * 533504);
  // Four stages of 15 layers: the fullest has 12 linear ones.
  EXPECT_EQ(state_bytes_per_sequence_per_device(network, {.pipeline = 4}).base(), 12 * 4268032);
  EXPECT_EQ(kv_bytes_per_token_of_layer(linear_of(network), NumberFormat::bf16, {}).base(), 0);
  EXPECT_EQ(kv_bytes_per_token(network, NumberFormat::bf16).base(), 15 * 2 * 2 * 256 * 2);
  const Architecture dense = load_architecture(shipped_models() / "llama-3.1-8b.yaml");
  EXPECT_EQ(state_bytes_per_sequence_per_device(dense, {}).base(), 0);
}

TEST(LinearAttention, NeedsKeyHeadsThatDivideOverTensorRanks) {
  const Architecture network = load_architecture(shipped_models() / "qwen3.5-397b-a17b.yaml");
  EXPECT_EQ(sharding_obstacle(network, {.tensor = 16}), "");
  EXPECT_NE(sharding_obstacle(network, {.tensor = 32}), "") << "full attention could copy its key heads";
}

// Hidden 64; 2 key heads and 4 value heads of 8: q and k 32, v and z 64 columns. Full: q and gate 2 * 64, k
// and v 64.
TEST(LinearAttention, AddsItsProjectionsConvolutionAndGate) {
  const std::vector<StepPart> parts = layer_parts(small_hybrid(), {}, {}, 10);
  std::vector<std::string> names;
  for (const Node& node : parts.at(1).graph.nodes()) {
    names.emplace_back(node.name);
  }
  EXPECT_THAT(names,
              ElementsAre("input_norm", "qkvz_proj", "beta_and_decay_proj", "convolution", "gated_norm",
                          "o_proj", "ffn_norm", "gate_up_proj", "activation", "down_proj"));
  EXPECT_EQ(parts.at(1).name, "dense layer, linear");
  EXPECT_EQ(parts.at(1).repeats, 3);
  const auto gemm = [&](std::size_t part, std::size_t node) {
    return std::get<kernel::Gemm>(parts.at(part).graph.nodes().at(node).kernel);
  };
  EXPECT_EQ(gemm(1, 1).n, 32 + 64);
  EXPECT_EQ(gemm(1, 1).k, 64);
  EXPECT_EQ(gemm(1, 2).n, 2 * 4);
  EXPECT_EQ(gemm(1, 5).k, 32);
  EXPECT_EQ(gemm(2, 1).n, 2 * 64 + 2 * 32);
}

// Decode: 7 flops of each of 4 * 8 * 8 state values; prefill: 2 * 64 * (3 * 8 + 2 * 8) + 6 * 64 = 5504 a
// token and head. Bytes: the state in and out, and q, k, v and the result, 2 * 16 + 2 * 32 values of 2 B a
// token.
TEST(LinearAttention, AsksForItsStateOnceAndForFlopsInProportionToTokens) {
  const AttentionSpec linear = linear_of(small_hybrid());
  AttentionLoad load{.phase = kernel::Phase::decode, .sequences = 5, .query_tokens = 5, .kv_tokens = 1e6};
  const kernel::LinearAttention decode = linear_attention_kernel(linear, {}, load);
  EXPECT_EQ(decode.state_bytes.base(), 4 * 8 * 8 * 4 + 3 * (2 * 16 + 32) * 2);
  EXPECT_EQ(kernel::flops_of(decode).base(), 5 * 7 * 256);
  EXPECT_EQ(kernel::bytes_of(decode).base(), 2 * 5 * decode.state_bytes.base() + 5 * 96 * 2);
  load = {.phase = kernel::Phase::prefill, .sequences = 2, .query_tokens = 1000};
  const kernel::LinearAttention prefill = linear_attention_kernel(linear, {}, load);
  EXPECT_EQ(kernel::flops_of(prefill).base(), 1000 * 4 * 5504);
  EXPECT_EQ(kernel::bytes_of(prefill).base(), 2 * 2 * decode.state_bytes.base() + 1000 * 96 * 2);
}

TEST(LinearAttention, IsReadFromLayerTypesOrFromAnInterval) {
  EXPECT_EQ(small_hybrid().groups.front().count, 3);
  EXPECT_EQ(small_hybrid(R"(, "full_attention_interval": 2)").groups.front().count, 2);
  const Architecture irregular = small_hybrid(
      R"(, "layer_types": ["full_attention", "linear_attention", "linear_attention", "full_attention"],
 "mamba_ssm_dtype": "bfloat16")");
  EXPECT_THAT(irregular.layer_order(), ElementsAre(0, 1, 1, 0));
  EXPECT_EQ(irregular.groups.at(1).layer.attention.state_format, NumberFormat::bf16);
  const std::string yaml = to_yaml(irregular, "made up");
  Architecture again = load_architecture(write_file("hybrid.yaml", yaml));
  again.source = irregular.source;
  EXPECT_TRUE(again == irregular) << yaml;
}

TEST(LinearAttention, RefusesWhatItDoesNotKnow) {
  EXPECT_THAT(error_of_hybrid(R"(, "full_attention_interval": 9)"), HasSubstr("no layer has full attention"));
  EXPECT_THAT(error_of_hybrid(R"(, "linear_attn_config": {})"), HasSubstr("other than Gated DeltaNet"));
  EXPECT_THAT(error_of_hybrid(
                  R"(, "layer_types": ["full_attention", "mamba", "linear_attention", "full_attention"])"),
              HasSubstr("'mamba' is not supported; expected full_attention, linear_attention"));
}

}  // namespace
}  // namespace mtok::model
