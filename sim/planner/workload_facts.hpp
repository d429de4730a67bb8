// The workload of a scenario: as a stream, and what one pass over it tells.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "sim/planner/scenario.hpp"
#include "sim/workload/request.hpp"

namespace mtok::planner {

/// The requests of a scenario in order of arrival: its trace or its generator, cut to its slice. Slices that
/// do not overlap never share a request, and [0, 1) is the whole workload. Throws config::Error when the
/// trace is unusable.
[[nodiscard]] std::unique_ptr<workload::RequestSource> open_workload(const Scenario& scenario);

/// A number in [0, 1) that belongs to a position, as if drawn for it.
[[nodiscard]] double place_of(std::uint64_t position);

struct WorkloadFacts {
  std::int64_t requests = 0;
  std::int64_t input_tokens = 0;
  std::int64_t output_tokens = 0;
  std::int64_t longest_request = 1;     ///< input and output tokens
  std::int64_t input_p99 = 0;           ///< 99 % of the prompts are no longer; 0: not looked through
  std::int64_t decoding_input_p99 = 0;  ///< the same of requests with two output tokens or more
  std::int64_t last_arrival_ns = 0;
  std::int64_t hash_block_size = 0;
  std::int64_t hash_blocks = 0;
  std::int64_t unbounded_prefix_hits = 0;  ///< content ids in a leading run that earlier requests have shown
  std::int64_t lru_prefix_hits = 0;  ///< the same in one least-recently-used cache of the size asked for
  workload::Skipped skipped{};
};
/// What a run needs to know in advance of a workload, when that is known without looking through it: of a
/// generated one without content ids only how many requests it has.
[[nodiscard]] std::optional<WorkloadFacts> known_facts(const Scenario& scenario);
/// As open_workload, for a simulation: long workloads are read ahead by a thread of their own.
[[nodiscard]] std::unique_ptr<workload::RequestSource> open_for_run(const Scenario& scenario,
                                                                    const WorkloadFacts& facts);
/// Reads the whole workload once; with lru_blocks above 0 it counts the hits of a cache of so many ids as
/// well. Throws config::Error at the first bad row.
[[nodiscard]] WorkloadFacts look_through(const Scenario& scenario, std::int64_t lru_blocks = 0);

}  // namespace mtok::planner
