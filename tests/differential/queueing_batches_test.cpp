// The real engine's batches against queues of several servers (M/M/c) and of one shared server (M/G/1-PS).
#include <gtest/gtest.h>

#include <cmath>

#include "sim/engine/engine.hpp"
#include "sim/workload/random.hpp"

namespace mtok::engine {
namespace {

using workload::Random;

/// A mean service is so many tokens, so that a step is short beside it.
constexpr double kMeanTokens = 500;
constexpr Seconds kToken{1 / kMeanTokens};  // the mean service takes a second

/// A step takes the time of a token: for all sequences together when each has a server of its own, for each
/// of them when they share one.
class ServerTimer final : public StepTimer {
 public:
  explicit ServerTimer(bool shared) : shared_(shared) {}
  [[nodiscard]] std::span<const std::int64_t> windows() const override { return {}; }
  [[nodiscard]] StepCost cost_of(const StepShape& shape) override {
    const Seconds time = time_of(shape.decode_sequences + static_cast<std::int64_t>(shape.prefill.size()));
    return {.duration = time, .prefill = time};
  }
  [[nodiscard]] DecodeRun decode_run(const StepShape& shape, std::span<const std::int64_t>) override {
    return {.duration = Ticks::from(time_of(shape.decode_sequences)), .steps = std::int64_t{1} << 40};
  }
  [[nodiscard]] Watts idle_power() const override { return {}; }

 private:
  [[nodiscard]] Seconds time_of(std::int64_t sequences) const {
    return shared_ ? kToken * static_cast<double>(sequences) : kToken;
  }
  bool shared_;
};

enum class Service { constant, exponential, hyperexponential };

/// Poisson arrivals of requests whose numbers of tokens are the services.
class ServiceSource final : public workload::RequestSource {
 public:
  ServiceSource(Service service, double rate, std::int64_t count, std::uint64_t seed)
      : service_(service), gap_(1 / rate), left_(count), random_(Random::stream(seed, "requests")) {}
  [[nodiscard]] bool next(workload::Request& request) override {
    if (left_-- == 0) {
      return false;
    }
    now_ += random_.exponential(gap_);
    request = {.arrival_ns = std::llround(now_ * 1e9), .input_tokens = 1, .output_tokens = tokens()};
    return true;
  }

 private:
  std::int64_t tokens() {
    switch (service_) {
      case Service::constant:
        return static_cast<std::int64_t>(kMeanTokens);
      case Service::exponential:
        return geometric(kMeanTokens);
      case Service::hyperexponential: {
        // Two branches of equal load, squared coefficient of variation 4: p = (1 + sqrt(3/5)) / 2.
        const double p = (1 + std::sqrt(0.6)) / 2;
        return geometric(kMeanTokens / (2 * (random_.uniform() < p ? p : 1 - p)));
      }
    }
    return 1;
  }
  /// On 1, 2, 3, ..., the exponential law of whole numbers.
  std::int64_t geometric(double mean) {
    const double scale = -1 / std::log1p(-1 / mean);
    return 1 + static_cast<std::int64_t>(random_.exponential(scale));
  }

  Service service_;
  double gap_;
  std::int64_t left_;
  Random random_;
  double now_ = 0;
};

struct Estimate {
  double mean = 0;
  double standard_error = 0;
};

/// Over independent runs; `figure` picks a number from the totals of a run.
template <class Figure>
Estimate estimate(const RunPlan& plan, bool shared, Service service, double rate, const Figure& figure) {
  constexpr int kRuns = 20;
  constexpr std::int64_t kRequests = 100'000;
  double sum = 0;
  double squares = 0;
  for (std::uint64_t seed = 1; seed <= kRuns; ++seed) {
    ServerTimer timer(shared);
    ServiceSource source(service, rate, kRequests, seed);
    const double value = figure(run_leaping(plan, timer, source).totals).base();
    sum += value;
    squares += value * value;
  }
  const double mean = sum / kRuns;
  const double variance = (squares - kRuns * mean * mean) / (kRuns - 1);
  return {.mean = mean, .standard_error = std::sqrt(variance / kRuns)};
}

RunPlan plan_with(std::int64_t max_num_seqs) {
  return {.scheduler = {.max_num_seqs = max_num_seqs,
                        .max_num_batched_tokens = 1 << 20,
                        .kv_pages = std::int64_t{1} << 40},
          .keep_requests = false};
}

/// Standard errors that an unbiased estimate may lie off; the seeds are fixed.
constexpr double kErrors = 4;
constexpr double kNoise = 0.02;  // more would prove nothing

/// Wait in the queue in M/M/c: C / (c - a) mean services, a = rate * service, with Erlang's C (Erlang 1917):
/// C = t / (1 + a + a^2/2! + ... + a^(c-1)/(c-1)! + t), t = a^c / c! * c / (c - a).
double erlang_wait(int servers, double a) {
  double term = 1;
  double sum = 0;
  for (int i = 0; i < servers; ++i) {
    sum += term;
    term *= a / (i + 1);
  }
  const double t = term * servers / (servers - a);
  return t / (sum + t) / (servers - a);
}

// c seats, a step of the same time whatever the batch: each seat is a server. c = 2, a = 1: C = 1/3, wait
// 1/3. A request that finds a free seat still waits for the end of the step in progress, a token's time at
// most.
void expect_erlang(int servers, double load) {
  const double a = servers * load;
  const Estimate wait = estimate(plan_with(servers), false, Service::exponential, a,
                                 [](const RequestTotals& t) { return t.queue.distribution().mean; });
  const double theory = erlang_wait(servers, a);
  EXPECT_NEAR(wait.mean, theory, kErrors * wait.standard_error + kToken.base());
  EXPECT_LT(wait.standard_error, kNoise * theory);
}

TEST(EngineVsMmc, TheWaitForOneOfTwoSeats) {
  EXPECT_DOUBLE_EQ(erlang_wait(2, 1), 1.0 / 3);
  expect_erlang(2, 0.5);
}
TEST(EngineVsMmc, TheWaitForOneOfFourSeats) {
  expect_erlang(4, 0.8);
}
TEST(EngineVsMmc, TheWaitForOneOfSixteenSeats) {
  expect_erlang(16, 0.9);
}

// A step that takes a token's time for each of its sequences gives each an n-th of the server. Time from
// arrival to the last token: 1 / (1 - load) mean services, whatever the law of the services (Kleinrock 1976,
// section 4.4). Newcomers wait for the step in progress, as long as a token for each one who is there.
void expect_sharing(Service service) {
  constexpr double kLoad = 0.8;
  const Estimate sojourn = estimate(plan_with(1 << 20), true, service, kLoad,
                                    [](const RequestTotals& t) { return t.e2e.distribution().mean; });
  const double theory = 1 / (1 - kLoad);
  const double there = kLoad / (1 - kLoad);
  EXPECT_NEAR(sojourn.mean, theory, kErrors * sojourn.standard_error + there * kToken.base());
  EXPECT_LT(sojourn.standard_error, kNoise * theory);
}

TEST(EngineVsProcessorSharing, EqualServices) {
  expect_sharing(Service::constant);
}
TEST(EngineVsProcessorSharing, ExponentialServices) {
  expect_sharing(Service::exponential);
}
TEST(EngineVsProcessorSharing, ServicesOfTwoKinds) {
  expect_sharing(Service::hyperexponential);
}

}  // namespace
}  // namespace mtok::engine
