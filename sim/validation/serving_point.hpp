// One operating point of a measured serving system, and the scenario that repeats it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/planner/catalogue.hpp"
#include "sim/planner/scenario.hpp"
#include "sim/validation/benchmark.hpp"
#include "sim/validation/recipe.hpp"
#include "sim/validation/recorded_run.hpp"
#include "sim/validation/table.hpp"

namespace mtok::validation {

/// What the columns of a serving file say of one measured system under one load. Empty texts and zeros: not
/// stated.
struct ServingPoint {
  std::string model{};
  std::string weight_precision{};
  std::string kv_precision{};
  std::string gpu{};
  std::int64_t n_gpus = 0;
  std::int64_t tp = 0;
  std::int64_t pp = 0;
  std::int64_t ep = 0;
  std::int64_t dp_attention = 0;
  bool disaggregated = false;
  std::string parallel_note{};  ///< empty unless disaggregated, where it states both pools
  std::string framework{};
  std::string framework_version{};
  double isl_tokens = 0;
  double osl_tokens = 0;
  std::string workload{};
  std::string load_mode{};
  std::int64_t concurrency = 0;
  std::int64_t max_batch = 0;

  friend bool operator==(const ServingPoint&, const ServingPoint&) = default;
};

[[nodiscard]] ServingPoint read_point(const Table& table);

/// The scenario of a point, or why it cannot be simulated. Sets of devices that work side by side are alike,
/// so that one stands for all, but for the clients of a closed loop, which all sets share.
struct PointScenario {
  std::optional<planner::Scenario> scenario{};
  std::string unsupported{};
  /// Where the lengths come from a benchmark's data set: it, and the mean of the outputs. The scenario holds
  /// its requests, offline; requests of `beams` in a row are one sample.
  std::optional<Benchmark> benchmark{};
  double output_mean = 0;
  std::int64_t beams = 1;
  /// The load is the fastest Poisson stream of samples that keeps these; the scenario's load is the same
  /// offline.
  std::optional<engine::Slo> limits{};
  /// Tensor ranks that one replica may get to keep the limits, where the source leaves the layout open; 0: as
  /// it is.
  std::int64_t tensor_may_grow_to = 0;
  /// Points with the same text here are one simulation; empty: there is none like it.
  std::string alike{};
};
/// What rows of a file refer to without holding it: requests, and how the measured servers were started.
struct KnownWorkloads {
  std::vector<Benchmark> benchmarks{};
  std::vector<Recipe> recipes{};
  std::vector<RecordedRun> recorded{};
};

/// What a source leaves open is filled by stated rules (docs/accuracy.md): KV format, layout, numbers of
/// requests, and lengths and engine options by the known workloads.
[[nodiscard]] PointScenario scenario_of(const ServingPoint& point, const planner::Catalogue& catalogue,
                                        const KnownWorkloads& known);

/// The stem in models/ of a name as sources write it ("nvidia/DeepSeek-R1-NVFP4"); nullopt when there is
/// none.
[[nodiscard]] std::optional<std::string> model_called(const std::string& name,
                                                      const planner::Catalogue& catalogue);

}  // namespace mtok::validation
