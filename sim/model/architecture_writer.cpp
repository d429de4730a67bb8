// Writes a network as a YAML of ours, in the words of config.json.
#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <string_view>

#include "sim/model/architecture.hpp"
#include "sim/model/checkpoint_format.hpp"
#include "sim/model/family.hpp"

namespace mtok::model {
namespace {

/// The lines of one file.
class Lines {
 public:
  void add(std::string_view key, std::int64_t value) { text_ += fmt::format("{}: {}\n", key, value); }
  void add(std::string_view key, bool value) { text_ += fmt::format("{}: {}\n", key, value); }
  void add_text(std::string_view key, std::string_view value) {
    text_ += fmt::format("{}: {}\n", key, quoted(value));
  }
  void add_raw(std::string_view lines) { text_ += lines; }
  void add_blank() { text_ += "\n"; }
  /// A fact that most networks lack: written where it holds, and where the family would imply it.
  void add_fact(std::string_view key, bool holds, bool implied) {
    if (holds || implied) {
      add(key, holds);
    }
  }
  [[nodiscard]] std::string text() && { return std::move(text_); }

  /// Double quotes, with backslash and quote escaped and line breaks made spaces.
  [[nodiscard]] static std::string quoted(std::string_view value) {
    std::string out = "\"";
    for (const char c : value) {
      if (c == '"' || c == '\\') {
        out += '\\';
      }
      out += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
    }
    return out + "\"";
  }

 private:
  std::string text_;
};

std::vector<const Layer*> layers_of(const Architecture& a) {
  std::vector<const Layer*> layers;
  for (const std::size_t group : a.layer_order()) {
    layers.push_back(&a.groups[group].layer);
  }
  return layers;
}

/// The n for which exactly every n-th layer (n, 2n, ... counted from 1) is marked; 0 when there is none.
std::int64_t period_of(const std::vector<bool>& marked) {
  const auto first = std::find(marked.begin(), marked.end(), true);
  if (first == marked.end()) {
    return 0;
  }
  const std::int64_t n = first - marked.begin() + 1;
  for (std::size_t i = 0; i < marked.size(); ++i) {
    if (marked[i] != ((static_cast<std::int64_t>(i) + 1) % n == 0)) {
      return 0;
    }
  }
  return n;
}

void write_attention(Lines& lines, const AttentionSpec& a, const Family& family) {
  lines.add("num_attention_heads", a.heads);
  if (a.form == AttentionSpec::Form::latent) {
    lines.add("q_lora_rank", a.q_lora_rank);
    lines.add("kv_lora_rank", a.kv_lora_rank);
    lines.add("qk_nope_head_dim", a.qk_nope_head_dim);
    lines.add("qk_rope_head_dim", a.qk_rope_head_dim);
    lines.add("v_head_dim", a.v_head_dim);
    if (family.indexer) {
      lines.add("index_n_heads", a.index_heads);
      lines.add("index_head_dim", a.index_head_dim);
      lines.add("index_topk", a.index_topk);
    }
  } else {
    lines.add("num_key_value_heads", a.kv_heads);
    lines.add("head_dim", a.head_dim);
  }
  lines.add("attention_bias", a.qkv_bias);
  lines.add_fact("attention_output_bias", a.output_bias, a.qkv_bias);
  if (a.form == AttentionSpec::Form::grouped_query && family.learned_qk_norm) {
    lines.add_fact("use_qk_norm", a.qk_norm, family.qk_norm);
  }
  if (a.form == AttentionSpec::Form::grouped_query) {
    lines.add_fact("attn_output_gate", a.output_gate, family.output_gate);
  }
  if (a.qk_norm_whole) {
    lines.add_raw("qk_norm_type: per_layer\n");
  }
  lines.add_fact("attention_sinks", a.sinks, family.sinks);
}

/// The linear layers, and which layers they are.
void write_linear(Lines& lines, const std::vector<const Layer*>& layers) {
  const AttentionSpec* linear = nullptr;
  std::vector<bool> full;
  for (const Layer* layer : layers) {
    full.push_back(layer->attention.form != AttentionSpec::Form::linear);
    linear = full.back() ? linear : &layer->attention;
  }
  if (linear == nullptr) {
    return;
  }
  lines.add("linear_num_key_heads", linear->kv_heads);
  lines.add("linear_num_value_heads", linear->heads);
  lines.add("linear_key_head_dim", linear->head_dim);
  lines.add("linear_value_head_dim", linear->v_head_dim);
  lines.add("linear_conv_kernel_dim", linear->conv_kernel);
  const bool wide = linear->state_format == kernel::NumberFormat::fp32;
  const bool half = linear->state_format == kernel::NumberFormat::fp16;
  lines.add_raw(fmt::format("mamba_ssm_dtype: {}\n", wide ? "float32" : half ? "float16" : "bfloat16"));
  if (const std::int64_t period = period_of(full); period > 1) {
    lines.add("full_attention_interval", period);
    return;
  }
  std::string types;
  for (const bool is_full : full) {
    types += types.empty() ? "" : ", ";
    types += is_full ? "full_attention" : "linear_attention";
  }
  lines.add_raw(fmt::format("layer_types: [{}]\n", types));
}

void write_windows(Lines& lines, const std::vector<const Layer*>& layers, const Family& family) {
  std::int64_t window = 0;
  std::vector<bool> full;
  for (const Layer* layer : layers) {
    const std::int64_t here = layer->attention.window;
    assert((window == 0 || here == 0 || here == window) && "one width of windows");
    window = std::max(window, here);
    full.push_back(here == 0);
  }
  if (window == 0) {
    return;
  }
  const bool chunked = family.always_shared_expert;  // Llama 4
  lines.add(chunked ? "attention_chunk_size" : "sliding_window", window);
  const std::int64_t period = period_of(full);
  const bool every = std::find(full.begin(), full.end(), true) == full.end();
  if (family.window_rule == WindowRule::every_layer && every) {
    return;
  }
  if (family.window_rule == WindowRule::patterned && period > 1) {
    lines.add(chunked ? "no_rope_layer_interval" : "sliding_window_pattern", period);
    return;
  }
  std::string types;
  for (const bool is_full : full) {
    types += types.empty() ? "" : ", ";
    types += is_full ? "full_attention" : "sliding_attention";
  }
  lines.add_raw(fmt::format("layer_types: [{}]\n", types));
}

/// Which layers are dense, in the word that says it shortest.
void write_dense_layers(Lines& lines, const std::vector<bool>& is_moe) {
  const auto first_moe = std::find(is_moe.begin(), is_moe.end(), true);
  const std::int64_t period = period_of(is_moe);
  if (std::find(first_moe, is_moe.end(), false) == is_moe.end()) {
    if (first_moe != is_moe.begin()) {
      lines.add("first_k_dense_replace", static_cast<std::int64_t>(first_moe - is_moe.begin()));
    }
    return;
  }
  if (period > 1) {
    lines.add("interleave_moe_layer_step", period);
    return;
  }
  std::string dense;
  for (std::size_t i = 0; i < is_moe.size(); ++i) {
    if (!is_moe[i]) {
      dense += fmt::format("{}{}", dense.empty() ? "" : ", ", i);
    }
  }
  lines.add_raw(fmt::format("mlp_only_layers: [{}]\n", dense));
}

void write_experts(Lines& lines, const FfnSpec& moe, const Family& family) {
  lines.add("num_experts", moe.experts);
  lines.add("num_experts_per_tok", moe.experts_per_token);
  const bool own_key = family.expert_width == ExpertWidth::moe_intermediate_size;
  lines.add(own_key ? "moe_intermediate_size" : "intermediate_size", moe.moe_intermediate_size);
  if (moe.shared_intermediate_size > 0 || family.always_shared_expert) {
    lines.add("shared_expert_intermediate_size", moe.shared_intermediate_size);
  }
  lines.add_fact("shared_expert_gate", moe.shared_gate, family.shared_expert_gate);
  lines.add_fact("router_bias", moe.router_bias, family.router_bias);
}

void write_ffn(Lines& lines, const std::vector<const Layer*>& layers, const Family& family) {
  std::vector<bool> is_moe;
  const FfnSpec* moe = nullptr;
  const FfnSpec* dense = nullptr;
  for (const Layer* layer : layers) {
    is_moe.push_back(layer->ffn.experts > 0);
    (is_moe.back() ? moe : dense) = &layer->ffn;
  }
  if (dense != nullptr) {
    const bool llama4 = family.always_shared_expert;
    lines.add(llama4 ? "intermediate_size_mlp" : "intermediate_size", dense->intermediate_size);
  }
  if (moe != nullptr) {
    write_experts(lines, *moe, family);
    write_dense_layers(lines, is_moe);
  } else if (family.moe) {
    lines.add("num_experts", std::int64_t{0});
  }
  if (!layers.front()->ffn.gated || !family.gated) {
    lines.add("gated_mlp", layers.front()->ffn.gated);
  }
  lines.add_fact("mlp_bias", layers.front()->ffn.bias, family.mlp_bias);
}

void write_published(Lines& lines, const Published& published) {
  if (published == Published{}) {
    return;
  }
  lines.add_blank();
  lines.add_raw("published:\n");
  const auto count = [&](std::string_view key, const std::optional<std::int64_t>& value) {
    if (value) {
      lines.add_raw(fmt::format("  {}: {}\n", key, *value));
    }
  };
  count("parameters_total", published.parameters_total);
  count("parameters_active", published.parameters_active);
  count("kv_bytes_per_token_fp16", published.kv_bytes_per_token_fp16);
  lines.add_raw(fmt::format("  source: {}\n", Lines::quoted(published.source)));
}

}  // namespace

std::string to_yaml(const Architecture& architecture, const std::string& source) {
  const Family* family = family_of(architecture.model_type);
  assert(family != nullptr && "a model_type of the table");
  const std::vector<const Layer*> layers = layers_of(architecture);
  assert(!layers.empty());
  const Layer& first = *layers.front();
  const auto cached = std::find_if(layers.begin(), layers.end(), [](const Layer* layer) {
    return layer->attention.form != AttentionSpec::Form::linear;
  });
  assert(cached != layers.end() && "a network has a KV cache");
  Lines lines;
  lines.add_text("name", architecture.name);
  lines.add_raw(fmt::format("model_type: {}\n", architecture.model_type));
  lines.add_text("source", source);
  lines.add_blank();
  lines.add("hidden_size", architecture.hidden_size);
  lines.add("num_hidden_layers", architecture.layers());
  lines.add("vocab_size", architecture.vocab_size);
  lines.add("max_position_embeddings", architecture.max_position_embeddings);
  lines.add("tie_word_embeddings", architecture.tie_word_embeddings);
  lines.add_fact("learned_positions", architecture.learned_positions, family->learned_positions);
  lines.add_fact("embedding_norm", architecture.embedding_norm, family->embedding_norm);
  lines.add_fact("output_matrix_bias", architecture.output_matrix_bias, family->output_matrix_bias);
  lines.add_blank();
  write_attention(lines, (*cached)->attention, *family);
  write_windows(lines, layers, *family);
  write_linear(lines, layers);
  lines.add_blank();
  write_ffn(lines, layers, *family);
  lines.add_blank();
  lines.add("norms_per_layer", first.norms);
  lines.add("norm_bias", first.norm_bias);
  lines.add_fact("parallel_attn", first.parallel, family->parallel);
  lines.add_raw(
      checkpoint_format_yaml({architecture.checkpoint_format, architecture.only_experts_quantized}));
  write_published(lines, architecture.published);
  return std::move(lines).text();
}

}  // namespace mtok::model
