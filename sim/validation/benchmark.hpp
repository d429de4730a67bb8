// Published serving benchmarks: the lengths of their requests and the latencies that their rules demand.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "sim/engine/metrics.hpp"
#include "sim/workload/request.hpp"

namespace mtok::validation {

/// Token counts of a data set: lognormal with this coefficient of variation, cut to [least, most], and with
/// this mean after the cut.
struct LengthLaw {
  double mean = 1;
  double cv = 0;
  std::int64_t least = 1;
  std::int64_t most = 1 << 20;
};

struct Benchmark {
  std::string dataset{};              ///< how the text of a workload begins
  std::vector<std::string> models{};  ///< names in models/ that it is defined for
  std::int64_t samples = 0;           ///< of its data set: the fewest that an offline run sends
  /// Sequences decoded for each sample: beam search, whose beams share the prompt.
  std::int64_t beams = 1;
  LengthLaw input{};
  LengthLaw output{};
  engine::Slo limits{};              ///< of its server load
  engine::Slo interactive_limits{};  ///< of its server load with tight limits; none set: there is none
  std::string unstated_weights{};    ///< format of the entries that state none; empty: not known
};

/// The benchmarks of workloads/benchmarks.yaml. Throws config::Error when the file cannot be used.
[[nodiscard]] std::vector<Benchmark> load_benchmarks(const std::filesystem::path& file);

/// The benchmark whose data set `workload` begins with and that is defined for `model`; when there is none
/// for the model, the one with the longest data set name. nullptr: no data set is known.
[[nodiscard]] const Benchmark* find_benchmark(const std::vector<Benchmark>& benchmarks,
                                              const std::string& workload, const std::string& model);

/// `count` lengths of a law in the order of the draws. Their mean is the law's, to the rounding to whole
/// tokens. Needs count > 0 and least <= mean <= most.
[[nodiscard]] std::vector<std::int64_t> draw_lengths(const LengthLaw& law, std::size_t count,
                                                     std::uint64_t seed);

/// Requests for `samples` samples, all arriving at 0, with outputs of this mean. A sample of k beams is k
/// requests in a row: the first has its prompt, the others, which share it, a prompt of one token. Left out:
/// that each beam reads the keys and values of the prompt again when caches do not hold them.
[[nodiscard]] std::vector<workload::Request> draw_requests(const Benchmark& benchmark, double output_mean,
                                                           std::int64_t samples, std::uint64_t seed);

/// Sets arrivals: a Poisson stream of samples of `beams` requests each. The same seed gives the same stream
/// for every rate, only faster.
void arrive_at_random(std::vector<workload::Request>& requests, std::int64_t beams, double samples_per_s,
                      std::uint64_t seed);

}  // namespace mtok::validation
