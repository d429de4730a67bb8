// The generator gives the published bits, and each distribution its mean and variance.
#include "sim/workload/random.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <set>

namespace mtok::workload {
namespace {

/// xoshiro256** and SplitMix64 once more, from the text of the papers: 64-bit words, rotations written out.
struct Reference {
  std::uint64_t s[4]{};
  explicit Reference(std::uint64_t x) {
    for (std::uint64_t& word : s) {
      x += 0x9E3779B97F4A7C15U;
      std::uint64_t z = x;
      z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9U;
      z = (z ^ (z >> 27)) * 0x94D049BB133111EBU;
      word = z ^ (z >> 31);
    }
  }
  static std::uint64_t rotate(std::uint64_t x, int k) { return (x << k) | (x >> (64 - k)); }
  std::uint64_t next() {
    const std::uint64_t result = rotate(s[1] * 5, 7) * 9;
    const std::uint64_t t = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotate(s[3], 45);
    return result;
  }
};

TEST(Random, GivesTheBitsOfXoshiroSeededBySplitMix) {
  for (const std::uint64_t seed : {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{42}, UINT64_MAX}) {
    Random random(seed);
    Reference reference(seed);
    for (int i = 0; i < 1000; ++i) {
      ASSERT_EQ(random.next(), reference.next()) << "seed " << seed << ", draw " << i;
    }
  }
}

// The first SplitMix64 output of state 0 is widely published: 0xe220a8397b1dcdaf. xoshiro's first output uses
// only the second word, 0x6e789e6aa1b965f4: rotl(0x6e789e6aa1b965f4 * 5, 7) * 9.
//   * 5 mod 2^64 = 0x285b1815289efdc4; rotl 7 = 0x2d8c0a944f7ee214; * 9 mod 2^64 = 0x99ec5f36cb75f2b4.
TEST(Random, StartsWithThePublishedValues) {
  Random random(0);
  EXPECT_EQ(random.next(), 0x99ec5f36cb75f2b4U);
}

TEST(Random, GivesEachEntityAStreamOfItsOwn) {
  std::set<std::uint64_t> firsts;
  for (const std::uint64_t seed : {1, 2, 3}) {
    for (const char* entity : {"arrivals", "session 0", "session 1", ""}) {
      firsts.insert(Random::stream(seed, entity).next());
      EXPECT_EQ(Random::stream(seed, entity).next(), Random::stream(seed, entity).next());
    }
  }
  EXPECT_EQ(firsts.size(), 12U);
}

/// Mean and variance of many draws against the true ones, within 4 standard errors (1 run in 8,000 fails by
/// chance, and the seed is fixed). `fourth`: the central fourth moment, which sets the error of the variance.
void expect_moments(const std::function<double(Random&)>& draw, double mean, double variance, double fourth) {
  constexpr int kDraws = 200'000;
  Random random(7);
  double sum = 0;
  double squares = 0;
  for (int i = 0; i < kDraws; ++i) {
    const double d = draw(random) - mean;
    sum += d;
    squares += d * d;
  }
  EXPECT_NEAR(sum / kDraws, 0, 4 * std::sqrt(variance / kDraws));
  EXPECT_NEAR(squares / kDraws, variance, 4 * std::sqrt((fourth - variance * variance) / kDraws));
}

// Uniform on (0, 1): variance 1/12, fourth moment 1/80.
TEST(Random, UniformHasItsMoments) {
  expect_moments([](Random& r) { return r.uniform(); }, 0.5, 1.0 / 12, 1.0 / 80);
}

// Exponential of mean 3: variance 9, fourth central moment 9 * 3^4.
TEST(Random, ExponentialHasItsMoments) {
  expect_moments([](Random& r) { return r.exponential(3); }, 3, 9, 9 * 81.0);
}

TEST(Random, NormalHasItsMoments) {
  expect_moments([](Random& r) { return r.normal(); }, 0, 1, 3);
}

// Gamma(a, s): mean a s, variance a s^2, fourth central moment (3 a^2 + 6 a) s^4.
TEST(Random, GammaHasItsMomentsAboveAndBelowShapeOne) {
  for (const double shape : {0.04, 0.5, 1.0, 2.5, 40.0}) {
    SCOPED_TRACE(shape);
    expect_moments([&](Random& r) { return r.gamma(shape, 2); }, shape * 2, shape * 4,
                   (3 * shape * shape + 6 * shape) * 16);
  }
}

// Lognormal with w = 1 + cv^2: fourth central moment variance^2 (w^4 + 2 w^3 + 3 w^2 - 3).
TEST(Random, LognormalHasTheMeanAndVariationAskedFor) {
  const double cv = 0.8;
  const double w = 1 + cv * cv;
  const double variance = 256 * 256 * cv * cv;
  expect_moments([&](Random& r) { return r.lognormal(256, cv); }, 256, variance,
                 variance * variance * (w * w * w * w + 2 * w * w * w + 3 * w * w - 3));
}

TEST(Random, LognormalWithoutVariationIsItsMean) {
  Random random(1);
  EXPECT_DOUBLE_EQ(random.lognormal(1024, 0), 1024);
}

// below(6): mean 2.5, variance 35/12; die faces have fourth central moment (6^2 - 1)(3 * 6^2 - 7) / 240
// = 14.729.
TEST(Random, BelowIsFair) {
  expect_moments([](Random& r) { return static_cast<double>(r.below(6)); }, 2.5, 35.0 / 12, 35.0 * 101 / 240);
  Random random(1);
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(random.below(1), 0U);
    EXPECT_LT(random.below((std::uint64_t{1} << 63U) + 1), (std::uint64_t{1} << 63U) + 1);
  }
}

// ln and exp are our own. A gamma of shape 1 is exponential with rate 1, and both must agree with the C
// library's logarithm: P(X > x) = exp(-x). Of 200,000 draws exp(-2) * 200,000 = 27,067 +- 4 * 153 lie
// above 2.
TEST(Random, ExponentialAndGammaHaveTheTailOfTheLaw) {
  Random random(11);
  int exponential = 0;
  int gamma = 0;
  for (int i = 0; i < 200'000; ++i) {
    exponential += random.exponential(1) > 2 ? 1 : 0;
    gamma += random.gamma(1, 1) > 2 ? 1 : 0;
  }
  EXPECT_NEAR(exponential, 27067, 612);
  EXPECT_NEAR(gamma, 27067, 612);
}

TEST(Zipf, WeighsRankKByItsPower) {
  const std::vector<double> weights = zipf_weights(100, 1.5);
  ASSERT_EQ(weights.size(), 100U);
  for (std::size_t k = 1; k <= weights.size(); ++k) {
    EXPECT_NEAR(weights[k - 1] * std::pow(static_cast<double>(k), 1.5), 1, 1e-13);
  }
  EXPECT_EQ(zipf_weights(3, 0), (std::vector<double>{1, 1, 1}));
}

// Weights 1 : 0 : 3 of 10, 20, 30: mean 25, variance 75, fourth central moment (15^4 + 3 * 5^4) / 4 = 13125.
TEST(Empirical, DrawsByWeightAndNeverAValueOfWeightZero) {
  const Empirical table({10, 20, 30, 40}, {1, 0, 3, 0});
  expect_moments([&](Random& r) { return static_cast<double>(table.draw(r)); }, 25, 75, 13125);
  Random random(3);
  for (int i = 0; i < 10'000; ++i) {
    const std::int64_t value = table.draw(random);
    ASSERT_TRUE(value == 10 || value == 30) << value;
  }
}

}  // namespace
}  // namespace mtok::workload
