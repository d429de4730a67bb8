// Latency, throughput and goodput of a run record.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "sim/engine/run_record.hpp"

namespace mtok::engine {

/// Percentiles interpolate linearly between ranks, as numpy does by default. All zero when there was nothing
/// to measure.
struct Distribution {
  Seconds mean{};
  Seconds p50{};
  Seconds p90{};
  Seconds p95{};
  Seconds p99{};
  Seconds max{};
};
[[nodiscard]] Distribution distribution_of(std::vector<Seconds> values);
[[nodiscard]] Distribution distribution_of(const DurationHistogram& histogram);

/// Promises to users; an absent one is always kept.
struct Slo {
  std::optional<Seconds> ttft_p99{};
  std::optional<Seconds> tpot_p99{};
  std::optional<Seconds> e2e_p99{};
};

/// Words: TTFT from arrival to first token; TPOT (e2e - ttft) / (output - 1), of requests with two tokens or
/// more; ITL the gaps between tokens; e2e from arrival to last token; queue from arrival to the first step.
struct Metrics {
  std::int64_t offered = 0;
  std::int64_t completed = 0;
  std::int64_t rejected = 0;
  std::int64_t unfinished = 0;
  std::int64_t input_tokens = 0;         ///< of completed requests
  std::int64_t cached_input_tokens = 0;  ///< of them, from the prefix cache
  std::int64_t output_tokens = 0;
  Distribution ttft{};
  Distribution tpot{};
  Distribution itl{};
  Distribution e2e{};
  Distribution queue{};
  bool slo_met = true;          ///< every promised percentile holds and nothing was rejected
  std::int64_t within_slo = 0;  ///< completed requests that kept each promise by themselves
};
[[nodiscard]] Metrics measure(const RunRecord& run, const Slo& slo);

[[nodiscard]] Seconds ttft_of(const RequestRecord& request);
/// Absent for requests of one token.
[[nodiscard]] std::optional<Seconds> tpot_of(const RequestRecord& request);

}  // namespace mtok::engine
