// Reads models/checkpoints.yaml and compares names of repositories.
#include "sim/planner/checkpoints.hpp"

#include <algorithm>
#include <array>
#include <cctype>

#include "sim/config/reader.hpp"

namespace mtok::planner {
namespace {

/// Words that tell variants and formats of one network apart, not networks.
constexpr std::array<std::string_view, 27> kVariantWords{
    "meta",  "instruct",  "chat",    "it",    "hf",   "base", "fp8",   "fp4",  "nvfp4",
    "mxfp4", "bf16",      "awq",     "gptq",  "int4", "int8", "w4a16", "w8a8", "w8a16",
    "w4a8",  "quantized", "dynamic", "block", "kv",   "bnb",  "4bit",  "8bit", "gguf"};

/// The name without its owner and without words of variants: "llama 3.1 8b".
std::string core_of(std::string_view repository) {
  const std::size_t slash = repository.rfind('/');
  std::string core;
  std::string word;
  const auto end_word = [&] {
    const bool variant = std::find(kVariantWords.begin(), kVariantWords.end(), word) != kVariantWords.end();
    if (!word.empty() && !variant) {
      core += (core.empty() ? "" : " ") + word;
    }
    word.clear();
  };
  for (const char sign : repository.substr(slash == std::string_view::npos ? 0 : slash + 1)) {
    if (sign == '-' || sign == '_' || sign == ' ') {
      end_word();
    } else {
      word += static_cast<char>(std::tolower(static_cast<unsigned char>(sign)));
    }
  }
  end_word();
  return core;
}

}  // namespace

CheckpointTable CheckpointTable::load(const std::filesystem::path& file) {
  config::Document document = config::Document::load(file);
  config::Reader root = document.root();
  CheckpointTable table;
  static_cast<void>(root.integer("mtok", {.least = 1, .most = 1}));
  static_cast<void>(root.text("source"));
  for (config::Reader& entry : root.mappings("checkpoints")) {
    table.checkpoints_.push_back({.model = entry.text("model"), .repository = entry.text("repository")});
    entry.done();
  }
  root.done();
  document.finish();
  return table;
}

std::optional<std::string> CheckpointTable::repository_of(std::string_view model) const {
  const auto found = std::find_if(checkpoints_.begin(), checkpoints_.end(),
                                  [&](const Checkpoint& checkpoint) { return checkpoint.model == model; });
  return found == checkpoints_.end() ? std::nullopt : std::optional(found->repository);
}

std::optional<std::string> CheckpointTable::model_of(std::string_view repository) const {
  const auto first = [&](const auto& same) -> std::optional<std::string> {
    const auto found = std::find_if(checkpoints_.begin(), checkpoints_.end(), same);
    return found == checkpoints_.end() ? std::nullopt : std::optional(found->model);
  };
  if (const auto exact = first([&](const Checkpoint& c) { return c.repository == repository; })) {
    return exact;
  }
  const std::string core = core_of(repository);
  return first(
      [&](const Checkpoint& c) { return core_of(c.repository) == core || core_of(c.model) == core; });
}

}  // namespace mtok::planner
