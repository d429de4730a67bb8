// Public start scripts of serving benchmarks: what they set for which system and load.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "sim/planner/scenario.hpp"

namespace mtok::validation {

/// A system under a closed loop, in the words of the catalogue.
struct RecipeKey {
  std::string workload{};           ///< as the row has it
  std::string framework{};          ///< "sglang", "vllm" or "tensorrt-llm"
  std::string framework_version{};  ///< as the row has it; may be empty
  std::string model{};
  std::string device{};
  std::string weights{};  ///< as the row has it
  std::int64_t tensor = 0;
  std::int64_t input_tokens = 0;
  std::int64_t output_tokens = 0;
  std::int64_t clients = 0;
};

/// A number that a script computes from the load: the larger of `least` and
/// input * prompt tokens + output * output tokens + clients * clients + plus.
struct RecipeRule {
  std::int64_t least = 1;
  std::int64_t input = 0;
  std::int64_t output = 0;
  std::int64_t clients = 0;
  std::int64_t plus = 0;

  [[nodiscard]] std::int64_t value(const RecipeKey& key) const;
};

/// What one script, or one branch of it, sets. Absent: what the framework does by itself.
struct Recipe {
  std::string workload{};  ///< part of the text that marks the rows of this benchmark
  std::string framework{};
  std::string from_version{};  ///< of the framework; empty: any
  std::vector<std::string> models{};
  std::vector<std::string> devices{};
  std::vector<std::string> weights{};
  std::int64_t tensor = 0;  ///< 0: any, and so below
  std::int64_t tensor_below = 0;
  std::int64_t input_tokens = 0;
  std::int64_t output_tokens = 0;
  std::int64_t clients_from = 0;
  std::int64_t scheduler_recv_interval = 1;
  std::int64_t batch_wait_timeout_iters = 0;
  double batch_wait_max_tokens_ratio = 0;
  std::optional<RecipeRule> max_num_seqs{};
  std::optional<RecipeRule> max_num_batched_tokens{};
  std::optional<double> memory_fraction{};
};

/// The recipes of workloads/recipes.yaml. Throws config::Error when the file cannot be used.
[[nodiscard]] std::vector<Recipe> load_recipes(const std::filesystem::path& file);

/// The first recipe in the order of the file whose conditions all hold; nullptr: there is none.
[[nodiscard]] const Recipe* find_recipe(const std::vector<Recipe>& recipes, const RecipeKey& key);

/// Sets what the recipe states.
void apply(const Recipe& recipe, const RecipeKey& key, planner::EngineChoice& engine);

}  // namespace mtok::validation
