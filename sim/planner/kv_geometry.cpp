// How the windows of a network divide its KV blocks into pages.
#include "sim/planner/kv_geometry.hpp"

#include <algorithm>
#include <numeric>

namespace mtok::planner {

engine::KvGeometry geometry_of(const model::Architecture& architecture, std::int64_t block_size) {
  engine::KvGeometry geometry{.block_size = block_size, .groups = {}};
  for (const model::LayerGroup& group : architecture.groups) {
    if (group.layer.attention.form == model::AttentionSpec::Form::linear) {
      continue;
    }
    const std::int64_t window = group.layer.attention.window;
    const auto same = std::find_if(geometry.groups.begin(), geometry.groups.end(),
                                   [&](const engine::KvGeometry::Group& g) { return g.window == window; });
    if (same != geometry.groups.end()) {
      same->weight += group.count;
    } else {
      geometry.groups.push_back({.window = window, .weight = group.count});
    }
  }
  std::int64_t divisor = 0;
  for (const engine::KvGeometry::Group& group : geometry.groups) {
    divisor = std::gcd(divisor, group.weight);
  }
  for (engine::KvGeometry::Group& group : geometry.groups) {
    group.weight /= divisor;
  }
  return geometry;
}

std::int64_t peak_blocks_of_first_pool(const engine::RunRecord& run) {
  const std::int64_t decoding = run.decode_pool ? run.decode_pool->replicas : 0;
  std::int64_t peak = 0;
  for (auto replica = run.replicas.begin(); replica != run.replicas.end() - decoding; ++replica) {
    peak = std::max(peak, replica->kv_peak_blocks);
  }
  return peak;
}

}  // namespace mtok::planner
