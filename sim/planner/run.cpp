// Runs one scenario: loads what it names, checks that it fits, simulates, prices.
#include "sim/planner/run.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "sim/config/sha256.hpp"
#include "sim/hardware/device.hpp"
#include "sim/planner/fit.hpp"
#include "sim/planner/kv_geometry.hpp"
#include "sim/planner/kv_link.hpp"
#include "sim/planner/marginal_times.hpp"
#include "sim/planner/model_mix.hpp"
#include "sim/planner/pricing.hpp"
#include "sim/planner/run_plan.hpp"
#include "sim/planner/scheduler_limits.hpp"
#include "sim/planner/workload_facts.hpp"

namespace mtok::planner {
namespace {

namespace fs = std::filesystem;

/// The line of a profile's source that speaks of one group of its numbers: "limits: ..." without the name.
std::string section_of(const std::string& source, const std::string& section) {
  const std::size_t start = source.find(section + ": ");
  if (start == std::string::npos) {
    return source;
  }
  const std::size_t text = start + section.size() + 2;
  return source.substr(text, source.find('\n', text) - text);
}

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
    if (result_.infeasible || !options_.simulate) {
      return std::move(result_);
    }
    simulate();
    price();
    judge_quality();
    spread_distillation();
    return std::move(result_);
  }

 private:
  /// Everything before the simulation: files, memory, assumptions, whether it fits. `known`: what would else
  /// be looked for in the workload.
  void prepare(const std::optional<WorkloadFacts>& known) {
    load();
    facts_ =
        known ? *known : WorkloadFacts{.hash_block_size = open_workload(result_.scenario)->hash_block_size()};

    device_ = hardware::make_device(
        result_.device, model::weight_bytes_per_device(result_.architecture, result_.scenario.formats.weights,
                                                       result_.scenario.sharding));
    deployment_ = {.architecture = &result_.architecture,
                   .device = device_.get(),
                   .framework = &result_.framework,
                   .sharding = result_.scenario.sharding,
                   .formats = result_.scenario.formats,
                   .routing = routing()};
    configure(deployment_);
    add_kv_tiers();
    if (!known) {
      look_at_workload();
    }
    note_assumptions();
    note_formats();
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
    result_.inputs.push_back({.path = catalogue_.shown(file), .sha256 = config::sha256_of_file(file)});
  }

  void load() {
    const Scenario& scenario = result_.scenario;
    if (!scenario.file.empty()) {
      add_input(scenario.file);
    }
    if (scenario.workload.trace) {
      add_input(*scenario.workload.trace);
    }
    result_.architecture = model::load_architecture(scenario.model_file);
    add_input(scenario.model_file);
    result_.device = catalogue_.device(scenario.device_file);
    add_input(scenario.device_file);
    const Catalogue::Lookup framework =
        catalogue_.find_framework(scenario.engine.framework, scenario.file.parent_path());
    if (!framework.file) {
      throw config::Error({.file = scenario.file.string(), .at = {1, 1}, .message = framework.problem});
    }
    result_.framework = hardware::load_framework(*framework.file);
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

  /// One pass over the workload, after it is known how much the caches of the fleet can keep.
  void look_at_workload() {
    if (result_.scheduler.prefix_hash_block_size > 0) {
      result_.lru_blocks = result_.scheduler.kept_blocks() * result_.scenario.replicas;
    }
    facts_ = look_through(result_.scenario, result_.lru_blocks);
    result_.skipped = facts_.skipped;
    result_.hash_blocks = facts_.hash_blocks;
    result_.unbounded_prefix_hits = facts_.unbounded_prefix_hits;
    result_.lru_prefix_hits = facts_.lru_prefix_hits;
  }

  /// Every default in force, with its source.
  void note_assumptions() {
    std::vector<Assumption>& list = result_.assumptions;
    const Scenario& scenario = result_.scenario;
    const hardware::FrameworkProfile& framework = result_.framework;
    list = scenario.defaults;
    const std::string framework_name = framework.name + " " + framework.version + ": ";
    const auto source_of = [&](const std::string& section) {
      return framework_name + section_of(framework.source, section);
    };
    const auto engine_default = [&](bool given, const std::string& key, std::int64_t value) {
      if (!given) {
        list.push_back({"engine." + key, std::to_string(value), source_of("limits"), ""});
      }
    };
    engine_default(scenario.engine.max_num_seqs.has_value(), "max_num_seqs", framework.max_num_seqs);
    engine_default(scenario.engine.max_num_batched_tokens.has_value(), "max_num_batched_tokens",
                   framework.max_num_batched_tokens);
    engine_default(scenario.engine.block_size.has_value(), "block_size", framework.block_size);
    if (!scenario.engine.max_model_len) {
      list.push_back({"engine.max_model_len", std::to_string(result_.scheduler.max_model_len),
                      "max_position_embeddings of the model", ""});
    }
    if (!scenario.engine.gpu_memory_utilization) {
      list.push_back({"engine.gpu_memory_utilization", units::shortest(framework.memory_fraction),
                      source_of("memory"), ""});
    }
    const auto fact = [&](const std::string& key, std::string value, const std::string& section) {
      list.push_back({"framework." + key, std::move(value), source_of(section), ""});
    };
    fact("step_overhead", units::to_text(framework.step_overhead), "host_time");
    fact("sequence_overhead", units::to_text(framework.sequence_overhead), "host_time");
    fact("request_overhead", units::to_text(request_overhead()), "host_time");
    fact("eager_layer", units::to_text(framework.eager_layer), "host_time");
    if (framework.eager_kernel > Seconds{}) {
      fact("eager_kernel", units::to_text(framework.eager_kernel), "host_time");
    }
    fact("launch_share", units::shortest(framework.launch_share), "host_time");
    fact("output_reserve", units::shortest(framework.output_reserve), "limits");
    fact("host_hidden", units::shortest(framework.host_hidden), "host_time");
    fact("mixed_batches", framework.mixed_batches ? "true" : "false", "limits");
    if (framework.schedules_ahead) {
      fact("schedules_ahead", "true", "limits");
    }
    fact("activation_memory", units::to_text(result_.memory.reserved_per_device), "memory");
    if (const double skew = routing().skew; skew > 0 && !scenario.engine.moe_routing_skew) {
      list.push_back({"engine.moe_routing_skew", units::shortest(skew),
                      "power law of expert loads: 1.01 DeepSeek-V3/R1, 1.2 typical "
                      "(ai-dynamo/aiconfigurator, workload distributions of its MoE tables)",
                      ""});
    }
    list.push_back({"device", result_.device.name, result_.device.source, result_.device.released});
    const hardware::Efficiency& efficiency = result_.device.efficiency;
    const std::optional<hardware::Fit>& fitted = result_.device.fitted;
    const std::string efficiency_source =
        fitted ? fmt::format("fitted to {} measured kernels ({}), median error of {} {} %", fitted->rows,
                             fitted->data, fitted->judged_error ? "kernels of other shapes" : "these kernels",
                             units::fixed(fitted->judged_error.value_or(fitted->error) * 100, 1))
               : "hwprofiles/efficiency.yaml, not calibrated";
    const auto bf16 = efficiency.peak_fraction_of.find(kernel::NumberFormat::bf16);
    const double peak_fraction =
        bf16 != efficiency.peak_fraction_of.end() ? bf16->second : efficiency.peak_fraction;
    list.push_back({"efficiency.peak_fraction", units::shortest(peak_fraction), efficiency_source, ""});
    list.push_back({"efficiency.bandwidth_fraction", units::shortest(efficiency.bandwidth_fraction),
                    efficiency_source, ""});
    const std::vector<Assumption> prices = price_assumptions(result_.price, terms_);
    list.insert(list.end(), prices.begin(), prices.end());
  }

  void note_formats() {
    const kernel::Formats& formats = result_.scenario.formats;
    if (!device_->native(formats.activations)) {
      const kernel::NumberFormat used = device_->multiply_format(formats.weights, formats.activations);
      result_.warnings.push_back(result_.device.name + " does not multiply " +
                                 std::string(kernel::name_of(formats.activations)) + "; products run in " +
                                 std::string(kernel::name_of(used)));
    }
    if (result_.skipped.failed > 0) {
      result_.warnings.push_back(
          std::to_string(result_.skipped.failed) +
          " rows of the trace have no output tokens (failed requests) and were left out");
    }
    if (result_.scenario.workload.trace && result_.scenario.workload.trace->is_absolute() &&
        !result_.scenario.file.is_absolute()) {
      result_.warnings.emplace_back("the trace lies outside the folder of the scenario");
    }
  }

  /// A deployment whose cache cannot hold a single block has no answer; a request too long for it is rejected
  /// instead.
  void check_fit() {
    if (result_.scheduler.kv_pages >= result_.scheduler.kv_geometry.pages_for(1)) {
      return;
    }
    result_.infeasible = explain_misfit({.scenario = &result_.scenario,
                                         .architecture = &result_.architecture,
                                         .device = &result_.device,
                                         .framework = &result_.framework,
                                         .longest_request = look_through(result_.scenario).longest_request},
                                        catalogue_);
  }

  [[nodiscard]] std::unique_ptr<engine::StepTimer> compile_timer() const {
    return engine::scaled(result_.draft
                              ? compile_with(*result_.draft, deployment_,
                                             result_.scenario.speculation->speculation.draft_tokens())
                              : engine::compile(deployment_),
                          options_.time_scale);
  }

  void simulate() {
    const std::unique_ptr<engine::StepTimer> timer = compile_timer();
    const std::unique_ptr<engine::StepTimer> decode_timer = decode_ ? decode_->compile_timer() : nullptr;
    const std::unique_ptr<workload::RequestSource> source = open_workload(result_.scenario);
    engine::RunPlan plan = plan_of(result_, decode_timer.get());
    plan.request_overhead = request_overhead();
    plan.keep_requests = options_.keep_requests;
    plan.observer = options_.observer;
    engine::KeepGoing keep_going;
    if (progress_) {
      keep_going = [this](std::int64_t ended, SimTime) { return progress_(ended, facts_.requests); };
    }
    const auto run_engine = options_.engine == Engine::stepwise ? engine::run_stepwise : engine::run_leaping;
    result_.run = run_engine(plan, *timer, *source, keep_going);
    result_.metrics = engine::measure(result_.run.totals, result_.run.inter_token);
    if (result_.scenario.prices.allocation.method == cost::Allocation::marginal) {
      const double tokens = result_.draft ? result_.scenario.speculation->speculation.tokens_per_step() : 1;
      result_.marginal = marginal_times(result_.run, *timer, result_.scheduler, tokens);
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
    if (result_.run.elastic) {
      result_.idle_parts = cost::split_idle(result_.bill, result_.run);
    }
    if (const std::optional<cost::Date>& day = result_.scenario.prices.as_of) {
      const std::vector<std::string> old = old_prices(result_, *day);
      result_.warnings.insert(result_.warnings.end(), old.begin(), old.end());
    }
  }

  /// Training runs on the devices that serve, in bf16.
  void spread_distillation() {
    const std::optional<DistillationChoice>& choice = result_.scenario.distillation;
    const auto peak = result_.device.peak.find(kernel::NumberFormat::bf16);
    if (!choice) {
      return;
    }
    if (peak == result_.device.peak.end()) {
      result_.warnings.push_back("distillation is not priced: " + result_.device.name +
                                 " does not multiply bf16");
      return;
    }
    const model::ParameterCount size = model::count_parameters(result_.architecture);
    result_.distillation = cost::distil({.teacher_tokens = choice->teacher_tokens,
                                         .teacher_per_token = choice->teacher_per_token,
                                         .active_parameters = static_cast<double>(size.active),
                                         .training_tokens = choice->training_tokens,
                                         .training_rate = peak->second * choice->mfu,
                                         .per_device = result_.price.per_device,
                                         .months = choice->months},
                                        result_.bill, result_.run);
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
  std::unique_ptr<const hardware::Device> device_;
  engine::Deployment deployment_{};
  std::unique_ptr<Runner> decode_;  ///< set up for the decode pool; runs nothing itself
  RunResult result_{};
};

}  // namespace

std::int64_t devices_of(const RunResult& result) {
  std::int64_t devices = 0;
  for (const RunResult& model : result.pools) {
    devices += devices_of(model.scenario);
  }
  return result.pools.empty() ? result.run.devices() : devices;
}

RunResult run(const Scenario& scenario, const Catalogue& catalogue, const Progress& progress,
              const RunOptions& options) {
  if (!scenario.models.empty()) {
    return run_models(scenario, catalogue, progress, options);
  }
  return Runner(scenario, catalogue, progress, options).run();
}

}  // namespace mtok::planner
