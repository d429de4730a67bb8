// Reads the attention of a network: heads, latent ranks, indexer, state, and which layers see what.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "sim/model/architecture_reader.hpp"

namespace mtok::model {

using config::IntRange;

AttentionSpec ArchitectureReader::read_attention(const Architecture& network) {
  AttentionSpec attention;
  attention.heads = require({"num_attention_heads", "n_head"}, kHeads, family_.default_heads);
  attention.qkv_bias = flag({"attention_bias", "use_qkv_bias", "qkv_bias", "bias", "enable_bias", "use_bias"},
                            family_.attention_bias);
  attention.output_bias = flag({"attention_output_bias", "attention_out_bias"},
                               attention.qkv_bias && family_.attention_bias_covers_output);
  attention.sinks = flag({"attention_sinks"}, family_.sinks);
  if (family_.latent_attention) {
    read_latent(attention);
    if (family_.indexer) {
      read_indexer(attention);
    }
    return attention;
  }
  attention.kv_heads = read_kv_heads(attention.heads);
  attention.head_dim = read_head_dim(network.hidden_size, attention.heads);
  attention.output_gate = flag({"attn_output_gate"}, family_.output_gate);
  if (family_.learned_qk_norm) {
    attention.qk_norm = flag({"use_qk_norm"}, family_.qk_norm);
    attention.qk_norm_whole =
        attention.qk_norm &&
        (present("qk_norm_type") ? text_.text("qk_norm_type") == "per_layer" : family_.qk_norm_whole);
  }
  return attention;
}

void ArchitectureReader::read_latent(AttentionSpec& attention) {
  attention.form = AttentionSpec::Form::latent;
  attention.q_lora_rank = find({"q_lora_rank"}, kWidthOrNone).value_or(0);
  attention.kv_lora_rank = require({"kv_lora_rank"}, kWidth);
  attention.qk_nope_head_dim = require({"qk_nope_head_dim"}, kHeadDim);
  attention.qk_rope_head_dim = require({"qk_rope_head_dim"}, kHeadDim);
  attention.v_head_dim = require({"v_head_dim"}, kHeadDim);
  attention.kv_heads = attention.heads;
  attention.head_dim = attention.qk_nope_head_dim + attention.qk_rope_head_dim;
  const std::optional<std::int64_t> kv_heads = find({"num_key_value_heads"}, kHeads);
  if (kv_heads && *kv_heads != attention.heads) {
    text_.fail("num_key_value_heads", "latent attention expands to as many key heads as num_attention_heads");
  }
}

/// DeepSeek-V3.2-Exp, config.json and modelling code.
void ArchitectureReader::read_indexer(AttentionSpec& attention) {
  attention.index_heads = require({"index_n_heads"}, kHeads);
  attention.index_head_dim = require({"index_head_dim"}, kHeadDim);
  attention.index_topk = require({"index_topk"}, kPositions);
  if (text_.ok() && attention.q_lora_rank == 0) {
    text_.fail("q_lora_rank", "missing or 0, though the indexer reads the compressed query");
  }
}

/// Gated DeltaNet as in Qwen3-Next: Transformers' Qwen3NextGatedDeltaNet.
AttentionSpec ArchitectureReader::read_linear() {
  AttentionSpec linear{.form = AttentionSpec::Form::linear};
  linear.heads = require({"linear_num_value_heads"}, kHeads);
  linear.kv_heads = require({"linear_num_key_heads"}, kHeads);
  linear.head_dim = require({"linear_key_head_dim"}, kHeadDim);
  linear.v_head_dim = require({"linear_value_head_dim"}, kHeadDim);
  linear.conv_kernel = require({"linear_conv_kernel_dim"}, {.least = 1, .most = 64});
  if (present("mamba_ssm_dtype")) {
    constexpr std::array<config::Choice<kernel::NumberFormat>, 3> kStates{
        {{"float32", kernel::NumberFormat::fp32},
         {"bfloat16", kernel::NumberFormat::bf16},
         {"float16", kernel::NumberFormat::fp16}}};
    linear.state_format = text_.choice<kernel::NumberFormat>("mamba_ssm_dtype", kStates);
  }
  if (text_.ok() && linear.heads % linear.kv_heads != 0) {
    text_.fail("linear_num_key_heads",
               fmt::format("{} key heads do not divide the {} of linear_num_value_heads", linear.kv_heads,
                           linear.heads));
  }
  return linear;
}

std::int64_t ArchitectureReader::read_kv_heads(std::int64_t heads) {
  std::int64_t fallback = family_.kv_heads_optional ? heads : family_.default_kv_heads;
  if (family_.model_type == "falcon") {
    const std::int64_t listed = find({"num_kv_heads", "n_head_kv"}, kHeads).value_or(heads);
    const bool multi_query = flag({"multi_query"}, true);
    fallback = flag({"new_decoder_architecture"}, false) ? listed : multi_query ? 1 : heads;
  }
  const std::int64_t kv_heads = require({"num_key_value_heads"}, kHeads, fallback);
  if (text_.ok() && kv_heads > heads) {
    text_.fail("num_key_value_heads",
               fmt::format("{} key heads are more than the {} of num_attention_heads", kv_heads, heads));
  } else if (text_.ok() && heads % kv_heads != 0) {
    text_.fail("num_key_value_heads",
               fmt::format("{} key heads do not divide the {} of num_attention_heads", kv_heads, heads));
  }
  return kv_heads;
}

std::int64_t ArchitectureReader::read_head_dim(std::int64_t hidden, std::int64_t heads) {
  if (const std::optional<std::int64_t> head_dim = find({"head_dim"}, kHeadDim)) {
    return *head_dim;
  }
  if (family_.default_head_dim != 0) {
    return family_.default_head_dim;
  }
  if (text_.ok() && hidden % heads != 0) {
    text_.fail("num_attention_heads",
               fmt::format("{} heads do not divide hidden_size {}, and there is no head_dim", heads, hidden));
  }
  return text_.ok() ? hidden / heads : 1;
}

ArchitectureReader::Sights ArchitectureReader::read_sights(std::int64_t layers, std::int64_t positions) {
  Sights sights;
  sights.of.assign(static_cast<std::size_t>(layers), Sight::all);
  const bool has_types = present("layer_types");
  if (family_.window_rule == WindowRule::never && !family_.linear_attention && !has_types) {
    return sights;
  }
  sights.window = find({"attention_chunk_size", "sliding_window"}, kPositions).value_or(0);
  sights.of = has_types ? sights_by_type(layers) : sights_by_rule(layers);
  const auto any = [&](Sight sight) {
    return std::find(sights.of.begin(), sights.of.end(), sight) != sights.of.end();
  };
  if (has_types && any(Sight::window) && sights.window == 0) {
    text_.fail("sliding_window", "missing, though layer_types names windowed layers");
  }
  if (text_.ok() && any(Sight::state) && !any(Sight::all)) {
    text_.fail("num_hidden_layers",
               "no layer has full attention: a network without a KV cache is not supported");
  }
  if (sights.window >= positions) {
    sights.window = 0;  // a window that never closes
  }
  return sights;
}

std::vector<ArchitectureReader::Sight> ArchitectureReader::sights_by_type(std::int64_t layers) {
  text_.ignore("full_attention_interval");
  std::vector<Sight> sights;
  for (const std::string& type : text_.texts("layer_types")) {
    if (type == "sliding_attention" || type == "chunked_attention") {
      sights.push_back(Sight::window);
    } else if (type == "linear_attention" && family_.linear_attention) {
      sights.push_back(Sight::state);
    } else {
      sights.push_back(Sight::all);
      if (type != "full_attention") {
        text_.fail("layer_types",
                   fmt::format("'{}' is not supported; expected full_attention, {}", type,
                               family_.linear_attention ? "linear_attention or sliding_attention"
                                                        : "sliding_attention or chunked_attention"));
      }
    }
  }
  if (text_.ok() && sights.size() != static_cast<std::size_t>(layers)) {
    text_.fail("layer_types", fmt::format("{} entries for {} layers", sights.size(), layers));
  }
  sights.resize(static_cast<std::size_t>(layers));
  return sights;
}

std::vector<ArchitectureReader::Sight> ArchitectureReader::sights_by_rule(std::int64_t layers) {
  const IntRange step{.least = 1, .most = kLayers.most};
  std::int64_t pattern = 0;
  std::int64_t first = 0;
  if (family_.linear_attention) {
    pattern = find({"full_attention_interval"}, step).value_or(4);
  } else if (family_.window_rule == WindowRule::patterned) {
    pattern =
        find({"sliding_window_pattern", "no_rope_layer_interval"}, step).value_or(family_.window_pattern);
  } else if (family_.window_rule == WindowRule::upper_layers) {
    const bool used = flag({"use_sliding_window"}, false);
    const std::int64_t lower = find({"max_window_layers"}, {.least = 0, .most = kLayers.most}).value_or(0);
    first = used ? lower : layers;
  }
  const Sight limited = family_.linear_attention ? Sight::state : Sight::window;
  std::vector<Sight> sights;
  for (std::int64_t i = 0; i < layers; ++i) {
    sights.push_back(i >= first && (pattern == 0 || (i + 1) % pattern != 0) ? limited : Sight::all);
  }
  return sights;
}

}  // namespace mtok::model
