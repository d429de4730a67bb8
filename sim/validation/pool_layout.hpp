// The layout of prefill and decode pools as a note of a measured row states it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "sim/model/footprint.hpp"

namespace mtok::validation {

struct PoolLayout {
  std::int64_t replicas = 1;
  model::Sharding sharding{};
};

struct PoolLayouts {
  PoolLayout prefill{};
  PoolLayout decode{};
};

/// "prefill 1x[tp4 dp1 moe_tp4 moe_ep1] decode 2x[tp1 dp16 moe_tp1 moe_ep16]": tp and dp of the attention,
/// then of the experts. Experts cut into moe_tp slices over data ranks count as spread over them whole: the
/// bytes of a device are the same. nullopt for any other note.
[[nodiscard]] std::optional<PoolLayouts> pool_layouts(const std::string& note);

}  // namespace mtok::validation
