// The rates and shares that every form of a run's report shows: quotients of what the result holds.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sim/planner/run.hpp"

namespace mtok::report {

/// What is absent has nothing to be divided by: no time, no token.
struct Figures {
  std::int64_t devices = 0;  ///< of the whole fleet
  Seconds makespan{};
  Seconds replica_time{};  ///< of all replicas together: busy and idle
  Seconds busy_time{};
  Seconds idle_time{};
  std::optional<double> requests_per_s{};
  std::optional<double> output_tokens_per_s{};
  std::optional<double> total_tokens_per_s{};
  std::optional<double> output_tokens_per_s_per_device{};
  std::optional<double> goodput_requests_per_s{};
  std::optional<double> batch_output_tokens_per_s{};  ///< of the batch tier
  std::optional<double> busy{};                       ///< share of the fleet's time
  std::optional<double> idle_share{};                 ///< share of the bill
  std::int64_t kv_peak_blocks = 0;                    ///< of the fullest replica
  Joules energy{};
  std::optional<double> joules_per_output_token{};
  std::optional<double> prefix_hit_rate{};
  Seconds provisioning_time{};  ///< of all replicas together, part of the idle time, as the next three
  Seconds standby_time{};
  Seconds down_time{};
  Seconds lost_time{};                            ///< of steps that a failure cut off
  std::optional<double> mean_replicas{};          ///< paid for
  std::optional<double> facility_kwh_per_mtok{};  ///< energy of the building, all billed tokens
  std::optional<double> carbon_kg_per_mtok{};
  bool any_completed = false;  ///< else there is no TTFT, E2E or queueing time
  bool any_gap = false;        ///< else there is no TPOT or ITL: no request has a second token
};

/// Requires a feasible result.
[[nodiscard]] Figures figures_of(const planner::RunResult& result);

/// Where cached prompt tokens were found.
struct TierHits {
  std::string name{};  ///< "hbm", then the tiers of the scenario
  std::int64_t tokens = 0;
  std::optional<double> ratio{};  ///< of the prompt tokens that were asked for
};
/// One for each memory, nearest first; empty without prefix caching.
[[nodiscard]] std::vector<TierHits> tier_hits_of(const planner::RunResult& result);

}  // namespace mtok::report
