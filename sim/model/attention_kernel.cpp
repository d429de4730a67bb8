// The attention over the cache of one layer on one device.
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
  result.kv_bytes_per_token = kv_bytes_per_token_of_layer(attention, formats.kv_cache, sharding) * Tokens(1);
  if (attention.form == AttentionSpec::Form::grouped_query) {
    return result;
  }
  if (load.phase == kernel::Phase::decode) {
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

}  // namespace mtok::model
