// What a run adds up over its requests, one at a time, so that none has to be kept.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "sim/engine/duration_summary.hpp"
#include "sim/engine/request_record.hpp"

namespace mtok::engine {

/// Promises to users; an absent one is always kept.
struct Slo {
  std::optional<Seconds> ttft_p99{};
  std::optional<Seconds> tpot_p99{};
  std::optional<Seconds> e2e_p99{};
};

using TokenSeconds = decltype(Tokens{} * Seconds{});

/// Tokens in the KV cache times how long they were there, before and after the first token of the answer.
struct KvResidence {
  TokenSeconds computed_before{};
  TokenSeconds cached_before{};
  TokenSeconds computed_after{};
  TokenSeconds cached_after{};
  TokenSeconds output{};

  KvResidence& operator+=(const KvResidence& other);
};

/// Counts, tokens and latencies of requests. Words: see Metrics.
struct RequestTotals {
  Slo slo{};  ///< what `within_slo` is counted against

  std::int64_t offered = 0;
  std::int64_t completed = 0;
  std::int64_t rejected = 0;
  std::int64_t unfinished = 0;
  std::int64_t preemptions = 0;
  std::int64_t within_slo = 0;           ///< completed requests that kept each promise by themselves
  std::int64_t input_tokens = 0;         ///< of completed requests
  std::int64_t cached_input_tokens = 0;  ///< of them, from the prefix cache
  std::int64_t output_tokens = 0;
  SimTime last_arrival{};

  /// Of requests that emitted a token, completed or not: what a bill is divided by.
  std::int64_t billed_computed_tokens = 0;
  std::int64_t billed_cached_tokens = 0;
  std::int64_t billed_output_tokens = 0;
  /// Sums of the requests' shares of device time.
  Seconds prefill_time{};
  Seconds cached_time{};
  Seconds decode_time{};
  KvResidence kv_residence{};  ///< likewise summed
  Seconds decoding{};          ///< from the first to the last token of each request

  DurationSummary ttft{};
  DurationSummary tpot{};
  DurationSummary e2e{};
  DurationSummary queue{};

  /// Counts one request that has ended, was rejected, or was left unfinished when the run ended. Of the batch
  /// tier counts, tokens and device time, but no latency: nobody waits for it.
  void add(const RequestRecord& request);
  /// The same with its latencies, whatever its tier.
  void add_alone(const RequestRecord& request);
  /// Counts all that another has counted against the same promises.
  void merge(const RequestTotals& other);

 private:
  void add_counts(const RequestRecord& request);
  void add_latencies(const RequestRecord& request);
};

[[nodiscard]] RequestTotals totals_of(std::span<const RequestRecord> requests, const Slo& slo);

/// The prompt from its first step to the last token, and half of the answer from the first token on, since it
/// grows evenly. Left out: that a prompt fills the cache chunk by chunk, and that a preempted request holds
/// nothing while it waits.
[[nodiscard]] KvResidence kv_residence_of(const RequestRecord& request);
/// Of a completed request: does it keep each promise by itself?
[[nodiscard]] bool keeps(const RequestRecord& request, const Slo& slo);
[[nodiscard]] Seconds ttft_of(const RequestRecord& request);
/// Absent for requests of one token.
[[nodiscard]] std::optional<Seconds> tpot_of(const RequestRecord& request);

}  // namespace mtok::engine
