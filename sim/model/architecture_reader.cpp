// Reads a network from a model YAML or a Hugging Face config.json.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <initializer_list>
#include <string_view>

#include "sim/model/architecture.hpp"
#include "sim/model/checkpoint_format.hpp"
#include "sim/model/family.hpp"
#include "sim/model/footprint.hpp"

namespace mtok::model {
namespace {

using config::IntRange;
using config::Reader;
using Keys = std::initializer_list<std::string_view>;

// Bounds that no network reaches and that keep the parameters of one layer, experts * 3 * hidden *
// intermediate, within 64 bits. The whole network is then held to 2^53, so that every count is exact in a
// double as well.
constexpr IntRange kHidden{.least = 1, .most = std::int64_t{1} << 20U};
constexpr IntRange kWidth{.least = 1, .most = std::int64_t{1} << 22U};
constexpr IntRange kWidthOrNone{.least = 0, .most = kWidth.most};
constexpr IntRange kHeads{.least = 1, .most = std::int64_t{1} << 14U};
constexpr IntRange kHeadDim{.least = 1, .most = std::int64_t{1} << 14U};
constexpr IntRange kLayers{.least = 1, .most = std::int64_t{1} << 12U};
constexpr IntRange kVocab{.least = 1, .most = std::int64_t{1} << 24U};
constexpr IntRange kExperts{.least = 0, .most = std::int64_t{1} << 14U};
constexpr IntRange kPositions{.least = 1, .most = std::int64_t{1} << 32U};
constexpr std::int64_t kMaxParameters = std::int64_t{1} << 53U;

/// One file that is being read: the mapping of the text model, the mapping around it, and the family.
class ArchitectureReader {
 public:
  ArchitectureReader(Reader text, Reader outer, const Family& family, bool yaml)
      : text_(std::move(text)), outer_(std::move(outer)), family_(family), yaml_(yaml) {}

  /// The network. Incomplete after an error, which the document holds.
  Architecture read(std::string name);

 private:
  struct Ffns {
    FfnSpec dense{};
    FfnSpec moe{};
    std::vector<bool> is_moe{};  ///< by layer
  };
  struct Windows {
    std::int64_t size = 0;
    std::vector<bool> applies{};  ///< by layer
  };

  [[nodiscard]] bool present(std::string_view key) const { return text_.has(key) && !text_.is_null(key); }
  std::optional<std::int64_t> find(Keys keys, IntRange range);
  std::int64_t require(Keys keys, IntRange range, std::int64_t fallback = 0);
  bool flag(Keys keys, bool fallback);

  void read_names(Architecture& network);
  AttentionSpec read_attention(const Architecture& network);
  void read_latent(AttentionSpec& attention);
  std::int64_t read_kv_heads(std::int64_t heads);
  std::int64_t read_head_dim(std::int64_t hidden, std::int64_t heads);
  Layer read_layer(const Architecture& network);
  Ffns read_ffns(const Architecture& network, std::int64_t layers, const Layer& common);
  FfnSpec read_experts(const FfnSpec& common);
  std::vector<bool> read_moe_layers(std::int64_t layers);
  std::int64_t read_dense_width(std::int64_t hidden);
  Windows read_windows(std::int64_t layers, std::int64_t positions);
  std::vector<bool> windows_by_type(std::int64_t layers);
  std::vector<bool> windows_by_rule(std::int64_t layers);
  void read_published(Architecture& network);
  void check_size(const Architecture& network);

  Reader text_;
  Reader outer_;
  const Family& family_;
  bool yaml_;
};

/// The value of the first key that has one. Other keys of the same meaning must agree with it.
std::optional<std::int64_t> ArchitectureReader::find(Keys keys, IntRange range) {
  std::optional<std::int64_t> value;
  for (const std::string_view key : keys) {
    if (!present(key)) {
      text_.ignore(key);
      continue;
    }
    const std::int64_t got = text_.integer(key, range);
    if (value && *value != got) {
      text_.fail(key, fmt::format("{} contradicts {} of an earlier key of the same meaning", got, *value));
    }
    value = value.value_or(got);
  }
  return value;
}

/// As find; when there is none, `fallback`, or an error when that is 0.
std::int64_t ArchitectureReader::require(Keys keys, IntRange range, std::int64_t fallback) {
  if (const std::optional<std::int64_t> value = find(keys, range)) {
    return *value;
  }
  return fallback != 0 ? fallback : text_.integer(*keys.begin(), range);
}

bool ArchitectureReader::flag(Keys keys, bool fallback) {
  for (const std::string_view key : keys) {
    if (present(key)) {
      return text_.flag(key);
    }
  }
  return fallback;
}

Architecture ArchitectureReader::read(std::string name) {
  Architecture network;
  network.name = std::move(name);
  network.model_type = std::string(family_.model_type);
  read_names(network);
  const std::int64_t layers = require({"num_hidden_layers", "n_layer", "n_layers"}, kLayers);
  const Layer common = read_layer(network);
  const Windows windows = read_windows(layers, network.max_position_embeddings);
  const Ffns ffns = read_ffns(network, layers, common);
  if (yaml_) {
    read_published(network);
    text_.done();
  }
  if (!text_.ok()) {
    return network;
  }
  for (std::size_t i = 0; i < static_cast<std::size_t>(layers); ++i) {
    Layer layer = common;
    layer.attention.window = windows.applies[i] ? windows.size : 0;
    layer.ffn = ffns.is_moe[i] ? ffns.moe : ffns.dense;
    const auto same = std::find_if(network.groups.begin(), network.groups.end(),
                                   [&](const LayerGroup& group) { return group.layer == layer; });
    network.order.push_back(static_cast<std::size_t>(same - network.groups.begin()));
    if (same == network.groups.end()) {
      network.groups.push_back({.layer = layer, .count = 1});
    } else {
      ++same->count;
    }
  }
  check_size(network);
  return network;
}

void ArchitectureReader::read_names(Architecture& network) {
  network.hidden_size = require({"hidden_size", "n_embd", "n_embed"}, kHidden);
  network.vocab_size = require({"vocab_size"}, kVocab, family_.default_vocab_size);
  network.max_position_embeddings = require({"max_position_embeddings", "n_positions", "seq_length"},
                                            kPositions, family_.default_positions);
  // A key of the inner mapping says more about the text model than the same key around it.
  Reader& tied = present("tie_word_embeddings") ? text_ : outer_;
  const bool said = tied.has("tie_word_embeddings") && !tied.is_null("tie_word_embeddings");
  network.tie_word_embeddings = said ? tied.flag("tie_word_embeddings") : family_.tied;
  network.learned_positions = flag({"learned_positions"}, family_.learned_positions);
  network.embedding_norm = flag({"embedding_norm"}, family_.embedding_norm);
  network.output_matrix_bias = flag({"output_matrix_bias"}, family_.output_matrix_bias);
  const bool text_says = text_.has("quantization_config") || text_.has("dtype") || text_.has("torch_dtype");
  Reader& stored = outer_.has("quantization_config") || !text_says ? outer_ : text_;
  const CheckpointFormat checkpoint = read_checkpoint_format(stored, yaml_);
  network.checkpoint_format = checkpoint.format;
  network.only_experts_quantized = checkpoint.only_experts && family_.moe;
  if (present("word_embed_proj_dim") &&
      text_.integer("word_embed_proj_dim", kHidden) != network.hidden_size) {
    text_.fail("word_embed_proj_dim", "an embedding of another width than hidden_size is not supported");
  }
}

Layer ArchitectureReader::read_layer(const Architecture& network) {
  Layer layer;
  layer.attention = read_attention(network);
  layer.norm_bias = flag({"norm_bias"}, family_.norm_bias);
  layer.parallel = flag({"parallel_attn"}, family_.parallel);
  std::int64_t norms = family_.norms;
  if (family_.model_type == "falcon") {
    const bool two = flag({"new_decoder_architecture"}, false) || !layer.parallel;
    norms = find({"num_ln_in_parallel_attn"}, {.least = 1, .most = 2}).value_or(two ? 2 : 1);
  }
  layer.norms = find({"norms_per_layer"}, {.least = 1, .most = 8}).value_or(norms);
  layer.ffn.gated = flag({"gated_mlp"}, family_.gated);
  layer.ffn.bias = flag({"mlp_bias", "bias", "enable_bias"}, family_.mlp_bias);
  return layer;
}

AttentionSpec ArchitectureReader::read_attention(const Architecture& network) {
  AttentionSpec attention;
  attention.heads = require({"num_attention_heads", "n_head"}, kHeads, family_.default_heads);
  attention.qkv_bias = flag({"attention_bias", "bias", "enable_bias"}, family_.attention_bias);
  attention.output_bias =
      flag({"attention_output_bias"}, attention.qkv_bias && family_.attention_bias_covers_output);
  attention.sinks = flag({"attention_sinks"}, family_.sinks);
  if (family_.latent_attention) {
    read_latent(attention);
    return attention;
  }
  attention.kv_heads = read_kv_heads(attention.heads);
  attention.head_dim = read_head_dim(network.hidden_size, attention.heads);
  if (family_.learned_qk_norm) {
    attention.qk_norm = flag({"use_qk_norm"}, family_.qk_norm);
    attention.qk_norm_whole =
        attention.qk_norm && present("qk_norm_type") && text_.text("qk_norm_type") == "per_layer";
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

ArchitectureReader::Ffns ArchitectureReader::read_ffns(const Architecture& network, std::int64_t layers,
                                                       const Layer& common) {
  Ffns ffns{.dense = common.ffn, .moe = common.ffn, .is_moe = {}};
  ffns.is_moe.assign(static_cast<std::size_t>(layers), false);
  if (family_.moe) {
    ffns.moe = read_experts(common.ffn);
    ffns.is_moe = read_moe_layers(layers);
    if (ffns.moe.experts == 0) {
      ffns.is_moe.assign(static_cast<std::size_t>(layers), false);
    }
  } else {
    for (const std::string_view key : {"num_local_experts", "num_experts", "n_routed_experts"}) {
      if (present(key)) {
        text_.fail(key, fmt::format("model_type '{}' has no experts", family_.model_type));
      }
    }
  }
  if (std::find(ffns.is_moe.begin(), ffns.is_moe.end(), false) != ffns.is_moe.end()) {
    ffns.dense.intermediate_size = read_dense_width(network.hidden_size);
  } else {
    for (const std::string_view key : {"intermediate_size", "intermediate_size_mlp"}) {
      text_.ignore(key);  // published files give it even where no layer is dense
    }
  }
  return ffns;
}

std::int64_t ArchitectureReader::read_dense_width(std::int64_t hidden) {
  const std::int64_t fallback = family_.four_hidden_ffn ? 4 * hidden : 0;
  if (family_.model_type == "llama4_text") {
    return require({"intermediate_size_mlp"}, kWidth);
  }
  return require({"intermediate_size", "n_inner", "ffn_dim", "ffn_hidden_size"}, kWidth, fallback);
}

FfnSpec ArchitectureReader::read_experts(const FfnSpec& common) {
  FfnSpec moe = common;
  moe.experts = require({"num_local_experts", "num_experts", "n_routed_experts"}, kExperts);
  moe.experts_per_token = require({"num_experts_per_tok", "experts_per_token"}, kExperts);
  if (text_.ok() && moe.experts > 0 && (moe.experts_per_token < 1 || moe.experts_per_token > moe.experts)) {
    text_.fail(present("num_experts_per_tok") ? "num_experts_per_tok" : "experts_per_token",
               fmt::format("{} experts per token; expected 1 to {}, the number of experts",
                           moe.experts_per_token, moe.experts));
  }
  if (family_.expert_width == ExpertWidth::moe_intermediate_size) {
    moe.moe_intermediate_size = require({"moe_intermediate_size"}, kWidth);
  } else {
    moe.moe_intermediate_size = require({"intermediate_size"}, kWidth);
  }
  moe.shared_intermediate_size =
      find({"shared_expert_intermediate_size", "shared_intermediate_size"}, kWidthOrNone)
          .value_or(family_.always_shared_expert ? moe.moe_intermediate_size : 0);
  if (const std::optional<std::int64_t> shared = find({"n_shared_experts"}, kExperts)) {
    moe.shared_intermediate_size = *shared * moe.moe_intermediate_size;
  }
  moe.shared_gate =
      flag({"shared_expert_gate"}, family_.shared_expert_gate && moe.shared_intermediate_size > 0);
  moe.router_bias = flag({"router_bias", "use_routing_bias"}, family_.router_bias);
  return moe;
}

/// Layer i (from 0) has experts when every rule that the file states agrees.
std::vector<bool> ArchitectureReader::read_moe_layers(std::int64_t layers) {
  const IntRange some{.least = 0, .most = layers};
  const IntRange step{.least = 1, .most = kLayers.most};
  const std::int64_t first_dense = find({"first_k_dense_replace"}, some).value_or(0);
  const std::int64_t frequency = find({"moe_layer_freq"}, step).value_or(1);
  const std::int64_t every = find({"decoder_sparse_step", "interleave_moe_layer_step"}, step).value_or(1);
  std::vector<std::int64_t> dense;
  if (present("mlp_only_layers")) {
    dense = text_.integers("mlp_only_layers", some);
  }
  std::vector<bool> is_moe;
  for (std::int64_t i = 0; i < layers; ++i) {
    const bool listed_dense = std::find(dense.begin(), dense.end(), i) != dense.end();
    is_moe.push_back(i >= first_dense && i % frequency == 0 && (i + 1) % every == 0 && !listed_dense);
  }
  return is_moe;
}

ArchitectureReader::Windows ArchitectureReader::read_windows(std::int64_t layers, std::int64_t positions) {
  Windows windows;
  windows.applies.assign(static_cast<std::size_t>(layers), false);
  const bool has_types = present("layer_types");
  if (family_.window_rule == WindowRule::never && !has_types) {
    return windows;
  }
  windows.size = find({"attention_chunk_size", "sliding_window"}, kPositions).value_or(0);
  windows.applies = has_types ? windows_by_type(layers) : windows_by_rule(layers);
  const bool any = std::find(windows.applies.begin(), windows.applies.end(), true) != windows.applies.end();
  if (has_types && any && windows.size == 0) {
    text_.fail("sliding_window", "missing, though layer_types names windowed layers");
  }
  if (windows.size >= positions) {
    windows.size = 0;  // a window that never closes
  }
  return windows;
}

std::vector<bool> ArchitectureReader::windows_by_type(std::int64_t layers) {
  std::vector<bool> applies;
  for (const std::string& type : text_.texts("layer_types")) {
    applies.push_back(type == "sliding_attention" || type == "chunked_attention");
    if (!applies.back() && type != "full_attention") {
      text_.fail("layer_types", fmt::format("'{}' is not supported; expected full_attention, "
                                            "sliding_attention or chunked_attention",
                                            type));
    }
  }
  if (text_.ok() && applies.size() != static_cast<std::size_t>(layers)) {
    text_.fail("layer_types", fmt::format("{} entries for {} layers", applies.size(), layers));
  }
  applies.resize(static_cast<std::size_t>(layers));
  return applies;
}

std::vector<bool> ArchitectureReader::windows_by_rule(std::int64_t layers) {
  const IntRange step{.least = 1, .most = kLayers.most};
  std::int64_t pattern = 0;
  std::int64_t first = 0;
  if (family_.window_rule == WindowRule::patterned) {
    pattern =
        find({"sliding_window_pattern", "no_rope_layer_interval"}, step).value_or(family_.window_pattern);
  } else if (family_.window_rule == WindowRule::upper_layers) {
    const bool used = flag({"use_sliding_window"}, false);
    const std::int64_t lower = find({"max_window_layers"}, {.least = 0, .most = kLayers.most}).value_or(0);
    first = used ? lower : layers;
  }
  std::vector<bool> applies;
  for (std::int64_t i = 0; i < layers; ++i) {
    applies.push_back(i >= first && (pattern == 0 || (i + 1) % pattern != 0));
  }
  return applies;
}

void ArchitectureReader::read_published(Architecture& network) {
  network.name = text_.text("name");
  network.source = text_.text("source");
  if (std::optional<Reader> published = text_.find_mapping("published")) {
    const auto count = [&](std::string_view key) -> std::optional<std::int64_t> {
      return published->has(key) ? std::optional(published->integer(key, config::kAtLeastOne)) : std::nullopt;
    };
    network.published.parameters_total = count("parameters_total");
    network.published.parameters_active = count("parameters_active");
    network.published.kv_bytes_per_token_fp16 = count("kv_bytes_per_token_fp16");
    network.published.source = published->text("source");
    published->done();
  }
}

void ArchitectureReader::check_size(const Architecture& network) {
  std::int64_t left = kMaxParameters - 4 * network.vocab_size * network.hidden_size;
  for (const LayerGroup& group : network.groups) {
    const std::int64_t room = left / group.count;
    const std::int64_t needed = count_parameters(group.layer, network.hidden_size).total;
    if (needed > room) {
      text_.fail("hidden_size", "the network has more than 2^53 parameters; check the sizes");
      return;
    }
    left -= needed * group.count;
  }
}

/// Notes what no word of AttentionSpec stands for. It must be said, since the rest of such a file reads like
/// any other.
void refuse_unknown_attention(Reader& text) {
  for (const std::string_view key :
       {"linear_num_key_heads", "linear_attn_config", "full_attention_interval"}) {
    if (text.has(key)) {
      text.fail(key, "not supported: linear attention");
      return;
    }
  }
  for (const std::string_view key : {"index_topk", "index_n_heads", "sparse_attention_config"}) {
    if (text.has(key)) {
      text.fail(key, "not supported: sparse attention with an indexer");
      return;
    }
  }
}

std::string stem_of(const std::filesystem::path& path) {
  return path.stem().string();
}

}  // namespace

Architecture load_architecture(const std::filesystem::path& path) {
  config::Document document = config::Document::load(path);
  const bool yaml = path.extension() != ".json";
  Reader outer = document.root();
  Reader text = outer;
  if (!yaml && outer.is_mapping("text_config")) {
    text = outer.mapping("text_config");
  }
  refuse_unknown_attention(text);
  document.finish();
  Reader& typed = text.has("model_type") ? text : outer;
  const std::string model_type = typed.text("model_type");
  document.finish();
  const Family* family = family_of(model_type);
  if (family == nullptr) {
    typed.fail("model_type", fmt::format("'{}' is not supported", model_type),
               "known: " + known_model_types());
    document.finish();
  }
  Architecture network = ArchitectureReader(text, outer, *family, yaml).read(stem_of(path));
  document.finish();
  return network;
}

}  // namespace mtok::model
