// Records of a plan come back from their lines as they were.
#include "app/report/plan_records.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/config/diagnostic.hpp"

namespace mtok::report {
namespace {

planner::PlanRecord record(const std::string& key) {
  planner::PlanRecord record{.key = key};
  record.row.name = "a \"b\"\n";
  record.row.model = "m";
  record.row.devices = 8;
  record.row.replicas = 2;
  record.row.feasible = true;
  record.row.per_token = UsdPerToken(0.1 + 0.2);
  record.row.total = Money::from_decimal("12345678901234.000000000001");
  record.row.ttft_p99 = Seconds(1.0 / 3);
  record.per_token.output = UsdPerToken(1e-300);
  record.energy_per_token = Joules(0.7);
  record.simulated = true;
  record.replays = 3;
  record.warnings = {"w"};
  return record;
}

TEST(PlanRecords, ComeBackToTheLastDigit) {
  const planner::PlanRecord out = record("k");
  const std::map<std::string, planner::PlanRecord> in = read_records(record_line(out), "f");
  ASSERT_EQ(in.size(), 1U);
  const planner::PlanRecord& back = in.at("k");
  EXPECT_EQ(back.row.name, out.row.name);
  EXPECT_EQ(back.row.per_token, out.row.per_token);
  EXPECT_EQ(back.row.total, out.row.total);
  EXPECT_EQ(back.row.ttft_p99, out.row.ttft_p99);
  EXPECT_EQ(back.row.tpot_p99, std::nullopt);
  EXPECT_EQ(back.per_token.output, out.per_token.output);
  EXPECT_EQ(back.per_token.input, std::nullopt);
  EXPECT_EQ(back.energy_per_token, out.energy_per_token);
  EXPECT_EQ(back.warnings, out.warnings);
  EXPECT_EQ(record_line(back), record_line(out));
}

TEST(PlanRecords, ALineThatWasCutOffIsLeftOut) {
  const std::string lines = record_line(record("a")) + record_line(record("b"));
  EXPECT_EQ(read_records(std::string_view(lines).substr(0, lines.size() - 1), "f").size(), 1U);
  EXPECT_TRUE(read_records("", "f").empty());
  EXPECT_TRUE(read_records("{", "f").empty());
}

TEST(PlanRecords, ALineOfSomethingElseIsAnErrorAtItsPlace) {
  for (const char* line : {"{}\n", "[1]\n", "null\n", "not json\n", "{\"key\": 1}\n"}) {
    try {
      (void)read_records(record_line(record("a")) + line, "records.jsonl");
      FAIL() << line;
    } catch (const config::Error& error) {
      EXPECT_THAT(error.what(), ::testing::HasSubstr("records.jsonl:2:1: error: no record of a plan"));
    }
  }
}

}  // namespace
}  // namespace mtok::report
