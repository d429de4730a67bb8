// Writes the text of a scenario.
#include "app/report/scenario_yaml.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "app/report/text.hpp"

namespace mtok::report {
namespace {

/// A YAML scalar in double quotes, which JSON's are too.
std::string quoted(const std::string& text) {
  return nlohmann::json(printable(text)).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::string engine_text(const planner::ServeCommand& command) {
  const planner::EngineChoice& engine = command.engine;
  std::string text = "{framework: " + engine.framework;
  const auto add = [&](const char* key, const auto& value) {
    if (value) {
      text += fmt::format(", {}: {}", key, *value);
    }
  };
  add("max_num_seqs", engine.max_num_seqs);
  add("max_num_batched_tokens", engine.max_num_batched_tokens);
  add("max_model_len", engine.max_model_len);
  add("block_size", engine.block_size);
  add("gpu_memory_utilization", engine.gpu_memory_utilization);
  add("num_gpu_blocks", engine.num_gpu_blocks);
  text += engine.enable_chunked_prefill ? "" : ", enable_chunked_prefill: false";
  text += engine.enable_prefix_caching ? "" : ", enable_prefix_caching: false";
  if (command.lora) {
    text += fmt::format(", enable_lora: true, max_loras: {}, max_lora_rank: {}", command.lora->max_loras,
                        command.lora->max_lora_rank);
  }
  return text + "}";
}

std::string placement_text(const model::Sharding& ranks) {
  std::string text = ranks.balanced_experts ? ", enable_eplb: true" : "";
  if (ranks.balanced_experts && ranks.redundant_experts > 0) {
    text += fmt::format(", eplb_config: {{num_redundant_experts: {}}}", ranks.redundant_experts);
  }
  return text + (ranks.two_batch_overlap ? ", enable_dbo: true" : "");
}

std::string formats_text(const planner::ServeCommand& command) {
  std::string text;
  const auto add = [&](const char* key, const std::optional<kernel::NumberFormat>& format) {
    if (format) {
      text += (text.empty() ? "" : ", ") + fmt::format("{}: {}", key, kernel::name_of(*format));
    }
  };
  add("weights", command.weights);
  if (command.weights == kernel::NumberFormat::int8) {
    add("activations", command.weights);  // W8A8
  }
  add("kv_cache", command.kv_cache);
  return text.empty() ? "" : "formats: {" + text + "}\n";
}

std::string drafts_text(const planner::DraftFlags& drafts, const std::string& model) {
  const std::string method =
      drafts.model.empty() ? "method: mtp" : "method: draft_model, model: " + quoted(model);
  return fmt::format(
      "# The acceptance rate is made up: replace it by what your texts reach, as the server's metrics tell.\n"
      "speculative_config: {{{}, num_speculative_tokens: {}, acceptance_rate: 0.7}}\n",
      method, drafts.tokens);
}

}  // namespace

std::string scenario_yaml(const planner::ServeCommand& command, const ScenarioFrame& frame) {
  const model::Sharding& ranks = command.sharding;
  std::string text = "# From a command line of vLLM's server.\nmtok: 1\n";
  text += "name: " + quoted(frame.name) + "\n";
  if (frame.trace.empty()) {
    text +=
        "# Made up: replace it by a trace of yours, workload: {trace: requests.csv}.\n"
        "workload: {synthetic: {requests: 1000, arrivals: {poisson: {rate_per_s: 1}},\n"
        "  input_tokens: {lognormal: {mean: 1000, cv: 1}}, output_tokens: {lognormal: {mean: 250, cv: "
        "1}}}}\n";
  } else {
    text += "workload: {trace: " + quoted(frame.trace) + "}\n";
  }
  text += "model: " + quoted(frame.model) + "\n";
  text += fmt::format("hardware: {{device: {}, count: {}}}\n", quoted(frame.device), ranks.devices());
  text += formats_text(command);
  text += fmt::format(
      "parallel: {{tensor_parallel_size: {}, pipeline_parallel_size: {}, expert_parallel_size: {}, "
      "data_parallel_size: {}{}}}\n",
      ranks.tensor, ranks.pipeline, ranks.expert, ranks.data, placement_text(ranks));
  if (command.drafts) {
    text += drafts_text(*command.drafts, frame.draft);
  }
  return text + "engine: " + engine_text(command) + "\n";
}

}  // namespace mtok::report
