// What a run leaves behind: totals, one row per replica and, when asked, one per request. No price.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "sim/engine/elastic.hpp"
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
  /// Of the makespan, time in which the replica was not rented; and time for which it was paid but did
  /// nothing that counts: being provisioned, standing by, broken, and in steps that a failure cut off.
  std::int64_t unpaid_ns = 0;
  std::int64_t provisioning_ns = 0;
  std::int64_t standby_ns = 0;
  std::int64_t down_ns = 0;
  std::int64_t lost_ns = 0;
  std::int64_t adapter_loads = 0;    ///< low-rank adapters brought to the devices
  std::int64_t adapter_fetches = 0;  ///< of them, from storage
  Seconds adapter_wait{};            ///< for which steps were held up by that

  /// Time that is paid for and not spent on steps that count.
  [[nodiscard]] std::int64_t idle_ns(SimTime makespan) const {
    return nanoseconds(makespan) - unpaid_ns - phases.busy_ns();
  }
  /// Another replica of the same number.
  ReplicaRecord& operator+=(const ReplicaRecord& later) {
    phases += later.phases;
    steps += later.steps;
    kv_peak_blocks = std::max(kv_peak_blocks, later.kv_peak_blocks);
    kv_pages_taken += later.kv_pages_taken;
    kv_pages_freed += later.kv_pages_freed;
    kv_pages_held += later.kv_pages_held;
    energy += later.energy;
    compute_bound += later.compute_bound;
    memory_bound += later.memory_bound;
    lost_ns += later.lost_ns;
    adapter_loads += later.adapter_loads;
    adapter_fetches += later.adapter_fetches;
    adapter_wait += later.adapter_wait;
    return *this;
  }
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

class Roster;  // roster.hpp

struct RunRecord {
  RequestTotals totals{};  ///< latencies and promises of the interactive requests, all else of all
  std::optional<RequestTotals> batch{};  ///< of the batch tier alone, latencies too; absent without one
  std::vector<RequestTotals>
      tenants{};  ///< in the order of RunPlan::tenants, then all others; empty: not asked
  std::vector<RequestRecord> requests{};   ///< in order of id; empty unless the plan keeps them
  std::vector<ReplicaRecord> replicas{};   ///< by number, which several replicas may have had in turn
  std::optional<ElasticRecord> elastic{};  ///< of a fleet that could change
  std::shared_ptr<const Roster> roster{};  ///< of such a fleet, as it stood at the end: for idle_on
  /// From the first arrival to the last token, or to the last change of an elastic fleet; the fleet is paid
  /// for this time, each replica less its unpaid_ns.
  SimTime makespan{};
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
  [[nodiscard]] Joules energy() const { return energy_of(replicas); }
  /// Of the pool that decodes; 0 without one.
  [[nodiscard]] Joules decode_energy() const {
    const std::int64_t decoding = decode_pool ? decode_pool->replicas : 0;
    return energy_of(std::span(replicas).last(static_cast<std::size_t>(decoding)));
  }
  /// Wall time of all replicas together: busy and idle.
  [[nodiscard]] std::int64_t wall_ns() const { return wall_ns_of(replicas); }
  [[nodiscard]] std::int64_t wall_ns_of(std::span<const ReplicaRecord> some) const {
    std::int64_t sum = 0;
    for (const ReplicaRecord& replica : some) {
      sum += nanoseconds(makespan) - replica.unpaid_ns;
    }
    return sum;
  }
  [[nodiscard]] static Joules energy_of(std::span<const ReplicaRecord> some) {
    Joules sum;
    for (const ReplicaRecord& replica : some) {
      sum += replica.energy;
    }
    return sum;
  }
  [[nodiscard]] std::int64_t devices() const {
    const std::int64_t decode = decode_pool ? decode_pool->replicas : 0;
    const std::int64_t others = static_cast<std::int64_t>(replicas.size()) - decode;
    return others * devices_per_replica + (decode_pool ? decode * decode_pool->devices_per_replica : 0);
  }
};

}  // namespace mtok::engine
