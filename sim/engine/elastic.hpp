// What makes the number of serving replicas change: an autoscaler, failures.
#pragma once

#include <cstdint>
#include <optional>

#include "sim/units/quantity.hpp"

namespace mtok::engine {

/// Every `scrape_interval` the fleet is asked for one number, and the replicas that it calls for are wanted:
///   target_utilization: ceil(requests queued or running / (target * max_num_seqs))
///   target_queue:       ceil(requests queued / target)
/// clamped to [min_replicas, max_replicas]. Within kTolerance of the target nothing changes. More are ordered
/// at once and serve after `provisioning_delay`, paid for from the order on. Fewer are wanted only when every
/// scrape of the last `cooldown` wanted fewer: first what is still being provisioned is cancelled, then
/// replicas get no new requests, finish those that they have, and are given back.
/// Sources: Kubernetes, "Horizontal Pod Autoscaling" (desired replicas as the quotient of an external metric
/// and its target, tolerance 0.1, the stabilization window for scaling down, sync period 15 s); KEDA's
/// Prometheus scaler on vllm:num_requests_waiting (vLLM production stack, "Autoscaling with KEDA");
/// utilization as a share of a limit of concurrency is Knative's target-utilization-percentage.
struct Autoscaler {
  static constexpr double kTolerance = 0.1;
  std::int64_t min_replicas = 1;
  std::int64_t max_replicas = 1;
  /// Exactly one of the two.
  std::optional<double> target_utilization{};
  std::optional<double> target_queue{};
  Seconds scrape_interval{15};
  Seconds provisioning_delay{};
  Seconds cooldown{300};
};

/// Each device breaks down after an exponential time of mean `mtbf`, idle or not, and its replica with it:
/// the step in progress is lost, and so are the KV cache and the cached prefixes. Requests that were queued
/// or running there go to other replicas as if they had just come; the tokens that they have emitted stand
/// and are computed anew with the prompt (request migration, as NVIDIA Dynamo has it). A broken replica is
/// paid for and back after `mttr`. `spares` further replicas stand by with the weights loaded, paid for and
/// without requests; one takes the place of a serving replica that fails, which becomes a spare when it is
/// back.
struct Failures {
  Seconds mtbf{};
  Seconds mttr{};
  std::int64_t spares = 0;
};

enum class ReplicaState { absent, provisioning, serving, draining, standby, down };

/// A fleet that changed while it ran.
struct ElasticRecord {
  std::int64_t scaled_up = 0;    ///< replicas ordered
  std::int64_t scaled_down = 0;  ///< replicas told to go, or cancelled before they served
  std::int64_t failures = 0;
  std::int64_t takeovers = 0;     ///< of them, answered by a spare at once
  std::int64_t requeued = 0;      ///< requests that a failure sent to another replica
  std::int64_t lost_tokens = 0;   ///< whose K and V were lost with a replica
  std::int64_t most_serving = 0;  ///< replicas at one time
  std::int64_t least_serving = 0;
};

}  // namespace mtok::engine
