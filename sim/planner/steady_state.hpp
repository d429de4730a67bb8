// What one replica can do at best and in a steady state, from its step times, without a simulation.
#pragma once

#include "sim/engine/engine.hpp"
#include "sim/planner/workload_facts.hpp"

namespace mtok::planner {

/// How one replica works while it always has the same number of sequences, all of mean
/// length: with B of them a step decodes B tokens and computes the B * in / out prompt tokens that replace
/// what ends, so it serves B / (out * step) requests a second. The best B whose step keeps the promised TPOT
/// and whose sequences fit the KV cache; without such a B, the best of all. An estimate, where a search may
/// start: bursts and queues are left out. Requires at least one request and one output token.
struct SteadyState {
  std::int64_t sequences = 1;
  double requests_per_s = 0;
};
[[nodiscard]] SteadyState steady_state(engine::StepTimer& timer, const engine::SchedulerConfig& scheduler,
                                       const WorkloadFacts& facts, const engine::Slo& slo);

/// No fleet has a lower TTFT p99: what the prompt at the 99th percentile takes alone on an idle replica,
/// `overhead` included. Requires a prompt, and that no prompt comes from the prefix cache.
[[nodiscard]] Seconds least_ttft_p99(engine::StepTimer& timer, const engine::SchedulerConfig& scheduler,
                                     const WorkloadFacts& facts, Seconds overhead);
/// No fleet has a lower TPOT p99: the first decode step of the prompt at the 99th percentile, alone on an
/// idle replica. Zero when no request has a second token. Requires no speculation.
[[nodiscard]] Seconds least_tpot_p99(engine::StepTimer& timer, const WorkloadFacts& facts);

}  // namespace mtok::planner
