// What each known model_type leaves unsaid in its config.json: biases, norms, windows, names of widths.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace mtok::model {

/// Which layers a window applies to when neither layer_types nor a pattern says so.
enum class WindowRule {
  never,        ///< sliding_window has no meaning
  every_layer,  ///< Mistral, Phi-3
  patterned,    ///< all but every n-th layer: Gemma 2 and gpt-oss (n = 2), Llama 4 (4), Gemma 3 (6)
  upper_layers  ///< Qwen: layers from max_window_layers on, when use_sliding_window
};

/// The key that holds the width of one expert.
enum class ExpertWidth { moe_intermediate_size, intermediate_size };

/// Defaults of one family: what its Transformers class does when config.json does not say. Each has a key by
/// which a YAML of ours can say otherwise, as architecture_writer.cpp does.
struct Family {
  std::string_view model_type{};
  bool moe = false;
  bool latent_attention = false;
  bool indexer = false;           ///< latent attention reads only the keys that an indexer chooses
  bool linear_attention = false;  ///< in all but every n-th layer, n = full_attention_interval
  bool output_gate = false;
  bool attention_bias = false;               ///< on q, k, v
  bool attention_bias_covers_output = true;  ///< and then on the output projection too
  bool qk_norm = false;
  bool qk_norm_whole = false;   ///< that norm spans all heads when qk_norm_type does not say otherwise
  bool learned_qk_norm = true;  ///< use_qk_norm means weights (not so in Llama 4)
  bool sinks = false;
  std::int64_t norms = 2;
  bool norm_bias = false;
  bool parallel = false;
  bool gated = true;
  bool mlp_bias = false;
  ExpertWidth expert_width = ExpertWidth::moe_intermediate_size;
  bool router_bias = false;
  bool shared_expert_gate = false;
  bool always_shared_expert = false;  ///< one shared expert as wide as a routed one (Llama 4)
  WindowRule window_rule = WindowRule::never;
  std::int64_t window_pattern = 0;  ///< of WindowRule::patterned
  bool kv_heads_optional = false;   ///< as many as heads when not given
  bool four_hidden_ffn = false;     ///< intermediate_size is 4 hidden_size when not given
  bool tied = false;
  bool learned_positions = false;
  bool embedding_norm = false;
  bool output_matrix_bias = false;
  /// Numbers that the class supplies and published files leave out; 0: the key is required.
  std::int64_t default_heads = 0;
  std::int64_t default_kv_heads = 0;
  std::int64_t default_head_dim = 0;
  std::int64_t default_vocab_size = 0;
  std::int64_t default_positions = 0;
};

/// nullptr when the type is not known.
[[nodiscard]] const Family* family_of(std::string_view model_type);
/// "llama, mistral, ...": for messages.
[[nodiscard]] std::string known_model_types();

}  // namespace mtok::model
