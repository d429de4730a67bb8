// The kernels of the layers and of the head, for one device.
#include <algorithm>
#include <cassert>
#include <string_view>
#include <utility>

#include "sim/model/expert_routing.hpp"
#include "sim/model/shares.hpp"
#include "sim/model/step_graph.hpp"

namespace mtok::model {
namespace {

using kernel::Collective;
using kernel::CollectiveOp;
using kernel::Elementwise;
using kernel::Gemm;
using kernel::GroupedGemm;
using kernel::NumberFormat;

constexpr Bytes kValue{2};  // activations between kernels have 16 bits

// Flops per value of the element-wise kernels. They are bound by memory everywhere, so only the order
// matters.
constexpr double kNormFlops = 4;        // residual, square, sum, scale
constexpr double kRotaryFlops = 3;      // two multiplies and an add
constexpr double kActivationFlops = 8;  // exponential, divide, product
constexpr double kSoftmaxFlops = 5;

/// Fewer tokens on a device are not cut in two: vLLM's dbo_decode_token_threshold.
constexpr std::int64_t kLeastToOverlap = 32;

/// What the kernels of a dense feed-forward network are called.
struct DenseNames {
  std::string_view gate_up;
  std::string_view up;
  std::string_view activation;
  std::string_view down;
};
constexpr DenseNames kDenseNames{"gate_up_proj", "up_proj", "activation", "down_proj"};
constexpr DenseNames kSharedNames{"shared_gate_up_proj", "shared_up_proj", "shared_activation",
                                  "shared_down_proj"};

double real(std::int64_t n) {
  return static_cast<double>(n);
}

/// Adds kernels of one batch to a graph. Kernels follow each other; those of the communication stream are
/// waited for by the next.
class GraphBuilder {
 public:
  GraphBuilder(StepGraph& graph, std::int64_t tokens) : graph_(graph), tokens_(tokens) {}

  /// Adds a kernel that waits for all that `last` names, and makes it the last.
  void then(std::string_view name, const kernel::Kernel& kernel) {
    last_.assign(1, add(name, kernel, last_));
  }
  std::size_t add(std::string_view name, const kernel::Kernel& kernel,
                  const std::vector<std::size_t>& after) {
    const bool collective = std::holds_alternative<Collective>(kernel);
    return graph_.add(
        {.name = name, .kernel = kernel, .stream = collective ? Stream::communication : Stream::compute},
        after);
  }
  /// A collective among one rank is no kernel.
  void then_collective(std::string_view name, CollectiveOp op, Bytes bytes, std::int64_t ranks) {
    if (ranks > 1) {
      then(name, Collective{.op = op, .bytes = bytes, .ranks = ranks});
    }
  }
  /// Reads and writes `in` and `out` bytes a token.
  void then_elementwise(std::string_view name, Bytes in, Bytes out, double flops_per_token) {
    then(name, Elementwise{.bytes_read = real(tokens_) * in,
                           .bytes_written = real(tokens_) * out,
                           .flops = Flops(real(tokens_) * flops_per_token)});
  }

  [[nodiscard]] const std::vector<std::size_t>& last() const { return last_; }
  void continue_after(std::vector<std::size_t> kernels) { last_ = std::move(kernels); }
  [[nodiscard]] std::int64_t tokens() const { return tokens_; }

 private:
  StepGraph& graph_;
  std::vector<std::size_t> last_;
  std::int64_t tokens_;
};

/// The kernels of a layer for one batch, in three pieces between which another batch may come: up to the
/// dispatch of tokens to their experts, up to their way back, and the rest. Only layers with experts have all
/// three.
class LayerBuilder {
 public:
  LayerBuilder(StepGraph& graph, const Architecture& network, const Sharding& sharding,
               const kernel::Formats& formats, std::int64_t tokens, const Routing& routing)
      : network_(network),
        sharding_(sharding),
        formats_(formats),
        matrices_(matrix_formats(network, formats.weights)),
        routing_(routing),
        hidden_(network.hidden_size),
        graph_(graph, tokens) {}

  void add(const Layer& layer) {
    begin(layer);
    compute_experts(layer);
    finish(layer);
  }

  void begin(const Layer& layer) {
    add_norm("input_norm");
    add_attention(layer.attention);
    if (!layer.parallel) {
      add_all_reduce("attention_all_reduce");
    }
    if (layer.norms >= 3) {
      add_norm("attention_output_norm");
    }
    if (layer.norms >= 2) {
      add_norm("ffn_norm");
    }
    if (layer.ffn.experts > 0) {
      input_ = graph_.last();
      add_router(layer.ffn);
      add_dispatch(layer.ffn);
    } else {
      add_dense(kDenseNames, layer.ffn.gated, layer.ffn.intermediate_size);
      add_all_reduce("ffn_all_reduce");
    }
  }

  void compute_experts(const Layer& layer) {
    const FfnSpec& ffn = layer.ffn;
    if (ffn.experts == 0) {
      return;
    }
    const std::vector<std::size_t> dispatched = graph_.last();
    shared_.clear();
    if (ffn.shared_intermediate_size > 0) {  // overlaps with the exchange of tokens
      graph_.continue_after(input_);
      add_dense(kSharedNames, ffn.gated, ffn.shared_intermediate_size);
      shared_ = graph_.last();
    }
    graph_.continue_after(dispatched);
    rows_ = add_grouped_gemms(ffn);
    if (exchanges_tokens(sharding_)) {
      graph_.then_collective("combine", CollectiveOp::all_to_all, exchanged(ffn, kValue),
                             stage_devices(sharding_));
    }
  }

  void finish(const Layer& layer) {
    if (layer.ffn.experts > 0) {
      add_sum(layer.ffn);
    }
    if (layer.norms >= 4) {
      add_norm("ffn_output_norm");
    }
  }

 private:
  [[nodiscard]] Bytes operand() const { return kernel::bytes_per_value(formats_.activations); }
  [[nodiscard]] Bytes hidden_bytes() const { return real(hidden_) * kValue; }

  /// Inputs of matrices that stay in 16 bits are not quantized either.
  void add_gemm(std::string_view name, NumberFormat weights, std::int64_t n, std::int64_t k,
                std::int64_t batch = 1) {
    const bool narrowed = kernel::bytes_per_value(weights) > kernel::bytes_per_value(formats_.activations);
    graph_.then(name, Gemm{.m = graph_.tokens(),
                           .n = n,
                           .k = k,
                           .weights = weights,
                           .activations = narrowed ? weights : formats_.activations,
                           .batch = batch});
  }
  void add_projection(std::string_view name, std::int64_t n, std::int64_t k, std::int64_t batch = 1) {
    add_gemm(name, matrices_.attention, n, k, batch);
  }

  /// Adds the residual, then norms; the result is written in the format of the next product's operand.
  void add_norm(std::string_view name) {
    graph_.then_elementwise(name, 2 * hidden_bytes(), hidden_bytes() + real(hidden_) * operand(),
                            kNormFlops * real(hidden_));
  }

  void add_all_reduce(std::string_view name) {
    graph_.then_collective(name, CollectiveOp::all_reduce, real(graph_.tokens()) * hidden_bytes(),
                           sharding_.tensor);
  }

  void add_attention(const AttentionSpec& attention) {
    if (attention.form == AttentionSpec::Form::latent) {
      add_latent(attention);
      return;
    }
    if (attention.form == AttentionSpec::Form::linear) {
      add_linear(attention);
      return;
    }
    const std::int64_t q = local_heads(attention, sharding_) * attention.head_dim;
    const std::int64_t kv = local_kv_heads(attention, sharding_) * attention.head_dim;
    add_projection("qkv_proj", (attention.output_gate ? 2 : 1) * q + 2 * kv, hidden_);
    const Bytes q_and_k = real(q + kv) * kValue;
    if (attention.qk_norm) {
      graph_.then_elementwise("qk_norm", q_and_k, q_and_k, kNormFlops * real(q + kv));
    }
    const Bytes cache = kv_bytes_per_token_of_layer(attention, formats_.kv_cache, sharding_) * Tokens(1);
    graph_.then_elementwise("rotary_and_cache", q_and_k + real(kv) * kValue, q_and_k + cache,
                            kRotaryFlops * real(q + kv));
    if (attention.output_gate) {
      graph_.then_elementwise("output_gate", 2 * real(q) * kValue, real(q) * operand(),
                              kActivationFlops * real(q));
    }
    add_gemm("o_proj", matrices_.attention_output, hidden_, q);
  }

  /// Gated DeltaNet around its recurrence, which the engine times from the sequences: projections, short
  /// convolution, norm of the result under its gate.
  void add_linear(const AttentionSpec& a) {
    const std::int64_t heads = local_heads(a, sharding_);
    const std::int64_t values = heads * a.v_head_dim;
    const std::int64_t channels = 2 * local_kv_heads(a, sharding_) * a.head_dim + values;
    add_projection("qkvz_proj", channels + values, hidden_);
    add_gemm("beta_and_decay_proj", matrices_.kept, 2 * heads, hidden_);
    const Bytes mixed = real(channels) * kValue;
    const double convolution = 2 * real(a.conv_kernel) + kActivationFlops;
    graph_.then_elementwise("convolution", mixed, mixed, convolution * real(channels));
    graph_.then_elementwise("gated_norm", 2 * real(values) * kValue, real(values) * operand(),
                            (kNormFlops + kActivationFlops) * real(values));
    add_gemm("o_proj", matrices_.attention_output, hidden_, values);
  }

  void add_latent(const AttentionSpec& a) {
    const std::int64_t heads = local_heads(a, sharding_);
    const std::int64_t q = heads * (a.qk_nope_head_dim + a.qk_rope_head_dim);
    const std::int64_t kv_a = a.kv_lora_rank + a.qk_rope_head_dim;
    const std::int64_t down = a.q_lora_rank + kv_a;
    if (a.q_lora_rank > 0) {
      add_projection("q_a_and_kv_a_proj", down, hidden_);  // one product, as serving frameworks merge it
    } else {
      add_projection("kv_a_proj", kv_a, hidden_);
    }
    const Bytes latent = real(down) * kValue;
    graph_.then_elementwise("latent_norm", latent, latent, kNormFlops * real(down));
    add_projection("q_b_proj", q, a.q_lora_rank > 0 ? a.q_lora_rank : hidden_);
    if (a.index_heads > 0) {
      add_indexer(a);
    }
    const std::int64_t rotated = (heads + 1) * a.qk_rope_head_dim;
    const Bytes cache = kv_bytes_per_token_of_layer(a, formats_.kv_cache, sharding_) * Tokens(1);
    graph_.then_elementwise("rotary_and_cache", real(rotated + a.kv_lora_rank) * kValue,
                            real(rotated) * kValue + cache, kRotaryFlops * real(rotated));
    add_projection("k_b_proj", a.kv_lora_rank, a.qk_nope_head_dim, heads);
    add_projection("v_b_proj", a.v_head_dim, a.kv_lora_rank, heads);
    add_gemm("o_proj", matrices_.attention_output, hidden_, heads * a.v_head_dim);
  }

  /// The indexer's own queries, keys and head weights, whole on every rank; the scores are timed by the
  /// engine. Queries and keys are rotated (twice: RoPE and Hadamard) and narrowed to FP8.
  void add_indexer(const AttentionSpec& a) {
    const std::int64_t queries = a.index_heads * a.index_head_dim;
    add_projection("index_q_proj", queries, a.q_lora_rank);
    add_projection("index_k_proj", a.index_head_dim, hidden_);
    add_gemm("index_weights_proj", matrices_.kept, a.index_heads, hidden_);
    const Bytes narrow = kernel::bytes_per_value(NumberFormat::fp8);
    graph_.then_elementwise("index_rotary_and_cache", real(queries + a.index_head_dim) * kValue,
                            real(queries) * narrow + index_bytes_per_token_of_layer(a) * Tokens(1),
                            2 * kRotaryFlops * real(queries + a.index_head_dim));
  }

  /// Gate and up merged, activation, down; sliced over tensor ranks. Without the all-reduce.
  void add_dense(const DenseNames& names, bool gated, std::int64_t intermediate) {
    const std::int64_t width = share(intermediate, sharding_.tensor);
    const std::int64_t up = gated ? 2 * width : width;
    add_gemm(gated ? names.gate_up : names.up, matrices_.dense, up, hidden_);
    graph_.then_elementwise(names.activation, real(up) * kValue, real(width) * operand(),
                            kActivationFlops * real(width));
    add_gemm(names.down, matrices_.dense, hidden_, width);
  }

  void add_router(const FfnSpec& ffn) {
    graph_.then("router", Gemm{.m = graph_.tokens(),
                               .n = ffn.experts,
                               .k = hidden_,
                               .weights = matrices_.kept,
                               .activations = matrices_.kept});
    const Bytes choice(8 * real(ffn.experts_per_token));  // expert number and weight, 4 bytes each
    graph_.then_elementwise("top_k", real(ffn.experts) * kValue, choice, kSoftmaxFlops * real(ffn.experts));
  }

  /// What one device sends all-to-all: its share of the rank's tokens, once per chosen expert and slice.
  [[nodiscard]] Bytes exchanged(const FfnSpec& ffn, Bytes value) const {
    const double copies = real(ffn.experts_per_token * expert_slices(sharding_));
    return real(graph_.tokens()) / real(sharding_.tensor) * copies * real(hidden_) * value;
  }
  [[nodiscard]] Bytes all_tokens() const { return real(graph_.tokens() * sharding_.data) * hidden_bytes(); }

  void add_dispatch(const FfnSpec& ffn) {
    if (exchanges_tokens(sharding_)) {
      graph_.then_collective("dispatch", CollectiveOp::all_to_all, exchanged(ffn, operand()),
                             stage_devices(sharding_));
    } else {
      graph_.then_collective("gather_tokens", CollectiveOp::all_gather, all_tokens(), sharding_.data);
    }
  }

  /// Returns the rows: token-expert pairs on the busiest device.
  double add_grouped_gemms(const FfnSpec& ffn) {
    const double tokens = real(graph_.tokens() * sharding_.data);
    BusiestRank load;
    if (sharding_.balanced_experts) {
      load = balanced_rank(ffn.experts, ffn.experts_per_token, tokens, sharding_.expert,
                           sharding_.redundant_experts, routing_);
    } else if (sharding_.expert > 1) {
      load = busiest_rank(ffn.experts, ffn.experts_per_token, tokens, sharding_.expert, routing_);
    } else {
      load.rows = tokens * real(ffn.experts_per_token);
      load.experts = expected_experts(ffn.experts, ffn.experts_per_token, tokens, routing_);
    }
    const std::int64_t width = share(ffn.moe_intermediate_size, expert_slices(sharding_));
    const std::int64_t up = ffn.gated ? 2 * width : width;
    GroupedGemm gemm{.rows = load.rows,
                     .experts = load.experts,
                     .n = up,
                     .k = hidden_,
                     .weights = matrices_.experts,
                     .activations = formats_.activations};
    graph_.then("experts_gate_up", gemm);
    graph_.then("experts_activation",
                Elementwise{.bytes_read = load.rows * real(up) * kValue,
                            .bytes_written = load.rows * real(width) * operand(),
                            .flops = Flops(load.rows * real(width) * kActivationFlops)});
    gemm.n = hidden_;
    gemm.k = width;
    graph_.then("experts_down", gemm);
    return load.rows;
  }

  /// Adds the experts' results, back with their tokens, and the shared expert's up.
  void add_sum(const FfnSpec& ffn) {
    const bool exchanged_back = exchanges_tokens(sharding_);
    const double summed = exchanged_back ? exchanged(ffn, kValue) / hidden_bytes() : rows_;
    std::vector<std::size_t> parts = graph_.last();
    parts.insert(parts.end(), shared_.begin(), shared_.end());
    graph_.continue_after(parts);
    graph_.then("sum_experts", Elementwise{.bytes_read = summed * hidden_bytes(),
                                           .bytes_written = real(graph_.tokens()) * hidden_bytes(),
                                           .flops = Flops(2 * summed * real(hidden_))});
    if (exchanged_back) {
      graph_.then_collective("gather_slices", CollectiveOp::all_gather,
                             real(graph_.tokens()) * hidden_bytes(), sharding_.tensor);
      if (ffn.shared_intermediate_size > 0) {
        add_all_reduce("shared_all_reduce");
      }
      return;
    }
    graph_.then_collective("scatter_sums", CollectiveOp::reduce_scatter, all_tokens(), sharding_.data);
    add_all_reduce("ffn_all_reduce");
  }

  const Architecture& network_;
  const Sharding& sharding_;
  const kernel::Formats& formats_;
  MatrixFormats matrices_;
  const Routing& routing_;
  std::int64_t hidden_;
  GraphBuilder graph_;
  std::vector<std::size_t> input_;   ///< of the router and of the shared expert
  std::vector<std::size_t> shared_;  ///< where the shared expert is done
  double rows_ = 0;                  ///< token-expert pairs on the busiest device
};

/// Two half batches through all layers of a group, the second a piece behind the first: while the tokens of
/// one are under way the other computes. The layers are one chain, since the second half ends a layer while
/// the first is in the next one.
StepPart overlapped_part(const Architecture& network, const Sharding& sharding,
                         const kernel::Formats& formats, std::int64_t tokens, const Routing& routing,
                         const LayerGroup& group) {
  StepPart part;
  LayerBuilder first(part.graph, network, sharding, formats, tokens - tokens / 2, routing);
  LayerBuilder second(part.graph, network, sharding, formats, tokens / 2, routing);
  for (std::int64_t layer = 0; layer < group.count; ++layer) {
    for (LayerBuilder* half : {&first, &second}) {
      if (layer > 0) {
        half->finish(group.layer);
      }
      half->begin(group.layer);
    }
    first.compute_experts(group.layer);
    second.compute_experts(group.layer);
  }
  first.finish(group.layer);
  second.finish(group.layer);
  part.overlapped_layers = group.count;
  return part;
}

StepPart embedding_part(const Architecture& network, const Sharding& sharding, std::int64_t tokens) {
  StepPart part{.name = "embedding"};
  GraphBuilder graph(part.graph, tokens);
  const Bytes hidden = real(network.hidden_size) * kValue;
  graph.then_elementwise("embedding", hidden, hidden, 0);
  graph.then_collective("embedding_all_reduce", CollectiveOp::all_reduce, real(tokens) * hidden,
                        sharding.tensor);
  return part;
}

/// Hidden state and residual go over the border, each tensor rank sending its slice to its opposite number.
StepPart stage_border_part(const Architecture& network, const Sharding& sharding, std::int64_t tokens) {
  StepPart part{.name = "stage_border", .repeats = sharding.pipeline - 1};
  GraphBuilder graph(part.graph, tokens);
  const Bytes both = 2 * real(tokens * network.hidden_size) * kValue;
  graph.then_collective("send", CollectiveOp::point_to_point, both / real(sharding.tensor), 2);
  graph.then_collective("gather_slices", CollectiveOp::all_gather, both, sharding.tensor);
  return part;
}

std::string name_of(const Layer& layer) {
  std::string name = layer.ffn.experts > 0 ? "moe layer" : "dense layer";
  if (layer.attention.form == AttentionSpec::Form::linear) {
    return name + ", linear";
  }
  return layer.attention.window > 0 ? name + ", windowed" : name;
}

}  // namespace

std::vector<StepPart> layer_parts(const Architecture& architecture, const Sharding& sharding,
                                  const kernel::Formats& formats, std::int64_t tokens,
                                  const Routing& routing) {
  assert(tokens >= 1);
  std::vector<StepPart> parts;
  parts.push_back(embedding_part(architecture, sharding, tokens));
  for (const LayerGroup& group : architecture.groups) {
    if (sharding.two_batch_overlap && group.layer.ffn.experts > 0 && tokens >= kLeastToOverlap) {
      parts.push_back(overlapped_part(architecture, sharding, formats, tokens, routing, group));
    } else {
      parts.push_back({.repeats = group.count});
      LayerBuilder(parts.back().graph, architecture, sharding, formats, tokens, routing).add(group.layer);
    }
    parts.back().name = name_of(group.layer);
  }
  if (sharding.pipeline > 1) {
    parts.push_back(stage_border_part(architecture, sharding, tokens));
  }
  return parts;
}

StepPart head_part(const Architecture& architecture, const Sharding& sharding, const kernel::Formats& formats,
                   std::int64_t emitting) {
  StepPart part{.name = "head"};
  GraphBuilder graph(part.graph, emitting);
  if (emitting > 0) {
    const NumberFormat kept = matrix_formats(architecture, formats.weights).kept;
    const Bytes hidden = real(architecture.hidden_size) * kValue;
    const Bytes logits = real(architecture.vocab_size) * kValue;
    graph.then_elementwise("final_norm", 2 * hidden, hidden, kNormFlops * real(architecture.hidden_size));
    graph.then("output_matrix", Gemm{.m = emitting,
                                     .n = share(architecture.vocab_size, sharding.tensor),
                                     .k = architecture.hidden_size,
                                     .weights = kept,
                                     .activations = kept});
    graph.then_collective("gather_logits", CollectiveOp::all_gather, real(emitting) * logits,
                          sharding.tensor);
    // Logits are widened to 32 bits, then read once more for the softmax.
    graph.then_elementwise("sample", 3 * logits, 2 * logits, kSoftmaxFlops * real(architecture.vocab_size));
  }
  return part;
}

}  // namespace mtok::model
