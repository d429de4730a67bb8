// The table of known model types.
#include "sim/model/family.hpp"

#include <algorithm>
#include <array>

namespace mtok::model {
namespace {

// Source: the configuration and modelling classes of Hugging Face Transformers of the same names (for
// minimax_m2 and kimi_k2 those shipped with the checkpoint); the parameter counts that follow are tested
// against published ones.
constexpr std::array kFamilies{
    Family{.model_type = "llama", .kv_heads_optional = true},
    Family{.model_type = "mistral", .window_rule = WindowRule::every_layer},
    Family{.model_type = "mixtral",
           .moe = true,
           .expert_width = ExpertWidth::intermediate_size,
           .window_rule = WindowRule::every_layer},
    Family{.model_type = "llama4_text",
           .moe = true,
           .learned_qk_norm = false,
           .expert_width = ExpertWidth::intermediate_size,
           .always_shared_expert = true,
           .window_rule = WindowRule::patterned,
           .window_pattern = 4},
    Family{.model_type = "qwen2",
           .attention_bias = true,
           .attention_bias_covers_output = false,
           .window_rule = WindowRule::upper_layers},
    Family{.model_type = "qwen2_moe",
           .moe = true,
           .attention_bias = true,
           .attention_bias_covers_output = false,
           .shared_expert_gate = true,
           .window_rule = WindowRule::upper_layers},
    Family{.model_type = "qwen3", .qk_norm = true, .window_rule = WindowRule::upper_layers},
    Family{.model_type = "qwen3_moe", .moe = true, .qk_norm = true, .window_rule = WindowRule::upper_layers},
    Family{.model_type = "deepseek_v2", .moe = true, .latent_attention = true},
    Family{.model_type = "deepseek_v3", .moe = true, .latent_attention = true, .router_bias = true},
    Family{.model_type = "deepseek_v32",
           .moe = true,
           .latent_attention = true,
           .indexer = true,
           .router_bias = true},
    Family{.model_type = "glm_moe_dsa",
           .moe = true,
           .latent_attention = true,
           .indexer = true,
           .router_bias = true},
    Family{.model_type = "qwen3_next",
           .moe = true,
           .linear_attention = true,
           .output_gate = true,
           .qk_norm = true,
           .shared_expert_gate = true},
    Family{.model_type = "qwen3_5_text", .linear_attention = true, .output_gate = true, .qk_norm = true},
    Family{.model_type = "qwen3_5_moe_text",
           .moe = true,
           .linear_attention = true,
           .output_gate = true,
           .qk_norm = true,
           .shared_expert_gate = true},
    Family{.model_type = "kimi_k2", .moe = true, .latent_attention = true, .router_bias = true},
    Family{.model_type = "gpt_oss",
           .moe = true,
           .attention_bias = true,
           .sinks = true,
           .mlp_bias = true,
           .expert_width = ExpertWidth::intermediate_size,
           .router_bias = true,
           .window_rule = WindowRule::patterned,
           .window_pattern = 2},
    Family{.model_type = "gemma", .tied = true},
    Family{.model_type = "gemma2",
           .norms = 4,
           .window_rule = WindowRule::patterned,
           .window_pattern = 2,
           .tied = true},
    Family{.model_type = "gemma3_text",
           .qk_norm = true,
           .norms = 4,
           .window_rule = WindowRule::patterned,
           .window_pattern = 6,
           .tied = true,
           .default_heads = 8,
           .default_kv_heads = 4,
           .default_head_dim = 256,
           .default_vocab_size = 262208,
           .default_positions = 131072},
    Family{.model_type = "phi3", .window_rule = WindowRule::every_layer, .kv_heads_optional = true},
    Family{.model_type = "glm4_moe", .moe = true, .attention_bias_covers_output = false, .router_bias = true},
    Family{.model_type = "minimax_m2",
           .moe = true,
           .expert_width = ExpertWidth::intermediate_size,
           .router_bias = true},
    Family{.model_type = "falcon",
           .norm_bias = true,
           .parallel = true,
           .gated = false,
           .four_hidden_ffn = true,
           .tied = true,
           .default_positions = 2048},
    Family{.model_type = "gptj",
           .norms = 1,
           .norm_bias = true,
           .parallel = true,
           .gated = false,
           .mlp_bias = true,
           .kv_heads_optional = true,
           .four_hidden_ffn = true,
           .output_matrix_bias = true},
    Family{.model_type = "opt",
           .attention_bias = true,
           .norm_bias = true,
           .gated = false,
           .mlp_bias = true,
           .kv_heads_optional = true,
           .tied = true,
           .learned_positions = true},
    Family{.model_type = "bloom",
           .attention_bias = true,
           .norm_bias = true,
           .gated = false,
           .mlp_bias = true,
           .kv_heads_optional = true,
           .four_hidden_ffn = true,
           .tied = true,
           .embedding_norm = true,
           .default_positions = 2048},
};

// Names that mean the text part of another entry.
struct Alias {
  std::string_view name{};
  std::string_view model_type{};
};
constexpr std::array kAliases{Alias{"llama4", "llama4_text"}, Alias{"gemma3", "gemma3_text"},
                              Alias{"qwen3_5", "qwen3_5_text"}, Alias{"qwen3_5_moe", "qwen3_5_moe_text"}};

}  // namespace

const Family* family_of(std::string_view model_type) {
  for (const Alias& alias : kAliases) {
    if (alias.name == model_type) {
      model_type = alias.model_type;
    }
  }
  const auto found = std::find_if(kFamilies.begin(), kFamilies.end(),
                                  [&](const Family& family) { return family.model_type == model_type; });
  return found != kFamilies.end() ? &*found : nullptr;
}

std::string known_model_types() {
  std::string names;
  for (const Family& family : kFamilies) {
    names += (names.empty() ? "" : ", ");
    names += family.model_type;
  }
  return names;
}

}  // namespace mtok::model
