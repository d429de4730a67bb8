// Runs the program itself: exit codes, what goes to which stream, files that are written.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>

#include "sim/config/sha256.hpp"
#include "sim/units/money.hpp"
#include "tests/golden/cli.hpp"

namespace mtok {
namespace {

using Json = nlohmann::ordered_json;
using testing::HasSubstr;
using testing::StartsWith;

TEST_F(Cli, HelpAndVersionGoToStandardOutput) {
  const Outcome help = mtok("--help");
  EXPECT_EQ(help.code, 0);
  EXPECT_THAT(help.out, HasSubstr("Examples:"));
  EXPECT_EQ(help.err, "");
  EXPECT_THAT(mtok("--version").out, StartsWith("mtok "));
  for (const char* verb :
       {"run", "capacity", "compare", "diff", "explain", "export", "ladder", "plan", "sensitivity", "sweep",
        "show", "import model", "import vllm", "validate scenario", "generate"}) {
    const Outcome outcome = mtok(std::string(verb) + " --help");
    EXPECT_EQ(outcome.code, 0) << verb;
    EXPECT_THAT(outcome.out, HasSubstr("Examples:")) << verb;
    EXPECT_THAT(outcome.out, HasSubstr("Usage: mtok " + std::string(verb))) << verb;
  }
}

TEST_F(Cli, UsageErrorsAreCodeTwoWithTheNearestWord) {
  const Outcome verb = mtok("rnu x.yaml");
  EXPECT_EQ(verb.code, 2);
  EXPECT_EQ(verb.out, "");
  EXPECT_THAT(verb.err, HasSubstr("did you mean 'run'?"));
  const Outcome flag = mtok("run x.yaml --fromat json");
  EXPECT_EQ(flag.code, 2);
  EXPECT_THAT(flag.err, HasSubstr("did you mean '--format'?"));
  EXPECT_EQ(mtok("").code, 2);
  EXPECT_EQ(mtok("run").code, 2);
  EXPECT_EQ(mtok("run x.yaml --format xml").code, 2);
  EXPECT_EQ(mtok("show model").code, 2);
  EXPECT_EQ(mtok("show everything").code, 2);
  EXPECT_EQ(mtok("validate").code, 2);
}

TEST_F(Cli, AResultIsExplainedOnlyWhileItsScenarioGivesIt) {
  const std::string result = "'" + (folder_ / "result.json").string() + "'";
  ASSERT_EQ(mtok("run '" + kGolden + "chat.yaml' --format json -o " + result).code, 0);
  fs::create_directories(folder_ / "data");
  fs::copy_file(kGolden + "chat.yaml", folder_ / "chat.yaml");
  fs::copy_file(kGolden + "data/chat.csv", folder_ / "data/chat.csv");
  const Outcome outcome = mtok("explain " + result + " cost.total_usd --format json");
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  const Json json = Json::parse(outcome.out);
  EXPECT_EQ(json["figures"][0]["key"], "cost.total_usd");
  EXPECT_EQ(
      json["value"].get<double>(),
      std::stod(Json::parse(text_of_file(folder_ / "result.json"))["cost"]["total_usd"].get<std::string>()));
  EXPECT_EQ(mtok("explain " + result + " cost.totl_usd").code, 3);
  std::ofstream(folder_ / "chat.yaml", std::ios::app) << "# another comment\n";
  const Outcome changed = mtok("explain " + result + " cost.total_usd");
  EXPECT_EQ(changed.code, 3);
  EXPECT_THAT(changed.err, HasSubstr("has changed"));
}

TEST_F(Cli, ASensitivityIsExplainedWithTheOptionsItWasMadeWith) {
  const std::string shipped = MTOK_SOURCE_DIR;
  const std::string result = "'" + (folder_ / "sensitivity.json").string() + "'";
  const std::string study =
      "sensitivity '" + shipped + "/workloads/chat.yaml' --samples 4 --range price=2:3.5 -o " + result;
  ASSERT_EQ(mtok(study, "", shipped).code, 0);
  const Json stated = Json::parse(text_of_file(folder_ / "sensitivity.json"));
  EXPECT_EQ(stated["options"]["samples"], 4);
  EXPECT_EQ(stated["options"]["ranges"]["price"]["high"], 3.5);
  const Outcome outcome =
      mtok("explain " + result + " uncertainty.usd_per_mtok.p50 --format json", "", shipped);
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_NEAR(Json::parse(outcome.out)["value"].get<double>(),
              stated["uncertainty"]["usd_per_mtok"]["p50"].get<double>(), 1e-9);
}

TEST_F(Cli, SensitivityRefusesWhatIsNoRange) {
  EXPECT_EQ(mtok("sensitivity x.yaml --range price=3").code, 2);
  EXPECT_EQ(mtok("sensitivity x.yaml --range price=3:2").code, 2);
  EXPECT_EQ(mtok("sensitivity x.yaml --solve-for price").code, 2);
  EXPECT_EQ(mtok("sensitivity x.yaml --solve-for magic --target-usd-per-mtok 1").code, 2);
}

TEST_F(Cli, BadFilesAreCodeThreeWithTheirPlace) {
  EXPECT_EQ(mtok("run '" + kGolden + "no such.yaml'").code, 3);
  const std::string file = write("bad.yaml", "mtok: 1\nworklod: {}\n");
  const Outcome outcome = mtok("validate scenario " + file);
  EXPECT_EQ(outcome.code, 3);
  EXPECT_EQ(outcome.out, "");
  EXPECT_THAT(outcome.err, HasSubstr("bad.yaml:2:1: error: "));
  EXPECT_THAT(outcome.err, HasSubstr("'worklod'"));
  EXPECT_EQ(outcome.err.back(), '\n');
}

TEST_F(Cli, AGoodScenarioIsValid) {
  const Outcome outcome = mtok("validate scenario '" + kGolden + "chat.yaml'");
  EXPECT_EQ(outcome.code, 0);
  EXPECT_THAT(outcome.out, HasSubstr("chat.yaml: ok"));
}

// A trace that climbs out of the folder of its scenario is refused before it is looked for.
TEST_F(Cli, ATraceOutsideOfTheFolderOfTheScenarioIsRefused) {
  const std::string file = write("climb.yaml",
                                 "mtok: 1\nworkload: {trace: ../../../../etc/passwd}\nmodel: round\n"
                                 "hardware: {device: round}\n");
  const Outcome outcome = mtok("run " + file);
  EXPECT_EQ(outcome.code, 3);
  EXPECT_EQ(outcome.out, "");
  EXPECT_THAT(outcome.err, HasSubstr("climb.yaml:2:"));
  EXPECT_THAT(outcome.err, HasSubstr("../../../../etc/passwd"));
}

TEST_F(Cli, TheNastyProjectFileIsRefused) {
  const char* const shared = std::getenv("MTOK_SHARED");
  const fs::path folder = shared != nullptr ? fs::path(shared) : fs::path(MTOK_SOURCE_DIR) / ".." / "shared";
  const fs::path file = folder / "data/nasty/p01_traversal.yaml";
  if (!fs::exists(file)) {
    GTEST_SKIP() << "skipped: no shared data";
  }
  const Outcome outcome = mtok("run '" + file.string() + "'");
  EXPECT_EQ(outcome.code, 3);
  EXPECT_THAT(outcome.err, HasSubstr("p01_traversal.yaml:1:"));
}

TEST_F(Cli, ARunThatCannotFitIsCodeFourWithNeedHaveAndRemedies) {
  const Outcome table = mtok("run '" + kGolden + "too_large.yaml'");
  EXPECT_EQ(table.code, 4);
  EXPECT_THAT(table.out, HasSubstr("need "));
  EXPECT_THAT(table.out, HasSubstr("have "));
  EXPECT_THAT(table.out, HasSubstr(" GB"));
  EXPECT_THAT(table.out, HasSubstr("What would fit"));
  EXPECT_THAT(table.err, HasSubstr("not feasible: "));
  const Outcome json = mtok("run '" + kGolden + "too_large.yaml' --format json");
  EXPECT_EQ(json.code, 4);
  EXPECT_EQ(Json::parse(json.out)["feasible"], false);
  EXPECT_EQ(mtok("compare '" + kGolden + "too_large.yaml'").code, 4);
}

// Every prompt is longer than the model may be asked, so nothing was served and no price is a price.
TEST_F(Cli, ARunThatServesNobodyIsCodeFour) {
  fs::create_directories(folder_ / "data");
  fs::copy_file(kGolden + "data/chat.csv", folder_ / "data/chat.csv");
  const std::string file =
      write("short.yaml", text_of_file(kGolden + "chat.yaml") + "engine: {max_model_len: 2}\n");
  const Outcome outcome = mtok("run " + file + " --format json");
  EXPECT_EQ(outcome.code, 4);
  EXPECT_EQ(Json::parse(outcome.out)["requests"]["completed"], 0);
  EXPECT_THAT(outcome.err, HasSubstr("were rejected"));
}

TEST_F(Cli, CompareIsFineWhenOneOfThemFits) {
  const Outcome outcome =
      mtok("compare '" + kGolden + "chat.yaml' '" + kGolden + "too_large.yaml' --format json");
  EXPECT_EQ(outcome.code, 0);
  const Json json = Json::parse(outcome.out);
  EXPECT_EQ(json["schema"], "mtok.compare/1");
  EXPECT_EQ(json["rows"][0]["feasible"], true);
  EXPECT_EQ(json["rows"][1]["feasible"], false);
  EXPECT_TRUE(json["rows"][1]["usd_per_mtok"].is_null());
}

TEST_F(Cli, PartsOfTheBillAndCostsOfRequestsAddUpToIt) {
  const fs::path requests = folder_ / "requests.csv";
  const Outcome outcome =
      mtok("run '" + kGolden + "chat.yaml' --format json --requests '" + requests.string() + "'");
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  const Json cost = Json::parse(outcome.out)["cost"];
  Money parts;
  for (const auto& [name, part] : cost["parts_usd"].items()) {
    parts += Money::from_decimal(part.get<std::string>());
  }
  EXPECT_EQ(parts.to_decimal(), cost["total_usd"].get<std::string>());

  std::istringstream lines(text_of_file(requests));
  std::string line;
  std::getline(lines, line);
  Money sum = Money::from_decimal(cost["parts_usd"]["idle"].get<std::string>());
  while (std::getline(lines, line)) {
    const std::size_t last = line.rfind(',');
    const std::size_t before = line.rfind(',', last - 1);
    sum += Money::from_decimal(line.substr(before + 1, last - before - 1));
  }
  EXPECT_EQ(sum.to_decimal(), cost["total_usd"].get<std::string>());
}

// The slices of a timeline are the steps of the run: their busy time is that of the result, to its rounding.
TEST_F(Cli, ATimelineHoldsTheWholeRun) {
  const fs::path timeline = folder_ / "timeline.json";
  const Outcome run =
      mtok("run '" + kGolden + "chat.yaml' --format json --timeline '" + timeline.string() + "'");
  ASSERT_EQ(run.code, 0) << run.err;
  double busy_us = 0;
  const Json file = Json::parse(text_of_file(timeline));
  for (const Json& event : file["traceEvents"]) {
    busy_us += event["ph"] == "X" ? event["args"]["busy_us"].get<double>() : 0;
  }
  const double busy_s = Json::parse(run.out)["time"]["busy_s"].get<double>();
  EXPECT_NEAR(busy_us / 1e6, busy_s, 1e-6 * busy_s);
}

TEST_F(Cli, AFileGetsTheFormOfItsEndingAndNothingElseIsLeftBehind) {
  const fs::path file = folder_ / "result.json";
  const Outcome outcome = mtok("run '" + kGolden + "chat.yaml' -o '" + file.string() + "'");
  EXPECT_EQ(outcome.code, 0);
  EXPECT_EQ(outcome.out, "");
  EXPECT_EQ(Json::parse(text_of_file(file))["schema"], "mtok.run/1");
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_), fs::directory_iterator{}), 2);  // and stderr
}

TEST_F(Cli, ALinkStaysALink) {
  const fs::path real = folder_ / "real.json";
  const fs::path link = folder_ / "link.json";
  std::ofstream(real) << "old";
  fs::create_symlink(real, link);
  EXPECT_EQ(mtok("show models -o '" + link.string() + "'").code, 0);
  EXPECT_TRUE(fs::is_symlink(link));
  EXPECT_EQ(Json::parse(text_of_file(real))["schema"], "mtok.show/1");
}

TEST_F(Cli, AnOutputThatCannotBeWrittenIsCodeThree) {
  EXPECT_EQ(mtok("show models -o '" + (folder_ / "none/x.json").string() + "'").code, 3);
  EXPECT_EQ(mtok("show models", " >/dev/full").code, 3);
}

// The reader leaves after one byte; the program has nothing to complain about.
/// Nothing, or lines that begin with "warning: ", as of a price that has grown old.
bool only_warnings(const std::string& err) {
  std::istringstream lines(err);
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with("warning: ")) {
      return false;
    }
  }
  return err.find('\r') == std::string::npos;
}

TEST_F(Cli, AReaderThatLeavesIsNoError) {
  const Outcome outcome = mtok("run '" + kGolden + "chat.yaml' --format json", " | head -c 1");
  EXPECT_EQ(outcome.out, "{");
  EXPECT_TRUE(only_warnings(outcome.err)) << outcome.err;
}

TEST_F(Cli, NoColourAndNoProgressWithoutATerminal) {
  const Outcome outcome = mtok("run '" + kGolden + "chat.yaml'");
  EXPECT_EQ(outcome.code, 0);
  EXPECT_EQ(outcome.out.find('\x1b'), std::string::npos);
  EXPECT_TRUE(only_warnings(outcome.err)) << outcome.err;
}

TEST_F(Cli, AFolderWithoutDataIsCodeThree) {
  const Outcome outcome = mtok("show models", "", folder_.string());
  EXPECT_EQ(outcome.code, 3);
  EXPECT_EQ(outcome.out, "");
  EXPECT_THAT(outcome.err, HasSubstr("does not hold the folders models/ and hwprofiles/"));
}

TEST_F(Cli, ShowTellsSizesByFormat) {
  const Outcome outcome = mtok("show model round --format json");
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  const Json json = Json::parse(outcome.out);
  // 32 layers x 2 (K and V) x 8 heads x 128 = 65,536 values a token: 131,072 B in 16 bits, half in 8.
  EXPECT_EQ(json["kv_bytes_per_token"]["bf16"], 131072);
  EXPECT_EQ(json["kv_bytes_per_token"]["int8"], 65536);
  EXPECT_GT(json["weights_bytes"]["bf16"], json["weights_bytes"]["int8"]);
  EXPECT_EQ(json["parameters_total"],
            json["parameters_active"].get<std::int64_t>() + std::int64_t{32000} * 4096);
  const Outcome unknown = mtok("show model rund");
  EXPECT_EQ(unknown.code, 3);
  EXPECT_THAT(unknown.err, HasSubstr("did you mean 'round'?"));
}

TEST_F(Cli, AnImportedModelIsReadBackTheSame) {
  const std::string config = write(
      "config.json",
      R"({"model_type": "llama", "hidden_size": 4096, "num_hidden_layers": 32, "num_attention_heads": 32,)"
      R"( "num_key_value_heads": 8, "intermediate_size": 16384, "vocab_size": 32000,)"
      R"( "max_position_embeddings": 8192, "tie_word_embeddings": false, "torch_dtype": "bfloat16"})");
  const fs::path file = folder_ / "imported.yaml";
  ASSERT_EQ(mtok("import model " + config + " -o '" + file.string() + "'").code, 0);
  Json ours = Json::parse(mtok("show model '" + file.string() + "' --format json").out);
  Json round = Json::parse(mtok("show model round --format json").out);
  EXPECT_EQ(ours["name"], "imported");
  EXPECT_EQ(ours["parameters_total"], round["parameters_total"]);
  EXPECT_EQ(ours["weights_bytes"], round["weights_bytes"]);
}

TEST_F(Cli, AGeneratedTraceIsTheSameEachTimeAndCanBeRun) {
  const std::string spec = write(
      "spec.yaml",
      "mtok: 1\nname: tiny\nsource: made up for tests\nseed: 1\nsynthetic: {requests: 5, arrivals: {poisson: "
      "{rate_per_s: 4}}, input_tokens: {fixed: 100}, output_tokens: {fixed: 10}}\n");
  const fs::path trace = folder_ / "trace.csv";
  ASSERT_EQ(mtok("generate " + spec + " -o '" + trace.string() + "'").code, 0);
  EXPECT_EQ(mtok("generate " + spec).out, text_of_file(trace));
  const Outcome outcome =
      mtok("run '" + kGolden + "chat.yaml' --format json --trace '" + trace.string() + "'");
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_EQ(Json::parse(outcome.out)["requests"]["completed"], 5);
}

// MTOK_BLESS=1 writes the expected text anew; such a change needs a reason why the numbers moved.
TEST_F(Cli, GoldenDiffForAPullRequest) {
  const fs::path expected = kGolden + "diff.expected";
  const Outcome outcome =
      mtok("diff '" + kGolden + "chat.yaml' '" + kGolden + "shared_documents.yaml' --format md");
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  if (std::getenv("MTOK_BLESS") != nullptr) {
    std::ofstream(expected, std::ios::binary) << outcome.out;
  }
  EXPECT_EQ(outcome.out, text_of_file(expected));
}

// The bill falls by 46.5 % and a million tokens gets dearer, $0.39: one limit holds, the other does not.
TEST_F(Cli, DiffLimitsThatDoNotHoldAreCodeFive) {
  const std::string down = "diff '" + kGolden + "chat.yaml' '" + kGolden + "shared_documents.yaml' ";
  const std::string up = "diff '" + kGolden + "shared_documents.yaml' '" + kGolden + "chat.yaml' ";
  EXPECT_EQ(mtok(down + "--fail-on-increase 0% --max-usd-per-mtok 0.5").code, 0);
  const Outcome dear = mtok(down + "--max-usd-per-mtok 0.2");
  EXPECT_EQ(dear.code, 5);
  EXPECT_THAT(dear.out, HasSubstr("Limit broken"));
  EXPECT_THAT(dear.err, HasSubstr("limit broken: a million tokens costs more than 0.2 USD"));
  EXPECT_EQ(mtok(up + "--fail-on-increase '5 %'").code, 5);
  EXPECT_EQ(mtok(up + "--fail-on-increase 200%").code, 0);
}

TEST_F(Cli, DiffRefusesWhatIsNoLimitNoFileOrDoesNotFit) {
  const std::string both = "diff '" + kGolden + "chat.yaml' '" + kGolden + "chat.yaml' ";
  for (const char* limit : {"--fail-on-increase 5", "--fail-on-increase=-5%", "--fail-on-increase 5%%%",
                            "--fail-on-increase x%", "--max-usd-per-mtok=-1", "--max-usd-per-mtok x"}) {
    EXPECT_EQ(mtok(both + limit).code, 2) << limit;
  }
  EXPECT_EQ(mtok("diff '" + kGolden + "chat.yaml'").code, 2);
  EXPECT_EQ(mtok("diff '" + kGolden + "chat.yaml' '" + kGolden + "none.yaml'").code, 3);
  EXPECT_EQ(mtok("diff '" + kGolden + "chat.yaml' '" + kGolden + "too_large.yaml'").code, 4);
}

const std::string kRecordedHost = "'" + std::string(MTOK_SOURCE_DIR) + "/tests/accuracy/recorded_host.csv'";

TEST_F(Cli, RecordedHostSamplesAreJudgedWithoutRunning) {
  const std::string picture = (folder_ / "scatter.svg").string();
  const Outcome outcome =
      mtok("validate host --recorded " + kRecordedHost + " --format json --svg '" + picture + "'", "",
           MTOK_SOURCE_DIR);
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  const Json json = Json::parse(outcome.out);
  for (const char* key :
       {"kind", "format", "shape", "threads", "measured_us", "predicted_us", "ape", "split"}) {
    EXPECT_TRUE(json["kernels"][0].contains(key)) << key;
  }
  EXPECT_FALSE(json["summary"].empty());
  EXPECT_THAT(text_of_file(picture), StartsWith("<svg"));
}

TEST_F(Cli, HostVerbsRefuseWhatThisMachineCannotDo) {
  EXPECT_EQ(mtok("validate host --threads 100000").code, 3);
  EXPECT_EQ(mtok("calibrate host --isa no_such_set").code, 3);
  EXPECT_EQ(mtok("validate host --isa avx2 --isa no_such_set").code, 3);
  EXPECT_EQ(mtok("validate host --threads 0").code, 2);
  EXPECT_EQ(mtok("validate host --record no/such/folder/rows.csv").code, 3);
  EXPECT_EQ(mtok("calibrate host --profile same.yaml -o ./same.yaml").code, 3);
  EXPECT_EQ(mtok("validate host --quick --recorded " + kRecordedHost).code, 2);
  EXPECT_EQ(mtok("validate host --device no-such-device").code, 3);
}

/// The recorded samples as if the probe had found this pace beside each.
std::string recorded_at_pace(const std::string& pace) {
  std::ifstream in(MTOK_SOURCE_DIR "/tests/accuracy/recorded_host.csv");
  std::string text;
  std::string line;
  std::getline(in, line);
  text += line + '\n';
  while (std::getline(in, line)) {
    const std::size_t memory = line.rfind(',');
    const std::size_t compute = line.rfind(',', memory - 1);
    text += line.substr(0, compute) + "," + pace + "," + pace + '\n';
  }
  return text;
}

// No prediction is exact, so every family is beyond a gate of nothing.
TEST_F(Cli, AGateThatIsNotMetIsCodeFive) {
  const std::string file = write("quiet.csv", recorded_at_pace("1"));
  const Outcome outcome = mtok("validate host --gate 0 --recorded " + file, "", MTOK_SOURCE_DIR);
  EXPECT_EQ(outcome.code, 5) << outcome.err;
  EXPECT_THAT(outcome.err, HasSubstr("beyond the gate: avx512_core_bf16, 1 thread, gemm"));
}

TEST_F(Cli, AGateExcusesADisturbedMachine) {
  const std::string file = write("disturbed.csv", recorded_at_pace("0.5"));
  const Outcome outcome = mtok("validate host --gate 0 --recorded " + file, "", MTOK_SOURCE_DIR);
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_THAT(outcome.err, HasSubstr("disturbed machine, not judged"));
}

}  // namespace
}  // namespace mtok
