// The real engine with a degenerate device must reproduce queueing theory.
#include <gtest/gtest.h>

#include <cmath>

#include "sim/engine/engine.hpp"
#include "sim/workload/random.hpp"

namespace mtok::engine {
namespace {

using workload::Random;

constexpr Seconds kService{1.0};

/// A step is the service of one customer: constant, or exponential with the same mean.
class ServiceTimer final : public StepTimer {
 public:
  ServiceTimer(bool exponential, std::uint64_t seed)
      : exponential_(exponential), random_(Random::stream(seed, "service")) {}
  [[nodiscard]] std::span<const std::int64_t> windows() const override { return {}; }
  [[nodiscard]] StepCost cost_of(const StepShape&) override {
    const Seconds time = exponential_ ? Seconds(random_.exponential(kService.base())) : kService;
    return {.duration = time, .prefill = time};
  }
  [[nodiscard]] Watts idle_power() const override { return {}; }

 private:
  bool exponential_;
  Random random_;
};

/// Poisson arrivals of requests that one step serves.
class PoissonSource final : public workload::RequestSource {
 public:
  PoissonSource(double rate, std::int64_t count, std::uint64_t seed)
      : gap_(1 / rate), left_(count), random_(Random::stream(seed, "arrivals")) {}
  [[nodiscard]] bool next(workload::Request& request) override {
    if (left_-- == 0) {
      return false;
    }
    now_ += random_.exponential(gap_);
    request = {.arrival_ns = std::llround(now_ * 1e9), .input_tokens = 1, .output_tokens = 1};
    return true;
  }

 private:
  double gap_;
  std::int64_t left_;
  Random random_;
  double now_ = 0;
};

struct Estimate {
  double mean = 0;
  double standard_error = 0;
};

/// Mean wait in the queue, over independent runs.
Estimate mean_wait(bool exponential, double rho) {
  constexpr int kRuns = 20;
  constexpr std::int64_t kRequests = 100'000;
  const RunPlan plan{.scheduler = {.max_num_seqs = 1, .kv_pages = 16}};
  double sum = 0;
  double squares = 0;
  for (std::uint64_t seed = 1; seed <= kRuns; ++seed) {
    ServiceTimer timer(exponential, seed);
    PoissonSource source(rho / kService.base(), kRequests, seed);
    const double wait = run_leaping(plan, timer, source).totals.queue.distribution().mean.base();
    sum += wait;
    squares += wait * wait;
  }
  const double mean = sum / kRuns;
  const double variance = (squares - kRuns * mean * mean) / (kRuns - 1);
  return {.mean = mean, .standard_error = std::sqrt(variance / kRuns)};
}

/// How many standard errors an unbiased estimate may lie off: one in 16,000 does by chance, and the seeds are
/// fixed.
constexpr double kErrors = 4;

void expect_wait(bool exponential, double rho, double theory) {
  const Estimate wait = mean_wait(exponential, rho);
  EXPECT_NEAR(wait.mean, theory, kErrors * wait.standard_error) << "standard error " << wait.standard_error;
  EXPECT_LT(wait.standard_error, 0.02 * theory) << "too noisy to prove anything";
}

// M/D/1: W = rho S / (2 (1 - rho)); rho 0.5: 0.5, rho 0.8: 2.0. Source: Pollaczek-Khinchine with variance 0.
TEST(EngineVsMd1, MeanWaitAtHalfLoad) {
  expect_wait(false, 0.5, 0.5);
}
TEST(EngineVsMd1, MeanWaitAtHighLoad) {
  expect_wait(false, 0.8, 2.0);
}

// M/M/1: W = rho S / (1 - rho); rho 0.5: 1.0, rho 0.8: 4.0.
TEST(EngineVsMm1, MeanWaitAtHalfLoad) {
  expect_wait(true, 0.5, 1.0);
}
TEST(EngineVsMm1, MeanWaitAtHighLoad) {
  expect_wait(true, 0.8, 4.0);
}

}  // namespace
}  // namespace mtok::engine
