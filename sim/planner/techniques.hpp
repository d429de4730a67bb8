// Techniques that change one deployment without another model or device: rungs of the ladder, an axis of a
// plan.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "sim/planner/scenario.hpp"

namespace mtok::planner {

struct Technique {
  std::string_view key{};  ///< of ladder_techniques()
  /// Returns what changed.
  std::string (*switch_on)(Scenario& scenario, const Catalogue& catalogue) = nullptr;
  void (*switch_off)(Scenario& scenario) = nullptr;
};

/// "batching": requests one at a time without it, on leaves the scenario's own limit. "weights": in 8 bits,
/// with activations as narrow as the device multiplies, or both in 16. "kv_cache": FP8 or bf16.
/// "prefix_cache".
[[nodiscard]] std::span<const Technique> deployment_techniques();
/// Requires a key of deployment_techniques().
[[nodiscard]] const Technique& deployment_technique(std::string_view key);

/// Why a prefix cache would find nothing in the workload; empty when it might.
[[nodiscard]] std::string prefix_cache_obstacle(const Scenario& scenario);
/// Why the draft cannot serve the network, sharded as the scenario says; empty when it can.
[[nodiscard]] std::string draft_obstacle(const SpeculationChoice& choice, const Scenario& scenario,
                                         const Catalogue& catalogue);

}  // namespace mtok::planner
