// Adds up requests as they end.
#include "sim/engine/request_totals.hpp"

#include <algorithm>

namespace mtok::engine {
namespace {

std::int64_t nanoseconds_between(SimTime start, SimTime end) {
  return nanoseconds(end) - nanoseconds(start);
}

}  // namespace

bool keeps(const RequestRecord& request, const Slo& slo) {
  const Seconds e2e = between(request.arrival, request.last_token);
  const std::optional<Seconds> tpot = tpot_of(request);
  return (!slo.ttft_p99 || ttft_of(request) <= *slo.ttft_p99) &&
         (!slo.tpot_p99 || !tpot || *tpot <= *slo.tpot_p99) && (!slo.e2e_p99 || e2e <= *slo.e2e_p99);
}

KvResidence& KvResidence::operator+=(const KvResidence& other) {
  computed_before += other.computed_before;
  cached_before += other.cached_before;
  computed_after += other.computed_after;
  cached_after += other.cached_after;
  output += other.output;
  return *this;
}

KvResidence kv_residence_of(const RequestRecord& request) {
  if (request.output_tokens == 0) {
    return {};
  }
  const Seconds before = between(request.scheduled, request.first_token);
  const Seconds after = between(request.first_token, request.last_token);
  const Tokens computed(static_cast<double>(request.input_tokens - request.cached_input_tokens));
  const Tokens cached(static_cast<double>(request.cached_input_tokens));
  return {.computed_before = computed * before,
          .cached_before = cached * before,
          .computed_after = computed * after,
          .cached_after = cached * after,
          .output = Tokens(static_cast<double>(request.output_tokens) / 2) * after};
}

Seconds ttft_of(const RequestRecord& request) {
  return between(request.arrival, request.first_token);
}

std::optional<Seconds> tpot_of(const RequestRecord& request) {
  if (request.output_tokens < 2) {
    return std::nullopt;
  }
  return between(request.first_token, request.last_token) / static_cast<double>(request.output_tokens - 1);
}

void RequestTotals::add(const RequestRecord& request) {
  add_counts(request);
  if (!request.batch) {
    add_latencies(request);
  }
}

void RequestTotals::add_alone(const RequestRecord& request) {
  add_counts(request);
  add_latencies(request);
}

void RequestTotals::add_counts(const RequestRecord& request) {
  offered += 1;
  preemptions += request.preemptions;
  last_arrival = std::max(last_arrival, request.arrival);
  prefill_time += request.prefill_time;
  cached_time += request.cached_time;
  decode_time += request.decode_time;
  if (request.output_tokens > 0) {
    kv_residence += kv_residence_of(request);
    decoding += between(request.first_token, request.last_token);
    billed_computed_tokens += request.input_tokens - request.cached_input_tokens;
    billed_cached_tokens += request.cached_input_tokens;
    billed_output_tokens += request.output_tokens;
  }
  rejected += request.outcome == Outcome::rejected ? 1 : 0;
  unfinished += request.outcome == Outcome::unfinished ? 1 : 0;
  if (request.outcome != Outcome::completed) {
    return;
  }
  completed += 1;
  input_tokens += request.input_tokens;
  cached_input_tokens += request.cached_input_tokens;
  output_tokens += request.output_tokens;
}

void RequestTotals::add_latencies(const RequestRecord& request) {
  if (request.outcome != Outcome::completed) {
    return;
  }
  within_slo += keeps(request, slo) ? 1 : 0;
  ttft.add(nanoseconds_between(request.arrival, request.first_token));
  e2e.add(nanoseconds_between(request.arrival, request.last_token));
  queue.add(nanoseconds_between(request.arrival, request.scheduled));
  if (request.output_tokens > 1) {
    const auto decode_ns = static_cast<double>(nanoseconds_between(request.first_token, request.last_token));
    tpot.add(units::rounded(decode_ns / static_cast<double>(request.output_tokens - 1)));
  }
}

void RequestTotals::merge(const RequestTotals& other) {
  offered += other.offered;
  completed += other.completed;
  rejected += other.rejected;
  unfinished += other.unfinished;
  preemptions += other.preemptions;
  within_slo += other.within_slo;
  input_tokens += other.input_tokens;
  cached_input_tokens += other.cached_input_tokens;
  output_tokens += other.output_tokens;
  last_arrival = std::max(last_arrival, other.last_arrival);
  billed_computed_tokens += other.billed_computed_tokens;
  billed_cached_tokens += other.billed_cached_tokens;
  billed_output_tokens += other.billed_output_tokens;
  prefill_time += other.prefill_time;
  cached_time += other.cached_time;
  decode_time += other.decode_time;
  kv_residence += other.kv_residence;
  decoding += other.decoding;
  ttft.merge(other.ttft);
  tpot.merge(other.tpot);
  e2e.merge(other.e2e);
  queue.merge(other.queue);
}

RequestTotals totals_of(std::span<const RequestRecord> requests, const Slo& slo) {
  RequestTotals totals{.slo = slo};
  for (const RequestRecord& request : requests) {
    totals.add(request);
  }
  return totals;
}

}  // namespace mtok::engine
