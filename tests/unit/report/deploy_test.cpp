// Commands and manifests name what was planned, in the words of those who read them.
#include "app/report/deploy.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/config/reader.hpp"
#include "sim/planner/serve_command.hpp"

namespace mtok::report {
namespace {

using kernel::NumberFormat;
using ::testing::HasSubstr;
using ::testing::Not;

Deployed deployed() {
  Deployed out{.name = "llama fp8, h100-sxm TP2",
               .model = "llama-3.1-8b",
               .repository = "meta-llama/Llama-3.1-8B-Instruct",
               .device = "h100-sxm",
               .vendor = "NVIDIA"};
  out.formats = {
      .weights = NumberFormat::fp8, .activations = NumberFormat::fp8, .kv_cache = NumberFormat::fp8};
  out.sharding = {.tensor = 2};
  out.framework = "vllm";
  out.engine = {.max_num_seqs = 256,
                .max_num_batched_tokens = 8192,
                .block_size = 16,
                .gpu_memory_utilization = 0.9,
                .enable_prefix_caching = false};
  out.replicas = 3;
  out.expected = {{"usd-per-million-tokens", "0.25"}};
  return out;
}

TEST(Deploy, WritesTheCommandOfVllm) {
  EXPECT_EQ(deploy_text(deployed(), DeployTarget::vllm, 8),
            "# llama fp8, h100-sxm TP2\n"
            "# 3 of these, each on 2 x h100-sxm\n"
            "# expected usd-per-million-tokens: 0.25\n"
            "vllm serve meta-llama/Llama-3.1-8B-Instruct \\\n"
            "  --tensor-parallel-size 2 \\\n"
            "  --quantization fp8 \\\n"
            "  --kv-cache-dtype fp8 \\\n"
            "  --max-num-seqs 256 \\\n"
            "  --max-num-batched-tokens 8192 \\\n"
            "  --block-size 16 \\\n"
            "  --gpu-memory-utilization 0.9 \\\n"
            "  --no-enable-prefix-caching \\\n"
            "  --enable-chunked-prefill\n");
}

TEST(Deploy, WritesDraftsInTheWordsOfEachFramework) {
  Deployed out = deployed();
  out.drafts = DeployedDrafts{.repository = "meta-llama/Llama-3.2-1B-Instruct", .tokens = 3};
  EXPECT_THAT(deploy_text(out, DeployTarget::vllm, 8),
              HasSubstr("--speculative-config '{\"method\":\"draft_model\",\"model\":\"meta-llama/"
                        "Llama-3.2-1B-Instruct\",\"num_speculative_tokens\":3}'"));
  EXPECT_THAT(deploy_text(out, DeployTarget::sglang, 8),
              HasSubstr("--speculative-algorithm STANDALONE \\\n"
                        "  --speculative-draft-model-path meta-llama/Llama-3.2-1B-Instruct \\\n"
                        "  --speculative-num-steps 3 \\\n"
                        "  --speculative-eagle-topk 1 \\\n"
                        "  --speculative-num-draft-tokens 4"));
  EXPECT_THAT(deploy_text(out, DeployTarget::tensorrt_llm, 8),
              HasSubstr("speculative_config:\n  decoding_type: Draft_Target\n  max_draft_len: 3\n"));
  out.drafts = DeployedDrafts{.tokens = 1};
  const std::string command = deploy_text(out, DeployTarget::vllm, 8);
  EXPECT_THAT(command, HasSubstr("'{\"method\":\"mtp\",\"num_speculative_tokens\":1}'"));
  const planner::ServeCommand back = planner::read_serve_command(command.substr(command.find("vllm serve")));
  ASSERT_TRUE(back.drafts);
  EXPECT_EQ(back.drafts->tokens, 1);
  EXPECT_THAT(deploy_text(out, DeployTarget::sglang, 8), HasSubstr("--speculative-algorithm EAGLE"));
  EXPECT_THAT(deploy_text(out, DeployTarget::tensorrt_llm, 8),
              HasSubstr("decoding_type: MTP\n  num_nextn_predict_layers: 1\n"));
}

// What goes out comes back: the command is read as the deployment that it was written for.
TEST(Deploy, TheCommandOfVllmIsReadBackAsItWas) {
  for (const model::Sharding ranks :
       {model::Sharding{.tensor = 2}, model::Sharding{.tensor = 4, .pipeline = 2},
        model::Sharding{.tensor = 2, .expert = 8, .data = 4}}) {
    Deployed out = deployed();
    out.sharding = ranks;
    out.engine.max_model_len = 4096;
    std::string text = deploy_text(out, DeployTarget::vllm, 8);
    text.erase(0, text.find("vllm serve"));
    const planner::ServeCommand in = planner::read_serve_command(text);
    EXPECT_EQ(in.model, out.repository);
    EXPECT_EQ(in.sharding, ranks);
    EXPECT_EQ(in.engine, out.engine);
    EXPECT_EQ(in.weights, out.formats.weights);
    EXPECT_EQ(in.kv_cache, out.formats.kv_cache);
    EXPECT_TRUE(in.left_out.empty());
  }
}

TEST(Deploy, OtherFrameworksGetTheirOwnWordsAndAWarning) {
  const std::string sglang = deploy_text(deployed(), DeployTarget::sglang, 8);
  for (const char* part : {"python3 -m sglang.launch_server", "--model-path meta-llama/Llama-3.1-8B-Instruct",
                           "--tp-size 2", "--kv-cache-dtype fp8_e4m3", "--max-running-requests 256",
                           "--chunked-prefill-size 8192", "--disable-radix-cache", "Planned with vllm"}) {
    EXPECT_THAT(sglang, HasSubstr(part));
  }
  EXPECT_THAT(sglang, Not(HasSubstr("--mem-fraction-static")));
  const std::string trt = deploy_text(deployed(), DeployTarget::tensorrt_llm, 8);
  for (const char* part :
       {"trtllm-serve meta-llama/Llama-3.1-8B-Instruct", "--tp_size 2", "--max_batch_size 256",
        "--max_num_tokens 8192", "enable_block_reuse: false", "dtype: fp8", "name an FP8 checkpoint"}) {
    EXPECT_THAT(trt, HasSubstr(part));
  }
}

// A format that no flag makes while loading is told, not passed over.
TEST(Deploy, WeightsThatNeedAnotherCheckpointAreTold) {
  Deployed narrow = deployed();
  narrow.formats.weights = NumberFormat::int4;
  EXPECT_THAT(deploy_text(narrow, DeployTarget::vllm, 8), HasSubstr("# Weights in int4: name a checkpoint"));
  narrow.checkpoint = NumberFormat::int4;
  EXPECT_THAT(deploy_text(narrow, DeployTarget::vllm, 8), Not(HasSubstr("Weights in int4")));
}

/// Each document of a manifest through our own reader, which refuses most of what can go wrong with YAML.
std::vector<config::Document> documents_of(const std::string& manifest) {
  std::vector<config::Document> documents;
  for (std::size_t start = 0; start < manifest.size();) {
    const std::size_t end = manifest.find("---\n", start);
    documents.push_back(config::Document::from_yaml(manifest.substr(start, end - start), "manifest"));
    start = end == std::string::npos ? manifest.size() : end + 4;
  }
  return documents;
}

TEST(Deploy, AReplicaOnOneNodeIsADeployment) {
  std::vector<config::Document> documents =
      documents_of(deploy_text(deployed(), DeployTarget::kubernetes, 8));
  ASSERT_EQ(documents.size(), 2U);
  config::Reader object = documents[0].root();
  EXPECT_EQ(object.text("kind"), "Deployment");
  config::Reader metadata = object.mapping("metadata");
  EXPECT_EQ(metadata.text("name"), "llama-fp8-h100-sxm-tp2");
  EXPECT_EQ(metadata.mapping("annotations").text("mtok/expected-usd-per-million-tokens"), "0.25");
  config::Reader spec = object.mapping("spec");
  EXPECT_EQ(spec.integer("replicas"), 3);
  config::Reader container = spec.mapping("template").mapping("spec").mappings("containers").front();
  EXPECT_EQ(container.mapping("resources").mapping("limits").integer("nvidia.com/gpu"), 2);
  EXPECT_EQ(container.texts("command").front(), "vllm");
  EXPECT_EQ(documents[1].root().text("kind"), "Service");
}

TEST(Deploy, AReplicaOverSeveralNodesIsALeaderWorkerSet) {
  Deployed large = deployed();
  large.sharding = {.tensor = 8, .pipeline = 2};
  for (const char* framework : {"vllm", "sglang"}) {
    large.framework = framework;
    std::vector<config::Document> documents = documents_of(kubernetes_text(large, 8));
    config::Reader object = documents.front().root();
    EXPECT_EQ(object.text("apiVersion"), "leaderworkerset.x-k8s.io/v1");
    config::Reader set = object.mapping("spec").mapping("leaderWorkerTemplate");
    EXPECT_EQ(set.integer("size"), 2);
    for (const char* which : {"leaderTemplate", "workerTemplate"}) {
      config::Reader container = set.mapping(which).mapping("spec").mappings("containers").front();
      EXPECT_EQ(container.mapping("resources").mapping("limits").integer("nvidia.com/gpu"), 8) << which;
    }
  }
  EXPECT_THROW(static_cast<void>(kubernetes_text(large, 6)), std::invalid_argument);
  large.framework = "tensorrt-llm";
  EXPECT_THROW(static_cast<void>(kubernetes_text(large, 8)), std::invalid_argument);
}

// Names come from files of anybody: they may end neither a comment, nor a string, nor a shell word.
TEST(Deploy, NamesCannotBreakOut) {
  Deployed bad = deployed();
  bad.name = "x\nkind: Pod\n\"'`$(reboot)";
  bad.repository = "a'; reboot; '";
  bad.expected = {{"demand", "\"\nspec: {}"}};
  for (const auto& [name, target] : kDeployTargets) {
    const std::string text = deploy_text(bad, target, 8);
    EXPECT_THAT(text, Not(HasSubstr("\nkind: Pod"))) << name;
    EXPECT_THAT(text, Not(HasSubstr("\nspec: {}"))) << name;
  }
  EXPECT_THAT(deploy_text(bad, DeployTarget::vllm, 8), HasSubstr(R"(vllm serve 'a'\''; reboot; '\''')"));
  EXPECT_EQ(documents_of(kubernetes_text(bad, 8)).size(), 2U);
}

}  // namespace
}  // namespace mtok::report
