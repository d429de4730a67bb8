// How much of a layer one device gets: heads, columns, experts.
#pragma once

#include <algorithm>
#include <cstdint>

#include "sim/model/architecture.hpp"
#include "sim/model/footprint.hpp"

namespace mtok::model {

/// The fullest of `ranks` equal shares of n.
[[nodiscard]] constexpr std::int64_t share(std::int64_t n, std::int64_t ranks) {
  return (n + ranks - 1) / ranks;
}

[[nodiscard]] inline std::int64_t local_heads(const AttentionSpec& attention, const Sharding& sharding) {
  return share(attention.heads, sharding.tensor);
}
/// At least one: with more tensor ranks than key heads, ranks hold copies.
[[nodiscard]] inline std::int64_t local_kv_heads(const AttentionSpec& attention, const Sharding& sharding) {
  return share(attention.kv_heads, sharding.tensor);
}

/// Devices of one pipeline stage: over these the experts of a layer are spread or sliced.
[[nodiscard]] constexpr std::int64_t stage_devices(const Sharding& sharding) {
  return sharding.tensor * sharding.data;
}
/// Into how many slices each expert is cut. 1 when every device holds whole experts.
[[nodiscard]] constexpr std::int64_t expert_slices(const Sharding& sharding) {
  return std::max<std::int64_t>(1, stage_devices(sharding) / sharding.expert);
}

/// Whether tokens travel all-to-all to the devices of their experts and back.
[[nodiscard]] constexpr bool exchanges_tokens(const Sharding& sharding) {
  return sharding.data > 1 && sharding.expert > 1;
}

}  // namespace mtok::model
