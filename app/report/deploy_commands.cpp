// Writes the commands of vLLM, SGLang and TensorRT-LLM.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "app/report/deploy.hpp"
#include "app/report/text.hpp"

namespace mtok::report {
namespace {

using kernel::NumberFormat;

bool is_fp8(NumberFormat format) {
  return format == NumberFormat::fp8 || format == NumberFormat::fp8_block;
}

/// Collects words; an absent value adds nothing.
class Words {
 public:
  explicit Words(std::vector<std::string> start) : words_(std::move(start)) {}

  void add(const char* flag, std::int64_t value) { append(flag, std::to_string(value)); }
  void add(const char* flag, double value) { append(flag, units::shortest(value)); }
  void add(const char* flag, const std::string& value) { append(flag, value); }
  template <class T>
  void add(const char* flag, const std::optional<T>& value) {
    if (value) {
      add(flag, *value);
    }
  }
  void add_above_one(const char* flag, std::int64_t value) {
    if (value > 1) {
      add(flag, value);
    }
  }
  void add(const char* flag) { words_.emplace_back(flag); }
  std::vector<std::string> take() { return std::move(words_); }

 private:
  void append(const char* flag, std::string value) {
    words_.emplace_back(flag);
    words_.push_back(std::move(value));
  }

  std::vector<std::string> words_;
};

/// Weights in FP8 are made from 16 bits while loading; other formats must lie in the checkpoint.
bool quantized_while_loading(const Deployed& deployed) {
  return is_fp8(deployed.formats.weights) && !is_fp8(deployed.checkpoint);
}

/// A checkpoint in bf16 on a device that multiplies fp16 only, or the like.
bool loaded_as_half(const Deployed& deployed) {
  const bool wide = deployed.checkpoint == NumberFormat::bf16 || deployed.checkpoint == NumberFormat::fp32;
  return deployed.formats.weights == NumberFormat::fp16 && wide;
}

std::vector<std::string> remarks_on_formats(const Deployed& deployed) {
  const NumberFormat weights = deployed.formats.weights;
  if (weights == deployed.checkpoint || quantized_while_loading(deployed) || loaded_as_half(deployed) ||
      (is_fp8(weights) && is_fp8(deployed.checkpoint))) {
    return {};
  }
  return {fmt::format("Weights in {}: name a checkpoint of {} in that format in place of this one.",
                      kernel::name_of(weights), deployed.model)};
}

/// The value of vLLM's --speculative-config: vllm.config.SpeculativeConfig.
std::string drafts_json(const DeployedDrafts& drafts) {
  nlohmann::ordered_json json;
  json["method"] = drafts.repository.empty() ? "mtp" : "draft_model";
  if (!drafts.repository.empty()) {
    json["model"] = drafts.repository;
  }
  json["num_speculative_tokens"] = drafts.tokens;
  return json.dump();
}

/// SGLang "Speculative Decoding": one chain of drafts (topk 1), whose verified tokens are one more than its
/// steps.
void add_drafts_of_sglang(Words& words, const DeployedDrafts& drafts) {
  words.add("--speculative-algorithm", std::string(drafts.repository.empty() ? "EAGLE" : "STANDALONE"));
  if (!drafts.repository.empty()) {
    words.add("--speculative-draft-model-path", drafts.repository);
  }
  words.add("--speculative-num-steps", drafts.tokens);
  words.add("--speculative-eagle-topk", std::int64_t{1});
  words.add("--speculative-num-draft-tokens", drafts.tokens + 1);
}

/// TensorRT-LLM "Speculative Decoding": MTPDecodingConfig and DraftTargetDecodingConfig of the LLM API.
std::string drafts_of_tensorrt_llm(const DeployedDrafts& drafts) {
  if (drafts.repository.empty()) {
    return fmt::format("speculative_config:\n  decoding_type: MTP\n  num_nextn_predict_layers: {}\n",
                       drafts.tokens);
  }
  return fmt::format(
      "speculative_config:\n  decoding_type: Draft_Target\n  max_draft_len: {}\n  speculative_model: {}\n",
      drafts.tokens, nlohmann::json(drafts.repository).dump());
}

ServeWords vllm(const Deployed& deployed, bool planned_with_it) {
  const planner::EngineChoice& engine = deployed.engine;
  const model::Sharding& ranks = deployed.sharding;
  Words words({"vllm", "serve", deployed.repository});
  words.add("--tensor-parallel-size", ranks.tensor);
  words.add_above_one("--pipeline-parallel-size", ranks.pipeline);
  words.add_above_one("--data-parallel-size", ranks.data);
  if (ranks.expert > 1) {
    words.add("--enable-expert-parallel");
  }
  if (quantized_while_loading(deployed)) {
    words.add("--quantization", std::string("fp8"));
  }
  if (loaded_as_half(deployed)) {
    words.add("--dtype", std::string("half"));
  }
  if (is_fp8(deployed.formats.kv_cache)) {
    words.add("--kv-cache-dtype", std::string("fp8"));
  }
  words.add("--max-num-seqs", engine.max_num_seqs);
  words.add("--max-num-batched-tokens", engine.max_num_batched_tokens);
  words.add("--max-model-len", engine.max_model_len);
  if (planned_with_it) {
    words.add("--block-size", engine.block_size);
    words.add("--gpu-memory-utilization", engine.gpu_memory_utilization);
    words.add("--num-gpu-blocks-override", engine.num_gpu_blocks);
  }
  if (deployed.drafts) {
    words.add("--speculative-config", drafts_json(*deployed.drafts));
  }
  words.add(engine.enable_prefix_caching ? "--enable-prefix-caching" : "--no-enable-prefix-caching");
  words.add(engine.enable_chunked_prefill ? "--enable-chunked-prefill" : "--no-enable-chunked-prefill");
  ServeWords result{.words = words.take(), .remarks = remarks_on_formats(deployed)};
  if (ranks.expert > 1 && ranks.expert != ranks.tensor * ranks.data) {
    result.remarks.push_back(fmt::format("vLLM spreads the experts over all {} ranks; planned were {}.",
                                         ranks.tensor * ranks.data, ranks.expert));
  }
  return result;
}

ServeWords sglang(const Deployed& deployed, bool planned_with_it) {
  const planner::EngineChoice& engine = deployed.engine;
  const model::Sharding& ranks = deployed.sharding;
  Words words({"python3", "-m", "sglang.launch_server", "--model-path", deployed.repository});
  words.add("--tp-size", ranks.tensor);
  words.add_above_one("--pp-size", ranks.pipeline);
  words.add_above_one("--dp-size", ranks.data);
  words.add_above_one("--ep-size", ranks.expert);
  if (quantized_while_loading(deployed)) {
    words.add("--quantization", std::string("fp8"));
  }
  if (loaded_as_half(deployed)) {
    words.add("--dtype", std::string("half"));
  }
  if (is_fp8(deployed.formats.kv_cache)) {
    words.add("--kv-cache-dtype", std::string("fp8_e4m3"));
  }
  words.add("--max-running-requests", engine.max_num_seqs);
  if (engine.enable_chunked_prefill) {
    words.add("--chunked-prefill-size", engine.max_num_batched_tokens);
  } else {
    words.add("--chunked-prefill-size", std::int64_t{-1});
  }
  words.add("--context-length", engine.max_model_len);
  if (planned_with_it) {
    words.add("--mem-fraction-static", engine.gpu_memory_utilization);
  }
  if (!engine.enable_prefix_caching) {
    words.add("--disable-radix-cache");
  }
  if (deployed.drafts) {
    add_drafts_of_sglang(words, *deployed.drafts);
  }
  return {.words = words.take(), .remarks = remarks_on_formats(deployed)};
}

ServeWords tensorrt_llm(const Deployed& deployed, bool planned_with_it) {
  const planner::EngineChoice& engine = deployed.engine;
  const model::Sharding& ranks = deployed.sharding;
  Words words({"trtllm-serve", deployed.repository});
  words.add("--backend", std::string("pytorch"));
  words.add("--tp_size", ranks.tensor);
  words.add_above_one("--pp_size", ranks.pipeline);
  words.add_above_one("--ep_size", ranks.expert);
  words.add("--max_batch_size", engine.max_num_seqs);
  words.add("--max_num_tokens", engine.max_num_batched_tokens);
  words.add("--max_seq_len", engine.max_model_len);
  if (planned_with_it) {
    words.add("--kv_cache_free_gpu_memory_fraction", engine.gpu_memory_utilization);
  }
  words.add("--extra_llm_api_options", std::string("options.yaml"));
  ServeWords result{.words = words.take(), .remarks = remarks_on_formats(deployed)};
  if (quantized_while_loading(deployed)) {
    result.remarks.push_back(
        fmt::format("Weights in fp8: name an FP8 checkpoint of {} in place of this one.", deployed.model));
  }
  if (ranks.data > 1) {
    result.remarks.push_back(
        fmt::format("{} data-parallel ranks: start this once for each of them.", ranks.data));
  }
  result.options_file =
      fmt::format("enable_chunked_prefill: {}\nkv_cache_config:\n  enable_block_reuse: {}\n",
                  engine.enable_chunked_prefill, engine.enable_prefix_caching);
  if (is_fp8(deployed.formats.kv_cache)) {
    result.options_file += "  dtype: fp8\n";
  }
  if (deployed.drafts) {
    result.options_file += drafts_of_tensorrt_llm(*deployed.drafts);
  }
  return result;
}

/// The words of a flag on a line of their own.
std::string shell_text(const std::vector<std::string>& words) {
  std::string text;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const bool flag = words[i].starts_with("--") && i > 0;
    text += i == 0 ? "" : flag ? " \\\n  " : " ";
    text += shell_word(words[i]);
  }
  return text + "\n";
}

}  // namespace

std::string shell_word(const std::string& word) {
  constexpr std::string_view kPlain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:=,+@%";
  if (!word.empty() && word.find_first_not_of(kPlain) == std::string::npos) {
    return word;
  }
  std::string quoted = "'";
  for (const char sign : word) {
    quoted += sign == '\'' ? std::string("'\\''") : std::string(1, sign);
  }
  return quoted + "'";
}

ServeWords serve_words(const Deployed& deployed, DeployTarget target) {
  const auto named = [&](std::string_view name) { return deployed.framework == name; };
  ServeWords result = target == DeployTarget::sglang         ? sglang(deployed, named("sglang"))
                      : target == DeployTarget::tensorrt_llm ? tensorrt_llm(deployed, named("tensorrt-llm"))
                                                             : vllm(deployed, named("vllm"));
  for (const auto& [name, framework] : kDeployTargets) {
    if (framework == target && !named(name)) {
      result.remarks.push_back(fmt::format("Planned with {}: what is expected holds for {} by analogy only.",
                                           deployed.framework, name));
    }
  }
  if (!deployed.engine.kv_tiers.empty()) {
    result.remarks.emplace_back("The KV tiers behind the devices are not part of this command.");
  }
  return result;
}

std::string deploy_text(const Deployed& deployed, DeployTarget target, std::int64_t devices_per_node) {
  if (target == DeployTarget::kubernetes) {
    return kubernetes_text(deployed, devices_per_node);
  }
  const ServeWords serve = serve_words(deployed, target);
  std::string text = fmt::format("# {}\n# {} of these, each on {} x {}\n", printable(deployed.name),
                                 grouped(deployed.replicas), deployed.sharding.devices(), deployed.device);
  for (const auto& [what, value] : deployed.expected) {
    text += fmt::format("# expected {}: {}\n", what, printable(value));
  }
  for (const std::string& remark : serve.remarks) {
    text += "# " + printable(remark) + "\n";
  }
  if (!serve.options_file.empty()) {
    text += "cat > options.yaml <<'END'\n" + serve.options_file + "END\n";
  }
  return text + shell_text(serve.words);
}

}  // namespace mtok::report
