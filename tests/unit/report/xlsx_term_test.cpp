// Live values: what a formula says and what it gives must be one thing.
#include "app/report/xlsx_term.hpp"

#include <gtest/gtest.h>

namespace mtok::report {
namespace {

const Term kA{"A1", 6};
const Term kB{"B1", 3};
const Term kC{"C1", 2};

TEST(XlsxTerm, BracketsStandOnlyWhereTheyAreNeeded) {
  EXPECT_EQ((kA + kB * kC).formula, "A1+B1*C1");
  EXPECT_EQ(((kA + kB) * kC).formula, "(A1+B1)*C1");
  EXPECT_EQ((kA - (kB - kC)).formula, "A1-(B1-C1)");
  EXPECT_EQ((kA / (kB * kC)).formula, "A1/(B1*C1)");
  EXPECT_DOUBLE_EQ((kA / (kB * kC)).value, 1);  // 6 / (3 * 2)
  EXPECT_DOUBLE_EQ((kA - (kB - kC)).value, 5);  // 6 - 1
}

TEST(XlsxTerm, NothingDividesByZero) {
  const Term zero{"D1", 0};
  EXPECT_EQ(quotient(kA, zero).formula, "IF(D1=0,0,A1/D1)");
  EXPECT_DOUBLE_EQ(quotient(kA, zero).value, 0);
  EXPECT_DOUBLE_EQ(quotient(kA, kC).value, 3);
}

// 100 a month for two months at 1 %: 100 / 1.01 + 100 / 1.0201 = 99.0099 + 98.0296 = 197.0395.
// The level payment that pays 197.0395 back is 100 again.
TEST(XlsxTerm, PresentValuesAndPaymentsAreInverse) {
  const Term rate{"R1", 0.01};
  const Term value = net_present_value(rate, {"E1:E2", {100, 100}});
  EXPECT_EQ(value.formula, "NPV(R1,E1:E2)");
  EXPECT_NEAR(value.value, 197.0395, 5e-5);
  EXPECT_NEAR(level_payment(rate, kC, value).value, 100, 1e-9);
  EXPECT_DOUBLE_EQ(level_payment({"R1", 0}, kC, {"F1", 50}).value, 25);
}

TEST(XlsxTerm, LookUpsCountFromOne) {
  EXPECT_DOUBLE_EQ(index({"G1:G3", {7, 8, 9}}, kC).value, 8);
  EXPECT_DOUBLE_EQ(choose(kC, {kA, kB}).value, 3);
  EXPECT_EQ(choose(kC, {kA, kB}).formula, "CHOOSE(C1,A1,B1)");
  EXPECT_DOUBLE_EQ(count_negative({"H1:H3", {-1, 0, -2}}).value, 2);
  EXPECT_DOUBLE_EQ(round_up({"I1", 2.1}).value, 3);
}

TEST(XlsxTerm, ProductsOfTwoRangesAreSummed) {
  const Term sum = sum_of_products({"A1:A2", {2, 3}}, {"B1:B2", {10, 100}});
  EXPECT_EQ(sum.formula, "SUMPRODUCT(A1:A2,B1:B2)");
  EXPECT_DOUBLE_EQ(sum.value, 320);
}

}  // namespace
}  // namespace mtok::report
