// Command lines of vLLM's server are understood as a shell and vLLM would.
#include "sim/planner/serve_command.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/config/diagnostic.hpp"
#include "tests/unit/planner/shipped.hpp"

namespace mtok::planner {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(ServeCommand, ReadsTheFlagsThatAScenarioHas) {
  const ServeCommand command = read_serve_command(
      "CUDA_VISIBLE_DEVICES=0,1 vllm serve 'meta-llama/Llama-3.1-70B-Instruct' --tensor-parallel-size 4 \\\n"
      "  --pipeline_parallel_size=2 --max-num-seqs 128 --max-num-batched-tokens 8k --max-model-len 32K\\\n"
      "  --gpu-memory-utilization 0.85 --kv-cache-dtype fp8_e4m3 --quantization fp8 --port 8000\n"
      "  --block-size 32 --no-enable-prefix-caching --trust-remote-code --num-gpu-blocks-override=5000\n");
  EXPECT_EQ(command.model, "meta-llama/Llama-3.1-70B-Instruct");
  EXPECT_EQ(command.sharding, (model::Sharding{.tensor = 4, .pipeline = 2}));
  EXPECT_EQ(command.weights, kernel::NumberFormat::fp8);
  EXPECT_EQ(command.kv_cache, kernel::NumberFormat::fp8);
  EXPECT_EQ(command.engine, (EngineChoice{.max_num_seqs = 128,
                                          .max_num_batched_tokens = 8000,
                                          .max_model_len = 32768,
                                          .block_size = 32,
                                          .gpu_memory_utilization = 0.85,
                                          .num_gpu_blocks = 5000,
                                          .enable_prefix_caching = false}));
  EXPECT_THAT(command.left_out, IsEmpty());
}

TEST(ServeCommand, ReadsTheOlderFormAndExpertsOverAllRanks) {
  const ServeCommand command = read_serve_command(
      "python3 -m vllm.entrypoints.openai.api_server --model=deepseek-ai/DeepSeek-V3 -tp 8 -dp 2 "
      "--enable-expert-parallel --swap-space 4 --speculative-config '{\"method\": \"mtp\"}'");
  EXPECT_EQ(command.model, "deepseek-ai/DeepSeek-V3");
  EXPECT_EQ(command.sharding, (model::Sharding{.tensor = 8, .expert = 16, .data = 2}));
  EXPECT_THAT(command.left_out, ElementsAre("--swap-space 4"));
  ASSERT_TRUE(command.drafts);
  EXPECT_EQ(command.drafts->model, "");
  EXPECT_EQ(command.drafts->tokens, 1);
}

// The entry point of the image, values of a list, and what the shell does with the command.
TEST(ServeCommand, ReadsContainersAndStopsWhereTheShellTakesOver) {
  const ServeCommand command = read_serve_command(
      "docker run --gpus all -p 8000:8000 vllm/vllm-openai:v0.11.0 --model m/M -tp 2 --max-model-len auto "
      "--lora-modules a=b c=d --enable-lora --max-loras 4 > log.txt 2>&1 &");
  EXPECT_EQ(command.model, "m/M");
  EXPECT_EQ(command.sharding.tensor, 2);
  EXPECT_FALSE(command.engine.max_model_len);
  ASSERT_TRUE(command.lora);
  EXPECT_EQ(command.lora->max_loras, 4);
  EXPECT_THAT(command.left_out, ElementsAre("--lora-modules a=b c=d"));
}

TEST(ServeCommand, TakesThePlacementOfExperts) {
  const ServeCommand command = read_serve_command(
      "vllm serve m/M -dp 8 --enable-expert-parallel --enable-eplb --num-redundant-experts 32 --enable-dbo");
  EXPECT_EQ(command.sharding, (model::Sharding{.expert = 8,
                                               .data = 8,
                                               .balanced_experts = true,
                                               .redundant_experts = 32,
                                               .two_batch_overlap = true}));
  EXPECT_THAT(command.left_out, IsEmpty());
}

// Keys of vllm.config.EPLBConfig; those that only log are passed over.
TEST(ServeCommand, TakesTheBalancerOfExpertsFromItsJson) {
  const ServeCommand command = read_serve_command(
      "vllm serve m/M -dp 8 -ep --enable-expert-parallel --enable-eplb --eplb-config "
      "'{\"num_redundant_experts\": 32, \"window_size\": 1000, \"log_balancedness\": true}'");
  EXPECT_EQ(command.sharding.redundant_experts, 32);
  EXPECT_THAT(command.left_out, ElementsAre("-ep", "--eplb-config window_size"));
}

// Keys of vllm.config.SpeculativeConfig, whose method may be absent or an older name.
TEST(ServeCommand, TakesDraftsFromTheirJson) {
  const ServeCommand draft = read_serve_command(
      "vllm serve m/M -sc '{\"model\": \"x/Small\", \"num_speculative_tokens\": 3, "
      "\"draft_tensor_parallel_size\": 1}'");
  ASSERT_TRUE(draft.drafts);
  EXPECT_EQ(draft.drafts->model, "x/Small");
  EXPECT_EQ(draft.drafts->tokens, 3);
  EXPECT_THAT(draft.left_out, ElementsAre("-sc draft_tensor_parallel_size"));
  const ServeCommand own = read_serve_command(
      "vllm serve m/M --speculative-config='{\"method\":\"deepseek_mtp\",\"num_speculative_tokens\":2}'");
  ASSERT_TRUE(own.drafts);
  EXPECT_EQ(own.drafts->model, "");
  EXPECT_EQ(own.drafts->tokens, 2);
  const ServeCommand eagle =
      read_serve_command("vllm serve m/M --speculative-config '{\"method\":\"eagle3\",\"model\":\"x/E\"}'");
  EXPECT_FALSE(eagle.drafts);
  EXPECT_EQ(eagle.left_out.size(), 1);
}

TEST(ServeCommand, RefusesJsonThatIsNone) {
  for (const char* json : {"{3}", "{\"num_redundant_experts\": -1}", "[]"}) {
    EXPECT_THROW(
        static_cast<void>(read_serve_command("vllm serve m/M --eplb-config '" + std::string(json) + "'")),
        config::Error)
        << json;
  }
}

TEST(ServeCommand, FormatsComeFromTheNameWhenNoFlagTells) {
  EXPECT_EQ(read_serve_command("vllm serve RedHatAI/Llama-3.1-8B-Instruct-quantized.w4a16").weights,
            kernel::NumberFormat::int4);
  EXPECT_EQ(read_serve_command("vllm serve x/Llama-3.1-8B-FP8").weights, kernel::NumberFormat::fp8);
  EXPECT_FALSE(read_serve_command("vllm serve x/Llama-3.1-8B").weights);
}

TEST(ServeCommand, RefusesWhatItCannotRead) {
  const auto error_of = [](const std::string& line) -> std::string {
    try {
      (void)read_serve_command(line);
    } catch (const config::Error& error) {
      return error.what();
    }
    return "";
  };
  EXPECT_THAT(error_of(""), HasSubstr("no vLLM server is started here"));
  EXPECT_THAT(error_of("rm -rf /"), HasSubstr("no vLLM server is started here"));
  EXPECT_THAT(error_of("vllm serve"), HasSubstr("no model is named"));
  EXPECT_THAT(error_of("vllm serve m --max-num-seqs many"),
              HasSubstr("--max-num-seqs: expected a number, got 'many'"));
  EXPECT_THAT(error_of("vllm serve m --max-num-seqs 0"), HasSubstr("expected a number"));
  EXPECT_THAT(error_of("vllm serve m --max-num-seqs 99999999999999999999"), HasSubstr("expected a number"));
  EXPECT_THAT(error_of("vllm serve m --tensor-parallel-size"), HasSubstr("has no value"));
  EXPECT_THAT(error_of("vllm serve m --gpu-memory-utilization nan"), HasSubstr("expected a number"));
  EXPECT_THAT(error_of("vllm serve 'm"), HasSubstr("command:1:12: error: a quote is never closed"));
  EXPECT_THAT(error_of("vllm serve m n"), HasSubstr("unexpected word 'n'"));
}

// Whatever is pasted, it is read or refused.
TEST(ServeCommand, SurvivesEveryCutOfALine) {
  const std::string line =
      "A=1 vllm serve \"a\\\"b\" --max-num-seqs=12 --x '\\' \\\n -tp 2 --gpu-memory-utilization .9 \\";
  for (std::size_t from = 0; from < line.size(); ++from) {
    for (std::size_t length = 0; from + length <= line.size(); ++length) {
      try {
        (void)read_serve_command(std::string_view(line).substr(from, length));
      } catch (const config::Error&) {
        continue;
      }
    }
  }
}

TEST(CheckpointTable, FindsNetworksByTheirRepositories) {
  const CheckpointTable table = testing::catalogue().checkpoints();
  EXPECT_EQ(table.model_of("meta-llama/Llama-3.1-8B-Instruct"), "llama-3.1-8b");
  EXPECT_EQ(table.model_of("meta-llama/Meta-Llama-3.1-8B"), "llama-3.1-8b");
  EXPECT_EQ(table.model_of("RedHatAI/Llama-3.3-70B-Instruct-FP8-dynamic"), "llama-3.3-70b");
  EXPECT_EQ(table.model_of("Qwen/Qwen3-30B-A3B"), "qwen3-30b-a3b");
  EXPECT_EQ(table.model_of("Qwen/Qwen2.5-72B-Instruct-AWQ"), "qwen2.5-72b");
  EXPECT_FALSE(table.model_of("somebody/something"));
  EXPECT_FALSE(table.model_of(""));
}

TEST(CheckpointTable, EveryEntryIsAShippedNetwork) {
  const Catalogue data = testing::catalogue();
  const CheckpointTable table = data.checkpoints();
  int listed = 0;
  for (const std::string& model : data.models()) {
    const std::optional<std::string> repository = table.repository_of(model);
    listed += repository ? 1 : 0;
    if (repository) {
      EXPECT_EQ(table.model_of(*repository), model);
    }
  }
  EXPECT_GE(listed, 70);
}

}  // namespace
}  // namespace mtok::planner
