// What a user asks: a workload on a model on devices, with an engine, a fleet, prices and promises.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sim/cost/price_book.hpp"
#include "sim/engine/engine.hpp"
#include "sim/engine/metrics.hpp"
#include "sim/model/step_graph.hpp"
#include "sim/planner/catalogue.hpp"
#include "sim/workload/synthetic.hpp"
#include "sim/workload/trace.hpp"

namespace mtok::planner {

/// A value in force with where it came from: every default that a result depends on is listed.
struct Assumption {
  std::string key{};  ///< "engine.max_num_seqs"
  std::string value{};
  std::string source{};  ///< a file, a document, or "default of mtok"
  std::string date{};    ///< ISO date; empty when undated
};

/// The part of the requests that one pool of a fleet serves: those whose position, hashed, falls into [from,
/// to).
struct Slice {
  double from = 0;
  double to = 1;
};

/// Exactly one of trace, synthetic and requests.
struct WorkloadChoice {
  std::optional<std::filesystem::path> trace{};
  workload::TraceOptions trace_options{};
  std::optional<workload::SyntheticSpec> synthetic{};
  std::shared_ptr<const std::vector<workload::Request>> requests{};  ///< a list in memory, sorted by arrival
  engine::Load load{};
  Slice slice{};
};

/// A memory behind the KV cache, of one replica.
struct KvTierChoice {
  std::string name{};
  Bytes capacity{};
  BytesPerSecond bandwidth{};  ///< towards the devices, of all of the replica's links together
};

/// Names as vLLM's flags; absent: the default of the framework profile.
struct EngineChoice {
  std::string framework = "vllm";
  std::optional<std::int64_t> max_num_seqs{};
  std::optional<std::int64_t> max_num_batched_tokens{};
  std::optional<std::int64_t> max_model_len{};
  std::optional<std::int64_t> block_size{};
  std::optional<double> gpu_memory_utilization{};
  std::optional<std::int64_t> num_gpu_blocks{};
  bool enable_chunked_prefill = true;
  bool enable_prefix_caching = true;
  std::vector<KvTierChoice> kv_tiers{};  ///< nearest first
  std::optional<double>
      moe_routing_skew{};  ///< exponent of the experts' loads; absent: typical_skew of the network
};

struct PriceChoice {
  std::string book = "default";
  cost::Tier tier = cost::Tier::on_demand;
  std::optional<std::string> provider{};
  std::optional<UsdPerSecond> per_device{};  ///< usd_per_device_hour: overrides the book
};

/// Models and hardware that `mtok ladder` climbs to; absent: models/alternatives.yaml.
struct LadderChoice {
  std::optional<std::string> moe_model{};
  std::optional<std::string> small_model{};
  std::optional<double> small_share{};
  std::optional<std::string> student_model{};
  std::optional<std::string> newer_device{};
};

struct Scenario {
  std::string name{};
  std::filesystem::path file{};
  WorkloadChoice workload{};
  std::filesystem::path model_file{};
  std::filesystem::path device_file{};
  std::int64_t device_count = 1;  ///< per replica
  kernel::Formats formats{};
  model::Sharding sharding{};
  EngineChoice engine{};
  std::int64_t replicas = 1;
  engine::Router router = engine::Router::least_loaded;
  PriceChoice prices{};
  engine::Slo slo{};
  std::uint64_t seed = 1;
  LadderChoice ladder{};
  std::vector<Assumption> defaults{};  ///< keys that the file left out, with what they became
};

/// The offer that a choice names; nullopt when the book has none.
[[nodiscard]] std::optional<cost::Price> find_price(const cost::PriceBook& book, const std::string& device,
                                                    const PriceChoice& choice);

/// Reads and checks a scenario file; names are resolved, the trace must exist but is not read. `trace`, when
/// given, takes the place of the workload's trace and may lie anywhere. Throws config::Error with every error
/// of the file.
[[nodiscard]] Scenario load_scenario(const std::filesystem::path& file, const Catalogue& catalogue,
                                     const std::optional<std::filesystem::path>& trace = {});

}  // namespace mtok::planner
