// The neutral words: kernels with their shapes. A model emits them, a device times them.
#pragma once

#include <cstdint>
#include <string_view>
#include <variant>

#include "sim/kernel/number_format.hpp"

namespace mtok::kernel {

/// C[m, n] = A[m, k] * W[k, n]. A is read in `activations`, W in `weights`, C is written in 2 bytes a value.
/// `batch` such products of different A and W run as one launch (MLA's per-head products).
struct Gemm {
  std::int64_t m = 0;
  std::int64_t n = 0;
  std::int64_t k = 0;
  NumberFormat weights = NumberFormat::bf16;
  NumberFormat activations = NumberFormat::bf16;
  std::int64_t batch = 1;
};

/// The matrix products of the experts of one MoE layer on one device: `rows` token-expert pairs, spread over
/// `experts` experts that are touched (an expected value, hence real), each W[k, n].
struct GroupedGemm {
  double rows = 0;     ///< token-expert pairs on the busiest device
  double experts = 0;  ///< experts on that device that see at least one token
  std::int64_t n = 0;
  std::int64_t k = 0;
  NumberFormat weights = NumberFormat::bf16;
  NumberFormat activations = NumberFormat::bf16;
};

enum class Phase { prefill, decode };

/// softmax(Q K^T) V of the sequences of one phase on one device, causal.
/// Flops = 2 * (qk_dim + v_dim) * q_heads * (query-key pairs); cache bytes = kv_bytes_per_token * kv_tokens.
struct Attention {
  Phase phase = Phase::decode;
  std::int64_t sequences = 1;
  double query_tokens = 1;     ///< new tokens, all sequences together
  double query_key_pairs = 1;  ///< sum over new tokens of the keys that each one sees
  double kv_tokens = 1;        ///< cached and new tokens whose K and V are read, all sequences together
  std::int64_t q_heads = 1;
  std::int64_t kv_heads = 1;
  std::int64_t qk_dim = 128;  ///< per head; of the latent form for MLA in decode
  std::int64_t v_dim = 128;
  Bytes kv_bytes_per_token{};  ///< K and V of one token of this layer on this device
  NumberFormat kv_format = NumberFormat::bf16;
  NumberFormat compute = NumberFormat::bf16;
};

/// Gated delta rule: a matrix of key_dim x value_dim values per head and sequence that every token decays,
/// corrects and reads (Gated DeltaNet, arXiv 2412.06464). Decode updates it token by token: 7 flops a value
/// (decay 1, read by the key 2, write 2, read by the query 2). Prefill works in chunks of kScanChunk tokens.
struct LinearAttention {
  Phase phase = Phase::decode;
  std::int64_t sequences = 1;
  double tokens = 1;  ///< new tokens, all sequences together
  std::int64_t key_heads = 1;
  std::int64_t value_heads = 1;
  std::int64_t key_dim = 128;    ///< per head
  std::int64_t value_dim = 128;  ///< per head
  Bytes state_bytes{};           ///< of one sequence in this layer on this device; read and written once
  NumberFormat compute = NumberFormat::bf16;  ///< of the products of prefill
};
/// Tokens that the chunked form multiplies together. Source: chunk_gated_delta_rule of
/// fla-org/flash-linear-attention, which vLLM and SGLang run.
inline constexpr double kScanChunk = 64;

/// Norms, activations, rotary embedding, routing: memory traffic with few flops.
struct Elementwise {
  Bytes bytes_read{};
  Bytes bytes_written{};
  Flops flops{};
};

enum class CollectiveOp { all_reduce, all_gather, reduce_scatter, all_to_all, point_to_point };

/// One collective among `ranks` devices. `bytes`: the full buffer of one rank (all_reduce: the tensor;
/// all_gather and reduce_scatter: the gathered tensor; all_to_all: what one rank sends to all, itself
/// included; point_to_point: the message).
struct Collective {
  CollectiveOp op = CollectiveOp::all_reduce;
  Bytes bytes{};
  std::int64_t ranks = 1;
};

using Kernel = std::variant<Gemm, GroupedGemm, Attention, LinearAttention, Elementwise, Collective>;

[[nodiscard]] Flops flops_of(const Kernel& kernel);
/// Bytes that must cross device memory at least once: weights, cache, inputs and outputs. 0 for collectives.
[[nodiscard]] Bytes bytes_of(const Kernel& kernel);
[[nodiscard]] std::string_view name_of(CollectiveOp op);

}  // namespace mtok::kernel
