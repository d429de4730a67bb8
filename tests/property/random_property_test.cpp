// Laws of the random numbers and of generated workloads, over many seeds and parameters.
#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "sim/workload/random.hpp"
#include "sim/workload/synthetic.hpp"

namespace mtok::workload {
namespace {

constexpr std::uint64_t kSeeds = 200;

TEST(RandomProperty, UniformNeverTouchesItsEnds) {
  for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
    Random random(seed);
    for (int i = 0; i < 1000; ++i) {
      const double u = random.uniform();
      ASSERT_TRUE(u > 0 && u < 1) << "seed " << seed;
    }
  }
}

TEST(RandomProperty, ScalingTheMeanScalesEachDraw) {
  for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
    Random one(seed);
    Random four(seed);  // a factor of 4 is exact in binary
    EXPECT_EQ(4 * one.exponential(3), four.exponential(12));
    EXPECT_EQ(4 * one.gamma(0.3, 5), four.gamma(0.3, 20));
    EXPECT_EQ(4 * one.lognormal(100, 1.5), four.lognormal(400, 1.5));
  }
}

TEST(RandomProperty, DrawsAreFiniteAndNotNegative) {
  for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
    Random random(seed);
    for (const double cv : {0.01, 0.5, 1.0, 5.0, 30.0, 100.0}) {
      const double gap = random.gamma(1 / (cv * cv), cv * cv);
      const double length = random.lognormal(1000, cv);
      EXPECT_TRUE(gap >= 0 && gap < 1e9) << cv;
      EXPECT_TRUE(length >= 0 && length < 1e30) << cv;
    }
  }
}

TEST(RandomProperty, BelowStaysBelow) {
  Random random(1);
  for (std::uint64_t n = 1; n < (std::uint64_t{1} << 63U); n *= 3) {
    for (int i = 0; i < 50; ++i) {
      ASSERT_LT(random.below(n), n);
    }
    if (n > UINT64_MAX / 3) {
      break;
    }
  }
}

/// A specification drawn at random: any arrival law, sessions and documents or none.
SyntheticSpec any_spec(Random& random) {
  const auto pick = [&](std::int64_t least, std::int64_t most) {
    return least + static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(most - least + 1)));
  };
  SyntheticSpec spec;
  spec.requests = pick(1, 300);
  spec.arrivals = {.kind = static_cast<Arrivals::Kind>(pick(0, 2)),
                   .rate_per_s = 10 * random.uniform(),
                   .cv = 0.1 + 5 * random.uniform()};
  spec.input_tokens = {
      .kind = Lengths::Kind::lognormal, .mean = 1 + 500 * random.uniform(), .cv = 2 * random.uniform()};
  spec.output_tokens = {.kind = Lengths::Kind::exponential, .mean = 1 + 100 * random.uniform(), .most = 400};
  spec.shared_prefix = {.documents = pick(0, 4), .tokens = pick(1, 200), .zipf = 2 * random.uniform()};
  spec.sessions = {.turns = {.kind = Lengths::Kind::uniform, .least = 1, .most = pick(1, 5)},
                   .think_time_s = 20 * random.uniform()};
  spec.hash_block_size = pick(1, 64);
  spec.max_input_tokens = pick(201, 4000);
  return spec;
}

TEST(SyntheticProperty, EveryRequestKeepsThePromisesOfARequest) {
  Random random(99);
  for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
    const SyntheticSpec spec = any_spec(random);
    const auto source = make_synthetic(spec, seed);
    Request request;
    std::int64_t count = 0;
    std::int64_t last_ns = 0;
    while (source->next(request)) {
      ASSERT_TRUE(count > 0 || request.arrival_ns == 0);
      ASSERT_GE(request.arrival_ns, last_ns);
      ASSERT_TRUE(request.input_tokens >= 1 && request.input_tokens <= spec.max_input_tokens);
      ASSERT_TRUE(request.output_tokens >= 1 && request.output_tokens <= 400);
      const std::int64_t blocks = (request.input_tokens + spec.hash_block_size - 1) / spec.hash_block_size;
      ASSERT_EQ(static_cast<std::int64_t>(request.hash_ids.size()),
                source->hash_block_size() > 0 ? blocks : 0);
      std::vector<std::uint64_t> ids = request.hash_ids;
      std::ranges::sort(ids);
      ASSERT_EQ(std::ranges::adjacent_find(ids), ids.end());
      last_ns = request.arrival_ns;
      ++count;
    }
    ASSERT_EQ(count, spec.requests);
  }
}

TEST(SyntheticProperty, AShorterWorkloadIsTheStartOfALongerOne) {
  Random random(5);
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    SyntheticSpec spec = any_spec(random);
    const auto shorter = make_synthetic(spec, seed);
    spec.requests *= 2;
    const auto longer = make_synthetic(spec, seed);
    Request a;
    Request b;
    while (shorter->next(a)) {
      ASSERT_TRUE(longer->next(b));
      ASSERT_EQ(a.arrival_ns, b.arrival_ns);
      ASSERT_EQ(a.input_tokens, b.input_tokens);
      ASSERT_EQ(a.output_tokens, b.output_tokens);
      ASSERT_EQ(a.hash_ids, b.hash_ids);
    }
  }
}

}  // namespace
}  // namespace mtok::workload
