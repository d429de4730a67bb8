// Parameters, weight bytes and cache bytes from the shapes of a network.
#include "sim/model/footprint.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <numeric>
#include <vector>

#include "sim/model/shares.hpp"

namespace mtok::model {
namespace {

using kernel::NumberFormat;

/// Parameters of one layer on one device, by how they are stored.
struct LayerParameters {
  std::int64_t attention = 0;  ///< all projections but that of the output
  std::int64_t attention_output = 0;
  std::int64_t dense = 0;    ///< matrices of dense FFN and shared experts
  std::int64_t experts = 0;  ///< matrices of the routed experts
  std::int64_t router = 0;
  std::int64_t vectors = 0;  ///< norms, biases, sinks, short convolutions
  std::int64_t expert_biases = 0;

  [[nodiscard]] std::int64_t total() const {
    return attention + attention_output + dense + experts + router + vectors + expert_biases;
  }
};

double real(std::int64_t n) {
  return static_cast<double>(n);
}

void add_grouped_query(const AttentionSpec& a, std::int64_t hidden, const Sharding& s, LayerParameters& sum) {
  const std::int64_t q = local_heads(a, s) * a.head_dim;
  const std::int64_t kv = local_kv_heads(a, s) * a.head_dim;
  sum.attention += hidden * (q + 2 * kv) + (a.output_gate ? hidden * q : 0);
  sum.attention_output += q * hidden;
  sum.vectors += a.qkv_bias ? q + 2 * kv : 0;
  if (a.qk_norm) {
    sum.vectors += a.qk_norm_whole ? q + kv : 2 * a.head_dim;
  }
}

// The down projections of MLA are not split: every head needs the whole latent vector.
void add_latent(const AttentionSpec& a, std::int64_t hidden, const Sharding& s, LayerParameters& sum) {
  const std::int64_t heads = local_heads(a, s);
  const std::int64_t q = heads * (a.qk_nope_head_dim + a.qk_rope_head_dim);
  const std::int64_t kv_a = a.kv_lora_rank + a.qk_rope_head_dim;
  sum.attention += a.q_lora_rank > 0 ? hidden * a.q_lora_rank + a.q_lora_rank * q : hidden * q;
  sum.attention += hidden * kv_a + a.kv_lora_rank * heads * (a.qk_nope_head_dim + a.v_head_dim);
  sum.attention_output += heads * a.v_head_dim * hidden;
  sum.vectors += a.q_lora_rank + a.kv_lora_rank;  // their norms
  sum.vectors += a.qkv_bias ? a.q_lora_rank + kv_a : 0;
  if (a.index_heads > 0) {  // whole on every rank: each needs the keys that are chosen
    sum.attention += a.q_lora_rank * a.index_heads * a.index_head_dim + hidden * a.index_head_dim;
    sum.router += hidden * a.index_heads;  // the weights of its heads, kept in 16 bits like a router
    sum.vectors += 2 * a.index_head_dim;   // a LayerNorm of its keys
  }
}

// Queries, keys, values and output gate in one product; write strength and decay, one value a head each, in
// another.
void add_linear(const AttentionSpec& a, std::int64_t hidden, const Sharding& s, LayerParameters& sum) {
  const std::int64_t heads = local_heads(a, s);
  const std::int64_t keys = local_kv_heads(a, s) * a.head_dim;
  const std::int64_t values = heads * a.v_head_dim;
  sum.attention += hidden * (2 * keys + 2 * values);
  sum.attention_output += values * hidden;
  sum.router += hidden * 2 * heads;                   // kept in 16 bits like a router
  sum.vectors += (2 * keys + values) * a.conv_kernel  // depthwise convolution
                 + 2 * heads + a.v_head_dim;          // A_log and dt_bias, the norm of the result
}

void add_ffn(const FfnSpec& f, std::int64_t hidden, const Sharding& s, LayerParameters& sum) {
  const std::int64_t matrices = f.gated ? 3 : 2;
  const auto biases = [&](std::int64_t width) { return f.bias ? (matrices - 1) * width + hidden : 0; };
  if (f.experts == 0) {
    const std::int64_t width = share(f.intermediate_size, s.tensor);
    sum.dense += matrices * hidden * width;
    sum.vectors += biases(width);
    return;
  }
  const std::int64_t width = share(f.moe_intermediate_size, expert_slices(s));
  const std::int64_t experts = share(f.experts + s.redundant_experts, s.expert);
  sum.experts += experts * matrices * hidden * width;
  sum.expert_biases += experts * biases(width);
  sum.dense += matrices * hidden * share(f.shared_intermediate_size, s.tensor);
  sum.router += hidden * f.experts;
  sum.vectors += (f.router_bias ? f.experts : 0) + (f.shared_gate ? hidden : 0);
}

LayerParameters parameters_of(const Layer& layer, std::int64_t hidden, const Sharding& sharding) {
  LayerParameters sum;
  const AttentionSpec& attention = layer.attention;
  switch (attention.form) {
    case AttentionSpec::Form::grouped_query:
      add_grouped_query(attention, hidden, sharding, sum);
      break;
    case AttentionSpec::Form::latent:
      add_latent(attention, hidden, sharding, sum);
      break;
    case AttentionSpec::Form::linear:
      add_linear(attention, hidden, sharding, sum);
      break;
  }
  sum.vectors += attention.output_bias ? hidden : 0;
  sum.vectors += attention.sinks ? local_heads(attention, sharding) : 0;
  sum.vectors += layer.norms * hidden * (layer.norm_bias ? 2 : 1);
  add_ffn(layer.ffn, hidden, sharding, sum);
  return sum;
}

bool norm_bias(const Architecture& a) {
  return !a.groups.empty() && a.groups.front().layer.norm_bias;
}

std::int64_t embedding_parameters(const Architecture& a, const Sharding& s) {
  const std::int64_t positions = a.learned_positions ? (a.max_position_embeddings + 2) * a.hidden_size : 0;
  const std::int64_t norm = a.embedding_norm ? a.hidden_size * (norm_bias(a) ? 2 : 1) : 0;
  return share(a.vocab_size, s.tensor) * a.hidden_size + positions + norm;
}

/// Final norm and output matrix. A tied matrix counts only when the stage does not hold the embedding
/// already.
std::int64_t head_parameters(const Architecture& a, const Sharding& s, bool holds_embedding) {
  const std::int64_t rows = share(a.vocab_size, s.tensor);
  const std::int64_t matrix = a.tie_word_embeddings && holds_embedding ? 0 : rows * a.hidden_size;
  return matrix + (a.output_matrix_bias ? rows : 0) + a.hidden_size * (norm_bias(a) ? 2 : 1);
}

/// Number of layers by stage, as vLLM's get_pp_indices: what is left over goes to the stages before the last.
std::vector<std::size_t> layers_by_stage(std::size_t layers, std::size_t stages) {
  std::vector<std::size_t> counts(stages, layers / stages);
  for (std::size_t i = 0; i < layers % stages; ++i) {
    ++counts[stages - 2 - i];
  }
  return counts;
}

/// Calls visit(stage, group) for each layer, first layer first.
template <class Visit>
void for_each_layer(const Architecture& a, std::int64_t stages, const Visit& visit) {
  const std::vector<std::size_t> order = a.layer_order();
  const std::vector<std::size_t> counts = layers_by_stage(order.size(), static_cast<std::size_t>(stages));
  std::size_t layer = 0;
  for (std::size_t stage = 0; stage < counts.size(); ++stage) {
    for (std::size_t i = 0; i < counts[stage]; ++i, ++layer) {
      visit(stage, order[layer]);
    }
  }
}

NumberFormat kept_format(NumberFormat weights) {
  return weights == NumberFormat::fp32 || weights == NumberFormat::tf32 ? NumberFormat::fp32
                                                                        : NumberFormat::bf16;
}

}  // namespace

std::int64_t Architecture::layers() const {
  return std::accumulate(groups.begin(), groups.end(), std::int64_t{0},
                         [](std::int64_t sum, const LayerGroup& group) { return sum + group.count; });
}

std::vector<std::size_t> Architecture::layer_order() const {
  if (!order.empty()) {
    return order;
  }
  std::vector<std::size_t> grouped;
  for (std::size_t i = 0; i < groups.size(); ++i) {
    grouped.insert(grouped.end(), static_cast<std::size_t>(groups[i].count), i);
  }
  return grouped;
}

ParameterCount count_parameters(const Layer& layer, std::int64_t hidden_size) {
  const LayerParameters all = parameters_of(layer, hidden_size, {});
  const FfnSpec& ffn = layer.ffn;
  ParameterCount count{.total = all.total(), .active = all.total()};
  if (ffn.experts > 0) {
    const std::int64_t per_expert = (all.experts + all.expert_biases) / ffn.experts;
    count.active -= (ffn.experts - ffn.experts_per_token) * per_expert;
  }
  return count;
}

ParameterCount count_parameters(const Architecture& architecture) {
  const std::int64_t embedding = embedding_parameters(architecture, {});
  const std::int64_t head = head_parameters(architecture, {}, true);
  ParameterCount count{.total = embedding + head, .active = embedding + head};
  if (!architecture.tie_word_embeddings) {
    count.active -= architecture.vocab_size * architecture.hidden_size;  // looked up, not multiplied
  }
  for (const LayerGroup& group : architecture.groups) {
    const ParameterCount layer = count_parameters(group.layer, architecture.hidden_size);
    count.total += group.count * layer.total;
    count.active += group.count * layer.active;
  }
  return count;
}

MatrixFormats matrix_formats(const Architecture& architecture, NumberFormat weights) {
  const bool as_published = architecture.only_experts_quantized && weights == architecture.checkpoint_format;
  const bool latent = std::any_of(
      architecture.groups.begin(), architecture.groups.end(),
      [](const LayerGroup& group) { return group.layer.attention.form == AttentionSpec::Form::latent; });
  const NumberFormat dense = as_published ? NumberFormat::bf16 : weights;
  const bool projections_kept = latent && weights == NumberFormat::nvfp4;
  const bool output_kept = projections_kept && architecture.only_experts_quantized;
  return {.attention = projections_kept ? NumberFormat::bf16 : dense,
          .attention_output = output_kept ? NumberFormat::bf16 : dense,
          .dense = dense,
          .experts = weights,
          .kept = kept_format(weights)};
}

Bytes weight_bytes(const Architecture& architecture, NumberFormat weights) {
  return weight_bytes_per_device(architecture, weights, {});
}

Bytes weight_bytes_per_device(const Architecture& architecture, NumberFormat weights,
                              const Sharding& sharding) {
  const MatrixFormats formats = matrix_formats(architecture, weights);
  const Bytes attention = kernel::bytes_per_value(formats.attention);
  const Bytes output = kernel::bytes_per_value(formats.attention_output);
  const Bytes dense = kernel::bytes_per_value(formats.dense);
  const Bytes expert = kernel::bytes_per_value(formats.experts);
  const Bytes kept = kernel::bytes_per_value(formats.kept);
  std::vector<Bytes> by_group;
  for (const LayerGroup& group : architecture.groups) {
    const LayerParameters p = parameters_of(group.layer, architecture.hidden_size, sharding);
    by_group.push_back(attention * real(p.attention) + output * real(p.attention_output) +
                       dense * real(p.dense) + expert * real(p.experts) +
                       kept * real(p.router + p.vectors + p.expert_biases));
  }
  std::vector<Bytes> by_stage(static_cast<std::size_t>(sharding.pipeline));
  for_each_layer(architecture, sharding.pipeline,
                 [&](std::size_t stage, std::size_t group) { by_stage[stage] += by_group[group]; });
  by_stage.front() += kept * real(embedding_parameters(architecture, sharding));
  by_stage.back() += kept * real(head_parameters(architecture, sharding, sharding.pipeline == 1));
  return *std::max_element(by_stage.begin(), by_stage.end());
}

BytesPerToken kv_bytes_per_token_of_layer(const AttentionSpec& attention, NumberFormat kv_cache,
                                          const Sharding& sharding) {
  const Bytes value = kernel::bytes_per_value(kv_cache);
  switch (attention.form) {
    case AttentionSpec::Form::grouped_query:
      return value * real(2 * local_kv_heads(attention, sharding) * attention.head_dim) / Tokens(1);
    case AttentionSpec::Form::latent:
      return value * real(attention.kv_lora_rank + attention.qk_rope_head_dim) / Tokens(1) +
             index_bytes_per_token_of_layer(attention);
    case AttentionSpec::Form::linear:
      return BytesPerToken{};
  }
  assert(false && "every form has a cache or none");
  return {};
}

BytesPerToken index_bytes_per_token_of_layer(const AttentionSpec& attention) {
  constexpr std::int64_t kScaled = 128;  // values under one scale: DeepSeek-V3.2-Exp, inference/kernel.py
  const std::int64_t scales = attention.index_heads > 0 ? share(attention.index_head_dim, kScaled) : 0;
  return Bytes(real(attention.index_head_dim + 4 * scales)) / Tokens(1);
}

Bytes state_bytes_of_layer(const AttentionSpec& attention, const Sharding& sharding) {
  if (attention.form != AttentionSpec::Form::linear) {
    return {};
  }
  const std::int64_t values = local_heads(attention, sharding) * attention.v_head_dim;
  const std::int64_t channels = 2 * local_kv_heads(attention, sharding) * attention.head_dim + values;
  return kernel::bytes_per_value(attention.state_format) * real(values * attention.head_dim) +
         kernel::bytes_per_value(NumberFormat::bf16) * real(channels * (attention.conv_kernel - 1));
}

Bytes state_bytes_per_sequence_per_device(const Architecture& architecture, const Sharding& sharding) {
  std::vector<Bytes> by_stage(static_cast<std::size_t>(sharding.pipeline));
  for_each_layer(architecture, sharding.pipeline, [&](std::size_t stage, std::size_t group) {
    by_stage[stage] += state_bytes_of_layer(architecture.groups[group].layer.attention, sharding);
  });
  return *std::max_element(by_stage.begin(), by_stage.end());
}

BytesPerToken kv_bytes_per_token(const Architecture& architecture, NumberFormat kv_cache) {
  return kv_bytes_per_token_per_device(architecture, kv_cache, {});
}

BytesPerToken kv_bytes_per_token_per_device(const Architecture& architecture, NumberFormat kv_cache,
                                            const Sharding& sharding) {
  std::vector<BytesPerToken> by_stage(static_cast<std::size_t>(sharding.pipeline));
  for_each_layer(architecture, sharding.pipeline, [&](std::size_t stage, std::size_t group) {
    const AttentionSpec& attention = architecture.groups[group].layer.attention;
    by_stage[stage] += kv_bytes_per_token_of_layer(attention, kv_cache, sharding);
  });
  return *std::max_element(by_stage.begin(), by_stage.end());
}

namespace {

std::string obstacle_of(const FfnSpec& ffn, const Sharding& s) {
  if (ffn.experts == 0) {
    return ffn.intermediate_size % s.tensor == 0
               ? ""
               : fmt::format("{} tensor ranks do not divide intermediate_size {}", s.tensor,
                             ffn.intermediate_size);
  }
  if (stage_devices(s) % s.expert != 0) {
    return fmt::format("{} expert ranks do not divide the {} devices of a stage", s.expert, stage_devices(s));
  }
  if ((ffn.experts + s.redundant_experts) % s.expert != 0) {
    return fmt::format("{} expert ranks do not divide {} experts", s.expert,
                       ffn.experts + s.redundant_experts);
  }
  if (s.redundant_experts > ffn.experts) {
    return fmt::format("{} redundant experts are more than {} experts", s.redundant_experts, ffn.experts);
  }
  if (ffn.moe_intermediate_size % expert_slices(s) != 0) {
    return fmt::format("{} slices do not divide the expert width {}", expert_slices(s),
                       ffn.moe_intermediate_size);
  }
  return "";
}

std::string obstacle_of(const AttentionSpec& attention, const Sharding& s) {
  if (attention.heads % s.tensor != 0) {
    return fmt::format("{} tensor ranks do not divide {} heads", s.tensor, attention.heads);
  }
  const bool copies = attention.form != AttentionSpec::Form::linear && s.tensor % attention.kv_heads == 0;
  if (attention.kv_heads % s.tensor != 0 && !copies) {
    return fmt::format("{} tensor ranks and {} key heads do not divide each other", s.tensor,
                       attention.kv_heads);
  }
  return "";
}

}  // namespace

std::string sharding_obstacle(const Architecture& architecture, const Sharding& sharding) {
  if (sharding.pipeline > architecture.layers()) {
    return fmt::format("{} pipeline stages are more than {} layers", sharding.pipeline,
                       architecture.layers());
  }
  bool any_experts = false;
  for (const LayerGroup& group : architecture.groups) {
    any_experts = any_experts || group.layer.ffn.experts > 0;
    for (const std::string& obstacle :
         {obstacle_of(group.layer.attention, sharding), obstacle_of(group.layer.ffn, sharding)}) {
      if (!obstacle.empty()) {
        return obstacle;
      }
    }
  }
  if (sharding.expert > 1 && !any_experts) {
    return "expert parallelism needs experts";
  }
  if (sharding.expert == 1 && sharding.balanced_experts) {
    return "experts can be balanced between expert ranks only, and there is one";
  }
  return sharding.two_batch_overlap && !exchanges_tokens(sharding)
             ? "two half batches overlap the exchange between data and expert ranks, and there is none"
             : "";
}

}  // namespace mtok::model
