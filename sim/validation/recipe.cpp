// Reads workloads/recipes.yaml and finds the recipe of a system.
#include "sim/validation/recipe.hpp"

#include <algorithm>

#include "sim/config/reader.hpp"
#include "sim/hardware/framework_profile.hpp"

namespace mtok::validation {
namespace {

constexpr config::IntRange kCount{.least = 0, .most = 1 << 20};

RecipeRule read_rule(config::Reader& reader, std::string_view key) {
  if (reader.is_scalar(key)) {
    return {.least = reader.integer(key, config::kAtLeastOne)};
  }
  config::Reader rule = reader.mapping(key);
  RecipeRule result{.least = rule.integer_or("least", 1, config::kAtLeastOne),
                    .input = rule.integer_or("input", 0, kCount),
                    .output = rule.integer_or("output", 0, kCount),
                    .clients = rule.integer_or("clients", 0, kCount),
                    .plus = rule.integer_or("plus", 0, kCount)};
  rule.done();
  return result;
}

Recipe read_recipe(config::Reader reader, const std::string& workload) {
  Recipe recipe{.workload = workload};
  recipe.framework = reader.text("framework");
  recipe.from_version = reader.text_or("from_version", "");
  recipe.models = reader.texts("models");
  recipe.devices = reader.texts("devices");
  recipe.weights = reader.texts("weights");
  recipe.tensor = reader.integer_or("tensor", 0, kCount);
  recipe.tensor_below = reader.integer_or("tensor_below", 0, kCount);
  recipe.input_tokens = reader.integer_or("input_tokens", 0, kCount);
  recipe.output_tokens = reader.integer_or("output_tokens", 0, kCount);
  recipe.clients_from = reader.integer_or("clients_from", 0, kCount);
  recipe.scheduler_recv_interval = reader.integer_or("scheduler_recv_interval", 1, config::kAtLeastOne);
  recipe.batch_wait_timeout_iters = reader.integer_or("batch_wait_timeout_iters", 0, kCount);
  recipe.batch_wait_max_tokens_ratio = reader.number_or("batch_wait_max_tokens_ratio", 0, config::kFraction);
  if (reader.has("max_num_seqs")) {
    recipe.max_num_seqs = read_rule(reader, "max_num_seqs");
  }
  if (reader.has("max_num_batched_tokens")) {
    recipe.max_num_batched_tokens = read_rule(reader, "max_num_batched_tokens");
  }
  if (reader.has("memory_fraction")) {
    recipe.memory_fraction = reader.number("memory_fraction", {.least = 0.01, .most = 1});
  }
  if (reader.text("source").empty()) {
    reader.fail("source", "expected the script and its commit, got an empty text");
  }
  reader.done();
  return recipe;
}

bool holds(const std::vector<std::string>& list, const std::string& text) {
  return std::find(list.begin(), list.end(), text) != list.end();
}

/// A condition that is not stated is always met.
bool met(std::int64_t condition, std::int64_t value) {
  return condition == 0 || condition == value;
}

}  // namespace

std::int64_t RecipeRule::value(const RecipeKey& key) const {
  return std::max(least,
                  input * key.input_tokens + output * key.output_tokens + clients * key.clients + plus);
}

std::vector<Recipe> load_recipes(const std::filesystem::path& file) {
  config::Document document = config::Document::load(file);
  config::Reader root = document.root();
  static_cast<void>(root.integer("mtok", {.least = 1, .most = 1}));
  const std::string workload = root.text("workload");
  std::vector<Recipe> recipes;
  for (const config::Reader& entry : root.mappings("recipes")) {
    recipes.push_back(read_recipe(entry, workload));
  }
  root.done();
  document.finish();
  return recipes;
}

const Recipe* find_recipe(const std::vector<Recipe>& recipes, const RecipeKey& key) {
  const auto found = std::find_if(recipes.begin(), recipes.end(), [&](const Recipe& one) {
    const bool version = one.from_version.empty() || key.framework_version.empty() ||
                         !hardware::earlier_version(key.framework_version, one.from_version);
    return key.workload.find(one.workload) != std::string::npos && one.framework == key.framework &&
           version && holds(one.models, key.model) && holds(one.devices, key.device) &&
           holds(one.weights, key.weights) && met(one.tensor, key.tensor) &&
           (one.tensor_below == 0 || key.tensor < one.tensor_below) &&
           met(one.input_tokens, key.input_tokens) && met(one.output_tokens, key.output_tokens) &&
           key.clients >= one.clients_from;
  });
  return found == recipes.end() ? nullptr : &*found;
}

void apply(const Recipe& recipe, const RecipeKey& key, planner::EngineChoice& engine) {
  engine.scheduler_recv_interval = recipe.scheduler_recv_interval;
  engine.batch_wait_timeout_iters = recipe.batch_wait_timeout_iters;
  engine.batch_wait_max_tokens_ratio = recipe.batch_wait_max_tokens_ratio;
  if (recipe.max_num_seqs) {
    engine.max_num_seqs = recipe.max_num_seqs->value(key);
  }
  if (recipe.max_num_batched_tokens) {
    engine.max_num_batched_tokens = recipe.max_num_batched_tokens->value(key);
  }
  if (recipe.memory_fraction) {
    engine.gpu_memory_utilization = recipe.memory_fraction;
  }
}

}  // namespace mtok::validation
