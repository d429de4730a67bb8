// Latency, throughput and goodput of a run, from its totals.
#include "sim/engine/metrics.hpp"

namespace mtok::engine {

Metrics measure(const RequestTotals& totals, const DurationHistogram& inter_token) {
  Metrics metrics{.offered = totals.offered,
                  .completed = totals.completed,
                  .rejected = totals.rejected,
                  .unfinished = totals.unfinished,
                  .input_tokens = totals.input_tokens,
                  .cached_input_tokens = totals.cached_input_tokens,
                  .output_tokens = totals.output_tokens,
                  .ttft = totals.ttft.distribution(),
                  .tpot = totals.tpot.distribution(),
                  .itl = distribution_of(inter_token),
                  .e2e = totals.e2e.distribution(),
                  .queue = totals.queue.distribution(),
                  .within_slo = totals.within_slo};
  const Slo& slo = totals.slo;
  metrics.slo_met = metrics.rejected == 0 && metrics.unfinished == 0 &&
                    (!slo.ttft_p99 || metrics.ttft.p99 <= *slo.ttft_p99) &&
                    (!slo.tpot_p99 || metrics.tpot.p99 <= *slo.tpot_p99) &&
                    (!slo.e2e_p99 || metrics.e2e.p99 <= *slo.e2e_p99);
  return metrics;
}

}  // namespace mtok::engine
