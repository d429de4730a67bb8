// A network as numbers: what its config.json says, layer by layer.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "sim/config/reader.hpp"
#include "sim/kernel/number_format.hpp"

namespace mtok::model {

/// Attention of one layer. MHA, GQA and MQA are `grouped_query` with heads / kv_heads of 1, some, all;
/// `latent` is DeepSeek's MLA, whose cache holds kv_lora_rank + qk_rope_head_dim values a token, whatever the
/// heads; `linear` is Gated DeltaNet, which keeps a state of constant size instead of a cache: `heads` are
/// its value heads (v_head_dim), `kv_heads` its key heads (head_dim).
struct AttentionSpec {
  enum class Form { grouped_query, latent, linear };
  Form form = Form::grouped_query;
  std::int64_t heads = 0;
  std::int64_t kv_heads = 0;
  std::int64_t head_dim = 0;
  std::int64_t window = 0;  ///< keys a token can see at most (sliding window, or Llama 4's chunk); 0: all
  bool qkv_bias = false;
  bool output_bias = false;
  bool qk_norm = false;  ///< a learned norm of head_dim (grouped_query) on q and on k
  bool qk_norm_whole =
      false;           ///< that norm spans all heads (MiniMax M2), so it has a weight per head and value
  bool sinks = false;  ///< one learned logit per head (gpt-oss)
  bool output_gate = false;  ///< grouped_query: a gate beside q, as wide, that scales the result (Qwen3-Next)
  std::int64_t q_lora_rank = 0;  ///< latent only from here on; 0: q is projected in one step
  std::int64_t kv_lora_rank = 0;
  std::int64_t qk_nope_head_dim = 0;
  std::int64_t qk_rope_head_dim = 0;
  std::int64_t v_head_dim = 0;   ///< latent and linear
  std::int64_t index_heads = 0;  ///< DeepSeek Sparse Attention: heads of the indexer; 0: none
  std::int64_t index_head_dim = 0;
  std::int64_t index_topk = 0;   ///< keys that the indexer chooses for each query
  std::int64_t conv_kernel = 0;  ///< linear only from here on: tokens that the short convolution sees
  kernel::NumberFormat state_format = kernel::NumberFormat::fp32;  ///< of the recurrent state

  /// Keys that a token attends to at most: those in the window, or those that the indexer chooses. 0: all.
  [[nodiscard]] std::int64_t reach() const { return window > 0 ? window : index_topk; }
  friend bool operator==(const AttentionSpec&, const AttentionSpec&) = default;
};

/// Feed-forward part of one layer: dense when `experts` is 0, else a router and experts of
/// moe_intermediate_size.
struct FfnSpec {
  std::int64_t intermediate_size = 0;  ///< of the dense form
  bool gated = true;                   ///< three matrices (gate, up, down), else two
  bool bias = false;
  std::int64_t experts = 0;
  std::int64_t experts_per_token = 0;
  std::int64_t moe_intermediate_size = 0;
  std::int64_t shared_intermediate_size = 0;  ///< all shared experts together; every token passes them
  bool shared_gate = false;                   ///< a learned scalar gate on the shared expert (Qwen2-MoE)
  bool router_bias = false;

  friend bool operator==(const FfnSpec&, const FfnSpec&) = default;
};

struct Layer {
  AttentionSpec attention{};
  FfnSpec ffn{};
  std::int64_t norms = 2;  ///< learned norms of hidden_size (4 in Gemma 2 and 3)
  bool norm_bias = false;  ///< LayerNorm rather than RMSNorm
  bool parallel = false;   ///< attention and FFN read the same input and are added together (Falcon, GPT-J)

  friend bool operator==(const Layer&, const Layer&) = default;
};

/// `count` equal layers. The order of layers does not matter to time, so equal ones are kept together.
struct LayerGroup {
  Layer layer{};
  std::int64_t count = 0;

  friend bool operator==(const LayerGroup&, const LayerGroup&) = default;
};

/// What the vendor states. For comparison only: nothing is computed from it.
struct Published {
  std::optional<std::int64_t> parameters_total{};
  std::optional<std::int64_t> parameters_active{};
  std::optional<std::int64_t> kv_bytes_per_token_fp16{};  ///< all layers, windows ignored
  std::string source{};

  friend bool operator==(const Published&, const Published&) = default;
};

/// A decoder-only language model. Leaves out vision towers and multi-token-prediction heads.
struct Architecture {
  std::string name{};
  std::string model_type{};  ///< Hugging Face's word: "llama", "qwen3_moe", ...
  std::int64_t hidden_size = 0;
  std::int64_t vocab_size = 0;
  std::int64_t max_position_embeddings = 0;
  bool learned_positions = false;  ///< a table of max_position_embeddings + 2 rows, the offset of OPT's table
  bool tie_word_embeddings = false;
  bool embedding_norm = false;      ///< a learned norm on the embedding (BLOOM)
  bool output_matrix_bias = false;  ///< GPT-J
  std::vector<LayerGroup> groups{};
  std::vector<std::size_t> order{};  ///< the group of each layer, first layer first; empty: group after group
  kernel::NumberFormat checkpoint_format =
      kernel::NumberFormat::bf16;  ///< quantization_config, else torch_dtype
  /// The published checkpoint keeps all but the routed experts in 16 bits (gpt-oss, Kimi K2.5). Holds for
  /// weights in checkpoint_format only.
  bool only_experts_quantized = false;
  Published published{};
  std::string source{};  ///< where the dimensions come from

  [[nodiscard]] std::int64_t layers() const;
  /// The group of each layer, first layer first, whether `order` is given or not.
  [[nodiscard]] std::vector<std::size_t> layer_order() const;
  friend bool operator==(const Architecture&, const Architecture&) = default;
};

/// Reads a model YAML of ours or a Hugging Face config.json (by suffix .json; `text_config` is followed; keys
/// that are not needed are ignored in JSON and errors in YAML). Throws config::Error; checks that heads
/// divide, top-k <= experts, and that there are at most 2^53 parameters. An unknown model_type is an error:
/// two families with the same keys may differ in biases, norms and windows, so nothing is guessed.
[[nodiscard]] Architecture load_architecture(const std::filesystem::path& path);

/// The YAML text of a model, with every number that `load_architecture` needs; reading it back gives the same
/// model, with `source` as its source. Requires a known model_type, and layers that differ only in window, in
/// linear or full attention and in dense or MoE, with one width of each: all that load_architecture returns.
[[nodiscard]] std::string to_yaml(const Architecture& architecture, const std::string& source);

}  // namespace mtok::model
