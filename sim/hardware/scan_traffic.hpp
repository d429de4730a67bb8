// What the kernels of a chunked linear attention hand each other through device memory.
#pragma once

#include "sim/kernel/kernel.hpp"

namespace mtok::hardware {

/// Kernels of one chunked scan: products of keys, inverse, corrected keys and values, states, results.
/// Source: chunk_gated_delta_rule of fla-org/flash-linear-attention.
inline constexpr double kScanKernels = 5;

/// Prefill only. Written by one kernel and read by the next, in 16 bits: the state at the border of each
/// chunk, d_k d_v values; corrected keys d_k, corrected values and new values d_v each, of every token; the
/// inverse of a chunk, a row of kScanChunk values a token. The products of keys that it is made from have 32
/// bits.
[[nodiscard]] inline Bytes scan_traffic(const kernel::LinearAttention& linear) {
  const auto key_dim = static_cast<double>(linear.key_dim);
  const auto value_dim = static_cast<double>(linear.value_dim);
  const double narrow =
      key_dim * value_dim / kernel::kScanChunk + key_dim + 2 * value_dim + kernel::kScanChunk;
  constexpr double kWrittenAndRead = 2;
  const Bytes of_token_and_head(kWrittenAndRead * (2 * narrow + 4 * kernel::kScanChunk));
  return linear.tokens * static_cast<double>(linear.value_heads) * of_token_and_head;
}

}  // namespace mtok::hardware
