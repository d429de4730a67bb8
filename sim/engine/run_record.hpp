// What a run leaves behind: totals, one row per replica and, when asked, one per request. No price.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <vector>

#include "sim/engine/histogram.hpp"
#include "sim/engine/kv_tiers.hpp"
#include "sim/engine/request_record.hpp"
#include "sim/engine/request_totals.hpp"
#include "sim/units/quantity.hpp"
#include "sim/units/sim_time.hpp"

namespace mtok::engine {

/// Device time by what it was spent on, in whole nanoseconds, so that parts add up to the whole exactly.
/// `cached` is the attention of prefill over tokens that came from the prefix cache.
struct PhaseTime {
  std::int64_t prefill_ns = 0;
  std::int64_t cached_ns = 0;
  std::int64_t decode_ns = 0;

  [[nodiscard]] std::int64_t busy_ns() const { return prefill_ns + cached_ns + decode_ns; }
  PhaseTime& operator+=(const PhaseTime& other) {
    prefill_ns += other.prefill_ns;
    cached_ns += other.cached_ns;
    decode_ns += other.decode_ns;
    return *this;
  }
};

struct ReplicaRecord {
  PhaseTime phases{};
  std::int64_t steps = 0;
  std::int64_t kv_peak_blocks = 0;
  std::int64_t kv_pages_taken = 0;  ///< over the run; equals freed + held
  std::int64_t kv_pages_freed = 0;
  std::int64_t kv_pages_held = 0;  ///< by running requests at the end
  Joules energy{};                 ///< of all devices of the replica, idle time included
  Seconds compute_bound{};         ///< sum over steps of time at the peak of the multipliers: for MFU
  Seconds memory_bound{};          ///< sum over steps of time at the peak of the memory: for MBU
};

/// What is particular to the pool that decodes, when there is one.
struct DecodePoolRecord {
  std::int64_t replicas = 0;  ///< the last so many of RunRecord::replicas
  std::int64_t devices_per_replica = 1;
  std::int64_t kv_blocks_per_replica = 0;
  std::int64_t transfers = 0;
  std::int64_t pages_moved = 0;
  Seconds transfer_time{};  ///< from the end of prefill until the KV could be used, all transfers together
};

struct RunRecord {
  RequestTotals totals{};
  std::vector<RequestRecord> requests{};  ///< in order of id; empty unless the plan keeps them
  std::vector<ReplicaRecord> replicas{};
  SimTime makespan{};  ///< from the first arrival to the last token; the fleet is paid for this time
  std::int64_t devices_per_replica = 1;  ///< of the first pool
  std::optional<DecodePoolRecord> decode_pool{};

  std::int64_t kv_blocks_per_replica = 0;  ///< of the first pool
  std::int64_t prefix_queried_tokens = 0;  ///< prompt tokens for which the cache was asked
  std::int64_t prefix_hit_tokens = 0;      ///< of them, found and not computed
  std::int64_t prefix_hit_blocks = 0;      ///< content ids found
  TierTokens prefix_tier_tokens{};         ///< of prefix_hit_tokens, found in slower tiers, nearest first
  DurationHistogram inter_token{};         ///< gaps between consecutive tokens of a request, all requests
  bool cancelled = false;                  ///< the caller stopped the run; some requests are unfinished

  [[nodiscard]] PhaseTime phases() const {
    PhaseTime sum;
    for (const ReplicaRecord& replica : replicas) {
      sum += replica.phases;
    }
    return sum;
  }
  [[nodiscard]] Joules energy() const {
    Joules sum;
    for (const ReplicaRecord& replica : replicas) {
      sum += replica.energy;
    }
    return sum;
  }
  /// Of the fullest replica.
  [[nodiscard]] std::int64_t kv_peak_blocks() const {
    std::int64_t peak = 0;
    for (const ReplicaRecord& replica : replicas) {
      peak = std::max(peak, replica.kv_peak_blocks);
    }
    return peak;
  }
  /// Wall time of all replicas together: busy and idle.
  [[nodiscard]] std::int64_t wall_ns() const {
    return nanoseconds(makespan) * static_cast<std::int64_t>(replicas.size());
  }
  [[nodiscard]] std::int64_t devices() const {
    const std::int64_t decode = decode_pool ? decode_pool->replicas : 0;
    const std::int64_t others = static_cast<std::int64_t>(replicas.size()) - decode;
    return others * devices_per_replica + (decode_pool ? decode * decode_pool->devices_per_replica : 0);
  }
};

}  // namespace mtok::engine
