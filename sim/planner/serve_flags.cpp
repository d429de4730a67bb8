// What each flag of vLLM's server means to a scenario.
#include "sim/planner/serve_flags.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "sim/config/diagnostic.hpp"
#include "sim/config/reader.hpp"

namespace mtok::planner {
namespace {

using kernel::NumberFormat;

template <class T>
T number_of(const std::string& text, const GivenFlag& given, T least, T most) {
  T value{};
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc{} || rest != end || !(value >= least && value <= most)) {
    refuse_command(given.at, given.flag + ": expected a number, got '" + config::shown(text) + "'");
  }
  return value;
}

/// "8192", or with a unit as newer versions take it: "8k" = 8,000, "8K" = 8,192.
std::int64_t count_of(const GivenFlag& given) {
  std::string text = given.value;
  constexpr std::array<std::pair<char, std::int64_t>, 4> kUnits{
      {{'k', 1000}, {'K', 1024}, {'m', 1'000'000}, {'M', 1 << 20}}};
  std::int64_t unit = 1;
  for (const auto& [sign, times] : kUnits) {
    if (!text.empty() && text.back() == sign) {
      unit = times;
      text.pop_back();
      break;
    }
  }
  return number_of<std::int64_t>(text, given, 1, 1 << 30) * unit;
}

void take_longest(TakenFlags& taken, const GivenFlag& given) {
  if (given.value != "auto" && given.value != "-1") {  // as long as fits
    taken.command.engine.max_model_len = count_of(given);
  }
}

void take_quantization(TakenFlags& taken, const GivenFlag& given) {
  taken.command.weights = format_named_in(given.value);
  if (!taken.command.weights) {
    taken.command.left_out.push_back("--quantization " + config::shown(given.value));
  }
}

void take_cache(TakenFlags& taken, const GivenFlag& given) {
  if (given.value.starts_with("fp8")) {
    taken.command.kv_cache = NumberFormat::fp8;
  } else if (given.value == "bfloat16" || given.value == "auto") {
    taken.command.kv_cache.reset();
  } else {
    taken.command.left_out.push_back("--kv-cache-dtype " + config::shown(given.value));
  }
}

/// Tells the keys of a flag's JSON that `known` does not list.
void leave_out_others(TakenFlags& taken, const GivenFlag& given, const config::Reader& reader,
                      std::initializer_list<std::string_view> known) {
  for (const std::string& key : reader.keys()) {
    if (std::find(known.begin(), known.end(), key) == known.end()) {
      taken.command.left_out.push_back(given.flag + " " + config::shown(key));
    }
  }
}

void take_balancer(TakenFlags& taken, const GivenFlag& given) {
  config::Document document = config::Document::from_json(given.value, given.flag);
  config::Reader reader = document.root();
  taken.command.sharding.redundant_experts =
      reader.integer_or("num_redundant_experts", 0, {.least = 0, .most = 4096});
  leave_out_others(taken, given, reader,
                   {"num_redundant_experts", "log_balancedness", "log_balancedness_interval"});
  document.finish();
}

/// A draft model, or the network's own prediction layer by any of the names that vLLM has for it. Without a
/// method vLLM takes a model that is named for a draft model, unless it is an EAGLE head by its name.
void take_drafts(TakenFlags& taken, const GivenFlag& given) {
  config::Document document = config::Document::from_json(given.value, given.flag);
  config::Reader reader = document.root();
  DraftFlags drafts{.model = reader.text_or("model", "")};
  const bool eagle =
      drafts.model.find("eagle") != std::string::npos || drafts.model.find("EAGLE") != std::string::npos;
  const std::string method = reader.text_or("method", drafts.model.empty() ? "mtp"
                                                      : eagle              ? "eagle"
                                                                           : "draft_model");
  const bool own_layer = method == "mtp" || method.ends_with("_mtp");
  if (!own_layer && method != "draft_model") {
    taken.command.left_out.push_back(given.flag + " " + config::shown(given.value));
    return;
  }
  if (own_layer) {
    drafts.model.clear();
  } else {
    drafts.model = reader.text("model");
  }
  constexpr std::int64_t kMostTokens = 16;
  drafts.tokens = own_layer
                      ? reader.integer_or("num_speculative_tokens", 1, {.least = 1, .most = kMostTokens})
                      : reader.integer("num_speculative_tokens", {.least = 1, .most = kMostTokens});
  leave_out_others(taken, given, reader, {"method", "model", "num_speculative_tokens"});
  document.finish();
  taken.command.drafts = std::move(drafts);
}

constexpr std::array<ServeFlag, 63> kFlags{
    {{"model", true, [](TakenFlags& t, const GivenFlag& g) { t.command.model = g.value; }},
     {"tensor-parallel-size", true,
      [](TakenFlags& t, const GivenFlag& g) { t.command.sharding.tensor = count_of(g); }},
     {"tp", true, [](TakenFlags& t, const GivenFlag& g) { t.command.sharding.tensor = count_of(g); }},
     {"pipeline-parallel-size", true,
      [](TakenFlags& t, const GivenFlag& g) { t.command.sharding.pipeline = count_of(g); }},
     {"pp", true, [](TakenFlags& t, const GivenFlag& g) { t.command.sharding.pipeline = count_of(g); }},
     {"data-parallel-size", true,
      [](TakenFlags& t, const GivenFlag& g) { t.command.sharding.data = count_of(g); }},
     {"dp", true, [](TakenFlags& t, const GivenFlag& g) { t.command.sharding.data = count_of(g); }},
     {"enable-expert-parallel", false, [](TakenFlags& t, const GivenFlag& /*g*/) { t.experts = true; }},
     {"no-enable-expert-parallel", false, [](TakenFlags& t, const GivenFlag& /*g*/) { t.experts = false; }},
     {"max-num-seqs", true,
      [](TakenFlags& t, const GivenFlag& g) { t.command.engine.max_num_seqs = count_of(g); }},
     {"max-num-batched-tokens", true,
      [](TakenFlags& t, const GivenFlag& g) { t.command.engine.max_num_batched_tokens = count_of(g); }},
     {"max-model-len", true, take_longest},
     {"enable-eplb", false,
      [](TakenFlags& t, const GivenFlag& /*g*/) { t.command.sharding.balanced_experts = true; }},
     {"num-redundant-experts", true,
      [](TakenFlags& t, const GivenFlag& g) { t.command.sharding.redundant_experts = count_of(g); }},
     {"eplb-config", true, take_balancer},
     {"speculative-config", true, take_drafts},
     {"sc", true, take_drafts},
     {"enable-dbo", false,
      [](TakenFlags& t, const GivenFlag& /*g*/) { t.command.sharding.two_batch_overlap = true; }},
     {"enable-lora", false, [](TakenFlags& t, const GivenFlag& /*g*/) { t.adapters = true; }},
     {"max-loras", true, [](TakenFlags& t, const GivenFlag& g) { t.lora.max_loras = count_of(g); }},
     {"max-lora-rank", true, [](TakenFlags& t, const GivenFlag& g) { t.lora.max_lora_rank = count_of(g); }},
     {"block-size", true,
      [](TakenFlags& t, const GivenFlag& g) { t.command.engine.block_size = count_of(g); }},
     {"num-gpu-blocks-override", true,
      [](TakenFlags& t, const GivenFlag& g) { t.command.engine.num_gpu_blocks = count_of(g); }},
     {"gpu-memory-utilization", true,
      [](TakenFlags& t, const GivenFlag& g) {
        t.command.engine.gpu_memory_utilization = number_of<double>(g.value, g, 0.01, 1.0);
      }},
     {"enable-prefix-caching", false,
      [](TakenFlags& t, const GivenFlag& /*g*/) { t.command.engine.enable_prefix_caching = true; }},
     {"no-enable-prefix-caching", false,
      [](TakenFlags& t, const GivenFlag& /*g*/) { t.command.engine.enable_prefix_caching = false; }},
     {"enable-chunked-prefill", false,
      [](TakenFlags& t, const GivenFlag& /*g*/) { t.command.engine.enable_chunked_prefill = true; }},
     {"no-enable-chunked-prefill", false,
      [](TakenFlags& t, const GivenFlag& /*g*/) { t.command.engine.enable_chunked_prefill = false; }},
     {"quantization", true, take_quantization},
     {"q", true, take_quantization},
     {"kv-cache-dtype", true, take_cache},
     {"host", true},
     {"port", true},
     {"api-key", true},
     {"served-model-name", true},
     {"chat-template", true},
     {"tokenizer", true},
     {"tokenizer-mode", true},
     {"revision", true},
     {"download-dir", true},
     {"load-format", true},
     {"seed", true},
     {"uvicorn-log-level", true},
     {"tool-call-parser", true},
     {"reasoning-parser", true},
     {"distributed-executor-backend", true},
     {"max-log-len", true},
     {"root-path", true},
     {"ssl-keyfile", true},
     {"ssl-certfile", true},
     {"allowed-origins", true},
     {"response-role", true},
     {"generation-config", true},
     {"dtype", true},
     {"config-format", true},
     {"trust-remote-code"},
     {"disable-log-requests"},
     {"disable-log-stats"},
     {"enable-auto-tool-choice"},
     {"enable-log-requests"},
     {"headless"},
     {"enable-reasoning"},
     {"disable-uvicorn-access-log"}}};

}  // namespace

void refuse_command(std::size_t column, std::string message, std::string hint) {
  throw config::Error({.file = "command",
                       .at = {1, static_cast<int>(column) + 1},
                       .message = std::move(message),
                       .hint = std::move(hint)});
}

std::optional<NumberFormat> format_named_in(std::string_view text) {
  constexpr std::array<std::pair<std::string_view, NumberFormat>, 9> kWords{{{"nvfp4", NumberFormat::nvfp4},
                                                                             {"mxfp4", NumberFormat::mxfp4},
                                                                             {"fp8", NumberFormat::fp8},
                                                                             {"awq", NumberFormat::int4},
                                                                             {"gptq", NumberFormat::int4},
                                                                             {"w4a16", NumberFormat::int4},
                                                                             {"int4", NumberFormat::int4},
                                                                             {"w8a8", NumberFormat::int8},
                                                                             {"int8", NumberFormat::int8}}};
  std::string lower;
  for (const char sign : text) {
    lower += static_cast<char>(sign >= 'A' && sign <= 'Z' ? sign - 'A' + 'a' : sign);
  }
  for (const auto& [word, format] : kWords) {
    if (lower.find(word) != std::string::npos) {
      return format;
    }
  }
  return std::nullopt;
}

const ServeFlag* serve_flag(std::string_view name) {
  const auto* const found =
      std::find_if(kFlags.begin(), kFlags.end(), [&](const ServeFlag& flag) { return flag.name == name; });
  return found == kFlags.end() ? nullptr : found;
}

}  // namespace mtok::planner
