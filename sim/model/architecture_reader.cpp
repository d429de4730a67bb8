// Reads a network from a model YAML or a Hugging Face config.json.
#include "sim/model/architecture_reader.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "sim/model/checkpoint_format.hpp"
#include "sim/model/footprint.hpp"

namespace mtok::model {

using config::IntRange;
using config::Reader;

/// The value of the first key that has one. Other keys of the same meaning must agree with it.
std::optional<std::int64_t> ArchitectureReader::find(Keys keys, IntRange range) {
  std::optional<std::int64_t> value;
  for (const std::string_view key : keys) {
    if (!present(key)) {
      text_.ignore(key);
      continue;
    }
    const std::int64_t got = text_.is_list(key) ? same_for_all_layers(key, range) : text_.integer(key, range);
    if (value && *value != got) {
      text_.fail(key, fmt::format("{} contradicts {} of an earlier key of the same meaning", got, *value));
    }
    value = value.value_or(got);
  }
  return value;
}

/// A list with one number a layer, as Hunyuan writes what is the same for all of them.
std::int64_t ArchitectureReader::same_for_all_layers(std::string_view key, IntRange range) {
  const std::vector<std::int64_t> values = text_.integers(key, range);
  if (text_.ok() && (values.empty() || std::count(values.begin(), values.end(), values.front()) !=
                                           static_cast<std::ptrdiff_t>(values.size()))) {
    text_.fail(key, "numbers that differ between layers are not supported");
  }
  return values.empty() ? range.least : values.front();
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
  const std::int64_t layers = require({"num_hidden_layers", "n_layer", "n_layers", "num_layers"}, kLayers);
  const Layer common = read_layer(network);
  const Sights sights = read_sights(layers, network.max_position_embeddings);
  const AttentionSpec linear = family_.linear_attention ? read_linear() : AttentionSpec{};
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
    if (sights.of[i] == Sight::state) {
      layer.attention = linear;
    } else {
      layer.attention.window = sights.of[i] == Sight::window ? sights.window : 0;
    }
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
  network.output_matrix_bias = flag({"output_matrix_bias", "lm_head_bias"}, family_.output_matrix_bias);
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
  layer.parallel = flag({"parallel_attn", "use_parallel_residual"}, family_.parallel);
  std::int64_t norms = family_.norms;
  if (family_.model_type == "falcon") {
    const bool two = flag({"new_decoder_architecture"}, false) || !layer.parallel;
    norms = find({"num_ln_in_parallel_attn"}, {.least = 1, .most = 2}).value_or(two ? 2 : 1);
  }
  layer.norms = find({"norms_per_layer"}, {.least = 1, .most = 8}).value_or(norms);
  layer.ffn.gated = flag({"gated_mlp"}, family_.gated);
  layer.ffn.bias = flag({"mlp_bias", "bias", "enable_bias", "use_bias"}, family_.mlp_bias);
  return layer;
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
  moe.experts =
      require({"num_local_experts", "num_experts", "n_routed_experts", "moe_num_experts"}, kExperts);
  moe.experts_per_token =
      require({"num_experts_per_tok", "experts_per_token", "moe_topk", "moe_k"}, kExperts);
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
  if (const std::optional<std::int64_t> shared =
          find({"n_shared_experts", "num_shared_experts", "moe_num_shared_experts", "num_shared_expert"},
               kExperts)) {
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
  const std::int64_t first_dense = find({"first_k_dense_replace", "moe_layer_start_index"}, some).value_or(0);
  const std::int64_t last =
      find({"moe_layer_end_index"}, {.least = -1, .most = layers}).value_or(-1);  // -1: the last layer
  const std::int64_t frequency = find({"moe_layer_freq"}, step).value_or(1);
  const std::int64_t every =
      find({"decoder_sparse_step", "interleave_moe_layer_step", "moe_layer_interval"}, step).value_or(1);
  std::vector<std::int64_t> dense;
  if (present("mlp_only_layers")) {
    dense = text_.integers("mlp_only_layers", some);
  }
  std::vector<bool> is_moe;
  if (!text_.ok()) {
    is_moe.assign(static_cast<std::size_t>(layers), false);
    return is_moe;
  }
  for (std::int64_t i = 0; i < layers; ++i) {
    const bool listed_dense = std::find(dense.begin(), dense.end(), i) != dense.end();
    is_moe.push_back(i >= first_dense && (last < 0 || i <= last) && i % frequency == 0 &&
                     (i + 1) % every == 0 && !listed_dense);
  }
  return is_moe;
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

namespace {

/// Notes what no word of AttentionSpec stands for, or what the family is not known to have (`family` may be
/// nullptr). It must be said, since the rest of such a file reads like any other.
void refuse_unknown_attention(Reader& text, const Family* family) {
  const auto refuse = [&text](std::initializer_list<std::string_view> keys, std::string_view what) {
    for (const std::string_view key : keys) {
      if (text.has(key)) {
        text.fail(key, fmt::format("not supported: {}", what));
        return;
      }
    }
  };
  refuse({"linear_attn_config"}, "linear attention other than Gated DeltaNet");
  refuse({"sparse_attention_config"}, "sparse attention other than DeepSeek's");
  if (family == nullptr || !family->linear_attention) {
    refuse({"linear_num_key_heads", "full_attention_interval"}, "linear attention in this model_type");
  }
  if (family == nullptr || !family->indexer) {
    refuse({"index_topk", "index_n_heads"}, "sparse attention with an indexer in this model_type");
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
  for (const std::string_view key : {"text_config", "llm_config", "language_config"}) {
    if (!yaml && outer.is_mapping(key)) {
      text = outer.mapping(key);
      break;
    }
  }
  Reader& typed = text.has("model_type") ? text : outer;
  const std::string model_type = typed.text("model_type");
  const Family* family = family_of(model_type);
  refuse_unknown_attention(text, family);
  document.finish();
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
