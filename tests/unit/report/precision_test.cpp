// Digits follow the known error.
#include "app/report/precision.hpp"

#include <gtest/gtest.h>

#include "app/report/dossier_text.hpp"

namespace mtok::report {
namespace {

TEST(Precision, TenPercentGiveTwoDigitsAndOnePercentThree) {
  EXPECT_EQ(digits_for(0.1), 2);
  EXPECT_EQ(digits_for(0.02), 2);
  EXPECT_EQ(digits_for(0.01), 3);
  EXPECT_EQ(digits_for(0.001), 4);
  EXPECT_EQ(digits_for(0.7), 2) << "neighbours are still to be told apart";
  EXPECT_EQ(digits_for(0), 6);
}

TEST(Precision, ComesFromTheResidualsOfTheFamily) {
  const planner::Catalogue catalogue{std::filesystem::path(MTOK_SOURCE_DIR)};
  const Precision known = precision_of(catalogue, "h100-sxm");
  EXPECT_NE(known.reason.find("Hopper"), std::string::npos) << known.reason;
  const Precision unknown = precision_of(catalogue, "my-device");
  EXPECT_NE(unknown.reason.find("all devices"), std::string::npos) << unknown.reason;
}

TEST(Precision, RatesAndTimesShowSoManyDigits) {
  Dossier dossier{.precision = {.rate = 3}};
  EXPECT_EQ(rate_text(Money::from_usd(Usd(0.123456)), dossier), "USD 0.123");
  dossier.precision.rate = 2;
  EXPECT_EQ(rate_text(Money::from_usd(Usd(0.123456)), dossier), "USD 0.12");
  EXPECT_EQ(ms_text(1234.5, 2), "1,200");
  EXPECT_EQ(ms_text(1234.5, 3), "1,230");
  EXPECT_EQ(ms_text(0.012345, 3), "0.0123");
}

}  // namespace
}  // namespace mtok::report
