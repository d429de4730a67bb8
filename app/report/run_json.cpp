// Writes a run as the JSON document `mtok.run/1`, and that document as CSV.
#include <numeric>

#include "app/report/figures.hpp"
#include "app/report/json.hpp"
#include "app/report/price_json.hpp"
#include "app/report/run_report.hpp"

namespace mtok::report {
namespace {

constexpr const char* kSchema = "mtok.run/1";
constexpr const char* kRounding =
    "money is an integer number of 1e-12 USD, split by largest remainder; other numbers to 12 significant "
    "digits";
constexpr double kJoulesPerKwh = 3.6e6;

/// What beside the degrees says how experts are spread; only where it is in use.
void add_expert_placement(Json& json, const model::Sharding& sharding) {
  if (sharding.balanced_experts) {
    json["enable_eplb"] = true;
    json["num_redundant_experts"] = sharding.redundant_experts;
  }
  if (sharding.two_batch_overlap) {
    json["enable_dbo"] = true;
  }
}

Json deployment_json(const planner::RunResult& result) {
  const planner::Scenario& scenario = result.scenario;
  Json json = {{"model", result.architecture.name},
               {"device", result.device.name},
               {"devices_per_replica", scenario.device_count},
               {"replicas", scenario.replicas},
               {"weights", kernel::name_of(scenario.formats.weights)},
               {"activations", kernel::name_of(scenario.formats.activations)},
               {"kv_cache", kernel::name_of(scenario.formats.kv_cache)},
               {"tensor_parallel_size", scenario.sharding.tensor},
               {"pipeline_parallel_size", scenario.sharding.pipeline},
               {"expert_parallel_size", scenario.sharding.expert},
               {"data_parallel_size", scenario.sharding.data},
               {"framework", result.framework.name},
               {"framework_version", text_or_null(result.framework.version)},
               {"max_num_seqs", result.scheduler.max_num_seqs},
               {"max_num_batched_tokens", result.scheduler.max_num_batched_tokens}};
  add_expert_placement(json, scenario.sharding);
  return json;
}

/// Absent without speculation.
void add_speculation(Json& json, const planner::RunResult& result) {
  if (!result.draft) {
    return;
  }
  const engine::Speculation& speculation = result.scenario.speculation->speculation;
  json["speculation"] = {{"method", result.draft->own_layer ? "mtp" : "draft_model"},
                         {"model", result.draft->architecture.name},
                         {"num_speculative_tokens", speculation.draft_tokens()},
                         {"acceptance_rate", speculation.acceptance},
                         {"tokens_per_step", number(speculation.tokens_per_step())}};
}

/// Absent without a decode pool: nothing to say.
void add_decode_pool(Json& json, const planner::RunResult& result) {
  if (!result.decode_pool || !result.run.decode_pool) {
    return;
  }
  const planner::DecodePoolSetup& setup = *result.decode_pool;
  const engine::DecodePoolRecord& pool = *result.run.decode_pool;
  const model::Sharding& sharding = result.scenario.disaggregation->sharding;
  const auto transfers = static_cast<double>(pool.transfers);
  json["disaggregation"] = {
      {"decode",
       {{"replicas", pool.replicas},
        {"device", setup.device.name},
        {"devices_per_replica", pool.devices_per_replica},
        {"tensor_parallel_size", sharding.tensor},
        {"pipeline_parallel_size", sharding.pipeline},
        {"expert_parallel_size", sharding.expert},
        {"data_parallel_size", sharding.data},
        {"max_num_seqs", setup.scheduler.max_num_seqs},
        {"kv_blocks", pool.kv_blocks_per_replica},
        {"kwh", number(result.run.decode_energy().base() / kJoulesPerKwh)},
        {"usd_per_device_hour", usd(std::optional(setup.price.per_device * Seconds(3600)))},
        {"price", offer_json(setup.price)}}},
      {"kv_transfer",
       {{"requests", pool.transfers},
        {"moved_bytes", bytes(setup.page * static_cast<double>(pool.pages_moved))},
        {"mean_ms", in_ms(pool.transfers > 0 ? std::optional(pool.transfer_time / transfers) : std::nullopt)},
        {"latency_ms", in_ms(std::optional(setup.link.latency))},
        {"layerwise", setup.link.overlapped_layers > 0}}}};
}

Json quality_json(const planner::RunResult& result) {
  Json json = nullptr;
  if (result.quality) {
    json = {{"benchmark", result.quality->benchmark},
            {"setting", text_or_null(result.quality->setting)},
            {"percent", number(result.quality->value)},
            {"source", result.quality->source},
            {"recovery_percent", nullptr},
            {"recovery_source", nullptr}};
    if (result.recovery) {
      json["recovery_percent"] = number(result.recovery->percent);
      json["recovery_source"] = result.recovery->source;
    }
  }
  return json;
}

Json requests_json(const planner::RunResult& result) {
  return {{"offered", result.metrics.offered},          {"completed", result.metrics.completed},
          {"rejected", result.metrics.rejected},        {"unfinished", result.metrics.unfinished},
          {"preempted", result.run.totals.preemptions}, {"skipped_failed", result.skipped.failed}};
}

Json distribution_json(const engine::Distribution& distribution, bool measured) {
  const auto ms = [&](Seconds value) { return in_ms(measured ? std::optional(value) : std::nullopt); };
  return {{"mean", ms(distribution.mean)}, {"p50", ms(distribution.p50)}, {"p90", ms(distribution.p90)},
          {"p95", ms(distribution.p95)},   {"p99", ms(distribution.p99)}, {"max", ms(distribution.max)}};
}

Json latency_json(const engine::Metrics& metrics, const Figures& figures) {
  return {{"ttft_ms", distribution_json(metrics.ttft, figures.any_completed)},
          {"tpot_ms", distribution_json(metrics.tpot, figures.any_gap)},
          {"itl_ms", distribution_json(metrics.itl, figures.any_gap)},
          {"e2e_ms", distribution_json(metrics.e2e, figures.any_completed)},
          {"queue_ms", distribution_json(metrics.queue, figures.any_completed)}};
}

Json throughput_json(const Figures& figures) {
  return {{"requests_per_s", number(figures.requests_per_s)},
          {"output_tokens_per_s", number(figures.output_tokens_per_s)},
          {"total_tokens_per_s", number(figures.total_tokens_per_s)},
          {"output_tokens_per_s_per_device", number(figures.output_tokens_per_s_per_device)}};
}

Json memory_json(const planner::RunResult& result, const Figures& figures) {
  const engine::MemoryPlan& memory = result.memory;
  return {{"weights_bytes", bytes(memory.weights_total)},
          {"kv_bytes_per_token", bytes(memory.kv_per_token * Tokens(1))},
          {"state_bytes_per_sequence_per_device", bytes(memory.state_per_sequence_per_device)},
          {"kv_blocks", result.run.kv_blocks_per_replica},
          {"kv_peak_blocks", figures.kv_peak_blocks},
          {"block_size", result.scheduler.kv_geometry.block_size},
          {"device_bytes", bytes(memory.per_device)},
          {"weights_bytes_per_device", bytes(memory.weights_per_device)},
          {"reserved_bytes_per_device", bytes(memory.reserved_per_device)},
          {"kv_bytes_per_device", bytes(memory.kv_per_device)},
          {"kv_bytes_per_token_per_device", bytes(memory.kv_per_token_per_device * Tokens(1))}};
}

Json rates_json(const cost::UnitCosts& rates) {
  return {{"input", usd_per_mtok(rates.input)},
          {"cached_input", usd_per_mtok(rates.cached_input)},
          {"output", usd_per_mtok(rates.output)}};
}

Json resources_json(const cost::ResourceCosts& costs) {
  Json json;
  for (const cost::NamedResource& known : cost::kResources) {
    json[std::string(known.name)] = usd(costs.of(known.resource));
  }
  return json;
}

/// The same total by three ways of splitting it.
Json control_json(const cost::Bill& bill) {
  const Money replicas = std::accumulate(bill.per_replica.begin(), bill.per_replica.end(), Money{});
  return {{"parts", usd(bill.parts.sum())},
          {"resources", usd(bill.resources.sum())},
          {"replicas", usd(replicas)}};
}

Json parts_json(const cost::Parts& parts) {
  return {{"input", usd(parts.input)},
          {"cached_input", usd(parts.cached_input)},
          {"output", usd(parts.output)},
          {"idle", usd(parts.idle)}};
}

Json cost_json(const planner::RunResult& result) {
  const cost::Bill& bill = result.bill;
  Json rates = rates_json(bill.per_token);
  rates["blended"] = usd_per_mtok(bill.per_token.blended);
  rates["idle"] = usd_per_mtok(bill.per_token.idle);
  Json json{{"total_usd", usd(bill.total)},
            {"parts_usd", parts_json(bill.parts)},
            {"usd_per_mtok", rates},
            {"usd_per_mtok_with_idle", rates_json(bill.per_token_with_idle)},
            {"resources_usd", resources_json(bill.resources)},
            {"control_usd", control_json(bill)},
            {"allocation", cost::name_of(result.scenario.prices.allocation.method)},
            {"tier", cost::name_of(result.price.tier)},
            {"usd_per_request", usd(bill.per_completed_request)},
            {"usd_per_month", usd(std::optional(bill.per_month))},
            {"usd_per_device_hour", usd(std::optional(result.price.per_device * Seconds(3600)))},
            {"price", price_json(result.price)}};
  if (result.price.purchase) {
    json["energy_parts_usd"] = parts_json(bill.energy_parts);
    json["price"]["device_tdp_w"] = number(result.device.tdp.base());
  }
  return json;
}

Json prefix_cache_json(const planner::RunResult& result) {
  const engine::RunRecord& run = result.run;
  Json tiers = Json::array();
  for (const TierHits& tier : tier_hits_of(result)) {
    tiers.push_back({{"tier", tier.name}, {"hit_tokens", tier.tokens}, {"hit_ratio", number(tier.ratio)}});
  }
  return {{"queried_tokens", run.prefix_queried_tokens},
          {"hit_tokens", run.prefix_hit_tokens},
          {"hit_blocks", run.prefix_hit_blocks},
          {"workload_blocks", result.hash_blocks},
          {"unbounded_hit_blocks", result.unbounded_prefix_hits},
          {"lru_blocks", result.lru_blocks},
          {"lru_hit_blocks", result.lru_prefix_hits},
          {"tiers", std::move(tiers)}};
}

double hours(Seconds time) {
  return time.base() / 3600;
}

/// What the work for some requests cost; idle is in usd_per_mtok_with_idle alone.
Json group_cost_json(const planner::RequestGroup& group) {
  return {{"total_usd", usd(group.cost.sum())},
          {"parts_usd",
           {{"input", usd(group.cost.input)},
            {"cached_input", usd(group.cost.cached_input)},
            {"output", usd(group.cost.output)}}},
          {"usd_per_mtok", usd_per_mtok(group.per_token)},
          {"usd_per_mtok_with_idle", usd_per_mtok(group.per_token_with_idle)}};
}

/// Requests that filled idle time.
void add_batch(Json& json, const planner::RunResult& result, const Figures& figures) {
  if (!result.batch) {
    return;
  }
  const engine::Metrics& batch = result.batch->metrics;
  const bool completed = batch.completed > 0;
  json["batch"] = {{"requests",
                    {{"offered", batch.offered},
                     {"completed", batch.completed},
                     {"rejected", batch.rejected},
                     {"unfinished", batch.unfinished},
                     {"preempted", result.run.batch->preemptions}}},
                   {"tokens",
                    {{"input", batch.input_tokens},
                     {"cached_input", batch.cached_input_tokens},
                     {"output", batch.output_tokens}}},
                   {"output_tokens_per_s", number(figures.batch_output_tokens_per_s)},
                   {"cost", group_cost_json(*result.batch)},
                   {"latency",
                    {{"ttft_ms", distribution_json(batch.ttft, completed)},
                     {"e2e_ms", distribution_json(batch.e2e, completed)},
                     {"queue_ms", distribution_json(batch.queue, completed)}}}};
}

/// Low-rank adapters: what they took, and what had to be brought.
void add_lora(Json& json, const planner::RunResult& result) {
  const std::optional<planner::LoraChoice>& lora = result.scenario.lora;
  if (!lora) {
    return;
  }
  std::int64_t loads = 0;
  std::int64_t fetches = 0;
  Seconds waited;
  for (const engine::ReplicaRecord& replica : result.run.replicas) {
    loads += replica.adapter_loads;
    fetches += replica.adapter_fetches;
    waited += replica.adapter_wait;
  }
  json["lora"] = {{"max_loras", lora->max_loras},
                  {"max_lora_rank", lora->max_lora_rank},
                  {"bytes_per_device", bytes(result.memory.adapters_per_device)},
                  {"load_ms", in_ms(std::optional(result.scheduler.adapters.load))},
                  {"loads", loads},
                  {"fetches", fetches},
                  {"waited_ms", in_ms(std::optional(waited))}};
}

/// Those that the scenario names, then all others.
void add_tenants(Json& json, const planner::RunResult& result) {
  if (result.tenants.empty()) {
    return;
  }
  json["scheduling_policy"] = result.scenario.policy == planner::SchedulingPolicy::fair ? "fair" : "fcfs";
  json["tenants"] = Json::array();
  for (const planner::RequestGroup& tenant : result.tenants) {
    const engine::Metrics& metrics = tenant.metrics;
    const bool completed = metrics.completed > 0;
    const bool any_gap = metrics.output_tokens > metrics.completed;
    json["tenants"].push_back({{"tenant", tenant.name},
                               {"weight", number(tenant.weight)},
                               {"requests",
                                {{"offered", metrics.offered},
                                 {"completed", metrics.completed},
                                 {"rejected", metrics.rejected},
                                 {"unfinished", metrics.unfinished}}},
                               {"tokens",
                                {{"input", metrics.input_tokens},
                                 {"cached_input", metrics.cached_input_tokens},
                                 {"output", metrics.output_tokens}}},
                               {"share_of_tokens", number(tenant.token_share)},
                               {"latency",
                                {{"ttft_ms", distribution_json(metrics.ttft, completed)},
                                 {"tpot_ms", distribution_json(metrics.tpot, any_gap)},
                                 {"e2e_ms", distribution_json(metrics.e2e, completed)},
                                 {"queue_ms", distribution_json(metrics.queue, completed)}}},
                               {"cost", group_cost_json(tenant)}});
  }
}

/// What a fleet that could change was paid for, and what happened to it.
Json changes_json(const planner::RunResult& result, const Figures& figures) {
  const engine::ElasticRecord& elastic = *result.run.elastic;
  Json json = {{"replica_ns", result.run.wall_ns()},
               {"replica_hours", number(hours(figures.replica_time))},
               {"busy_hours", number(hours(figures.busy_time))},
               {"provisioning_hours", number(hours(figures.provisioning_time))},
               {"standby_hours", number(hours(figures.standby_time))},
               {"down_hours", number(hours(figures.down_time))},
               {"lost_step_hours", number(hours(figures.lost_time))},
               {"mean_replicas", number(figures.mean_replicas)}};
  if (result.pools.empty()) {  // of several models each has its own
    json["most_serving"] = elastic.most_serving;
    json["least_serving"] = elastic.least_serving;
  }
  json.update({{"scaled_up", elastic.scaled_up},
               {"scaled_down", elastic.scaled_down},
               {"failures", elastic.failures},
               {"takeovers", elastic.takeovers},
               {"requeued_requests", elastic.requeued},
               {"lost_tokens", elastic.lost_tokens}});
  return json;
}

void add_elastic(Json& json, const planner::RunResult& result, const Figures& figures) {
  if (!result.run.elastic) {
    return;
  }
  json["fleet"] = changes_json(result, figures);
  const cost::IdleParts& idle = *result.idle_parts;
  json["cost"]["idle_usd"] = {{"headroom", usd(idle.headroom)},
                              {"provisioning", usd(idle.provisioning)},
                              {"standby", usd(idle.standby)},
                              {"down", usd(idle.down)},
                              {"lost", usd(idle.lost)}};
}

/// The pools of a fleet of several models.
Json models_json(const planner::RunResult& result) {
  Json list = Json::array();
  for (const planner::RunResult& pool : result.pools) {
    const Figures figures = figures_of(pool);
    list.push_back({{"model", pool.architecture.name},
                    {"device", pool.device.name},
                    {"devices_per_replica", pool.scenario.device_count},
                    {"replicas", pool.scenario.replicas},
                    {"share", number(pool.scenario.share)},
                    {"escalate", number(pool.scenario.escalate)},
                    {"requests", pool.metrics.offered},
                    {"completed", pool.metrics.completed},
                    {"output_tokens", pool.metrics.output_tokens},
                    {"busy", number(figures.busy)},
                    {"total_usd", usd(pool.bill.total)},
                    {"usd_per_device_hour", usd(std::optional(pool.price.per_device * Seconds(3600)))},
                    {"price", offer_json(pool.price)},
                    {"kwh", number(figures.energy.base() / kJoulesPerKwh)},
                    {"quality", quality_json(pool)}});
    if (pool.run.elastic) {
      list.back()["fleet"] = changes_json(pool, figures);
    }
  }
  return list;
}

void add_figures(Json& json, const planner::RunResult& result) {
  const Figures figures = figures_of(result);
  json["requests"] = requests_json(result);
  json["tokens"] = {{"input", result.metrics.input_tokens},
                    {"cached_input", result.metrics.cached_input_tokens},
                    {"output", result.metrics.output_tokens}};
  json["time"] = {{"makespan_s", number(figures.makespan.base())},
                  {"makespan_ns", nanoseconds(result.run.makespan)},
                  {"busy_s", number(figures.busy_time.base())},
                  {"idle_s", number(figures.idle_time.base())},
                  {"replica_s", number(figures.replica_time.base())}};
  json["throughput"] = throughput_json(figures);
  json["latency"] = latency_json(result.metrics, figures);
  json["slo"] = {{"met", result.metrics.slo_met},
                 {"goodput_requests_per_s", number(figures.goodput_requests_per_s)}};
  json["memory"] = memory_json(result, figures);
  json["utilization"] = {
      {"busy", number(figures.busy)}, {"mfu", number(result.mfu)}, {"mbu", number(result.mbu)}};
  json["energy"] = {{"kwh", number(figures.energy.base() / kJoulesPerKwh)},
                    {"joules_per_output_token", number(figures.joules_per_output_token)},
                    {"facility_kwh", number(result.footprint.facility.base() / kJoulesPerKwh)},
                    {"facility_kwh_per_mtok", number(figures.facility_kwh_per_mtok)}};
  json["carbon"] = {{"operational_kg", number(result.footprint.operational.kg)},
                    {"embodied_kg", number(result.footprint.embodied.kg)},
                    {"kg_per_mtok", number(figures.carbon_kg_per_mtok)}};
  json["cost"] = cost_json(result);
  add_elastic(json, result, figures);
  add_batch(json, result, figures);
  add_tenants(json, result);
  add_lora(json, result);
  json["prefix_cache"] = prefix_cache_json(result);
  json["quality"] = quality_json(result);
  if (const auto& distilled = result.distillation) {
    json["distillation"] = {{"one_time_usd", usd(std::optional(distilled->one_time))},
                            {"teacher_usd", usd(std::optional(distilled->teacher))},
                            {"training_usd", usd(std::optional(distilled->training))},
                            {"training_device_hours", number(distilled->device_hours)},
                            {"amortised_usd_per_mtok", usd_per_mtok(distilled->per_token)},
                            {"usd_per_mtok_with_serving", usd_per_mtok(distilled->with_serving)}};
  }
  if (!result.pools.empty()) {
    json["models"] = models_json(result);
    json["cost"]["wasted_usd"] = usd(result.wasted);
  }
}

void add_refusal(Json& json, const planner::Infeasible& infeasible) {
  json["reason"] = infeasible.reason;
  json["need_bytes"] = bytes(infeasible.need_per_device);
  json["have_bytes"] = bytes(infeasible.have_per_device);
  json["remedies"] = Json::array();
  for (const planner::Remedy& remedy : infeasible.remedies) {
    json["remedies"].push_back(
        {{"change", remedy.change},
         {"need_bytes", bytes(remedy.need_per_device)},
         {"have_bytes", bytes(remedy.have_per_device)},
         {"usd_per_replica_hour", usd(std::optional(remedy.per_replica * Seconds(3600)))}});
  }
}

Json document_of(const planner::RunResult& result, const RunFlags& flags) {
  Json json;
  json["schema"] = kSchema;
  json["version"] = MTOK_VERSION;
  json["scenario"] = result.scenario.name;
  json["seed"] = result.scenario.seed;
  json["options"] = {{"trace", text_or_null(flags.trace)}, {"match_pools", flags.match_pools}};
  json["rounding"] = kRounding;
  json["inputs"] = inputs_json(result.inputs);
  json["feasible"] = !result.infeasible.has_value();
  json["deployment"] = deployment_json(result);
  if (result.infeasible) {
    add_refusal(json, *result.infeasible);
  } else {
    add_speculation(json, result);
    add_decode_pool(json, result);
    add_figures(json, result);
    json["partial"] = result.run.cancelled;
  }
  json["assumptions"] = assumptions_json(result.assumptions);
  json["warnings"] = result.warnings;
  return json;
}

}  // namespace

std::string run_json(const planner::RunResult& result, const RunFlags& flags) {
  return sealed(document_of(result, flags));
}

std::string run_csv(const planner::RunResult& result, const RunFlags& flags) {
  return flat_csv(document_of(result, flags));
}

}  // namespace mtok::report
