// Plans, exports and imports by the program itself.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/golden/cli.hpp"

namespace mtok {
namespace {

using Json = nlohmann::ordered_json;
using testing::HasSubstr;

class PlanCli : public Cli {};

TEST_F(PlanCli, PlansRankTheirCandidates) {
  const std::string file = "plan '" + kGolden + "data/plan.yaml'";
  const Outcome outcome = mtok(file + " --format json");
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_EQ(outcome.out, text_of_file(kGolden + "data/plan.expected"));
  EXPECT_EQ(on_one_core([&] { return mtok(file + " --format json"); }).out, outcome.out);
  EXPECT_EQ(Json::parse(mtok(file + " --format json --strict-sla").out)["rows"].size(), 1U);
  EXPECT_EQ(mtok(file + " --tpot 0.001").code, 4);
  EXPECT_EQ(mtok(file + " --top-n 0").code, 2);
}

TEST_F(PlanCli, ALadderRefusesTechniquesItDoesNotKnow) {
  const Outcome unknown = mtok("ladder x.yaml --order batching,magic");
  EXPECT_EQ(unknown.code, 2);
  EXPECT_THAT(unknown.err, HasSubstr("got 'magic'"));
  EXPECT_EQ(mtok("ladder x.yaml --order moe,moe").code, 2);
}

TEST_F(PlanCli, APlanIsTakenUpWhereItWasLeft) {
  const std::string plan = "plan '" + kGolden + "data/plan.yaml' --format json";
  const std::string expected = text_of_file(kGolden + "data/plan.expected");
  const std::string records = (folder_ / "records.jsonl").string();
  EXPECT_EQ(mtok(plan + " --resume " + records).out, expected);
  const std::string whole = text_of_file(records);
  ASSERT_THAT(whole, HasSubstr("\n"));
  EXPECT_EQ(mtok(plan + " --resume " + records).out, expected);
  EXPECT_EQ(text_of_file(records), whole) << "nothing was found a second time";
  static_cast<void>(write("records.jsonl", whole.substr(0, whole.size() - 20)));  // killed while it wrote
  EXPECT_EQ(mtok(plan + " --resume " + records).out, expected);
  EXPECT_EQ(text_of_file(records), whole);
  static_cast<void>(write("records.jsonl", "something else\n"));
  EXPECT_EQ(mtok(plan + " --resume " + records).code, 3);
  EXPECT_EQ(text_of_file(records), "something else\n");
}

TEST_F(PlanCli, ShardsOfAPlanMakeTheWhole) {
  const std::string plan = "plan '" + kGolden + "data/plan.yaml' --format json";
  const std::string records = (folder_ / "records.jsonl").string();
  for (const char* shard : {"0/3", "1/3", "2/3"}) {
    const Outcome outcome = mtok(plan + " --shard " + shard + " --resume " + records);
    EXPECT_TRUE(outcome.code == 0 || outcome.code == 4) << outcome.err;
  }
  EXPECT_EQ(mtok(plan + " --resume " + records).out, text_of_file(kGolden + "data/plan.expected"));
  for (const char* shard : {"3/3", "-1/3", "1", "a/b", "0/0"}) {
    EXPECT_EQ(mtok(plan + " --shard=" + shard).code, 2) << shard;
  }
  EXPECT_EQ(mtok(plan + " --shard 0/3 --top-n 1").code, 2);
}

TEST_F(PlanCli, TheWinnerOfAPlanIsExported) {
  const std::string plan = (folder_ / "plan.json").string();
  ASSERT_EQ(mtok("plan '" + kGolden + "data/plan.yaml' --format json -o " + plan).code, 0);
  for (const char* target : {"vllm", "sglang", "tensorrt-llm", "kubernetes"}) {
    const Outcome outcome = mtok("export " + plan + " --to " + target);
    EXPECT_EQ(outcome.code, 0) << outcome.err;
    EXPECT_THAT(outcome.out, HasSubstr("made-up/Round-1-Instruct"));
    EXPECT_THAT(outcome.out, HasSubstr("usd-per-million-tokens"));
  }
  const Outcome other = mtok("export " + plan + " --row 'round fp32/bf16/bf16, round TP1, vllm'");
  EXPECT_EQ(other.code, 0) << other.err;
  EXPECT_THAT(other.out, HasSubstr("# expected miss: misses TPOT p99"));
  EXPECT_EQ(mtok("export " + plan + " --row nobody").code, 3);
  EXPECT_EQ(mtok("export " + plan + " --to nomad").code, 2);
  EXPECT_EQ(mtok("export " + write("no.json", "{\"schema\": \"mtok.run/1\"}")).code, 3);
  EXPECT_EQ(
      mtok("export " + write("bad.json", "{\"schema\": \"mtok.plan/1\", \"rows\": [{\"feasible\": 1}]}"))
          .code,
      3);
  EXPECT_EQ(mtok("export '" + kGolden + "chat.yaml' --to vllm").code, 0);
}

TEST_F(PlanCli, ACommandOfVllmBecomesAScenario) {
  const std::string scenario = (folder_ / "scenario.yaml").string();
  const Outcome outcome = mtok(
      "import vllm 'vllm serve somebody/Round-1-FP8 --max-num-seqs 64 --swap-space 4' --device round -o " +
      scenario);
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_THAT(outcome.err, HasSubstr("--swap-space 4"));
  EXPECT_THAT(text_of_file(scenario), HasSubstr("max_num_seqs: 64"));
  EXPECT_EQ(mtok("validate scenario " + scenario).code, 0);
  EXPECT_EQ(mtok("import vllm 'vllm serve nobody/knows' --device round").code, 3);
  EXPECT_EQ(mtok("import vllm 'vllm serve made-up/Round-1' --device rund").code, 3);
  EXPECT_EQ(mtok("import vllm 'ls' --device round").code, 3);
}

}  // namespace
}  // namespace mtok
