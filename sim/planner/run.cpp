// Runs one scenario: loads what it names, checks that it fits, simulates, prices.
#include "sim/planner/run.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>

#include "sim/engine/prefix_reuse.hpp"
#include "sim/hardware/device.hpp"
#include "sim/planner/compiled_deployment.hpp"
#include "sim/planner/fit.hpp"
#include "sim/planner/kv_geometry.hpp"
#include "sim/planner/kv_link.hpp"
#include "sim/planner/lora.hpp"
#include "sim/planner/marginal_times.hpp"
#include "sim/planner/model_mix.hpp"
#include "sim/planner/pricing.hpp"
#include "sim/planner/run_assumptions.hpp"
#include "sim/planner/run_plan.hpp"
#include "sim/planner/scheduler_limits.hpp"
#include "sim/planner/workload_facts.hpp"

namespace mtok::planner {
namespace {

namespace fs = std::filesystem;

class Runner {
 public:
  Runner(const Scenario& scenario, const Catalogue& catalogue, const Progress& progress,
         const RunOptions& options)
      : catalogue_(catalogue), progress_(progress), options_(options) {
    result_.scenario = scenario;
  }

  RunResult run() {
    prepare(known_facts(result_.scenario));
    if (!result_.infeasible && result_.scenario.disaggregation) {
      prepare_decode_pool();
    }
    if (!result_.infeasible) {
      bound_prefix_hits();
      finish({});
    }
    return std::move(result_);
  }

  /// Loads and fits, but for a decode pool.
  const RunResult& load_only() {
    prepare(known_facts(result_.scenario));
    return result_;
  }

  /// One run with so many replicas. Requires load_only() before, and that it fits.
  RunResult with(std::int64_t replicas, const std::optional<engine::GiveUp>& give_up) {
    RunResult loaded = result_;
    result_.scenario.replicas = replicas;
    if (give_up) {
      result_.lru_blocks = 0;
      result_.lru_prefix_hits = 0;
    } else {
      bound_prefix_hits();
    }
    finish(give_up);
    std::swap(loaded, result_);
    return loaded;
  }

  /// The bill of the same run at this scenario's prices.
  RunResult priced_like_this(const RunResult& run) {
    RunResult priced = result_;
    priced.scenario.replicas = run.scenario.replicas;
    priced.run = run.run;
    priced.metrics = run.metrics;
    priced.marginal = run.marginal;
    priced.mfu = run.mfu;
    priced.mbu = run.mbu;
    priced.lru_blocks = run.lru_blocks;
    priced.lru_prefix_hits = run.lru_prefix_hits;
    priced.warnings = run.warnings;
    std::swap(priced, result_);
    price();
    judge_quality();
    spread_distillation(result_);
    std::swap(priced, result_);
    return priced;
  }

  [[nodiscard]] const WorkloadFacts& facts() const { return facts_; }
  [[nodiscard]] std::shared_ptr<CompiledDeployment> compiled() {
    if (!compiled_->timer) {
      compiled_->timer = engine::compile(compiled_->deployment);
    }
    return compiled_;
  }
  void use(std::shared_ptr<CompiledDeployment> compiled) { compiled_ = std::move(compiled); }

 private:
  void finish(const std::optional<engine::GiveUp>& give_up) {
    simulate(give_up);
    price();
    judge_quality();
    spread_distillation(result_);
  }

  /// Everything before the simulation: files, memory, assumptions, whether it fits. `known`: what would else
  /// be looked for in the workload.
  void prepare(const std::optional<WorkloadFacts>& known) {
    load();
    facts_ =
        known ? *known : WorkloadFacts{.hash_block_size = open_workload(result_.scenario)->hash_block_size()};

    if (!compiled_) {
      compiled_ = std::make_shared<CompiledDeployment>(result_.architecture, result_.device,
                                                       result_.framework, result_.scenario, routing());
    }
    configure(compiled_->deployment);
    add_kv_tiers();
    look_at_workload(known);
    result_.assumptions = assumptions_of(result_, request_overhead(), routing().skew, terms_);
    warn_of(result_, *compiled_->device);
    check_fit();
  }

  void prepare_decode_pool() {
    const Scenario side = decode_side(result_.scenario);
    decode_ = std::make_unique<Runner>(side, catalogue_, progress_, options_);
    decode_->prepare(facts_);
    // What comes over the link has no prompt left to compute, so it joins the decodes whatever the framework
    // does with prompts.
    decode_->result_.scheduler.mixed_batches = true;
    const RunResult& pool = decode_->result_;
    result_.infeasible = pool.infeasible;
    if (result_.infeasible) {
      result_.infeasible->reason = "decode pool: " + result_.infeasible->reason;
    }
    merge_evidence_of(pool);
    const double rank_devices = static_cast<double>(side.sharding.tensor * side.sharding.pipeline);
    const Bytes page = pool.memory.kv_per_token_per_device *
                       Tokens(static_cast<double>(pool.scheduler.kv_geometry.block_size)) /
                       static_cast<double>(pool.scheduler.kv_geometry.pages_per_block());
    result_.decode_pool = {
        .device = pool.device,
        .framework = pool.framework,
        .scheduler = pool.scheduler,
        .memory = pool.memory,
        .price = pool.price,
        .link =
            link_between({.device = &result_.device,
                          .sharding = result_.scenario.sharding,
                          .replicas = result_.scenario.replicas},
                         {.device = &pool.device, .sharding = side.sharding, .replicas = side.replicas}, page,
                         result_.architecture.layers(), result_.scenario.disaggregation->kv_transfer),
        .page = page * rank_devices};
  }

  /// Files, assumptions and warnings of the decode pool that are not known yet.
  void merge_evidence_of(const RunResult& pool) {
    for (const InputFile& input : pool.inputs) {
      const auto same = [&](const InputFile& other) { return other.path == input.path; };
      if (std::none_of(result_.inputs.begin(), result_.inputs.end(), same)) {
        result_.inputs.push_back(input);
      }
    }
    const std::vector<Assumption> known = result_.assumptions;
    for (Assumption assumption : pool.assumptions) {
      const auto same = [&](const Assumption& other) {
        return other.key == assumption.key && other.value == assumption.value;
      };
      if (std::none_of(known.begin(), known.end(), same)) {
        assumption.key = "decode." + assumption.key;
        result_.assumptions.push_back(assumption);
      }
    }
    for (const std::string& warning : pool.warnings) {
      if (std::find(result_.warnings.begin(), result_.warnings.end(), warning) == result_.warnings.end()) {
        result_.warnings.push_back(warning);
      }
    }
  }

  void add_input(const fs::path& file) {
    result_.inputs.push_back({.path = catalogue_.shown(file), .sha256 = catalogue_.digest(file)});
  }

  void load() {
    const Scenario& scenario = result_.scenario;
    if (!scenario.file.empty()) {
      add_input(scenario.file);
    }
    if (scenario.workload.trace) {
      add_input(*scenario.workload.trace);
    }
    if (scenario.batch && scenario.batch->trace) {
      add_input(*scenario.batch->trace);
    }
    result_.architecture = catalogue_.model(scenario.model_file);
    add_input(scenario.model_file);
    result_.device = catalogue_.device(scenario.device_file);
    add_input(scenario.device_file);
    const Catalogue::Lookup framework =
        catalogue_.find_framework(scenario.engine.framework, scenario.file.parent_path());
    if (!framework.file) {
      throw config::Error({.file = scenario.file.string(), .at = {1, 1}, .message = framework.problem});
    }
    result_.framework = catalogue_.framework(*framework.file);
    add_input(*framework.file);
    if (scenario.speculation) {
      result_.draft = draft_of(*scenario.speculation, result_.architecture, result_.framework);
      if (!result_.draft->own_layer) {
        add_input(scenario.speculation->draft_file);
      }
    }
    load_price();
  }

  void load_price() {
    terms_ = terms_of(catalogue_, result_.scenario.prices);
    const PricedDevice priced = price_for(result_.scenario, catalogue_, result_.device, terms_);
    result_.price = priced.price;
    for (const fs::path& file : priced.files) {
      add_input(file);
    }
  }

  /// Requests of an offline load lie in the queue already; nothing comes over a network.
  [[nodiscard]] Seconds request_overhead() const {
    const bool offline = result_.scenario.workload.load.kind == engine::Load::Kind::offline;
    return offline ? Seconds{} : result_.framework.request_overhead;
  }

  [[nodiscard]] model::Routing routing() const {
    return {.skew =
                result_.scenario.engine.moe_routing_skew.value_or(model::typical_skew(result_.architecture))};
  }

  void configure(const engine::Deployment& deployment) {
    const EngineChoice& choice = result_.scenario.engine;
    const hardware::FrameworkProfile& framework = result_.framework;
    const std::int64_t ranks = result_.scenario.sharding.data;
    const std::int64_t block_size = choice.block_size.value_or(framework.block_size);
    engine::SchedulerConfig& config = result_.scheduler;
    config = scheduler_limits(choice, framework, result_.scenario.sharding);
    config.max_model_len = choice.max_model_len.value_or(result_.architecture.max_position_embeddings);
    config.kv_geometry = geometry_of(result_.architecture, block_size);
    result_.memory =
        engine::plan_memory(deployment, choice.gpu_memory_utilization.value_or(framework.memory_fraction),
                            block_size, config.max_num_batched_tokens / ranks);
    if (result_.draft) {
      make_room(result_.memory, *result_.draft, deployment, block_size);
      config.speculation = result_.scenario.speculation->speculation;
    }
    if (result_.scenario.lora) {
      config.adapters = adapters_of(*result_.scenario.lora, deployment, result_.memory, block_size);
    }
    const Bytes page = result_.memory.kv_per_token_per_device * Tokens(static_cast<double>(block_size)) /
                       static_cast<double>(config.kv_geometry.pages_per_block());
    config.kv_geometry.pages_per_sequence =
        static_cast<std::int64_t>(std::ceil(result_.memory.state_per_sequence_per_device / page));
    const std::int64_t blocks =
        choice.num_gpu_blocks ? *choice.num_gpu_blocks * ranks : result_.memory.kv_blocks;
    config.kv_pages = blocks * config.kv_geometry.pages_per_block();
    if (choice.enable_prefix_caching && facts_.hash_block_size > 0) {
      if (facts_.hash_block_size % block_size == 0) {
        config.prefix_hash_block_size = facts_.hash_block_size;
      } else {
        result_.warnings.push_back(
            "prefix caching is off: hash blocks of " + std::to_string(facts_.hash_block_size) +
            " tokens are no multiple of engine.block_size " + std::to_string(block_size));
      }
    }
  }

  /// Bytes become tokens by what a cached token takes: layers with a window cache nothing.
  void add_kv_tiers() {
    const std::vector<KvTierChoice>& tiers = result_.scenario.engine.kv_tiers;
    engine::SchedulerConfig& config = result_.scheduler;
    if (tiers.empty()) {
      return;
    }
    if (config.prefix_hash_block_size == 0) {
      result_.warnings.emplace_back("engine.kv_tiers hold nothing, since there is no prefix caching");
      return;
    }
    const double cached_share = static_cast<double>(config.kv_geometry.shared_pages_per_block()) /
                                static_cast<double>(config.kv_geometry.pages_per_block());
    const Bytes token = result_.memory.kv_per_token * Tokens(1) * cached_share;
    if (token <= Bytes{}) {
      result_.warnings.emplace_back("engine.kv_tiers hold nothing: no layer of this network sees everything");
      return;
    }
    for (const KvTierChoice& tier : tiers) {
      config.kv_tiers.push_back({.name = tier.name,
                                 .capacity_tokens = static_cast<std::int64_t>(tier.capacity / token),
                                 .load_per_token = token / tier.bandwidth});
    }
  }

  /// How many blocks of content the caches of the whole fleet can keep; 0 without prefix caching.
  [[nodiscard]] std::int64_t kept_blocks() const {
    const std::optional<engine::Autoscaler>& scaler = result_.scenario.autoscaler;
    const std::int64_t most = scaler ? scaler->max_replicas : result_.scenario.replicas;
    return result_.scheduler.prefix_hash_block_size > 0 ? result_.scheduler.kept_blocks() * most : 0;
  }

  /// At most one pass over the workload, after it is known how much the caches of the fleet can keep.
  void look_at_workload(const std::optional<WorkloadFacts>& known) {
    if (!known) {
      result_.lru_blocks = kept_blocks();
      facts_ = look_through(result_.scenario, result_.lru_blocks);
      result_.lru_prefix_hits = facts_.lru_prefix_hits;
    }
    result_.skipped = facts_.skipped;
    result_.hash_blocks = facts_.hash_blocks;
    result_.unbounded_prefix_hits = facts_.unbounded_prefix_hits;
  }

  /// A pass of its own only where the fleet is another than the one that was looked at.
  void bound_prefix_hits() {
    if (const std::int64_t blocks = kept_blocks(); blocks != result_.lru_blocks) {
      result_.lru_blocks = blocks;
      result_.lru_prefix_hits = engine::lru_prefix_hits(*open_workload(result_.scenario), blocks);
    }
  }

  /// A deployment whose cache cannot hold a single block has no answer; a request too long for it is rejected
  /// instead.
  void check_fit() {
    if (result_.scheduler.kv_pages >= result_.scheduler.kv_geometry.pages_for(1)) {
      return;
    }
    const bool looked_through = facts_.input_p99 > 0;
    result_.infeasible = explain_misfit(
        {.scenario = &result_.scenario,
         .architecture = &result_.architecture,
         .device = &result_.device,
         .framework = &result_.framework,
         .longest_request = (looked_through ? facts_ : look_through(result_.scenario)).longest_request},
        catalogue_);
  }

  /// The timer of what is compiled already; one of its own where the run shapes it: with a draft model, whose
  /// state is the run's, with low-rank adapters, and with stretched steps.
  engine::StepTimer& compile() {
    const std::optional<LoraChoice>& lora = result_.scenario.lora;
    if (result_.draft || lora || options_.time_scale != engine::TimeScale{}) {
      const engine::Deployment& deployment = compiled_->deployment;
      own_timer_ = result_.draft ? compile_with(*result_.draft, deployment,
                                                result_.scenario.speculation->speculation.draft_tokens())
                                 : engine::compile(deployment);
      if (lora) {
        own_timer_ = engine::with_adapters(std::move(own_timer_),
                                           engine::low_rank_demand(deployment, lora->max_lora_rank));
      }
      own_timer_ = engine::scaled(std::move(own_timer_), options_.time_scale);
      return *own_timer_;
    }
    if (!compiled_->timer) {
      compiled_->timer = engine::compile(compiled_->deployment);
    }
    return *compiled_->timer;
  }

  void simulate(const std::optional<engine::GiveUp>& give_up) {
    engine::StepTimer& timer = compile();
    engine::StepTimer* const decode_timer = decode_ ? &decode_->compile() : nullptr;
    const std::unique_ptr<workload::RequestSource> source = open_for_run(result_.scenario, facts_);
    engine::RunPlan plan = plan_of(result_, decode_timer);
    plan.request_overhead = request_overhead();
    plan.keep_requests = options_.keep_requests;
    plan.give_up = give_up;
    plan.observer = options_.observer;
    engine::KeepGoing keep_going;
    if (progress_) {
      keep_going = [this](std::int64_t ended, SimTime) { return progress_(ended, facts_.requests); };
    }
    const auto run_engine = options_.engine == Engine::stepwise ? engine::run_stepwise : engine::run_leaping;
    result_.run = run_engine(plan, timer, *source, keep_going);
    result_.metrics = engine::measure(result_.run.totals, result_.run.inter_token);
    if (result_.scenario.prices.allocation.method == cost::Allocation::marginal) {
      const double tokens = result_.draft ? result_.scenario.speculation->speculation.tokens_per_step() : 1;
      result_.marginal = marginal_times(result_.run, timer, result_.scheduler, tokens);
      if (result_.decode_pool) {
        result_.decode_pool->marginal =
            marginal_times(result_.run, *decode_timer, result_.decode_pool->scheduler, tokens);
      }
    }
    Seconds compute;
    Seconds memory;
    for (const engine::ReplicaRecord& replica : result_.run.replicas) {
      compute += replica.compute_bound;
      memory += replica.memory_bound;
    }
    if (const double wall = static_cast<double>(result_.run.wall_ns()) * 1e-9; wall > 0) {
      result_.mfu = compute.base() / wall;
      result_.mbu = memory.base() / wall;
    }
    if (result_.metrics.rejected > 0) {
      result_.warnings.push_back(std::to_string(result_.metrics.rejected) +
                                 " requests can never fit max_model_len or the KV cache and were rejected");
    }
    if (result_.run.cancelled) {
      result_.warnings.push_back("the run was stopped: " + std::to_string(result_.metrics.unfinished) +
                                 " requests are unfinished");
    }
  }

  void price() {
    result_.bill = bill_of(result_);
    result_.footprint = cost::footprint_of(result_.run, terms_);
    measure_groups(result_);
    if (result_.run.elastic) {
      result_.idle_parts = cost::split_idle(result_.bill, result_.run);
    }
    if (const std::optional<cost::Date>& day = result_.scenario.prices.as_of) {
      const std::vector<std::string> old = old_prices(result_, *day);
      result_.warnings.insert(result_.warnings.end(), old.begin(), old.end());
    }
  }

  void judge_quality() {
    const cost::QualityTable table = catalogue_.quality();
    result_.quality = table.headline(result_.architecture.name);
    result_.recovery = table.recovery(result_.architecture.name, result_.scenario.formats);
  }

  const Catalogue& catalogue_;
  const Progress& progress_;
  const RunOptions& options_;
  WorkloadFacts facts_{};
  cost::CostTerms terms_{};
  std::shared_ptr<CompiledDeployment> compiled_;
  std::unique_ptr<engine::StepTimer> own_timer_;
  std::unique_ptr<Runner> decode_;  ///< set up for the decode pool; runs nothing itself
  RunResult result_{};
};

}  // namespace

struct PreparedRun::State {
  State(const Scenario& scenario, Catalogue from)
      : catalogue(std::move(from)), runner(scenario, catalogue, progress, options) {}

  Catalogue catalogue;
  Progress progress{};
  RunOptions options{};
  Runner runner;
};

PreparedRun::PreparedRun(const Scenario& scenario, const Catalogue& catalogue,
                         std::shared_ptr<CompiledDeployment> compiled)
    : state_(std::make_unique<State>(scenario, catalogue)) {
  assert(scenario.models.empty() && !scenario.disaggregation);
  state_->runner.use(std::move(compiled));
  loaded_ = &state_->runner.load_only();
}
PreparedRun::~PreparedRun() = default;

const WorkloadFacts& PreparedRun::facts() const {
  return state_->runner.facts();
}

std::shared_ptr<CompiledDeployment> PreparedRun::compiled() {
  return state_->runner.compiled();
}

RunResult PreparedRun::with(std::int64_t replicas, const std::optional<engine::GiveUp>& give_up) {
  return state_->runner.with(replicas, give_up);
}

RunResult PreparedRun::priced(const RunResult& run) {
  return state_->runner.priced_like_this(run);
}

RunResult run(const Scenario& scenario, const Catalogue& catalogue, const Progress& progress,
              const RunOptions& options) {
  if (!scenario.models.empty()) {
    return run_models(scenario, catalogue, progress, options);
  }
  return Runner(scenario, catalogue, progress, options).run();
}

}  // namespace mtok::planner
