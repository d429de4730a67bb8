// Laws of prefill and decode on separate pools, on random scenarios.
#include <gtest/gtest.h>

#include "tests/unit/engine/random_scenario.hpp"

namespace mtok::engine {
namespace {

using testing::draw_scenario;
using testing::RandomScenario;

constexpr std::uint64_t kScenarios = 2000;

RandomScenario fixed_scenario(std::uint64_t seed) {
  RandomScenario s = draw_scenario(seed);
  s.plan.autoscaler.reset();
  s.plan.failures.reset();
  s.plan.replicas = std::max<std::int64_t>(1, s.plan.replicas);
  return s;
}

// Nothing comes back from the decode pool, so with open arrivals first tokens know neither link nor decoders.
TEST(PoolsProperty, FirstTokensDependOnThePrefillPoolAlone) {
  int compared = 0;
  for (std::uint64_t seed = 1; seed <= kScenarios; ++seed) {
    RandomScenario s = fixed_scenario(seed);
    if (!s.plan.decode_pool || s.plan.load.kind == Load::Kind::closed) {
      continue;
    }
    const RunRecord before = s.run(run_leaping);
    s.plan.decode_pool->link = {.per_page = Seconds(0.5), .latency = Seconds(1)};
    s.plan.decode_pool->replicas += 1;
    const RunRecord slow = s.run(run_leaping);
    for (std::size_t i = 0; i < before.requests.size(); ++i) {
      ASSERT_EQ(before.requests[i].first_token, slow.requests[i].first_token) << "seed " << seed;
      ASSERT_EQ(before.requests[i].output_tokens, slow.requests[i].output_tokens) << "seed " << seed;
    }
    ++compared;
  }
  EXPECT_GT(compared, 200);
}

// A request alone: over a link of no time it runs as if both pools were one; a slower link delays what comes
// after the first token by just the transfer.
TEST(PoolsProperty, AnEndlessBandwidthIsOnePool) {
  for (std::uint64_t seed = 1; seed <= kScenarios; ++seed) {
    RandomScenario s = fixed_scenario(seed);
    s.requests.resize(1);
    s.plan.decode_pool.reset();
    s.plan.scheduler.mixed_batches = true;
    const RunRecord one = s.run(run_leaping);
    s.plan.decode_pool = {.scheduler = s.plan.scheduler};
    const RunRecord two = s.run(run_leaping);
    ASSERT_EQ(one.requests[0].outcome, two.requests[0].outcome);
    if (one.requests[0].outcome != Outcome::completed || one.requests[0].preemptions > 0) {
      continue;
    }
    // Each replica's clock carries its own fraction of a nanosecond.
    ASSERT_NEAR(double(nanoseconds(one.requests[0].last_token)),
                double(nanoseconds(two.requests[0].last_token)), 1)
        << "seed " << seed;
    s.plan.decode_pool->link.latency = Seconds(0.25);
    const RunRecord delayed = s.run(run_leaping);
    const std::int64_t delay = two.decode_pool->transfers > 0 ? 250'000'000 : 0;
    ASSERT_EQ(nanoseconds(delayed.requests[0].last_token), nanoseconds(two.requests[0].last_token) + delay)
        << "seed " << seed;
  }
}

}  // namespace
}  // namespace mtok::engine
