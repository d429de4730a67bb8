// Tests what the report of a run says, against a result made by hand.
#include "app/report/run_report.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "app/report/requests_csv.hpp"
#include "sim/config/sha256.hpp"
#include "tests/unit/report/made_up_result.hpp"

namespace mtok::report {
namespace {

using Json = nlohmann::ordered_json;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

std::vector<std::string> keys_of(const Json& object) {
  std::vector<std::string> keys;
  for (const auto& [key, value] : object.items()) {
    keys.push_back(key);
  }
  return keys;
}

TEST(RunJson, KeysStandInTheOrderOfTheInterface) {
  EXPECT_THAT(keys_of(Json::parse(run_json(made_up_result()))),
              ElementsAre("schema", "version", "scenario", "seed", "options", "rounding", "inputs",
                          "feasible", "deployment", "requests", "tokens", "time", "throughput", "latency",
                          "slo", "memory", "utilization", "energy", "carbon", "cost", "prefix_cache",
                          "quality", "partial", "assumptions", "warnings", "hash"));
}

TEST(RunJson, CountsAreThoseOfTheResult) {
  const Json json = Json::parse(run_json(made_up_result()));
  EXPECT_EQ(json["schema"], "mtok.run/1");
  EXPECT_EQ(json["scenario"], "round");
  EXPECT_EQ(json["requests"]["offered"], 4);
  EXPECT_EQ(json["requests"]["completed"], 3);
  EXPECT_EQ(json["requests"]["rejected"], 1);
  EXPECT_EQ(json["tokens"]["input"], 3000);
  EXPECT_EQ(json["tokens"]["cached_input"], 1000);
  EXPECT_EQ(json["tokens"]["output"], 500);
  EXPECT_EQ(json["memory"]["kv_peak_blocks"], 400);  // of the fuller replica
  EXPECT_EQ(json["memory"]["weights_bytes"], 20'000'000'000);
  EXPECT_EQ(json["memory"]["kv_bytes_per_token"], 131072);
  EXPECT_EQ(json["slo"]["met"], false);
}

// 3 requests, 500 output and 3,500 tokens in 10 s; 2 devices; 10 of 20 s busy; 2 requests within the SLO.
TEST(RunJson, RatesAreQuotients) {
  const Json json = Json::parse(run_json(made_up_result()));
  EXPECT_EQ(json["time"]["makespan_s"], 10);
  EXPECT_EQ(json["time"]["busy_s"], 10);
  EXPECT_EQ(json["time"]["idle_s"], 10);
  EXPECT_EQ(json["time"]["replica_s"], 20);
  EXPECT_EQ(json["throughput"]["requests_per_s"], 0.3);
  EXPECT_EQ(json["throughput"]["output_tokens_per_s"], 50);
  EXPECT_EQ(json["throughput"]["total_tokens_per_s"], 350);
  EXPECT_EQ(json["throughput"]["output_tokens_per_s_per_device"], 25);
  EXPECT_EQ(json["slo"]["goodput_requests_per_s"], 0.2);
  EXPECT_EQ(json["utilization"]["busy"], 0.5);
  EXPECT_EQ(json["energy"]["kwh"], 1);
  EXPECT_EQ(json["energy"]["joules_per_output_token"], 7200);
  EXPECT_EQ(json["latency"]["ttft_ms"]["mean"], 100);
  EXPECT_EQ(json["latency"]["ttft_ms"]["max"], 1000);
}

TEST(RunJson, MoneyIsTextAndItsPartsAddUpToTheBill) {
  const Json cost = Json::parse(run_json(made_up_result()))["cost"];
  Money sum;
  for (const auto& [name, part] : cost["parts_usd"].items()) {
    sum += Money::from_decimal(part.get<std::string>());
  }
  EXPECT_EQ(sum.to_decimal(), cost["total_usd"].get<std::string>());
  EXPECT_EQ(cost["usd_per_mtok"]["input"], "100.0");
  EXPECT_EQ(cost["usd_per_mtok"]["cached_input"], "50.0");
  EXPECT_EQ(cost["usd_per_mtok"]["output"], "500.0");
  EXPECT_EQ(cost["usd_per_mtok"]["blended"], "285.714285714286");
  EXPECT_TRUE(cost["usd_per_mtok"]["idle"].is_null());
  EXPECT_EQ(cost["usd_per_month"], "3650.0");
  EXPECT_EQ(cost["allocation"], "phase_time");
}

TEST(RunJson, PartsKeepAllTwelveDecimals) {
  planner::RunResult result = made_up_result();
  result.bill.parts.input = Money::from_pico_usd(1);
  const Json json = Json::parse(run_json(result));
  EXPECT_EQ(json["cost"]["parts_usd"]["input"], "0.000000000001");
}

// With no completed request there is nothing to measure, and nothing is not zero.
TEST(RunJson, LatencyIsNullWhenNothingWasCompleted) {
  planner::RunResult result = made_up_result();
  result.metrics = {.offered = 1, .unfinished = 1};
  const Json json = Json::parse(run_json(result));
  EXPECT_TRUE(json["latency"]["ttft_ms"]["p99"].is_null());
  EXPECT_TRUE(json["energy"]["joules_per_output_token"].is_null());
}

// Without time there is no rate, and JSON has no infinity.
TEST(RunJson, RatesAreNullWithoutTime) {
  planner::RunResult result = made_up_result();
  result.run.makespan = SimTime{0};
  result.run.replicas = {{}};
  const Json json = Json::parse(run_json(result));
  EXPECT_TRUE(json["throughput"]["requests_per_s"].is_null());
  EXPECT_TRUE(json["utilization"]["busy"].is_null());
}

TEST(RunJson, TheHashIsThatOfTheDocumentWithoutIt) {
  Json json = Json::parse(run_json(made_up_result()));
  const std::string hash = json["hash"];
  json.erase("hash");
  EXPECT_EQ(hash, config::sha256_hex(json.dump()));
}

TEST(RunJson, ARefusalTellsReasonNeedHaveAndRemedies) {
  const Json json = Json::parse(run_json(made_up_refusal()));
  EXPECT_EQ(json["feasible"], false);
  EXPECT_EQ(json["reason"], "needs 100 GB, has 72 GB");
  EXPECT_EQ(json["need_bytes"], 100'000'000'000);
  EXPECT_EQ(json["have_bytes"], 72'000'000'000);
  EXPECT_EQ(json["remedies"][0]["change"], "weights: int8");
  EXPECT_FALSE(json.contains("cost"));
}

TEST(RunCsv, EveryLeafIsALineOfKeyAndValue) {
  const std::string csv = run_csv(made_up_result());
  EXPECT_THAT(csv, HasSubstr("key,value\nschema,mtok.run/1\n"));
  EXPECT_THAT(csv, HasSubstr("\ncost.parts_usd.cached_input,0.05\n"));
  EXPECT_THAT(csv, HasSubstr("\nlatency.ttft_ms.p50,90\n"));
  EXPECT_THAT(csv, HasSubstr("\nwarnings.0,a warning\n"));
  EXPECT_THAT(csv, HasSubstr("\ncost.usd_per_mtok.idle,\n"));
}

TEST(RunCsv, ANameIsNoFormula) {
  planner::RunResult result = made_up_result();
  result.scenario.name = "=HYPERLINK(\"x\")";
  EXPECT_THAT(run_csv(result), HasSubstr("\nscenario,\"'=HYPERLINK(\"\"x\"\")\"\n"));
}

TEST(RunTable, ShowsTheAnswerFirstAndThePriceWithItsSource) {
  const std::string text = run_table(made_up_result(), false);
  EXPECT_THAT(text,
              HasSubstr("round: round-model on 2 replicas of 1 x round-device\n\n  $285.714 per million"));
  EXPECT_THAT(text, HasSubstr("3,000 input (1,000 from the prefix cache), 500 output"));
  EXPECT_THAT(text, HasSubstr("$2.50 a device-hour, on_demand, Acme, box, 2026-01-31, price list"));
  EXPECT_THAT(text, HasSubstr("Warnings\n  a warning\n"));
  EXPECT_THAT(text, HasSubstr("TTFT p99 <= 150 ms: NOT met, goodput 0.2000 requests/s"));
  EXPECT_THAT(text, Not(HasSubstr("\x1b")));
}

TEST(RunTable, ARefusalShowsNeedAndHaveInGigabytes) {
  const std::string text = run_table(made_up_refusal(), false);
  EXPECT_THAT(text, HasSubstr("need  100.0 GB"));
  EXPECT_THAT(text, HasSubstr("have  72.00 GB"));
  EXPECT_THAT(text, HasSubstr("weights: int8"));
}

// 1.5 s, 1.500000001 s, 2 s, 10 s; the second request was rejected, so it has no times and no replica.
TEST(RequestsCsv, TimesAreExactAndWhatNeverHappenedIsEmpty) {
  std::ostringstream out;
  write_requests_csv(made_up_result(), out);
  EXPECT_EQ(
      out.str(),
      "id,arrival_s,scheduled_s,first_token_s,last_token_s,input_tokens,cached_input_tokens,output_tokens,"
      "cost_usd,replica\n"
      "0,1.500000000,1.500000001,2.000000000,10.000000000,1000,16,200,0.125,1\n"
      "1,0.000000000,,,,9,0,0,0.0,\n");
}

}  // namespace
}  // namespace mtok::report
