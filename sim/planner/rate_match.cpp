// Sizes prefill and decode pools one after the other.
#include "sim/planner/rate_match.hpp"

#include <cassert>

namespace mtok::planner {
namespace {

constexpr std::int64_t kMostReplicas = 4096;

/// The fewest that `keeps` accepts, when it accepts all above them; 0 when none is accepted before `helps`
/// says that more will not help.
template <class Keeps, class Helps>
std::int64_t fewest(const Keeps& keeps, const Helps& helps) {
  std::int64_t too_few = 0;
  std::int64_t enough = 1;
  while (!keeps(enough)) {
    too_few = enough;
    enough *= 2;
    if (enough > kMostReplicas || !helps()) {
      return 0;
    }
  }
  while (enough - too_few > 1) {
    const std::int64_t middle = too_few + (enough - too_few) / 2;
    (keeps(middle) ? enough : too_few) = middle;
  }
  return enough;
}

/// Remembers a latency from run to run, and whether the last run made it shorter by at least this share.
class Progressing {
 public:
  void note(Seconds latency) {
    constexpr double kLeast = 0.001;
    shorter_ = latency < last_ * (1 - kLeast);
    last_ = latency;
  }
  [[nodiscard]] bool still() const { return shorter_; }

 private:
  Seconds last_{1e12};
  bool shorter_ = true;
};

Sized refused(RunResult result, std::string reason) {
  return {.reason = std::move(reason), .result = std::move(result)};
}

}  // namespace

Sized match_pools(Scenario scenario, const Catalogue& catalogue) {
  assert(scenario.disaggregation && scenario.workload.load.kind == engine::Load::Kind::open);
  RunResult result = run(scenario, catalogue);
  if (result.infeasible) {
    std::string reason = result.infeasible->reason;
    return refused(std::move(result), std::move(reason));
  }
  if (result.metrics.rejected > 0) {
    return refused(std::move(result), "some requests can never fit");
  }
  const engine::Slo& slo = scenario.slo;
  Progressing ttft;
  const std::int64_t prefill = fewest(
      [&](std::int64_t replicas) {
        scenario.replicas = replicas;
        result = run(scenario, catalogue);
        ttft.note(result.metrics.ttft.p99);
        return !slo.ttft_p99 || result.metrics.ttft.p99 <= *slo.ttft_p99;
      },
      [&] { return ttft.still(); });
  if (prefill == 0) {
    return refused(std::move(result), "no number of prefill replicas keeps the TTFT");
  }
  scenario.replicas = prefill;
  Progressing e2e;
  std::int64_t& decoders = scenario.disaggregation->replicas;
  const std::int64_t decode = fewest(
      [&](std::int64_t replicas) {
        decoders = replicas;
        result = run(scenario, catalogue);
        e2e.note(result.metrics.e2e.p99);
        return result.metrics.slo_met;
      },
      [&] { return e2e.still(); });
  if (decode == 0) {
    return refused(std::move(result), "no number of decode replicas keeps the SLO");
  }
  decoders = decode;
  return {.feasible = true, .result = run(scenario, catalogue)};
}

}  // namespace mtok::planner
