// Networks that are not shipped, by the keys of their config.json: the parameters that follow from them.
#include <gtest/gtest.h>

#include "sim/model/footprint.hpp"
#include "tests/unit/model/model_files.hpp"

namespace mtok::model {
namespace {

struct Checkpoint {
  std::string name{};
  double parameters = 0;
  std::string config{};
};

// Sizes and counts: the model cards and config.json of these checkpoints, from memory, unverified; keys that
// say nothing about sizes are left out.
const std::vector<Checkpoint> kPublished{
    {"qwen2.5-vl-7b", 7.6e9,
     R"({"model_type": "qwen2_5_vl", "vocab_size": 152064, "hidden_size": 3584, "intermediate_size": 18944,
"num_hidden_layers": 28, "num_attention_heads": 28, "num_key_value_heads": 4,
"max_position_embeddings": 128000, "use_sliding_window": false, "sliding_window": 32768,
"tie_word_embeddings": false})"},
    {"qwen3-vl-30b-a3b", 30.5e9,
     R"({"model_type": "qwen3_vl_moe", "text_config": {"model_type": "qwen3_vl_moe_text", "attention_bias":
false, "decoder_sparse_step": 1, "head_dim": 128, "hidden_size": 2048, "intermediate_size": 6144,
"max_position_embeddings": 262144, "moe_intermediate_size": 768, "num_attention_heads": 32,
"num_experts": 128, "num_experts_per_tok": 8, "num_hidden_layers": 48, "num_key_value_heads": 4,
"vocab_size": 151936}, "tie_word_embeddings": false})"},
    {"command-r-35b", 34.98e9,
     R"({"model_type": "cohere", "vocab_size": 256000, "hidden_size": 8192, "intermediate_size": 22528,
"num_hidden_layers": 40, "num_attention_heads": 64, "num_key_value_heads": 64,
"max_position_embeddings": 8192, "use_qk_norm": false, "attention_bias": false})"},
    {"command-a-111b", 111e9,
     R"({"model_type": "cohere2", "vocab_size": 256000, "hidden_size": 12288, "intermediate_size": 36864,
"num_hidden_layers": 64, "num_attention_heads": 96, "num_key_value_heads": 8, "head_dim": 128,
"max_position_embeddings": 131072, "sliding_window": 4096, "sliding_window_pattern": 4,
"attention_bias": false, "use_qk_norm": false})"},
    {"olmo2-7b", 7.3e9,
     R"({"model_type": "olmo2", "vocab_size": 100352, "hidden_size": 4096, "intermediate_size": 11008,
"num_hidden_layers": 32, "num_attention_heads": 32, "num_key_value_heads": 32,
"max_position_embeddings": 4096, "tie_word_embeddings": false, "attention_bias": false})"},
    {"olmoe-1b-7b", 6.92e9,
     R"({"model_type": "olmoe", "vocab_size": 50304, "hidden_size": 2048, "intermediate_size": 1024,
"num_hidden_layers": 16, "num_attention_heads": 16, "num_key_value_heads": 16, "num_experts": 64,
"num_experts_per_tok": 8, "max_position_embeddings": 4096, "tie_word_embeddings": false,
"attention_bias": false})"},
    {"granite-3.3-8b", 8.17e9,
     R"({"model_type": "granite", "vocab_size": 49159, "hidden_size": 4096, "intermediate_size": 12800,
"num_hidden_layers": 40, "num_attention_heads": 32, "num_key_value_heads": 8,
"max_position_embeddings": 131072, "tie_word_embeddings": true, "attention_bias": false, "mlp_bias":
false})"},
    {"granite-moe-3b-a800m", 3.3e9,
     R"({"model_type": "granitemoe", "vocab_size": 49155, "hidden_size": 1536, "intermediate_size": 512,
"num_hidden_layers": 32, "num_attention_heads": 24, "num_key_value_heads": 8, "num_local_experts":
40, "num_experts_per_tok": 8, "max_position_embeddings": 4096, "tie_word_embeddings": true,
"attention_bias": false})"},
    {"glm-4-9b-0414", 9.4e9,
     R"({"model_type": "glm4", "vocab_size": 151552, "hidden_size": 4096, "intermediate_size": 13696,
"num_hidden_layers": 40, "num_attention_heads": 32, "num_key_value_heads": 2, "head_dim": 128,
"max_position_embeddings": 32768, "tie_word_embeddings": false, "attention_bias": true})"},
    {"glm-4.7-flash", 30e9,
     R"({"model_type": "glm4_moe_lite", "vocab_size": 154880, "hidden_size": 2048, "intermediate_size":
10240, "moe_intermediate_size": 1536, "num_hidden_layers": 47, "num_attention_heads": 20,
"num_key_value_heads": 20, "n_shared_experts": 1, "n_routed_experts": 64, "num_experts_per_tok": 4,
"first_k_dense_replace": 1, "kv_lora_rank": 512, "q_lora_rank": 768, "qk_nope_head_dim": 192,
"qk_rope_head_dim": 64, "v_head_dim": 256, "max_position_embeddings": 202752, "tie_word_embeddings":
false, "attention_bias": false})"},
    {"glm-4.5v", 106e9,
     R"({"model_type": "glm4v_moe", "text_config": {"model_type": "glm4v_moe_text", "vocab_size": 151552,
"hidden_size": 4096, "intermediate_size": 10944, "moe_intermediate_size": 1408, "num_hidden_layers":
46, "num_attention_heads": 96, "num_key_value_heads": 8, "head_dim": 128, "n_shared_experts": 1,
"n_routed_experts": 128, "num_experts_per_tok": 8, "first_k_dense_replace": 1,
"max_position_embeddings": 65536, "use_qk_norm": false, "attention_bias": true},
"tie_word_embeddings": false})"},
    {"seed-oss-36b", 36.15e9,
     R"({"model_type": "seed_oss", "vocab_size": 155136, "hidden_size": 5120, "intermediate_size": 27648,
"num_hidden_layers": 64, "num_attention_heads": 80, "num_key_value_heads": 8, "head_dim": 128,
"max_position_embeddings": 524288, "tie_word_embeddings": false, "attention_bias": true,
"attention_out_bias": false, "mlp_bias": false})"},
    {"smollm3-3b", 3.08e9,
     R"({"model_type": "smollm3", "vocab_size": 128256, "hidden_size": 2048, "intermediate_size": 11008,
"num_hidden_layers": 36, "num_attention_heads": 16, "num_key_value_heads": 4,
"max_position_embeddings": 65536, "use_sliding_window": false, "sliding_window": null,
"attention_bias": false, "mlp_bias": false})"},
    {"ernie-4.5-21b-a3b", 21.8e9,
     R"({"model_type": "ernie4_5_moe", "vocab_size": 103424, "hidden_size": 2560, "intermediate_size":
12288, "moe_intermediate_size": 1536, "num_hidden_layers": 28, "num_attention_heads": 20,
"num_key_value_heads": 4, "moe_num_experts": 64, "moe_num_shared_experts": 2, "moe_k": 6,
"moe_layer_start_index": 1, "moe_layer_end_index": 27, "moe_layer_interval": 1,
"max_position_embeddings": 131072, "tie_word_embeddings": true, "use_bias": false})"},
    {"exaone-4-32b", 32e9,
     R"({"model_type": "exaone4", "vocab_size": 102400, "hidden_size": 5120, "intermediate_size": 27392,
"num_hidden_layers": 64, "num_attention_heads": 40, "num_key_value_heads": 8, "head_dim": 128,
"max_position_embeddings": 131072, "sliding_window": 4096, "tie_word_embeddings": false})"},
    {"hunyuan-a13b", 80.4e9,
     R"({"model_type": "hunyuan_v1_moe", "vocab_size": 128167, "hidden_size": 4096, "intermediate_size":
3072, "num_hidden_layers": 32, "num_attention_heads": 32, "num_key_value_heads": 8, "head_dim": 128,
"num_experts": 64, "num_shared_expert": [1, 1], "moe_topk": [8, 8], "moe_intermediate_size": [3072,
3072], "max_position_embeddings": 32768, "use_qk_norm": true, "tie_word_embeddings": true,
"attention_bias": false, "mlp_bias": false, "use_cla": false})"},
    {"phi-3.5-moe", 41.9e9,
     R"({"model_type": "phimoe", "vocab_size": 32064, "hidden_size": 4096, "intermediate_size": 6400,
"num_hidden_layers": 32, "num_attention_heads": 32, "num_key_value_heads": 8, "num_local_experts":
16, "num_experts_per_tok": 2, "max_position_embeddings": 131072, "sliding_window": 131072,
"tie_word_embeddings": false, "attention_bias": true, "lm_head_bias": true})"},
    {"gpt-neox-20b", 20.55e9,
     R"({"model_type": "gpt_neox", "vocab_size": 50432, "hidden_size": 6144, "intermediate_size": 24576,
"num_hidden_layers": 44, "num_attention_heads": 64, "max_position_embeddings": 2048,
"tie_word_embeddings": false, "use_parallel_residual": true})"},
    {"internlm2.5-20b", 19.86e9,
     R"({"model_type": "internlm2", "vocab_size": 92544, "hidden_size": 6144, "intermediate_size": 16384,
"num_hidden_layers": 48, "num_attention_heads": 48, "num_key_value_heads": 8,
"max_position_embeddings": 32768, "bias": false, "tie_word_embeddings": false})"},
    {"nemotron-4-minitron-8b", 8.27e9,
     R"({"model_type": "nemotron", "vocab_size": 256000, "hidden_size": 4096, "intermediate_size": 16384,
"num_hidden_layers": 32, "num_attention_heads": 48, "head_dim": 128, "num_key_value_heads": 8,
"max_position_embeddings": 4096, "tie_word_embeddings": false, "attention_bias": false, "mlp_bias":
false})"},
    {"dots.llm1", 142e9,
     R"({"model_type": "dots1", "vocab_size": 152064, "hidden_size": 4096, "intermediate_size": 10944,
"moe_intermediate_size": 1408, "num_hidden_layers": 62, "num_attention_heads": 32,
"num_key_value_heads": 32, "n_shared_experts": 2, "n_routed_experts": 128, "num_experts_per_tok": 6,
"first_k_dense_replace": 1, "moe_layer_freq": 1, "max_position_embeddings": 32768,
"tie_word_embeddings": false, "attention_bias": false, "sliding_window": null})"},
    {"arcee-afm-4.5b", 4.6e9,
     R"({"model_type": "arcee", "vocab_size": 128004, "hidden_size": 2560, "intermediate_size": 18432,
"num_hidden_layers": 36, "num_attention_heads": 20, "num_key_value_heads": 4, "head_dim": 128,
"max_position_embeddings": 65536, "tie_word_embeddings": false, "attention_bias": false, "mlp_bias":
false})"},
    {"apertus-70b", 70.6e9,
     R"({"model_type": "apertus", "vocab_size": 131072, "hidden_size": 8192, "intermediate_size": 43008,
"num_hidden_layers": 80, "num_attention_heads": 64, "num_key_value_heads": 8,
"max_position_embeddings": 65536, "tie_word_embeddings": false, "attention_bias": false})"},
    {"kimi-vl-a3b", 15.96e9,
     R"({"model_type": "kimi_vl", "text_config": {"model_type": "deepseek_v3", "vocab_size": 163840,
"hidden_size": 2048, "intermediate_size": 11264, "moe_intermediate_size": 1408, "num_hidden_layers":
27, "num_attention_heads": 16, "num_key_value_heads": 16, "n_shared_experts": 2, "n_routed_experts":
64, "num_experts_per_tok": 6, "first_k_dense_replace": 1, "moe_layer_freq": 1, "kv_lora_rank": 512,
"q_lora_rank": null, "qk_nope_head_dim": 128, "qk_rope_head_dim": 64, "v_head_dim": 128,
"max_position_embeddings": 131072}})"},
};

TEST(Families, CountTheParametersThatThePublishersState) {
  for (const Checkpoint& published : kPublished) {
    const Architecture network = load_architecture(write_file(published.name + ".json", published.config));
    const auto counted = static_cast<double>(count_parameters(network).total);
    EXPECT_NEAR(counted / published.parameters, 1, 0.01) << published.name;
  }
}

TEST(Families, AreWrittenSoThatTheyReadBack) {
  for (const Checkpoint& published : kPublished) {
    Architecture network = load_architecture(write_file(published.name + ".json", published.config));
    network.source = "as published";
    const std::string yaml = to_yaml(network, network.source);
    EXPECT_TRUE(load_architecture(write_file(published.name + ".yaml", yaml)) == network) << yaml;
  }
}

// Hunyuan gives what is the same for all layers once a layer; another number for one of them would be lost.
TEST(Families, RefuseSizesThatDifferBetweenLayers) {
  const std::string more = R"("num_experts": 4, "moe_topk": [2, 2, 2, 2], "moe_intermediate_size": )";
  EXPECT_EQ(load_small("same", "hunyuan_v1_moe", more + "[32, 32, 32, 32]").groups.size(), 1U);
  EXPECT_THROW(static_cast<void>(load_small("differ", "hunyuan_v1_moe", more + "[32, 32, 32, 64]")),
               config::Error);
  EXPECT_THROW(static_cast<void>(load_small("none", "hunyuan_v1_moe", more + "[]")), config::Error);
}

// Layers 1 and 2 of 0 to 3.
TEST(Families, FollowErniesFirstAndLastLayerWithExperts) {
  const Architecture network = load_small("ernie", "ernie4_5_moe",
                                          R"("moe_num_experts": 4, "moe_k": 2, "moe_intermediate_size": 32,
 "moe_layer_start_index": 1, "moe_layer_end_index": 2)");
  ASSERT_EQ(network.order.size(), 4U);
  for (const std::size_t layer : {0U, 3U}) {
    EXPECT_EQ(network.groups[network.order[layer]].layer.ffn.experts, 0);
  }
  for (const std::size_t layer : {1U, 2U}) {
    EXPECT_EQ(network.groups[network.order[layer]].layer.ffn.experts, 4);
  }
}

}  // namespace
}  // namespace mtok::model
