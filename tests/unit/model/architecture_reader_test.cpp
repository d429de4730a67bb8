// Reading config.json and model YAML: what families imply, which layers differ, what is refused.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/config/diagnostic.hpp"
#include "sim/model/family.hpp"
#include "sim/model/footprint.hpp"
#include "tests/unit/model/model_files.hpp"

namespace mtok::model {
namespace {

using kernel::NumberFormat;
using ::testing::HasSubstr;

/// The text of the error that loading gives; empty when there is none.
std::string error_of(const std::filesystem::path& path) {
  try {
    static_cast<void>(load_architecture(path));
    return "";
  } catch (const config::Error& error) {
    return config::to_text(error.diagnostics());
  }
}

std::int64_t layers_with_window(const Architecture& network, std::int64_t window) {
  std::int64_t count = 0;
  for (const LayerGroup& group : network.groups) {
    count += group.layer.attention.window == window ? group.count : 0;
  }
  return count;
}

std::int64_t moe_layers(const Architecture& network) {
  std::int64_t count = 0;
  for (const LayerGroup& group : network.groups) {
    count += group.layer.ffn.experts > 0 ? group.count : 0;
  }
  return count;
}

// hidden_size / heads = 64 / 4 = 16
TEST(LoadArchitecture, DividesHiddenSizeByHeadsWhenHeadDimIsMissing) {
  const Architecture network = load_small("head_dim", "llama", "");
  EXPECT_EQ(network.groups.front().layer.attention.head_dim, 16);
  EXPECT_EQ(load_small("head_dim2", "llama", "\"head_dim\": 32").groups.front().layer.attention.head_dim, 32);
}

TEST(LoadArchitecture, KnowsTheBiasesThatFamiliesImply) {
  const auto attention = [](const std::string& type, const std::string& more) {
    return load_small("bias_" + type, type, more).groups.front().layer.attention;
  };
  EXPECT_FALSE(attention("llama", "").qkv_bias);
  EXPECT_TRUE(attention("qwen2", "").qkv_bias);
  EXPECT_FALSE(attention("qwen2", "").output_bias);
  EXPECT_TRUE(attention("qwen3", "").qk_norm);
  EXPECT_TRUE(attention("llama", "\"attention_bias\": true").output_bias);
  const Architecture gpt_oss =
      load_small("bias_oss", "gpt_oss", "\"num_local_experts\": 4, \"experts_per_token\": 2");
  EXPECT_TRUE(gpt_oss.groups.front().layer.attention.sinks);
  EXPECT_TRUE(gpt_oss.groups.front().layer.attention.output_bias);
  EXPECT_TRUE(gpt_oss.groups.front().layer.ffn.bias);
  EXPECT_EQ(gpt_oss.groups.front().layer.ffn.moe_intermediate_size, 128);
}

// Of 4 layers: Gemma 3 leaves every 6th full, Gemma 2 every 2nd, Mistral none.
TEST(LoadArchitecture, AppliesWindowsToTheLayersOfTheFamily) {
  const std::string window = "\"sliding_window\": 8";
  const auto windowed = [&](const std::string& type) {
    return layers_with_window(load_small("window_" + type, type, window), 8);
  };
  EXPECT_EQ(windowed("gemma2"), 2);       // layers 0 and 2 of 4
  EXPECT_EQ(windowed("gemma3_text"), 4);  // the first full layer would be the 6th
  EXPECT_EQ(windowed("mistral"), 4);
  EXPECT_EQ(windowed("llama"), 0);
  EXPECT_EQ(windowed("qwen2"), 0);  // use_sliding_window is false when not given
}

TEST(LoadArchitecture, FollowsTheKeysThatNameWindowedLayers) {
  const auto windowed = [](const std::string& name, const std::string& type, const std::string& more) {
    return layers_with_window(load_small(name, type, "\"sliding_window\": 8, " + more), 8);
  };
  EXPECT_EQ(windowed("types", "qwen3",
                     "\"layer_types\": [\"full_attention\", \"sliding_attention\", \"full_attention\", "
                     "\"full_attention\"]"),
            1);
  EXPECT_EQ(windowed("upper", "qwen2", "\"use_sliding_window\": true, \"max_window_layers\": 3"), 1);
  EXPECT_EQ(windowed("pattern", "gemma3_text", "\"sliding_window_pattern\": 2"), 2);
}

TEST(LoadArchitecture, TreatsAWindowAsLongAsTheContextAsNone) {
  EXPECT_EQ(layers_with_window(load_small("long_window", "phi3", "\"sliding_window\": 1000"), 0), 4);
}

TEST(LoadArchitecture, FollowsTheKeysThatNameMoeLayers) {
  const std::string moe = "\"num_experts\": 8, \"num_experts_per_tok\": 2, \"moe_intermediate_size\": 32, ";
  const auto count = [&](const std::string& name, const std::string& more) {
    return moe_layers(load_small(name, "qwen3_moe", moe + more));
  };
  EXPECT_EQ(count("all", "\"decoder_sparse_step\": 1"), 4);
  EXPECT_EQ(count("first", "\"first_k_dense_replace\": 3"), 1);
  EXPECT_EQ(count("step", "\"decoder_sparse_step\": 2"), 2);  // layers 1 and 3
  EXPECT_EQ(count("only", "\"mlp_only_layers\": [0, 2, 3]"), 1);
  EXPECT_EQ(count("freq", "\"moe_layer_freq\": 3"), 2);  // layers 0 and 3
}

TEST(LoadArchitecture, GivesLlama4ItsSharedExpertItsChunksAndItsInterleaving) {
  const Architecture network =
      load_small("llama4", "llama4_text",
                 "\"num_local_experts\": 8, \"num_experts_per_tok\": 1, \"intermediate_size_mlp\": 256, "
                 "\"interleave_moe_layer_step\": 2, \"attention_chunk_size\": 16, \"use_qk_norm\": true");
  EXPECT_EQ(moe_layers(network), 2);
  EXPECT_EQ(layers_with_window(network, 16), 3);  // all but the 4th
  for (const LayerGroup& group : network.groups) {
    EXPECT_FALSE(group.layer.attention.qk_norm) << "its norm has no weights";
    if (group.layer.ffn.experts > 0) {
      EXPECT_EQ(group.layer.ffn.shared_intermediate_size, 128);
    } else {
      EXPECT_EQ(group.layer.ffn.intermediate_size, 256);
    }
  }
}

TEST(LoadArchitecture, ReadsFalconsThreeWaysOfSharingKeyHeads) {
  const auto falcon = [](const std::string& name, const std::string& more) {
    return load_architecture(write_file(name + ".json", R"({"model_type": "falcon", "hidden_size": 64,
      "num_hidden_layers": 2, "num_attention_heads": 4, "vocab_size": 100)" +
                                                            more + "}"))
        .groups.front()
        .layer;
  };
  EXPECT_EQ(falcon("falcon1", ", \"num_kv_heads\": 4").attention.kv_heads, 1);
  EXPECT_EQ(falcon("falcon1", "").norms, 1);
  EXPECT_EQ(falcon("falcon2", ", \"new_decoder_architecture\": true, \"num_kv_heads\": 2").attention.kv_heads,
            2);
  EXPECT_EQ(falcon("falcon2", ", \"new_decoder_architecture\": true, \"num_kv_heads\": 2").norms, 2);
  EXPECT_EQ(falcon("falcon3", ", \"multi_query\": false").attention.kv_heads, 4);
  EXPECT_EQ(falcon("falcon4", "").ffn.intermediate_size, 256);  // 4 * 64
}

TEST(LoadArchitecture, ReadsTheFormatOfTheCheckpoint) {
  const auto format = [](const std::string& name, const std::string& more) {
    return load_small(name, "llama", more).checkpoint_format;
  };
  EXPECT_EQ(format("f1", ""), NumberFormat::bf16);
  EXPECT_EQ(format("f2", "\"torch_dtype\": \"float16\""), NumberFormat::fp16);
  EXPECT_EQ(format("f3", "\"dtype\": \"float32\""), NumberFormat::fp32);
  const auto quantized = [&](const std::string& name, const std::string& keys) {
    return format(name, "\"quantization_config\": {" + keys + "}");
  };
  EXPECT_EQ(quantized("q1", "\"quant_method\": \"fp8\""), NumberFormat::fp8);
  EXPECT_EQ(quantized("q2", "\"quant_method\": \"fp8\", \"weight_block_size\": [128, 128]"),
            NumberFormat::fp8_block);
  EXPECT_EQ(quantized("q3", "\"quant_method\": \"awq\", \"bits\": 4"), NumberFormat::int4);
  EXPECT_EQ(quantized("q4", "\"quant_method\": \"gptq\", \"bits\": 8"), NumberFormat::int8);
  EXPECT_EQ(quantized("q5", "\"quant_method\": \"modelopt\", \"quant_algo\": \"NVFP4\""),
            NumberFormat::nvfp4);
  EXPECT_EQ(quantized("q6",
                      "\"quant_method\": \"compressed-tensors\", \"config_groups\": {\"group_0\": "
                      "{\"weights\": {\"num_bits\": 8, \"type\": \"float\"}}}"),
            NumberFormat::fp8);
  EXPECT_EQ(quantized("q8", "\"quant_method\": \"bitsandbytes\", \"load_in_4bit\": true"),
            NumberFormat::int4);
  EXPECT_EQ(quantized("q9", "\"quant_method\": \"bitsandbytes\", \"load_in_8bit\": true"),
            NumberFormat::int8);
  EXPECT_EQ(
      quantized("q10",
                "\"quant_method\": \"quark\", \"global_quant_config\": {\"weight\": {\"dtype\": \"fp4\"}}"),
      NumberFormat::mxfp4);
  EXPECT_EQ(quantized("q11",
                      "\"quant_method\": \"compressed-tensors\", \"config_groups\": {\"group_0\": "
                      "{\"weights\": {\"num_bits\": 4, \"type\": \"float\", \"group_size\": 32}}}"),
            NumberFormat::mxfp4);
  EXPECT_THAT(
      error_of(write_file("q7.json", R"({"model_type": "llama", "hidden_size": 64, "num_hidden_layers": 1,
    "num_attention_heads": 4, "vocab_size": 9, "max_position_embeddings": 9, "intermediate_size": 9,
    "quantization_config": {"quant_method": "aqlm"}})")),
      HasSubstr("'aqlm' is not supported"));
}

TEST(LoadArchitecture, RefusesAModelTypeItDoesNotKnowAndNamesThoseItKnows) {
  const std::string error =
      error_of(write_file("unknown.json", R"({"model_type": "rwkv7", "hidden_size": 64})"));
  EXPECT_THAT(error, HasSubstr("unknown.json:1:16: error: model_type: 'rwkv7' is not supported"));
  EXPECT_THAT(error, HasSubstr("qwen3_moe"));
}

TEST(LoadArchitecture, RefusesExpertsInAFamilyThatHasNone) {
  EXPECT_THAT(error_of(write_file("no_experts.json", R"({"model_type": "llama", "hidden_size": 64,
    "num_hidden_layers": 1, "num_attention_heads": 4, "vocab_size": 9, "max_position_embeddings": 9,
    "intermediate_size": 9, "num_local_experts": 8})")),
              HasSubstr("model_type 'llama' has no experts"));
}

TEST(LoadArchitecture, RefusesAKeyOfAYamlThatNothingReads) {
  const Architecture network = load_small("strict", "llama", "");
  const std::string yaml = to_yaml(network, "made up");
  EXPECT_EQ(error_of(write_file("strict.yaml", yaml)), "");
  EXPECT_THAT(error_of(write_file("slip.yaml", yaml + "hiden_size: 64\n")), HasSubstr("hiden_size"));
}

TEST(LoadArchitecture, RefusesTwoKeysOfOneMeaningThatDisagree) {
  EXPECT_THAT(error_of(write_file("twice.json", R"({"model_type": "gpt_oss", "hidden_size": 64,
    "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 4, "vocab_size": 9,
    "max_position_embeddings": 9, "intermediate_size": 9, "num_local_experts": 8, "num_experts_per_tok": 4,
    "experts_per_token": 2})")),
              HasSubstr("contradicts"));
}

std::filesystem::path nasty(const std::string& name) {
  return shared_data() / "nasty" / name;
}
std::filesystem::path published(const std::string& name) {
  return shared_data() / "models" / "hf" / name;
}

// Dense GQA of Llama 3 8B shape: 8,030,261,248 parameters.
TEST(LoadArchitecture, TakesOrdinaryFilesAndIgnoresInfinityInFieldsThatItDoesNotNeed) {
  if (!std::filesystem::exists(shared_data())) {
    GTEST_SKIP() << "skipped: no shared data";
  }
  for (const char* name : {"h01_ok.json", "h02_infinity_unused.json"}) {
    const Architecture network = load_architecture(nasty(name));
    EXPECT_EQ(network.groups.front().layer.attention.head_dim, 128);
    EXPECT_EQ(count_parameters(network).total, 8030261248);
  }
}

TEST(LoadArchitecture, RefusesStepsOfZeroLayers) {
  for (const char* key : {"decoder_sparse_step", "moe_layer_freq"}) {
    const auto path = write_file(std::string(key) + ".json",
                                 R"({"model_type": "qwen3_moe", "hidden_size": 64, "num_hidden_layers": 4,
 "num_attention_heads": 4, "num_key_value_heads": 2, "vocab_size": 100, "max_position_embeddings": 1000,
 "intermediate_size": 128, "moe_intermediate_size": 32, "num_experts": 4, "num_experts_per_tok": 2, ")" +
                                     std::string(key) + "\": 0}");
    EXPECT_THAT(error_of(path), HasSubstr(std::string("error: ") + key)) << key;
  }
}

TEST(LoadArchitecture, RefusesNastyFilesWithTheirPlaceAndCause) {
  if (!std::filesystem::exists(shared_data())) {
    GTEST_SKIP() << "skipped: no shared data";
  }
  EXPECT_THAT(error_of(nasty("h03_kv_more_than_q.json")),
              HasSubstr(":10:26: error: num_key_value_heads: 64"));
  EXPECT_THAT(error_of(nasty("h04_topk_above_experts.json")),
              HasSubstr(":16:26: error: num_experts_per_tok: 16"));
  EXPECT_THAT(error_of(nasty("h05_trailing_comma.json")), HasSubstr("h05_trailing_comma.json:"));
  EXPECT_THAT(error_of(nasty("h06_string_number.json")), HasSubstr(":6:18: error: hidden_size"));
  EXPECT_THAT(error_of(nasty("h07_overflow.json")), HasSubstr(":6:18: error: hidden_size"));
  EXPECT_THAT(error_of(nasty("h08_dup_key.json")), HasSubstr("hidden_size"));
}

TEST(LoadArchitecture, ReadsPublishedConfigsAndWritesThemSoThatTheyReadBack) {
  if (!std::filesystem::exists(shared_data())) {
    GTEST_SKIP() << "skipped: no shared data";
  }
  std::size_t read = 0;
  for (const auto& entry : std::filesystem::directory_iterator(shared_data() / "models" / "hf")) {
    const std::string name = entry.path().filename().string();
    if (entry.path().extension() != ".json") {
      continue;
    }
    Architecture network = load_architecture(entry.path());
    network.source = "as published";
    const std::string yaml = to_yaml(network, network.source);
    EXPECT_TRUE(load_architecture(write_file(name + ".yaml", yaml)) == network) << yaml;
    ++read;
  }
  EXPECT_EQ(read, 12U);
}

// The shape is that of Kimi K2, for which the reference table counts 1,026,408,232,448.
TEST(LoadArchitecture, FollowsTextConfigAndSeesThatOnlyExpertsAreQuantized) {
  if (!std::filesystem::exists(shared_data())) {
    GTEST_SKIP() << "skipped: no shared data";
  }
  const Architecture kimi = load_architecture(published("moonshotai--Kimi-K2.5.json"));
  EXPECT_EQ(kimi.model_type, "kimi_k2");
  EXPECT_EQ(count_parameters(kimi).total, 1026408232448);
  EXPECT_EQ(kimi.checkpoint_format, NumberFormat::int4);
  EXPECT_TRUE(kimi.only_experts_quantized);
}

// MiniMax M2: 62 layers, hidden 3072, 48 heads and 8 key heads of 128, 256 experts of 1536, top 8, untied
// 200,064:
//   attention  3072 * 128 * (48 + 2 * 8 + 48)         =     44,040,192
//   qk norm    (48 + 8) * 128                         =          7,168
//   router     3072 * 256 + 256                       =        786,688
//   experts    256 * 3 * 3072 * 1536                  =  3,623,878,656
//   norms      2 * 3072                               =          6,144
//   62 layers of 3,668,718,848                        = 227,460,568,576
//   embedding, output, final norm 2 * 200,064 * 3072 + 3072 =   1,229,196,288
TEST(LoadArchitecture, CountsMiniMaxM2WithItsNormOverAllHeads) {
  if (!std::filesystem::exists(shared_data())) {
    GTEST_SKIP() << "skipped: no shared data";
  }
  const Architecture network = load_architecture(published("MiniMaxAI--MiniMax-M2.5.json"));
  EXPECT_EQ(count_parameters(network).total, 227460568576 + 1229196288);
  EXPECT_EQ(network.checkpoint_format, NumberFormat::fp8_block);
}

TEST(LoadArchitecture, SaysWhichAttentionItDoesNotSupport) {
  EXPECT_THAT(error_of(write_file("m.json", R"({"model_type": "llama", "index_topk": 2048})")),
              HasSubstr("index_topk: not supported: sparse attention with an indexer in this model_type"));
  EXPECT_THAT(error_of(write_file("m.json", R"({"model_type": "new", "linear_num_key_heads": 2})")),
              HasSubstr("linear_num_key_heads: not supported: linear attention in this model_type"));
  EXPECT_THAT(error_of(write_file("m.json", R"({"model_type": "new", "sparse_attention_config": {}})")),
              HasSubstr("sparse_attention_config: not supported"));
}

}  // namespace
}  // namespace mtok::model
