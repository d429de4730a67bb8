// What a run leaves behind: one row per request, one per replica, the totals. No price.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "sim/engine/histogram.hpp"
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

enum class Outcome { completed, rejected, unfinished };

/// One request's life. Times of things that did not happen are kNever.
struct RequestRecord {
  std::int64_t id = 0;  ///< row of the workload, from 0
  Outcome outcome = Outcome::unfinished;
  std::int32_t replica = -1;
  std::int32_t preemptions = 0;
  SimTime arrival{};
  SimTime scheduled = kNever;  ///< start of the first step that worked on it
  SimTime first_token = kNever;
  SimTime last_token = kNever;
  std::int64_t input_tokens = 0;
  std::int64_t cached_input_tokens = 0;  ///< of the input, found in the prefix cache at first admission
  std::int64_t output_tokens = 0;        ///< emitted so far
  /// Its share of the device time of the steps it took part in: a step's prefill time is shared by new prompt
  /// tokens, its decode time equally by the decoding sequences. Real numbers; only their proportions matter.
  Seconds prefill_time{};
  Seconds cached_time{};
  Seconds decode_time{};
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

struct RunRecord {
  std::vector<RequestRecord> requests{};  ///< in order of id
  std::vector<ReplicaRecord> replicas{};
  SimTime makespan{};  ///< from the first arrival to the last token; the fleet is paid for this time
  std::int64_t devices_per_replica = 1;

  std::int64_t kv_blocks_per_replica = 0;
  std::int64_t prefix_queried_tokens = 0;  ///< prompt tokens for which the cache was asked
  std::int64_t prefix_hit_tokens = 0;      ///< of them, found and not computed
  std::int64_t prefix_hit_blocks = 0;      ///< content ids found
  std::int64_t preemptions = 0;
  DurationHistogram inter_token{};  ///< gaps between consecutive tokens of a request, all requests
  bool cancelled = false;           ///< the caller stopped the run; some requests are unfinished

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
};

}  // namespace mtok::engine
