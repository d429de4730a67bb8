// The attention over the cache of one layer on one device.
#include <cassert>
#include <cmath>

#include "sim/model/shares.hpp"
#include "sim/model/step_graph.hpp"

namespace mtok::model {
namespace {

using kernel::NumberFormat;

bool is_fp8(NumberFormat format) {
  return format == NumberFormat::fp8 || format == NumberFormat::fp8_block;
}

/// FlashAttention 3 and FlashInfer multiply in FP8 when the cache is FP8 and so are the activations; other
/// caches are widened to the 16 bits (or 32) of the queries first.
NumberFormat multiply_format(const kernel::Formats& formats) {
  if (is_fp8(formats.kv_cache) && is_fp8(formats.activations)) {
    return NumberFormat::fp8;
  }
  const bool wide = formats.activations == NumberFormat::fp32 || formats.activations == NumberFormat::fp16;
  return wide ? formats.activations : NumberFormat::bf16;
}

}  // namespace

kernel::Attention attention_kernel(const AttentionSpec& attention, const Sharding& sharding,
                                   const kernel::Formats& formats, const AttentionLoad& load) {
  assert(attention.form != AttentionSpec::Form::linear);
  kernel::Attention result{.phase = load.phase,
                           .sequences = load.sequences,
                           .query_tokens = load.query_tokens,
                           .query_key_pairs = load.query_key_pairs,
                           .kv_tokens = load.kv_tokens,
                           .q_heads = local_heads(attention, sharding),
                           .kv_heads = local_kv_heads(attention, sharding),
                           .qk_dim = attention.head_dim,
                           .v_dim = attention.head_dim,
                           .kv_format = formats.kv_cache,
                           .compute = multiply_format(formats)};
  const BytesPerToken cache = kv_bytes_per_token_of_layer(attention, formats.kv_cache, sharding) -
                              index_bytes_per_token_of_layer(attention);
  result.kv_bytes_per_token = cache * Tokens(1);
  if (attention.form == AttentionSpec::Form::grouped_query) {
    return result;
  }
  if (load.chosen) {
    result.phase = kernel::Phase::decode;
    result.sequences = static_cast<std::int64_t>(std::ceil(load.query_tokens));
    result.kv_tokens = load.query_key_pairs;
  }
  if (result.phase == kernel::Phase::decode) {
    result.kv_heads = 1;
    result.qk_dim = attention.kv_lora_rank + attention.qk_rope_head_dim;
    result.v_dim = attention.kv_lora_rank;
    return result;
  }
  // Prefill expands the latent vectors to K and V of every head, in 16 bits.
  result.kv_heads = result.q_heads;
  result.qk_dim = attention.qk_nope_head_dim + attention.qk_rope_head_dim;
  result.v_dim = attention.v_head_dim;
  result.kv_format = NumberFormat::bf16;
  result.kv_bytes_per_token = kernel::bytes_per_value(NumberFormat::bf16) *
                              static_cast<double>(result.q_heads * (result.qk_dim + result.v_dim));
  return result;
}

kernel::LinearAttention linear_attention_kernel(const AttentionSpec& attention, const Sharding& sharding,
                                                const AttentionLoad& load) {
  assert(attention.form == AttentionSpec::Form::linear);
  return {.phase = load.phase,
          .sequences = load.sequences,
          .tokens = load.query_tokens,
          .key_heads = local_kv_heads(attention, sharding),
          .value_heads = local_heads(attention, sharding),
          .key_dim = attention.head_dim,
          .value_dim = attention.v_head_dim,
          .state_bytes = state_bytes_of_layer(attention, sharding)};
}

IndexKernels index_kernels(const AttentionSpec& attention, const AttentionLoad& load) {
  const Bytes score = kernel::bytes_per_value(NumberFormat::fp32);
  const Bytes chosen = load.query_tokens * static_cast<double>(attention.index_topk) * score;
  return {.scores = {.phase = load.phase,
                     .sequences = load.sequences,
                     .query_tokens = load.query_tokens,
                     .query_key_pairs = load.query_key_pairs,
                     .kv_tokens = load.kv_tokens,
                     .q_heads = attention.index_heads,
                     .kv_heads = 1,
                     .qk_dim = attention.index_head_dim,
                     .v_dim = 0,
                     .kv_bytes_per_token = index_bytes_per_token_of_layer(attention) * Tokens(1),
                     .kv_format = NumberFormat::fp8,
                     .compute = NumberFormat::fp8},
          .choice = {.bytes_read = load.query_key_pairs * score,
                     .bytes_written = load.query_key_pairs * score + chosen,
                     .flops = Flops(load.query_key_pairs)}};
}

}  // namespace mtok::model
