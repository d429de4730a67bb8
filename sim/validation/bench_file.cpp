// Tells the tools apart by the names of their fields and reads each into the same words.
#include "sim/validation/bench_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <fstream>
#include <sstream>
#include <string_view>
#include <utility>

#include "sim/config/reader.hpp"

namespace mtok::validation {
namespace {

using config::Reader;

constexpr const char* kVllmNote =
    "vllm bench serve: mean_tpot_ms is our TPOT; itl is the gap between single tokens and is not used";
constexpr const char* kSglangNote =
    "sglang bench_serving: mean_tpot_ms is our TPOT; itl is the gap between single tokens and is not used";
constexpr const char* kGuidellmNote =
    "guidellm: inter_token_latency_ms is our TPOT; its time_per_output_token_ms counts the first token too "
    "and is "
    "not used";
constexpr const char* kAiperfNote = "aiperf, genai-perf: inter_token_latency is our TPOT";

/// No limit on a rate is `Infinity` in the JSON of Python and the text "inf" in that of vLLM; both become
/// null here, as NaN does, without moving what comes after by more than a character.
std::string without_infinity(std::string text) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 3> kWords{
      {{"Infinity", "null    "}, {"\"inf\"", "null "}, {"NaN", "null"}}};
  for (const auto& [word, null] : kWords) {
    for (std::size_t at = text.find(word); at != std::string::npos; at = text.find(word, at + null.size())) {
      const std::size_t before = at == 0 ? std::string::npos : text.find_last_not_of(" \t", at - 1);
      if (before != std::string::npos && text[before] == ':') {
        text.replace(at, word.size(), null);
      }
    }
  }
  return text;
}

// Counts, tokens, milliseconds and rates of a benchmark; none is negative.
constexpr config::Range kMeasured{.least = 0, .most = 1e12};
constexpr config::Range kTotals{.least = 1, .most = 1e15};
constexpr config::Range kClients{.least = 0, .most = 1e6};

/// A number that may be absent or null.
std::optional<double> finite(Reader& reader, std::string_view key, config::Range range = kMeasured) {
  if (!reader.is_scalar(key)) {
    reader.ignore(key);
    return std::nullopt;
  }
  return reader.number(key, range);
}

/// Requests per second; a rate of 0 is one that was not set.
std::optional<double> rate_in(Reader& reader, std::string_view key) {
  constexpr double kSlowest = 1e-6;
  const std::optional<double> rate = finite(reader, key);
  return rate && *rate >= kSlowest ? rate : std::nullopt;
}

std::optional<BenchLatency> milliseconds(std::optional<double> mean, std::optional<double> median) {
  if (mean && *mean > 0) {
    return BenchLatency{.value = Seconds(*mean / 1e3)};
  }
  if (median && *median > 0) {
    return BenchLatency{.value = Seconds(*median / 1e3), .median = true};
  }
  return std::nullopt;
}

std::optional<std::int64_t> clients(std::optional<double> number) {
  return number && *number >= 1 ? std::optional(std::llround(*number)) : std::nullopt;
}

/// vllm bench serve, and bench_serving of SGLang, whose fields have the same names where both have them.
BenchPoint read_serve(Reader& root, bool vllm) {
  BenchPoint point{.tool = vllm ? "vllm bench serve" : "sglang bench_serving",
                   .model = root.is_scalar("model_id") ? root.text("model_id") : ""};
  point.requests = root.integer("completed", config::kAtLeastOne);
  const auto requests = static_cast<double>(std::max<std::int64_t>(1, point.requests));
  point.input_tokens = root.number("total_input_tokens", kTotals) / requests;
  point.output_tokens = root.number("total_output_tokens", kTotals) / requests;
  point.rate_per_s = rate_in(root, "request_rate");
  point.concurrency = clients(finite(root, "max_concurrency", kClients));
  point.ttft = milliseconds(finite(root, "mean_ttft_ms"), finite(root, "median_ttft_ms"));
  point.tpot = milliseconds(finite(root, "mean_tpot_ms"), finite(root, "median_tpot_ms"));
  point.output_tokens_per_s = finite(root, "output_throughput");
  return point;
}

/// {mean, median, ...} of the successful requests.
std::optional<double> successful(Reader& metrics, std::string_view metric, std::string_view which) {
  std::optional<Reader> of = metrics.find_mapping(metric);
  std::optional<Reader> ok = of ? of->find_mapping("successful") : std::nullopt;
  return ok ? finite(*ok, which) : std::nullopt;
}

BenchPoint read_guidellm(Reader& benchmark) {
  Reader metrics = benchmark.mapping("metrics");
  Reader config = benchmark.mapping("config");
  Reader strategy = config.mapping("strategy");
  BenchPoint point{.tool = "guidellm"};
  point.requests = std::llround(successful(metrics, "prompt_token_count", "count").value_or(0));
  point.input_tokens = successful(metrics, "prompt_token_count", "mean").value_or(0);
  point.output_tokens = successful(metrics, "output_token_count", "mean").value_or(0);
  const std::string type = strategy.text("type_");
  if (type == "concurrent" || type == "synchronous") {
    point.concurrency = clients(finite(strategy, "streams", kClients).value_or(1));
  } else if (type != "throughput") {
    point.rate_per_s = rate_in(strategy, "rate");
  }
  point.ttft = milliseconds(successful(metrics, "time_to_first_token_ms", "mean"),
                            successful(metrics, "time_to_first_token_ms", "median"));
  point.tpot = milliseconds(successful(metrics, "inter_token_latency_ms", "mean"),
                            successful(metrics, "inter_token_latency_ms", "median"));
  point.output_tokens_per_s = successful(metrics, "output_tokens_per_second", "mean");
  return point;
}

std::optional<double> of_metric(Reader& root, std::string_view metric, std::string_view which) {
  std::optional<Reader> of = root.find_mapping(metric);
  return of ? finite(*of, which) : std::nullopt;
}

/// The load stands under input_config as the flags that were given. Source of the layout: AIPerf,
/// docs/tutorials/working-with-profile-exports.md, "Aggregated Statistics (JSON)" (nvda-ci/aiperf@8e6a033d),
/// whose note says that input_config may change between versions.
void read_aiperf_load(Reader& root, BenchPoint& point) {
  std::optional<Reader> config = root.find_mapping("input_config");
  std::optional<Reader> load = config ? config->find_mapping("loadgen") : std::nullopt;
  for (std::optional<Reader>* const reader : {&load, &config}) {
    if (*reader) {
      point.rate_per_s = point.rate_per_s ? point.rate_per_s : rate_in(**reader, "request_rate");
      point.concurrency =
          point.concurrency ? point.concurrency : clients(finite(**reader, "concurrency", kClients));
    }
  }
}

BenchPoint read_aiperf(Reader& root) {
  BenchPoint point{.tool = "aiperf"};
  point.requests = std::llround(of_metric(root, "request_count", "avg").value_or(0));
  point.input_tokens = of_metric(root, "input_sequence_length", "avg").value_or(0);
  point.output_tokens = of_metric(root, "output_sequence_length", "avg").value_or(0);
  read_aiperf_load(root, point);
  point.ttft = milliseconds(of_metric(root, "time_to_first_token", "avg"),
                            of_metric(root, "time_to_first_token", "p50"));
  point.tpot = milliseconds(of_metric(root, "inter_token_latency", "avg"),
                            of_metric(root, "inter_token_latency", "p50"));
  point.output_tokens_per_s = of_metric(root, "output_token_throughput", "avg");
  return point;
}

class BenchReader {
 public:
  explicit BenchReader(const std::filesystem::path& file) : name_(file.string()) {
    std::ifstream in(file, std::ios::binary);
    if (!in) {
      throw config::Error({.file = name_, .at = {1, 1}, .message = "cannot be read"});
    }
    std::stringstream text;
    text << in.rdbuf();
    text_ = without_infinity(text.str());
  }

  BenchFile read() {
    if (has_lines()) {
      read_lines();
    } else {
      read_document(text_, name_);
    }
    return std::move(result_);
  }

 private:
  /// More than one document, each on a line of its own.
  [[nodiscard]] bool has_lines() const {
    const std::size_t end = text_.find('\n');
    return end != std::string::npos && text_.find('{', end) != std::string::npos &&
           text_.substr(0, end).find_last_of('}') != std::string::npos &&
           text_.substr(0, end).find_last_not_of(" \r") == text_.substr(0, end).find_last_of('}');
  }

  void read_lines() {
    std::istringstream lines(text_);
    std::string line;
    for (std::size_t number = 1; std::getline(lines, line); ++number) {
      if (line.find_first_not_of(" \t\r") != std::string::npos) {
        // Blank lines in front, so that errors name the line of the file.
        read_document(std::string(number - 1, '\n') + line, fmt::format("{}:{}", name_, number));
      }
    }
  }

  void read_document(const std::string& text, const std::string& place) {
    config::Document document = config::Document::from_json(text, name_);
    Reader root = document.root();
    if (root.is_list("benchmarks")) {
      read_guidellm_file(root, place);
    } else if (root.is_mapping("request_throughput") || root.is_mapping("time_to_first_token")) {
      add(read_aiperf(root), place, kAiperfNote);
    } else if (root.has("request_throughput") && (root.has("num_prompts") || root.has("endpoint_type"))) {
      add(read_serve(root, true), place, kVllmNote);
    } else if (root.has("request_throughput") && root.has("dataset_name")) {
      add(read_serve(root, false), place, kSglangNote);
    } else {
      throw config::Error(
          {.file = name_,
           .at = {1, 1},
           .message = "no benchmark that is known here",
           .hint = "expected a result of vllm bench serve, SGLang bench_serving, GuideLLM or AIPerf"});
    }
    document.finish();
    check(place);
  }

  void read_guidellm_file(Reader& root, const std::string& place) {
    if (std::optional<Reader> metadata = root.find_mapping("metadata");
        metadata && metadata->is_scalar("version")) {
      static_cast<void>(metadata->integer("version", {.least = 2, .most = 2}));
    }
    std::size_t index = 0;
    for (Reader& benchmark : root.mappings("benchmarks")) {
      add(read_guidellm(benchmark), fmt::format("{} benchmarks[{}]", place, index++), kGuidellmNote);
    }
  }

  void add(BenchPoint point, const std::string& place, const char* note) {
    point.place = std::filesystem::path(place).filename().string();
    result_.points.push_back(std::move(point));
    if (std::find(result_.notes.begin(), result_.notes.end(), note) == result_.notes.end()) {
      result_.notes.emplace_back(note);
    }
  }

  void check(const std::string& place) const {
    for (const BenchPoint& point : result_.points) {
      const bool sized = point.requests > 0 && point.input_tokens >= 1 && point.output_tokens >= 1;
      if (!sized || (!point.ttft && !point.tpot && !point.output_tokens_per_s)) {
        throw config::Error({.file = name_,
                             .at = {1, 1},
                             .message = point.place +
                                        ": expected answered requests, their input and output tokens, "
                                        "and TTFT, TPOT or throughput",
                             .hint = "of " + place});
      }
    }
  }

  std::string name_;
  std::string text_;
  BenchFile result_;
};

}  // namespace

BenchFile read_bench(const std::filesystem::path& file) {
  return BenchReader(file).read();
}

}  // namespace mtok::validation
