// Latency, throughput and goodput of a run record.
#include "sim/engine/metrics.hpp"

#include <algorithm>
#include <cmath>

namespace mtok::engine {
namespace {

/// Linear interpolation between the two nearest ranks. Requires sorted, not empty.
Seconds percentile(const std::vector<Seconds>& sorted, double q) {
  const double rank = q * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(rank);
  const std::size_t above = std::min(below + 1, sorted.size() - 1);
  return sorted[below] + (sorted[above] - sorted[below]) * (rank - std::floor(rank));
}

bool keeps(const RequestRecord& request, const Slo& slo) {
  const Seconds e2e = between(request.arrival, request.last_token);
  const std::optional<Seconds> tpot = tpot_of(request);
  return (!slo.ttft_p99 || ttft_of(request) <= *slo.ttft_p99) &&
         (!slo.tpot_p99 || !tpot || *tpot <= *slo.tpot_p99) && (!slo.e2e_p99 || e2e <= *slo.e2e_p99);
}

}  // namespace

Seconds ttft_of(const RequestRecord& request) {
  return between(request.arrival, request.first_token);
}

std::optional<Seconds> tpot_of(const RequestRecord& request) {
  if (request.output_tokens < 2) {
    return std::nullopt;
  }
  return between(request.first_token, request.last_token) / static_cast<double>(request.output_tokens - 1);
}

Distribution distribution_of(std::vector<Seconds> values) {
  if (values.empty()) {
    return {};
  }
  std::sort(values.begin(), values.end());
  Seconds sum;
  for (const Seconds value : values) {
    sum += value;
  }
  return {.mean = sum / static_cast<double>(values.size()),
          .p50 = percentile(values, 0.50),
          .p90 = percentile(values, 0.90),
          .p95 = percentile(values, 0.95),
          .p99 = percentile(values, 0.99),
          .max = values.back()};
}

Distribution distribution_of(const DurationHistogram& histogram) {
  return {.mean = histogram.mean(),
          .p50 = histogram.quantile(0.50),
          .p90 = histogram.quantile(0.90),
          .p95 = histogram.quantile(0.95),
          .p99 = histogram.quantile(0.99),
          .max = histogram.max()};
}

Metrics measure(const RunRecord& run, const Slo& slo) {
  Metrics metrics;
  std::vector<Seconds> ttft;
  std::vector<Seconds> tpot;
  std::vector<Seconds> e2e;
  std::vector<Seconds> queue;
  for (const RequestRecord& request : run.requests) {
    metrics.offered += 1;
    metrics.rejected += request.outcome == Outcome::rejected ? 1 : 0;
    metrics.unfinished += request.outcome == Outcome::unfinished ? 1 : 0;
    if (request.outcome != Outcome::completed) {
      continue;
    }
    metrics.completed += 1;
    metrics.input_tokens += request.input_tokens;
    metrics.cached_input_tokens += request.cached_input_tokens;
    metrics.output_tokens += request.output_tokens;
    metrics.within_slo += keeps(request, slo) ? 1 : 0;
    ttft.push_back(ttft_of(request));
    e2e.push_back(between(request.arrival, request.last_token));
    queue.push_back(between(request.arrival, request.scheduled));
    if (const std::optional<Seconds> value = tpot_of(request)) {
      tpot.push_back(*value);
    }
  }
  metrics.ttft = distribution_of(std::move(ttft));
  metrics.tpot = distribution_of(std::move(tpot));
  metrics.itl = distribution_of(run.inter_token);
  metrics.e2e = distribution_of(std::move(e2e));
  metrics.queue = distribution_of(std::move(queue));
  metrics.slo_met = metrics.rejected == 0 && metrics.unfinished == 0 &&
                    (!slo.ttft_p99 || metrics.ttft.p99 <= *slo.ttft_p99) &&
                    (!slo.tpot_p99 || metrics.tpot.p99 <= *slo.tpot_p99) &&
                    (!slo.e2e_p99 || metrics.e2e.p99 <= *slo.e2e_p99);
  return metrics;
}

}  // namespace mtok::engine
