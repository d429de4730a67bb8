// Money: decimal text both ways, sums, and the split by largest remainder.
#include "sim/units/money.hpp"

#include <gtest/gtest.h>

#include <array>
#include <stdexcept>

namespace mtok {
namespace {

Money pico(std::int64_t amount) {
  return Money::from_pico_usd(amount);
}

std::vector<std::int64_t> picos(const std::vector<Money>& parts) {
  std::vector<std::int64_t> amounts;
  for (const Money part : parts) {
    amounts.push_back(static_cast<std::int64_t>(part.pico_usd()));
  }
  return amounts;
}

TEST(Money, DecimalTextHasOneDigitOnBothSidesOfThePoint) {
  EXPECT_EQ(Money{}.to_decimal(), "0.0");
  EXPECT_EQ(pico(1).to_decimal(), "0.000000000001");
  EXPECT_EQ(pico(-1).to_decimal(), "-0.000000000001");
  EXPECT_EQ(pico(1'000'000'000'000).to_decimal(), "1.0");
  EXPECT_EQ(pico(87'072'000'000'000'000).to_decimal(), "87072.0");
  EXPECT_EQ(pico(-12'345'000'000'000).to_decimal(), "-12.345");
  EXPECT_EQ(pico(100'500'000'000'000).to_decimal(), "100.5");
}

TEST(Money, DecimalTextIsReadExactly) {
  EXPECT_EQ(Money::from_decimal("12.345"), pico(12'345'000'000'000));
  EXPECT_EQ(Money::from_decimal("-0.5"), pico(-500'000'000'000));
  EXPECT_EQ(Money::from_decimal("0.000000000001"), pico(1));
  EXPECT_EQ(Money::from_decimal("7"), pico(7'000'000'000'000));
  EXPECT_EQ(Money::from_decimal("-0"), Money{});
}

TEST(Money, DecimalTextReadsBackUpToTheLargestAmount) {
  for (const char* text : {"0.0", "0.1", "-87072.123456789012", "99999999999999999999999999.999999999999"}) {
    EXPECT_EQ(Money::from_decimal(text).to_decimal(), text);
  }
}

TEST(Money, TextThatIsNoAmountIsRefused) {
  for (const char* text : {"", "-", ".", ".5", "1.", "+1", " 1", "1 ", "1,5", "1e3", "0x1", "nan", "--1",
                           "1.2.3", "0.0000000000001", "100000000000000000000000000", "1.-5"}) {
    EXPECT_THROW((void)Money::from_decimal(text), std::invalid_argument) << text;
  }
}

// The number of digits was limited with the decimals counted in, so that 38 whole digits passed and
// overflowed.
TEST(Money, AnAmountOfMoreThan26DigitsIsRefusedEvenWithoutDecimals) {
  EXPECT_THROW((void)Money::from_decimal("99999999999999999999999999999999999999"), std::invalid_argument);
  EXPECT_EQ(Money::from_decimal("99999999999999999999999999").to_decimal(), "99999999999999999999999999.0");
}

TEST(Money, RealDollarsAreRoundedToTheNearestPico) {
  EXPECT_EQ(Money::from_usd(Usd(0.1)), pico(100'000'000'000));
  EXPECT_EQ(Money::from_usd(Usd(-0.1)), pico(-100'000'000'000));
  EXPECT_EQ(Money::from_usd(Usd(2.4e-12)), pico(2));
  EXPECT_EQ(Money::from_usd(Usd(2.6e-12)), pico(3));
  EXPECT_EQ(Money::from_usd(Usd(87072)).to_decimal(), "87072.0");
}

// 1e-12 is no double: 87072e12 * 1e-12 may miss 87072, 87072e12 / 1e12 does not.
TEST(Money, WholeDollarsComeBackAsWholeDoubles) {
  for (std::int64_t usd = -1'000; usd <= 100'000; ++usd) {
    EXPECT_EQ((pico(1'000'000'000'000) * usd).usd().base(), static_cast<double>(usd));
  }
}

TEST(Money, SumsAreExactWhereDoublesAreNot) {
  Money sum;
  for (int i = 0; i < 10; ++i) {
    sum += Money::from_decimal("0.1");
  }
  EXPECT_EQ(sum, Money::from_decimal("1"));
  EXPECT_EQ(sum - Money::from_decimal("0.3"), Money::from_decimal("0.7"));
}

// 100 in 1 : 1 : 2 = 25, 25, 50
TEST(Allocate, EvenSplitsHaveNoRemainder) {
  EXPECT_EQ(picos(allocate(pico(100), std::array<std::uint64_t, 3>{1, 1, 2})),
            (std::vector<std::int64_t>{25, 25, 50}));
}

// 10 in 2 : 5 : 5 = 1.67, 4.17, 4.17 -> 1, 4, 4, and the missing 1 goes to the .67
TEST(Allocate, TheLargestRemainderGetsTheMissingUnit) {
  EXPECT_EQ(picos(allocate(pico(10), std::array<std::uint64_t, 3>{2, 5, 5})),
            (std::vector<std::int64_t>{2, 4, 4}));
}

// 5 in 1 : 1 : 1 : 1 = 1.25 each -> 1, 1, 1, 1 and one missing; 7 = 1.75 each -> three missing: the first
// three.
TEST(Allocate, EqualRemaindersFavourTheEarlierPart) {
  const std::array<std::uint64_t, 4> equal{1, 1, 1, 1};
  EXPECT_EQ(picos(allocate(pico(5), equal)), (std::vector<std::int64_t>{2, 1, 1, 1}));
  EXPECT_EQ(picos(allocate(pico(7), equal)), (std::vector<std::int64_t>{2, 2, 2, 1}));
}

TEST(Allocate, APartOfWeightZeroGetsNothing) {
  EXPECT_EQ(picos(allocate(pico(7), std::array<std::uint64_t, 4>{0, 1, 0, 1})),
            (std::vector<std::int64_t>{0, 4, 0, 3}));
}

TEST(Allocate, WithoutAnyWeightTheFirstPartGetsAll) {
  EXPECT_EQ(picos(allocate(pico(7), std::array<std::uint64_t, 3>{0, 0, 0})),
            (std::vector<std::int64_t>{7, 0, 0}));
}

TEST(Allocate, NothingIsSplitIntoNothing) {
  EXPECT_EQ(picos(allocate(Money{}, std::array<std::uint64_t, 2>{3, 4})), (std::vector<std::int64_t>{0, 0}));
}

// 1e25 USD = 1e37 units over weights near 2^63: products of 2^186, which no 128-bit product holds.
TEST(Allocate, HugeAmountsAndWeightsDoNotOverflow) {
  const Money total = Money::from_decimal("10000000000000000000000000");
  const std::array<std::uint64_t, 2> weights{std::uint64_t{1} << 63U, (std::uint64_t{1} << 63U) - 1};
  const std::vector<Money> parts = allocate(total, weights);
  EXPECT_EQ(parts[0] + parts[1], total);
  EXPECT_GT(parts[0], parts[1]);
}

}  // namespace
}  // namespace mtok
