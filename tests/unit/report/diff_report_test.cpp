// Tests the reports of differences.
#include "app/report/diff_report.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/unit/report/made_up_result.hpp"

namespace mtok::report {
namespace {

using Json = nlohmann::ordered_json;
using testing::HasSubstr;
using testing::Not;

/// The bill grows from $1.00 to $1.50 (50 %), all of it idle.
planner::Diff dearer() {
  planner::RunResult after = made_up_result();
  after.scenario.name = "=dear | <b>";
  after.scenario.stated = {{"fleet.replicas", "3"}};
  after.bill.total = Money::from_decimal("1.5");
  after.bill.parts.idle = Money::from_decimal("1.0");
  after.metrics.ttft.p99 = 0.3_s;
  return planner::diff(made_up_result(), after, {.increase = 0.05});
}

std::string text_of(const planner::Diff& diff, Format format) {
  return diff_text(diff, {.format = format});
}

TEST(DiffJson, LinesOfTheBillAddUpToItsChange) {
  const Json json = Json::parse(text_of(dearer(), Format::json));
  EXPECT_EQ(json["schema"], "mtok.diff/1");
  Money parts;
  for (std::size_t i = 0; i + 1 < json["bill"].size(); ++i) {
    parts += Money::from_decimal(json["bill"][i]["change"].get<std::string>());
  }
  const Json& total = json["bill"].back();
  EXPECT_EQ(total["key"], "total_usd");
  EXPECT_EQ(total["before"], "1.0");
  EXPECT_EQ(total["after"], "1.5");
  EXPECT_EQ(total["change"], "0.5");
  EXPECT_EQ(total["change_percent"], 50);
  EXPECT_EQ(parts.to_decimal(), "0.5");
  Money causes;
  for (const Json& cause : json["why"]["bill"]) {
    causes += Money::from_decimal(cause["moves_usd"].get<std::string>());
  }
  EXPECT_EQ(causes.to_decimal(), "0.5");
  EXPECT_EQ(json["inputs_changed"][0]["key"], "fleet.replicas");
  EXPECT_TRUE(json["inputs_changed"][0]["before"].is_null());
  EXPECT_EQ(json["limits_broken"].size(), 1U);
}

TEST(DiffMarkdown, FoldsWhatIsLongAndEscapesNames) {
  const std::string text = text_of(dearer(), Format::markdown);
  EXPECT_THAT(text, HasSubstr("**The bill: $1.00 -> $1.50, +$0.5000 (+50.0 %)**"));
  EXPECT_THAT(text, HasSubstr("**The SLO is broken before and after.**"));
  EXPECT_THAT(text, HasSubstr("**Limit broken: the bill grows by more than 5 %**"));
  EXPECT_THAT(text, HasSubstr("<details><summary>Latency, SLO and fleet</summary>\n\n|"));
  EXPECT_THAT(text, HasSubstr("| TTFT p99 ms | 200 | 300 | +100 | +50.0 % |"));
  EXPECT_THAT(text, Not(HasSubstr("TTFT p50")));  // has not changed
  EXPECT_THAT(text, Not(HasSubstr("<b>")));
}

TEST(DiffTable, SaysThatNothingChanged) {
  const std::string text = text_of(planner::diff(made_up_result(), made_up_result()), Format::table);
  EXPECT_THAT(text, HasSubstr("The bill: $1.00, unchanged"));
  EXPECT_THAT(text, Not(HasSubstr("Changed inputs")));
  EXPECT_THAT(text, Not(HasSubstr("Why")));
}

TEST(DiffTable, TellsWhichSideDoesNotFit) {
  const std::string text = text_of(planner::diff(made_up_result(), made_up_refusal()), Format::table);
  EXPECT_THAT(text, HasSubstr("After is not feasible: needs 100 GB, has 72 GB"));
  EXPECT_THAT(text, Not(HasSubstr("$3650")));
}

TEST(DiffCsv, HasTheSameColumnsInEveryLine) {
  const std::string text = text_of(dearer(), Format::csv);
  EXPECT_THAT(text, testing::StartsWith("section,key,before,after,change,change_percent\n"));
  EXPECT_THAT(text, HasSubstr("\ninput,fleet.replicas,,3,,\n"));
  EXPECT_THAT(text, HasSubstr("\nbill,total_usd,1.0,1.5,0.5,50\n"));
}

}  // namespace
}  // namespace mtok::report
