// Latency, throughput and goodput of a run record.
#pragma once

#include <cstdint>

#include "sim/engine/request_totals.hpp"

namespace mtok::engine {

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
[[nodiscard]] Metrics measure(const RequestTotals& totals, const DurationHistogram& inter_token);

}  // namespace mtok::engine
