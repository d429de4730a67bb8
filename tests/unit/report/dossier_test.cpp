// Results read into a dossier and written in every format of text: the same figures, and nothing that runs.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "app/report/dossier_data.hpp"
#include "app/report/dossier_page.hpp"
#include "app/report/dossier_reader.hpp"
#include "app/report/focus.hpp"
#include "app/report/focus_check.hpp"
#include "app/report/json.hpp"
#include "app/report/run_report.hpp"
#include "app/report/verification.hpp"
#include "sim/config/diagnostic.hpp"
#include "tests/unit/report/made_up_result.hpp"

namespace mtok::report {
namespace {

using testing::HasSubstr;
using testing::Not;

Dossier dossier_of(const planner::RunResult& result) {
  return read_dossier({{.name = "run.json", .text = run_json(result)}});
}

std::string error_of(const std::string& text) {
  try {
    (void)read_dossier({{.name = "run.json", .text = text}});
  } catch (const config::Error& error) {
    return error.what();
  }
  return "";
}

/// The text with the first `before` replaced.
std::string with(std::string text, const std::string& before, const std::string& after) {
  const std::size_t at = text.find(before);
  EXPECT_NE(at, std::string::npos) << before;
  return at == std::string::npos ? text : text.replace(at, before.size(), after);
}

TEST(Dossier, HoldsTheFiguresOfTheRun) {
  const Dossier dossier = dossier_of(made_up_result());
  EXPECT_EQ(dossier.scenario, "round");
  EXPECT_EQ(dossier.run.total, Money::from_decimal("1.0"));
  EXPECT_EQ(dossier.run.parts.idle, Money::from_decimal("0.5"));
  EXPECT_EQ(dossier.run.devices, 2);
  EXPECT_EQ(dossier.run.blended, Money::from_decimal("285.714285714286"));  // 1 / 3500 a token
  EXPECT_EQ(dossier.idle_share, 0.5);
  EXPECT_TRUE(dossier.results.front().intact);
  EXPECT_EQ(dossier.price.provider, "Acme");
}

TEST(Dossier, ReadsLargeNumbersOfRows) {
  Json ladder{{"schema", "mtok.compare/1"}, {"name", "many"}, {"rows", Json::array()}};
  for (int i = 0; i < 5000; ++i) {
    ladder["rows"].push_back({{"name", "row " + std::to_string(i)},
                              {"feasible", true},
                              {"reason", ""},
                              {"usd_per_mtok", "1.5"},
                              {"quality_source", std::string(200, 'x')}});
  }
  const Dossier dossier =
      read_dossier({{"run.json", run_json(made_up_result())}, {"many.json", written(ladder)}});
  EXPECT_EQ(dossier.tables.front().cases.size(), 5000U);
}

TEST(Dossier, RefusesWhatIsNoResultWithItsPlace) {
  EXPECT_THAT(error_of("{\"a\": 1}"), HasSubstr("no result of mtok"));
  EXPECT_THAT(error_of("{\"schema\": \"other/1\"}"), HasSubstr("run.json:1:"));
  EXPECT_THAT(error_of("{\"schema\": \"mtok.run/1\", \"schema\": 1}"), HasSubstr("schema"));
  EXPECT_THAT(error_of("[1, 2"), HasSubstr("run.json:1:"));
  EXPECT_THAT(error_of(""), HasSubstr("run.json"));
  const std::string text = run_json(made_up_result());
  EXPECT_THAT(error_of(with(text, "\"total_usd\": \"1.0\"", "\"total_usd\": \"1.1\"")),
              HasSubstr("the parts add up to 1.0, and the total is 1.1"));
  EXPECT_THAT(error_of(with(text, "\"total_usd\": \"1.0\"", "\"total_usd\": 1.0")), HasSubstr("total_usd"));
  EXPECT_THAT(error_of(with(text, "\"total_usd\": \"1.0\"", "\"total_usd\": \"1,0\"")),
              HasSubstr("expected an amount as decimal text"));
  EXPECT_THAT(error_of(with(text, "{", "{\"unread\": 1e400,")),
              HasSubstr("run.json:1:12: error: the number 1e400 is too large"));
  EXPECT_THAT(error_of(with(text, "{", "{\"unread\": NaN,")),
              HasSubstr("run.json:1:12: error: no number that JSON has"));
  const std::string ladder = R"({"schema": "mtok.ladder/1", "rows": [{"name": "a", "feasible": true}]})";
  EXPECT_THAT(error_of(ladder), HasSubstr("a report needs a run"));
}

// The same digits in every format: 4 parts of the bill and its total.
TEST(Dossier, ShowsTheSameFiguresEverywhere) {
  const Dossier dossier = dossier_of(made_up_result());
  const auto sums = control_sums(dossier);
  const Page page = dossier_page(dossier, sums);
  const std::string csv = dossier_csv(dossier, sums);
  const std::string json = dossier_json(dossier, sums);
  for (const char* amount : {"0.2", "0.05", "0.25", "0.5", "1.0"}) {
    EXPECT_THAT(csv, HasSubstr("," + std::string(amount) + ",USD"));
    EXPECT_THAT(json, HasSubstr("\"" + std::string(amount) + "\""));
  }
  for (const std::string& text : {to_markdown(page), to_html(page)}) {
    EXPECT_THAT(text, HasSubstr("0.2000"));
    EXPECT_THAT(text, HasSubstr("0.0500"));
    EXPECT_THAT(text, HasSubstr("1.0000"));
    EXPECT_THAT(text, HasSubstr("USD 3,650.00 a month"));
    EXPECT_THAT(text, HasSubstr("100.0 %"));
  }
}

// Three replicas at the start, of which one is given back at once: what is paid for is the time of the two
// others.
TEST(Dossier, AFleetThatChangesIsPaidByTheTimeOfItsReplicas) {
  const auto devices_of = [](const Dossier& dossier) {
    const std::vector<ControlSum> sums = control_sums(dossier);
    return std::find_if(sums.begin(), sums.end(), [](const ControlSum& s) { return s.key == "devices"; })
        ->amount;
  };
  planner::RunResult result = made_up_result();
  const Money two = devices_of(dossier_of(result));
  result.scenario.replicas = 3;
  result.run.replicas.push_back({.unpaid_ns = nanoseconds(result.run.makespan)});
  result.run.elastic.emplace();
  result.idle_parts.emplace();
  const Dossier dossier = dossier_of(result);
  EXPECT_EQ(dossier.run.replicas, 3);
  EXPECT_DOUBLE_EQ(*dossier.run.mean_replicas, 2);
  EXPECT_EQ(devices_of(dossier), two);
}

// The beginnings that spreadsheets run (OWASP) and a tag. What is worse is refused where results are read:
// carriage returns and the characters that reorder text.
TEST(Dossier, NamesOfUsersCannotRunAnywhere) {
  for (const std::string start : {"=", "+", "-", "@", "\t", "\n"}) {
    planner::RunResult result = made_up_result();
    const std::string evil = start + "cmd|' /C calc'!A0<script>alert(1)</script>";
    result.scenario.name = evil;
    result.architecture.name = evil;
    result.device.name = evil;
    result.assumptions.front().value = evil;
    result.warnings = {evil};
    const Dossier dossier = dossier_of(result);
    const auto sums = control_sums(dossier);
    const Page page = dossier_page(dossier, sums);
    EXPECT_THAT(to_html(page), Not(HasSubstr("<script>alert")));
    EXPECT_THAT(to_html(page), Not(HasSubstr("<td>" + start + "cmd")));
    EXPECT_THAT(to_markdown(page), Not(HasSubstr("| " + start + "cmd")));
    for (const std::string& csv : {dossier_csv(dossier, sums), focus_csv(dossier, {})}) {
      EXPECT_THAT(csv, Not(HasSubstr("," + start + "cmd")));
      EXPECT_THAT(csv, Not(HasSubstr(",\"" + start + "cmd")));  // inside of a JSON cell it is text
    }
  }
}

TEST(Dossier, RefusesNamesThatSteerAScreen) {
  for (const std::string evil : {"a\xE2\x80\xAE"
                                 "b",
                                 "a\rb", "a\x1b[2Jb"}) {
    planner::RunResult result = made_up_result();
    result.scenario.name = evil;
    EXPECT_NE(error_of(run_json(result)), "") << evil;
  }
}

TEST(Dossier, ADeploymentThatDoesNotFitStillGivesAReport) {
  const Dossier dossier = dossier_of(made_up_refusal());
  EXPECT_FALSE(dossier.feasible);
  const std::string text = to_markdown(dossier_page(dossier, control_sums(dossier)));
  EXPECT_THAT(text, HasSubstr("It does not run"));
  EXPECT_TRUE(check_focus(focus_csv(dossier, {}), "f.csv").errors.empty());
}

TEST(Verification, SeesOneChangedDigit) {
  const std::string text = run_json(made_up_result());
  const Verification same = verification_of("run.json", text, text);
  EXPECT_TRUE(same.holds());
  EXPECT_GT(same.figures, 100);
  const Verification other =
      verification_of("run.json", with(text, "\"p99\": 200.0", "\"p99\": 200.00000001"), text);
  EXPECT_FALSE(other.holds());
  EXPECT_FALSE(other.intact);
  ASSERT_EQ(other.differences.size(), 1U);
  EXPECT_EQ(other.differences.front().key, "latency.ttft_ms.p99");
  EXPECT_THAT(verification_text(other, {}), HasSubstr("NOT verified"));
}

}  // namespace
}  // namespace mtok::report
