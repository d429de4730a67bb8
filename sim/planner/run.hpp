// Runs one scenario: from files to a bill, or to the reason why it cannot run.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sim/cost/bill.hpp"
#include "sim/cost/distillation.hpp"
#include "sim/cost/footprint.hpp"
#include "sim/cost/group_cost.hpp"
#include "sim/cost/idle_parts.hpp"
#include "sim/engine/deployment.hpp"
#include "sim/engine/metrics.hpp"
#include "sim/engine/scaled_timer.hpp"
#include "sim/planner/draft.hpp"
#include "sim/planner/scenario.hpp"

namespace mtok::planner {

/// A file that the result depends on.
struct InputFile {
  std::string
      path{};  ///< as named by the user or relative to the data root; never absolute when it can be helped
  std::string sha256{};
};

/// A change of the scenario that would make it fit.
struct Remedy {
  std::string change{};  ///< "weights: int4", "hardware: {device: h200-sxm, count: 1}"
  Bytes need_per_device{};
  Bytes have_per_device{};
  UsdPerSecond per_replica{};  ///< price of the devices of one replica
};

/// Why a deployment cannot run at all.
struct Infeasible {
  std::string reason{};            ///< one sentence with need and have in GB
  Bytes need_per_device{};         ///< weights, reserve and the KV cache of one longest request
  Bytes have_per_device{};         ///< what the framework's rule lets it use
  std::vector<Remedy> remedies{};  ///< that fit, cheapest first, at most two
};

/// The pool that decodes on devices of its own.
struct DecodePoolSetup {
  hardware::DeviceProfile device{};
  hardware::FrameworkProfile framework{};
  engine::SchedulerConfig scheduler{};
  engine::MemoryPlan memory{};
  cost::Price price{};
  cost::MarginalTimes marginal{};  ///< only for that allocation
  engine::KvLink link{};
  Bytes page{};  ///< what of one KV page crosses the link, all receiving devices together
};

/// Some of the requests of a run, by themselves.
struct RequestGroup {
  std::string name{};
  double weight = 1;                                 ///< of a tenant, among tenants
  engine::Metrics metrics{};                         ///< but for gaps between tokens
  cost::GroupCost cost{};                            ///< of the work done for them
  double token_share = 0;                            ///< of the tokens of all requests
  std::optional<UsdPerToken> per_token{};            ///< of that, over their own tokens
  std::optional<UsdPerToken> per_token_with_idle{};  ///< the same when work carries what was idle
};

struct RunResult {
  Scenario scenario{};
  model::Architecture architecture{};
  hardware::DeviceProfile device{};
  hardware::FrameworkProfile framework{};
  engine::SchedulerConfig scheduler{};
  engine::MemoryPlan memory{};
  std::optional<Draft> draft{};                  ///< of speculative decoding
  std::optional<DecodePoolSetup> decode_pool{};  ///< with it, all of the above is of the prefill pool
  std::optional<Infeasible> infeasible{};        ///< when set, nothing below was computed

  engine::RunRecord run{};
  engine::Metrics metrics{};  ///< latencies of interactive requests, counts and tokens of all
  cost::Price price{};
  cost::MarginalTimes marginal{};  ///< only for that allocation
  cost::Bill bill{};
  std::optional<RequestGroup> batch{};          ///< the batch tier, where there is one
  std::vector<RequestGroup> tenants{};          ///< those of the scenario, then all others; empty: none named
  std::optional<cost::IdleParts> idle_parts{};  ///< of a fleet that could change
  cost::Footprint footprint{};
  workload::Skipped skipped{};
  std::int64_t hash_blocks =
      0;  ///< of the workload, and how many an unbounded cache would find in file order
  std::int64_t unbounded_prefix_hits = 0;
  std::int64_t lru_blocks = 0;  ///< that the caches of the whole fleet can keep, 0: no prefix caching; ...
  std::int64_t lru_prefix_hits = 0;  ///< ... and what one LRU cache of that size would find in file order
  double mfu = 0;  ///< share of the multipliers' peak that was used over the whole time of the fleet
  double mbu = 0;  ///< share of the memory bandwidth

  std::optional<cost::Score> quality{};      ///< headline score of the model, unquantized
  std::optional<cost::Recovery> recovery{};  ///< what the formats keep of it, where published for this model
  /// Of a fleet of several models, each by itself until the end of them all: the further models, then the
  /// scenario's own. What stands above is then the whole fleet's; architecture, device, memory and price are
  /// those of the scenario's own model.
  std::vector<RunResult> pools{};
  std::optional<cost::Distilled> distillation{};  ///< when the scenario tells how its model was made
  Money wasted{};  ///< of the bill: answers of a small model that were thrown away
  std::vector<InputFile> inputs{};
  std::vector<Assumption> assumptions{};
  std::vector<std::string> warnings{};
};

/// Fills in what RunResult says of groups of requests. Requires its run and its bill, and its pools, when
/// there are any, to be measured: a tenant pays what it pays in each of them.
void measure_groups(RunResult& result);

/// Devices of the whole fleet, of all pools and models. Requires a feasible result.
[[nodiscard]] std::int64_t devices_of(const RunResult& result);

/// Time of all devices of all pools and models that is paid for. Requires a feasible result.
[[nodiscard]] Seconds paid_device_time(const RunResult& result);

/// Called with ended requests and the number that is expected (0: unknown); false stops.
using Progress = std::function<bool(std::int64_t ended, std::int64_t expected)>;

/// Two ways to the same run; `stepwise` is the reference.
enum class Engine { leaping, stepwise };

struct RunOptions {
  Engine engine = Engine::leaping;
  bool keep_requests = false;               ///< one row per request in the result, in memory
  engine::RunObserver* observer = nullptr;  ///< told of every step; may be null
  engine::TimeScale time_scale{};           ///< of every step, in all pools
};

/// Throws config::Error for files that cannot be used. A deployment that does not fit is an answer, not an
/// error.
[[nodiscard]] RunResult run(const Scenario& scenario, const Catalogue& catalogue,
                            const Progress& progress = {}, const RunOptions& options = {});

struct CompiledDeployment;  // compiled_deployment.hpp
struct WorkloadFacts;       // workload_facts.hpp

/// A scenario of one model and one pool that is loaded, fitted and compiled once, to be run with several
/// numbers of replicas. Not for use by two threads at once.
class PreparedRun {
 public:
  /// `compiled`: of an earlier run of the same network, device, sharding, formats, framework and routing
  /// skew, whose step times are then used again. Throws as run().
  PreparedRun(const Scenario& scenario, const Catalogue& catalogue,
              std::shared_ptr<CompiledDeployment> compiled = {});
  ~PreparedRun();
  PreparedRun(const PreparedRun&) = delete;
  PreparedRun& operator=(const PreparedRun&) = delete;

  /// All that is known without a simulation: what it loads, and whether it fits.
  [[nodiscard]] const RunResult& loaded() const { return *loaded_; }
  [[nodiscard]] const WorkloadFacts& facts() const;
  /// With its timer, which is that of the network without drafts.
  [[nodiscard]] std::shared_ptr<CompiledDeployment> compiled();
  /// As run() of the scenario with so many replicas. A run that is given up is `cancelled`. Requires that it
  /// fits.
  [[nodiscard]] RunResult with(std::int64_t replicas, const std::optional<engine::GiveUp>& give_up = {});
  /// What `run`, of a scenario that differs in prices only, would be at this scenario's prices.
  [[nodiscard]] RunResult priced(const RunResult& run);

 private:
  struct State;
  std::unique_ptr<State> state_;
  const RunResult* loaded_ = nullptr;
};

}  // namespace mtok::planner
