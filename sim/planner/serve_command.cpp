// Splits a command line of vLLM's server and understands its flags.
#include "sim/planner/serve_command.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <functional>
#include <map>
#include <set>
#include <utility>

#include "sim/config/diagnostic.hpp"

namespace mtok::planner {
namespace {

using kernel::NumberFormat;

[[noreturn]] void refuse(std::size_t column, std::string message, std::string hint = {}) {
  throw config::Error({.file = "command",
                       .at = {1, static_cast<int>(column) + 1},
                       .message = std::move(message),
                       .hint = std::move(hint)});
}

struct Word {
  std::string text{};
  std::size_t at = 0;  ///< of its first sign, from 0
};

bool is_blank(char sign) {
  return sign == ' ' || sign == '\t' || sign == '\n' || sign == '\r';
}

/// Splits as a POSIX shell does, but expands nothing.
class Splitter {
 public:
  explicit Splitter(std::string_view line) : line_(line) {}

  std::vector<Word> words() {
    while (at_ < line_.size()) {
      if (is_blank(line_[at_])) {
        ++at_;
      } else if (line_.substr(at_).starts_with("\\\n") || line_.substr(at_).starts_with("\\\r\n")) {
        at_ += line_[at_ + 1] == '\n' ? 2 : 3;
      } else {
        words_.push_back(word());
      }
    }
    return std::move(words_);
  }

 private:
  Word word() {
    Word word{.at = at_};
    while (at_ < line_.size() && !is_blank(line_[at_])) {
      const char sign = line_[at_++];
      if (sign == '\'' || sign == '"') {
        quoted(sign, word);
      } else if (sign == '\\' && at_ < line_.size()) {
        if (line_[at_] != '\n') {
          word.text += line_[at_];
        }
        ++at_;
      } else {
        word.text += sign;
      }
    }
    return word;
  }

  void quoted(char quote, Word& word) {
    const std::size_t opened = at_ - 1;
    while (at_ < line_.size() && line_[at_] != quote) {
      if (quote == '"' && line_[at_] == '\\' && at_ + 1 < line_.size()) {
        ++at_;
      }
      word.text += line_[at_++];
    }
    if (at_ == line_.size()) {
      refuse(opened, "a quote is never closed");
    }
    ++at_;
  }

  std::string_view line_;
  std::size_t at_ = 0;
  std::vector<Word> words_{};
};

template <class T>
T number_of(const std::string& text, const std::string& flag, std::size_t at, T least, T most) {
  T value{};
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc{} || rest != end || !(value >= least && value <= most)) {
    refuse(at, flag + ": expected a number, got '" + config::shown(text) + "'");
  }
  return value;
}

/// "8192", or with a unit as newer versions take it: "8k" = 8,000, "8K" = 8,192.
std::int64_t count_of(std::string text, const std::string& flag, std::size_t at) {
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
  return number_of<std::int64_t>(text, flag, at, 1, 1 << 30) * unit;
}

/// The number format that a word of a quantization or of a repository's name stands for.
std::optional<NumberFormat> format_in(std::string_view text) {
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

/// What a step computes does not depend on them. Those with a value.
const std::set<std::string>& silent_with_value() {
  static const std::set<std::string> kFlags{"host",
                                            "port",
                                            "api-key",
                                            "served-model-name",
                                            "chat-template",
                                            "tokenizer",
                                            "tokenizer-mode",
                                            "revision",
                                            "download-dir",
                                            "load-format",
                                            "seed",
                                            "uvicorn-log-level",
                                            "tool-call-parser",
                                            "reasoning-parser",
                                            "distributed-executor-backend",
                                            "max-log-len",
                                            "root-path",
                                            "ssl-keyfile",
                                            "ssl-certfile",
                                            "allowed-origins",
                                            "response-role",
                                            "generation-config",
                                            "dtype",
                                            "config-format"};
  return kFlags;
}
const std::set<std::string>& silent_switches() {
  static const std::set<std::string> kFlags{"trust-remote-code",   "disable-log-requests",
                                            "disable-log-stats",   "enable-auto-tool-choice",
                                            "enable-log-requests", "headless",
                                            "enable-reasoning",    "disable-uvicorn-access-log"};
  return kFlags;
}

class CommandReader {
 public:
  explicit CommandReader(std::string_view line) : words_(Splitter(line).words()) {}

  ServeCommand read() {
    find_server();
    end_command();
    while (at_ < words_.size()) {
      const Word& word = words_[at_++];
      if (word.text.starts_with("-")) {
        flag(word);
      } else if (command_.model.empty()) {
        command_.model = word.text;
      } else {
        refuse(word.at, "unexpected word '" + config::shown(word.text) + "'");
      }
    }
    if (command_.model.empty()) {
      refuse(0, "no model is named", "vllm serve MODEL ...");
    }
    if (!command_.weights) {
      command_.weights = format_in(command_.model);
    }
    if (experts_) {
      command_.sharding.expert = command_.sharding.tensor * command_.sharding.data;
    }
    if (adapters_) {
      command_.lora = lora_;
    }
    return std::move(command_);
  }

 private:
  void find_server() {
    for (; at_ < words_.size(); ++at_) {
      const std::string& word = words_[at_].text;
      const bool serves = word == "serve" && at_ > 0 && words_[at_ - 1].text.ends_with("vllm");
      // The image vllm/vllm-openai:TAG has the server as its entry point: what comes behind it are its flags.
      const bool image = word.find("/vllm-openai") != std::string::npos && !word.starts_with("-");
      if (serves || image || word == "vllm.entrypoints.openai.api_server") {
        ++at_;
        return;
      }
    }
    refuse(0, "no vLLM server is started here", "expected 'vllm serve MODEL ...'");
  }

  /// Cuts off what a shell does with the command: redirections, further commands, the background.
  void end_command() {
    for (std::size_t i = at_; i < words_.size(); ++i) {
      const std::string& word = words_[i].text;
      const std::size_t sign = word.find_first_not_of("0123456789");
      const bool redirects = sign != std::string::npos && (word[sign] == '>' || word[sign] == '<');
      if (redirects || word == "&" || word == "&&" || word == "|" || word == "||" || word == ";" ||
          word.starts_with("&>")) {
        words_.resize(i);
      }
    }
  }

  void flag(const Word& word) {
    const std::size_t equals = word.text.find('=');
    std::string name = word.text.substr(0, equals);
    name.erase(0, name.starts_with("--") ? 2 : 1);
    std::replace(name.begin(), name.end(), '_', '-');
    const auto value = [&]() -> std::string {
      if (equals != std::string::npos) {
        return word.text.substr(equals + 1);
      }
      if (at_ == words_.size()) {
        refuse(word.at, "--" + name + " has no value");
      }
      return words_[at_++].text;
    };
    const auto count = [&] { return count_of(value(), "--" + name, word.at); };
    EngineChoice& engine = command_.engine;
    const std::map<std::string, std::function<void()>, std::less<>> known{
        {"model", [&] { command_.model = value(); }},
        {"tensor-parallel-size", [&] { command_.sharding.tensor = count(); }},
        {"tp", [&] { command_.sharding.tensor = count(); }},
        {"pipeline-parallel-size", [&] { command_.sharding.pipeline = count(); }},
        {"pp", [&] { command_.sharding.pipeline = count(); }},
        {"data-parallel-size", [&] { command_.sharding.data = count(); }},
        {"dp", [&] { command_.sharding.data = count(); }},
        {"enable-expert-parallel", [&] { experts_ = true; }},
        {"no-enable-expert-parallel", [&] { experts_ = false; }},
        {"max-num-seqs", [&] { engine.max_num_seqs = count(); }},
        {"max-num-batched-tokens", [&] { engine.max_num_batched_tokens = count(); }},
        {"max-model-len",
         [&] {
           const std::string text = value();
           if (text != "auto" && text != "-1") {  // as long as fits
             engine.max_model_len = count_of(text, "--" + name, word.at);
           }
         }},
        {"enable-eplb", [&] { command_.sharding.balanced_experts = true; }},
        {"num-redundant-experts", [&] { command_.sharding.redundant_experts = count(); }},
        {"enable-dbo", [&] { command_.sharding.two_batch_overlap = true; }},
        {"enable-lora", [&] { adapters_ = true; }},
        {"max-loras", [&] { lora_.max_loras = count(); }},
        {"max-lora-rank", [&] { lora_.max_lora_rank = count(); }},
        {"block-size", [&] { engine.block_size = count(); }},
        {"num-gpu-blocks-override", [&] { engine.num_gpu_blocks = count(); }},
        {"gpu-memory-utilization",
         [&] {
           engine.gpu_memory_utilization = number_of<double>(value(), "--" + name, word.at, 0.01, 1.0);
         }},
        {"enable-prefix-caching", [&] { engine.enable_prefix_caching = true; }},
        {"no-enable-prefix-caching", [&] { engine.enable_prefix_caching = false; }},
        {"enable-chunked-prefill", [&] { engine.enable_chunked_prefill = true; }},
        {"no-enable-chunked-prefill", [&] { engine.enable_chunked_prefill = false; }},
        {"quantization", [&] { quantize(value()); }},
        {"q", [&] { quantize(value()); }},
        {"kv-cache-dtype", [&] { cache_in(value()); }}};
    if (const auto found = known.find(name); found != known.end()) {
      found->second();
    } else if (silent_with_value().contains(name)) {
      static_cast<void>(value());
    } else if (!silent_switches().contains(name)) {
      leave_out(word.text, equals != std::string::npos);
    }
  }

  void quantize(const std::string& method) {
    command_.weights = format_in(method);
    if (!command_.weights) {
      command_.left_out.push_back("--quantization " + config::shown(method));
    }
  }

  void cache_in(const std::string& type) {
    if (type.starts_with("fp8")) {
      command_.kv_cache = NumberFormat::fp8;
    } else if (type == "bfloat16" || type == "auto") {
      command_.kv_cache.reset();
    } else {
      command_.left_out.push_back("--kv-cache-dtype " + config::shown(type));
    }
  }

  /// A flag nobody here knows: the next words are its values unless they look like flags.
  void leave_out(const std::string& text, bool has_value) {
    std::string shown = config::shown(text);
    while (!has_value && at_ < words_.size() && !words_[at_].text.starts_with("-") &&
           !command_.model.empty()) {
      shown += " " + config::shown(words_[at_++].text);
    }
    command_.left_out.push_back(std::move(shown));
  }

  std::vector<Word> words_;
  std::size_t at_ = 0;
  bool experts_ = false;
  bool adapters_ = false;
  LoraChoice lora_{};
  ServeCommand command_{};
};

}  // namespace

ServeCommand read_serve_command(std::string_view line) {
  return CommandReader(line).read();
}

}  // namespace mtok::planner
