// What attention takes beyond the flops and bytes that it needs: whole blocks of rows, a fixed cost of each
// query, a slower stream.
#pragma once

#include <algorithm>
#include <cmath>

#include "sim/hardware/device_profile.hpp"
#include "sim/kernel/kernel.hpp"

namespace mtok::hardware {

/// Decode: the query heads that share a KV head (times the new tokens of a sequence) form the rows of one
/// product and are padded to whole blocks of `rows`. Independent of the context.
[[nodiscard]] inline double decode_padding(const kernel::Attention& attention, double rows) {
  const auto sequences = static_cast<double>(std::max<std::int64_t>(attention.sequences, 1));
  const double group = static_cast<double>(attention.q_heads) /
                       static_cast<double>(std::max<std::int64_t>(attention.kv_heads, 1));
  const double needed = group * std::max(attention.query_tokens / sequences, 1.0);
  return std::ceil(needed / rows) * rows / needed;
}

/// Prefill: each query costs the time of `prologue` / 2 more keys than it sees: 1 + query_tokens * prologue /
/// (2 pairs), which is 1 + prologue / length for a whole prompt.
[[nodiscard]] inline double prefill_padding(const kernel::Attention& attention, double prologue) {
  return 1 + attention.query_tokens * prologue / (2 * std::max(attention.query_key_pairs, 1.0));
}

/// Bytes that take as long at the rate of a big stream as decode attention needs for its cache, queries and
/// results: those of the cache count 1 / cache_fraction each, the first cache_ramp of them twice (few splits
/// of the cache, uneven ones, and their merge). Piecewise linear in kv_tokens.
[[nodiscard]] inline Bytes decode_traffic(const kernel::Attention& attention, const Efficiency& efficiency) {
  const Bytes cache = attention.kv_tokens * attention.kv_bytes_per_token;
  return kernel::bytes_of(attention) + cache * (1 / efficiency.cache_fraction - 1) +
         std::min(cache, efficiency.cache_ramp);
}

}  // namespace mtok::hardware
