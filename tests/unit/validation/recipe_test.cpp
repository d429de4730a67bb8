// Recipes: the first whose conditions hold, what it sets, and the shipped file.
#include "sim/validation/recipe.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "sim/config/diagnostic.hpp"

namespace mtok::validation {
namespace {

std::filesystem::path written(const std::string& text) {
  const std::filesystem::path file = std::filesystem::path(testing::TempDir()) / "recipes_under_test.yaml";
  std::ofstream(file) << text;
  return file;
}

std::vector<Recipe> shipped() {
  return load_recipes(std::filesystem::path(MTOK_SOURCE_DIR) / "workloads/recipes.yaml");
}

RecipeKey deepseek(std::int64_t tensor, std::int64_t clients) {
  return {.workload = "random tokens (InferenceX: lengths drawn)",
          .framework = "sglang",
          .framework_version = "0.5.9",
          .model = "deepseek-r1",
          .device = "b200-sxm",
          .weights = "fp8",
          .tensor = tensor,
          .input_tokens = 8192,
          .output_tokens = 1024,
          .clients = clients};
}

TEST(Recipes, BranchesOfAScriptByTensorRanksAndClients) {
  const std::vector<Recipe> recipes = shipped();
  const auto options = [&](const RecipeKey& key) {
    planner::EngineChoice engine;
    apply(*find_recipe(recipes, key), key, engine);
    return engine;
  };
  EXPECT_EQ(options(deepseek(8, 15)).scheduler_recv_interval, 10);
  EXPECT_EQ(options(deepseek(8, 16)).scheduler_recv_interval, 30);
  EXPECT_EQ(options(deepseek(8, 16)).max_num_batched_tokens, 32768);
  EXPECT_EQ(options(deepseek(4, 16)).scheduler_recv_interval, 10);
  EXPECT_EQ(options(deepseek(4, 16)).max_num_seqs, 32);
  EXPECT_EQ(options(deepseek(4, 16)).gpu_memory_utilization, 0.95);
}

TEST(Recipes, NoneForOtherSystemsAndRows) {
  const std::vector<Recipe> recipes = shipped();
  RecipeKey key = deepseek(8, 16);
  EXPECT_NE(find_recipe(recipes, key), nullptr);
  key.model = "qwen3-32b";
  EXPECT_EQ(find_recipe(recipes, key), nullptr);
  key = deepseek(8, 16);
  key.workload = "random tokens";
  EXPECT_EQ(find_recipe(recipes, key), nullptr);
  key = deepseek(2, 16);
  EXPECT_EQ(find_recipe(recipes, key), nullptr);
}

TEST(Recipes, RulesVersionsAndBounds) {
  const std::vector<Recipe> recipes = load_recipes(written(
      "mtok: 1\nworkload: Bench\nrecipes:\n"
      "  - {framework: vllm, models: [m], devices: [d], weights: [fp8], from_version: \"0.19\", "
      "tensor_below: 8,\n"
      "     max_num_batched_tokens: {least: 100, input: 2, output: 1, clients: 3, plus: 7}, source: s}\n"
      "  - {framework: vllm, models: [m], devices: [d], weights: [fp8], max_num_seqs: {clients: 1}, source: "
      "s}\n"));
  RecipeKey key{.workload = "a Bench row",
                .framework = "vllm",
                .framework_version = "0.19.0",
                .model = "m",
                .device = "d",
                .weights = "fp8",
                .tensor = 4,
                .input_tokens = 50,
                .output_tokens = 20,
                .clients = 5};
  planner::EngineChoice engine;
  apply(*find_recipe(recipes, key), key, engine);
  EXPECT_EQ(engine.max_num_batched_tokens, 2 * 50 + 20 + 3 * 5 + 7);
  EXPECT_FALSE(engine.max_num_seqs.has_value());
  key.input_tokens = 10;
  EXPECT_EQ(find_recipe(recipes, key)->max_num_batched_tokens->value(key), 100);
  key.framework_version = "0.18.1";
  EXPECT_EQ(find_recipe(recipes, key), &recipes[1]);
  EXPECT_EQ(recipes[1].max_num_seqs->value(key), 5);
  key.framework_version = "0.19.0";
  key.tensor = 8;
  EXPECT_EQ(find_recipe(recipes, key), &recipes[1]);
}

TEST(Recipes, AnErrorHasItsPlace) {
  try {
    static_cast<void>(
        load_recipes(written("mtok: 1\nworkload: Bench\nrecipes:\n"
                             "  - {framework: vllm, models: [m], devices: [d], weights: [fp8],\n"
                             "     max_num_seq: 3, source: s}\n")));
    FAIL();
  } catch (const config::Error& error) {
    EXPECT_THAT(error.what(), testing::HasSubstr("recipes_under_test.yaml:5:"));
    EXPECT_THAT(error.what(), testing::HasSubstr("max_num_seqs"));
  }
}

}  // namespace
}  // namespace mtok::validation
