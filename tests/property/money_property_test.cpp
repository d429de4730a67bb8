// Laws of money: allocations add up, respect proportions, and do not depend on how amounts are written.
#include "sim/units/money.hpp"

#include <gtest/gtest.h>

#include <random>

namespace mtok {
namespace {

constexpr int kTrials = 100'000;

/// Numbers of every magnitude: as many of 3 digits as of 15.
std::uint64_t of_any_size(std::mt19937_64& random, unsigned bits) {
  return random() >> (64 - random() % bits - 1);
}

TEST(MoneyProperty, RandomAllocationsAddUpAndStayWithinAUnitOfTheirProportion) {
  std::mt19937_64 random(1);  // raw output is the same on every platform
  for (int trial = 0; trial < kTrials; ++trial) {
    std::vector<std::uint64_t> weights(1 + random() % 12);
    std::uint64_t sum = 0;
    for (std::uint64_t& weight : weights) {
      weight = random() % 5 == 0 ? 0 : of_any_size(random, 40);
      sum += weight;
    }
    const auto total = static_cast<Int128>(of_any_size(random, 62));
    const std::vector<Money> parts = allocate(Money::from_pico_usd(total), weights);

    Int128 given = 0;
    for (std::size_t i = 0; i < parts.size(); ++i) {
      const Int128 part = parts[i].pico_usd();
      given += part;
      if (sum > 0) {  // |part - total * weight / sum| < 1, times sum: 62 + 44 bits fit
        const Int128 deviation = part * static_cast<Int128>(sum) - total * static_cast<Int128>(weights[i]);
        ASSERT_LT(deviation, static_cast<Int128>(sum)) << "trial " << trial;
        ASSERT_GT(deviation, -static_cast<Int128>(sum)) << "trial " << trial;
      }
    }
    ASSERT_TRUE(given == total) << "trial " << trial;
  }
}

TEST(MoneyProperty, ALargerWeightNeverGetsLess) {
  std::mt19937_64 random(2);
  for (int trial = 0; trial < kTrials / 10; ++trial) {
    std::vector<std::uint64_t> weights(2 + random() % 8);
    for (std::uint64_t& weight : weights) {
      weight = random() % 20;
    }
    weights.back() = 1;  // at least one is not 0
    const std::vector<Money> parts =
        allocate(Money::from_pico_usd(static_cast<Int128>(random() % 1'000)), weights);
    for (std::size_t i = 0; i < parts.size(); ++i) {
      for (std::size_t j = 0; j < parts.size(); ++j) {
        if (weights[i] > weights[j]) {
          ASSERT_GE(parts[i], parts[j]) << "trial " << trial;
        }
      }
    }
  }
}

TEST(MoneyProperty, ScalingAllWeightsChangesNothing) {
  std::mt19937_64 random(3);
  for (int trial = 0; trial < kTrials / 10; ++trial) {
    std::vector<std::uint64_t> weights(1 + random() % 9);
    std::vector<std::uint64_t> scaled(weights.size());
    const std::uint64_t factor = 1 + random() % 1'000;
    for (std::size_t i = 0; i < weights.size(); ++i) {
      weights[i] = 1 + of_any_size(random, 40);
      scaled[i] = weights[i] * factor;
    }
    const Money total = Money::from_pico_usd(static_cast<Int128>(of_any_size(random, 62)));
    ASSERT_EQ(allocate(total, weights), allocate(total, scaled)) << "trial " << trial;
  }
}

TEST(MoneyProperty, DecimalTextReadsBackExactly) {
  std::mt19937_64 random(4);
  for (int trial = 0; trial < kTrials; ++trial) {
    const auto magnitude =
        static_cast<Int128>(of_any_size(random, 62)) * static_cast<Int128>(of_any_size(random, 60));
    const Money amount = Money::from_pico_usd(random() % 2 == 0 ? magnitude : -magnitude);
    ASSERT_EQ(Money::from_decimal(amount.to_decimal()), amount) << amount.to_decimal();
  }
}

}  // namespace
}  // namespace mtok
