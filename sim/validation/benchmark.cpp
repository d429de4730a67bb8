// Reads workloads/benchmarks.yaml and draws the requests of a benchmark.
#include "sim/validation/benchmark.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "sim/config/reader.hpp"
#include "sim/workload/random.hpp"

namespace mtok::validation {
namespace {

constexpr config::IntRange kPositiveCount{.least = 1, .most = 1 << 20};
constexpr config::Range kCv{.least = 0, .most = 10};

LengthLaw read_law(config::Reader reader) {
  LengthLaw law;
  law.mean = reader.number("mean", config::kPositive);
  law.cv = reader.number("cv", kCv);
  law.least = reader.integer("least", kPositiveCount);
  law.most = reader.integer("most", kPositiveCount);
  if (reader.ok() &&
      (static_cast<double>(law.least) > law.mean || law.mean > static_cast<double>(law.most))) {
    reader.fail("mean", "must lie between least and most");
  }
  reader.done();
  return law;
}

std::optional<Seconds> read_limit(config::Reader& reader, std::string_view key) {
  return reader.has(key) ? std::optional(reader.quantity<Seconds>(key)) : std::nullopt;
}

engine::Slo read_limits(std::optional<config::Reader> reader) {
  engine::Slo slo;
  if (reader) {
    slo = {.ttft_p99 = read_limit(*reader, "ttft_p99"),
           .tpot_p99 = read_limit(*reader, "tpot_p99"),
           .e2e_p99 = read_limit(*reader, "e2e_p99")};
    reader->done();
  }
  return slo;
}

Benchmark read_benchmark(config::Reader reader) {
  Benchmark benchmark;
  benchmark.dataset = reader.text("dataset");
  benchmark.models = reader.texts("models");
  benchmark.samples = reader.integer("samples", kPositiveCount);
  benchmark.beams = reader.integer_or("beams", 1, kPositiveCount);
  benchmark.input = read_law(reader.mapping("input_tokens"));
  benchmark.output = read_law(reader.mapping("output_tokens"));
  benchmark.limits = read_limits(reader.mapping("limits"));
  benchmark.interactive_limits = read_limits(reader.find_mapping("interactive_limits"));
  benchmark.unstated_weights = reader.text_or("unstated_weights", "");
  if (reader.text("source").empty()) {
    reader.fail("source", "expected where the lengths and limits are from, got an empty text");
  }
  reader.done();
  return benchmark;
}

double mean_of(const std::vector<double>& shape, const LengthLaw& law, double scale) {
  double sum = 0;
  for (const double one : shape) {
    sum += std::clamp(scale * one, static_cast<double>(law.least), static_cast<double>(law.most));
  }
  return sum / static_cast<double>(shape.size());
}

}  // namespace

std::vector<Benchmark> load_benchmarks(const std::filesystem::path& file) {
  config::Document document = config::Document::load(file);
  config::Reader root = document.root();
  static_cast<void>(root.integer("mtok", {.least = 1, .most = 1}));
  std::vector<Benchmark> benchmarks;
  for (const config::Reader& entry : root.mappings("benchmarks")) {
    benchmarks.push_back(read_benchmark(entry));
  }
  root.done();
  document.finish();
  return benchmarks;
}

const Benchmark* find_benchmark(const std::vector<Benchmark>& benchmarks, const std::string& workload,
                                const std::string& model) {
  const Benchmark* best = nullptr;
  bool best_has_model = false;
  for (const Benchmark& one : benchmarks) {
    if (!workload.starts_with(one.dataset)) {
      continue;
    }
    const bool has_model = std::find(one.models.begin(), one.models.end(), model) != one.models.end();
    const std::size_t longest = best != nullptr ? best->dataset.size() : 0;
    if ((has_model && !best_has_model) || (has_model == best_has_model && one.dataset.size() > longest)) {
      best = &one;
      best_has_model = has_model;
    }
  }
  return best;
}

std::vector<std::int64_t> draw_lengths(const LengthLaw& law, std::size_t count, std::uint64_t seed) {
  workload::Random random(seed);
  std::vector<double> shape(count);
  std::generate(shape.begin(), shape.end(), [&] { return law.cv > 0 ? random.lognormal(1, law.cv) : 1.0; });
  // The mean grows with the scale, from `least` to `most`.
  double low = 0;
  double high = static_cast<double>(law.most) / *std::min_element(shape.begin(), shape.end());
  constexpr int kHalvings = 60;
  for (int i = 0; i < kHalvings; ++i) {
    const double middle = (low + high) / 2;
    (mean_of(shape, law, middle) < law.mean ? low : high) = middle;
  }
  std::vector<std::int64_t> lengths(count);
  std::transform(shape.begin(), shape.end(), lengths.begin(), [&](double one) {
    return std::clamp<std::int64_t>(std::llround(high * one), law.least, law.most);
  });
  return lengths;
}

std::vector<workload::Request> draw_requests(const Benchmark& benchmark, double output_mean,
                                             std::int64_t samples, std::uint64_t seed) {
  LengthLaw output_law = benchmark.output;
  output_law.mean =
      std::clamp(output_mean, static_cast<double>(output_law.least), static_cast<double>(output_law.most));
  const auto count = static_cast<std::size_t>(samples);
  const std::vector<std::int64_t> inputs = draw_lengths(benchmark.input, count, seed);
  const std::vector<std::int64_t> outputs = draw_lengths(output_law, count, seed + 1);
  std::vector<workload::Request> requests;
  requests.reserve(count * static_cast<std::size_t>(benchmark.beams));
  for (std::size_t i = 0; i < count; ++i) {
    for (std::int64_t beam = 0; beam < benchmark.beams; ++beam) {
      requests.push_back({.input_tokens = beam == 0 ? inputs[i] : 1, .output_tokens = outputs[i]});
    }
  }
  return requests;
}

void arrive_at_random(std::vector<workload::Request>& requests, std::int64_t beams, double samples_per_s,
                      std::uint64_t seed) {
  workload::Random random(seed);
  double now = 0;
  for (std::size_t i = 0; i < requests.size(); ++i) {
    if (i > 0 && i % static_cast<std::size_t>(beams) == 0) {
      now += random.exponential(1) / samples_per_s;
    }
    requests[i].arrival_ns = static_cast<std::int64_t>(now * 1e9);
  }
}

}  // namespace mtok::validation
