// Benchmarks of serving systems as their tools write them: vllm bench serve, SGLang, GuideLLM, AIPerf,
// GenAI-Perf.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "sim/units/quantity.hpp"

namespace mtok::validation {

/// One measured latency: the mean where the tool gives one, else the median.
struct BenchLatency {
  Seconds value{};
  bool median = false;
};

/// One run of a benchmark. What is absent was not measured.
struct BenchPoint {
  std::string tool{};         ///< "vllm bench serve", "sglang bench_serving", "guidellm", "aiperf"
  std::string place{};        ///< "bench.jsonl:3", "bench.json benchmarks[1]"
  std::string model{};        ///< as the tool calls it; empty where it does not
  std::int64_t requests = 0;  ///< that were answered
  double input_tokens = 0;    ///< mean of a request
  double output_tokens = 0;
  std::optional<double> rate_per_s{};  ///< of a Poisson stream
  std::optional<std::int64_t>
      concurrency{};  ///< of a closed loop, where there is no rate; neither: all at once
  std::optional<BenchLatency> ttft{};
  std::optional<BenchLatency> tpot{};           ///< (end to end - TTFT) / (output - 1)
  std::optional<double> output_tokens_per_s{};  ///< of the whole system
};

/// What a file holds, and which of the tool's words were read as which of ours: TPOT and ITL mean different
/// things in different tools.
struct BenchFile {
  std::vector<BenchPoint> points{};
  std::vector<std::string> notes{};
};

/// One JSON document, or one document a line. Generated texts are passed over. Throws config::Error when the
/// file is of none of the tools, or lacks what a point needs: requests, tokens, and at least one measurement.
[[nodiscard]] BenchFile read_bench(const std::filesystem::path& file);

}  // namespace mtok::validation
