// Tests the reports of comparisons and ladders.
#include "app/report/comparison_report.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace mtok::report {
namespace {

using Json = nlohmann::ordered_json;
using testing::HasSubstr;
using testing::Not;

/// $2 a million tokens, then $0.50 (75 % less), then one that does not fit.
planner::Comparison three_rows() {
  planner::Comparison comparison;
  comparison.name = "chat";
  comparison.rows.resize(3);
  comparison.rows[0] = {.name = "naive",
                        .feasible = true,
                        .per_token = UsdPerToken(2e-6),
                        .total = Money::from_decimal("8.0"),
                        .ttft_p99 = 100.0_ms,
                        .quality = "MMLU 86.0"};
  comparison.rows[1] = {.name = "batching",
                        .change = "max_num_seqs 256",
                        .feasible = true,
                        .per_token = UsdPerToken(0.5e-6),
                        .marginal_per_token = UsdPerToken(-1.5e-6),
                        .quality = "MMLU 86.0"};
  comparison.rows[2] = {.name = "=moe", .feasible = false, .reason = "does not fit", .quality = "unknown"};
  comparison.joint_saving = UsdPerToken(0.5e-6);
  comparison.single_savings = UsdPerToken(0.75e-6);
  comparison.interaction = UsdPerToken(-0.25e-6);
  return comparison;
}

TEST(LadderJson, RowsCarryTheBlendedRateAndTheMarginalOne) {
  const Json json = Json::parse(ladder_json(three_rows()));
  EXPECT_EQ(json["schema"], "mtok.ladder/1");
  EXPECT_EQ(json["rows"][0]["usd_per_mtok"], "2.0");
  EXPECT_TRUE(json["rows"][0]["marginal_usd_per_mtok"].is_null());
  EXPECT_EQ(json["rows"][1]["usd_per_mtok"], "0.5");
  EXPECT_EQ(json["rows"][1]["marginal_usd_per_mtok"], "-1.5");
  EXPECT_EQ(json["rows"][1]["saving"], 0.75);
  EXPECT_EQ(json["rows"][2]["feasible"], false);
  EXPECT_EQ(json["rows"][2]["reason"], "does not fit");
  EXPECT_TRUE(json["rows"][2]["usd_per_mtok"].is_null());
  EXPECT_EQ(json["interaction_usd_per_mtok"], "-0.25");
}

TEST(CompareJson, RowsHaveTheKeysOfTheInterface) {
  const Json json = Json::parse(compare_json(three_rows()));
  EXPECT_EQ(json["schema"], "mtok.compare/1");
  for (const char* key :
       {"name", "usd_per_mtok", "total_usd", "ttft_p99_ms", "tpot_p99_ms", "quality", "feasible", "reason"}) {
    EXPECT_TRUE(json["rows"][0].contains(key)) << key;
  }
  EXPECT_FALSE(json["rows"][0].contains("marginal_usd_per_mtok"));
}

TEST(LadderCsv, NegativeMoneyIsANumberAndANameIsNoFormula) {
  const std::string csv = ladder_csv(three_rows());
  EXPECT_THAT(csv, HasSubstr(",-1.5,"));
  EXPECT_THAT(csv, HasSubstr("\n'=moe,"));
}

// $2 fills the 32 columns of the bar, $0.50 is a quarter of it.
TEST(LadderTable, TheBarIsInProportionToTheCost) {
  const std::string text = ladder_table(three_rows(), false);
  EXPECT_THAT(text, HasSubstr("  " + std::string(32, '#') + "\n"));
  EXPECT_THAT(text, HasSubstr("  " + std::string(8, '#') + "\n"));
  EXPECT_THAT(text, HasSubstr("75.0 %"));
  EXPECT_THAT(text, HasSubstr("-$1.500"));
  EXPECT_THAT(text, HasSubstr("Cheapest: 'batching', $0.500 per million tokens, 75.0 % less than 'naive'"));
  EXPECT_THAT(text, HasSubstr("save $0.500 per million tokens, $0.250 less than the $0.750 that each one"));
  EXPECT_THAT(text, HasSubstr("no: does not fit"));
}

// The cheapest row is another model: its quality stands beside, and the cheapest row of the base's model
// below.
TEST(CompareTable, AnotherModelIsNotPraisedWithoutItsQuality) {
  planner::Comparison comparison = three_rows();
  comparison.rows[0].model = comparison.rows[1].model = "large";
  comparison.rows[2] = {.name = "student",
                        .model = "small",
                        .feasible = true,
                        .per_token = UsdPerToken(0.1e-6),
                        .quality = "MMLU 63.4"};
  const std::string text = compare_table(comparison, false);
  EXPECT_THAT(
      text,
      HasSubstr("Cheapest: 'student', $0.100 per million tokens, 95.0 % less than 'naive'; quality MMLU "
                "63.4, not MMLU 86.0"));
  EXPECT_THAT(text, HasSubstr("With large: 'batching', $0.500 per million tokens, 75.0 % less than 'naive'"));
}

TEST(CompareTable, SaysWhenNothingIsFeasible) {
  planner::Comparison comparison = three_rows();
  comparison.rows.erase(comparison.rows.begin(), comparison.rows.begin() + 2);
  EXPECT_THAT(compare_table(comparison, false), HasSubstr("Nothing here is feasible."));
}

TEST(CompareMarkdown, IsATableWithoutEscapes) {
  const std::string text = compare_markdown(three_rows());
  EXPECT_THAT(text, HasSubstr("| naive | $2.000 | 0.0 % |"));
  EXPECT_THAT(text, Not(HasSubstr("\x1b")));
}

}  // namespace
}  // namespace mtok::report
