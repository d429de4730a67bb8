// Writes down the formulas of what was simulated: counts, times, rates, latencies, energy.
#include <fmt/format.h>

#include <array>

#include "sim/planner/provenance_writer.hpp"
#include "sim/units/text.hpp"

namespace mtok::planner {
namespace {

using Id = FigureGraph::Id;

double real(std::int64_t count) {
  return static_cast<double>(count);
}

class RunFigures {
 public:
  explicit RunFigures(FigureWriter& writer) : w_(writer), r_(writer.result), pools_(writer.pools()) {}

  void add() {
    add_deployment();
    if (r_.infeasible) {
      add_refusal();
      return;
    }
    add_counts();
    add_times();
    add_elastic();
    add_rates();
    add_latencies();
    add_memory_figures(w_);
    add_energy();
    add_prefix_cache();
    add_speculation();
    add_decode_pool();
  }

 private:
  void add_deployment() {
    const Scenario& scenario = r_.scenario;
    const model::Sharding& sharding = scenario.sharding;
    w_.sources.setting("seed", "seed", static_cast<double>(scenario.seed));
    w_.sources.setting("deployment.devices_per_replica", "hardware.count", real(scenario.device_count));
    w_.sources.setting("deployment.replicas", "fleet.replicas", real(scenario.replicas));
    const auto degree = [&](const std::string& name, std::int64_t value) {
      return w_.sources.setting("deployment." + name, "parallel." + name, real(value));
    };
    degree("tensor_parallel_size", sharding.tensor);
    degree("pipeline_parallel_size", sharding.pipeline);
    degree("expert_parallel_size", sharding.expert);
    const Id data = degree("data_parallel_size", sharding.data);
    const auto limit = [&](const std::string& name, std::int64_t value) {
      const Id of_rank = w_.sources.setting("engine." + name, "engine." + name, real(value / sharding.data));
      w_.work_out("deployment." + name, name + " of a replica, all data ranks", Rule::product, "",
                  {of_rank, data});
    };
    limit("max_num_seqs", r_.scheduler.max_num_seqs);
    limit("max_num_batched_tokens", r_.scheduler.max_num_batched_tokens);
  }

  void add_refusal() {
    const Infeasible& infeasible = *r_.infeasible;
    const std::vector<Id> all{w_.sources.network(), w_.sources.device(), w_.sources.framework()};
    const std::string rule = "docs/formulas.md: weights, reserve and the KV cache of the longest request";
    w_.shaped("need_bytes", "what one device would have to hold", infeasible.need_per_device.base(), "B",
              rule, all);
    w_.shaped("have_bytes", "what the framework may use of one device", infeasible.have_per_device.base(),
              "B", "docs/formulas.md: the framework's rule for its memory", all);
    for (std::size_t i = 0; i < infeasible.remedies.size(); ++i) {
      const Remedy& remedy = infeasible.remedies[i];
      const std::string key = fmt::format("remedies.{}.", i);
      w_.shaped(key + "need_bytes", "of one device after " + remedy.change, remedy.need_per_device.base(),
                "B", rule, all);
      w_.shaped(key + "have_bytes", "of one device after " + remedy.change, remedy.have_per_device.base(),
                "B", "docs/formulas.md: the framework's rule for its memory", all);
      w_.shaped(key + "usd_per_replica_hour", "devices of one replica after " + remedy.change,
                (remedy.per_replica * Seconds(3600)).base(), "USD/h",
                "price of the device times devices, price book '" + r_.scenario.prices.book + "'", all);
    }
  }

  void add_counts() {
    const engine::Metrics& metrics = r_.metrics;
    w_.simulated("requests.offered", "requests that arrived", real(metrics.offered));
    w_.simulated("requests.completed", "requests that were answered", real(metrics.completed));
    w_.simulated("requests.rejected", "requests that can never fit", real(metrics.rejected));
    w_.simulated("requests.unfinished", "requests under way when the run was stopped",
                 real(metrics.unfinished));
    w_.simulated("requests.preempted", "times that a request lost its KV cache",
                 real(r_.run.totals.preemptions));
    w_.simulated("requests.skipped_failed", "rows of the trace without output", real(r_.skipped.failed));
    w_.simulated("requests.within_slo", "requests that kept every promise", real(metrics.within_slo));
    w_.simulated("tokens.input", "input tokens of completed requests", real(metrics.input_tokens), "tokens");
    w_.simulated("tokens.cached_input", "of them from the prefix cache", real(metrics.cached_input_tokens),
                 "tokens");
    w_.simulated("tokens.output", "output tokens of completed requests", real(metrics.output_tokens),
                 "tokens");
    const engine::RequestTotals& totals = r_.run.totals;
    w_.simulated("tokens.billed_input", "computed input tokens of requests that emitted one",
                 real(totals.billed_computed_tokens), "tokens");
    w_.simulated("tokens.billed_cached_input", "cached input tokens of requests that emitted one",
                 real(totals.billed_cached_tokens), "tokens");
    w_.simulated("tokens.billed_output", "emitted tokens", real(totals.billed_output_tokens), "tokens");
    w_.work_out("tokens.billed", "all tokens that carry the bill", Rule::sum, "tokens",
                {w_.find("tokens.billed_input"), w_.find("tokens.billed_cached_input"),
                 w_.find("tokens.billed_output")});
  }

  void add_times() {
    const engine::PhaseTime phases = r_.run.phases();
    const auto seconds = [](std::int64_t ns) { return static_cast<double>(ns) / 1e9; };
    const Id makespan = w_.simulated("time.makespan_s", "from the first arrival to the last token",
                                     seconds(nanoseconds(r_.run.makespan)), "s");
    w_.work_out("time.makespan_ns", "the same", Rule::product, "ns",
                {makespan, w_.constant("nanoseconds_per_second", 1e9, "ns", "definition")});
    w_.simulated("time.prefill_s", "replicas' time on prompts", seconds(phases.prefill_ns), "s");
    w_.simulated("time.cached_s", "replicas' time on cached prompts", seconds(phases.cached_ns), "s");
    w_.simulated("time.decode_s", "replicas' time on output", seconds(phases.decode_ns), "s");
    w_.work_out("time.busy_s", "replicas' time at work", Rule::sum, "s",
                {w_.find("time.prefill_s"), w_.find("time.cached_s"), w_.find("time.decode_s")});
    w_.simulated("fleet.replicas", "replicas of the whole fleet",
                 real(static_cast<std::int64_t>(r_.run.replicas.size())));
    add_paid_time();
    w_.work_out("time.idle_s", "paid for and not used", Rule::difference, "s",
                {w_.find("time.replica_s"), w_.find("time.busy_s")});
  }

  /// Every replica is paid for throughout, but in a fleet that could change.
  void add_paid_time() {
    const std::vector<Id> both{w_.find("fleet.replicas"), w_.find("time.makespan_s")};
    if (!r_.run.elastic) {
      w_.work_out("time.replica_s", "time of all replicas", Rule::product, "s", both);
      return;
    }
    std::int64_t unpaid_ns = 0;
    for (const engine::ReplicaRecord& replica : r_.run.replicas) {
      unpaid_ns += replica.unpaid_ns;
    }
    const Id all = w_.work_out("time.all_replicas_s", "every replica throughout", Rule::product, "s", both);
    const Id unpaid = w_.simulated("time.unpaid_s", "not rented", static_cast<double>(unpaid_ns) / 1e9, "s");
    w_.work_out("time.replica_s", "time of all replicas that is paid for", Rule::difference, "s",
                {all, unpaid});
  }

  /// What happened to a fleet that could change.
  void add_elastic() {
    if (!r_.run.elastic) {
      return;
    }
    const engine::ElasticRecord& elastic = *r_.run.elastic;
    engine::ReplicaRecord sum;
    for (const engine::ReplicaRecord& replica : r_.run.replicas) {
      sum.provisioning_ns += replica.provisioning_ns;
      sum.standby_ns += replica.standby_ns;
      sum.down_ns += replica.down_ns;
      sum.lost_ns += replica.lost_ns;
    }
    const auto hours = [&](const std::string& key, Id seconds) {
      w_.work_out("fleet." + key, "hours of replicas", Rule::quotient, "h", {seconds, w_.hour()});
    };
    const auto spent = [&](const std::string& name, const std::string& meaning, std::int64_t ns) {
      return w_.simulated("time." + name, meaning, static_cast<double>(ns) / 1e9, "s");
    };
    w_.work_out("fleet.replica_ns", "time of replicas that is paid for", Rule::product, "ns",
                {w_.find("time.replica_s"), w_.constant("ns_per_second", 1e9, "ns/s", "definition")});
    hours("replica_hours", w_.find("time.replica_s"));
    hours("busy_hours", w_.find("time.busy_s"));
    hours("provisioning_hours", spent("provisioning_s", "replicas that were not ready", sum.provisioning_ns));
    hours("standby_hours", spent("standby_s", "spares", sum.standby_ns));
    hours("down_hours", spent("down_s", "broken replicas", sum.down_ns));
    hours("lost_step_hours", spent("lost_s", "steps that a failure cut off", sum.lost_ns));
    if (w_.graph.value_of(w_.find("time.makespan_s")) > 0) {
      w_.work_out("fleet.mean_replicas", "paid for on average", Rule::quotient, "",
                  {w_.find("time.replica_s"), w_.find("time.makespan_s")});
    }
    const auto counted = [&](const std::string& key, auto count) {
      w_.simulated("fleet." + key, key, static_cast<double>(count));
    };
    if (pools_.empty()) {
      counted("most_serving", elastic.most_serving);
      counted("least_serving", elastic.least_serving);
    }
    counted("scaled_up", elastic.scaled_up);
    counted("scaled_down", elastic.scaled_down);
    counted("failures", elastic.failures);
    counted("takeovers", elastic.takeovers);
    counted("requeued_requests", elastic.requeued);
    counted("lost_tokens", elastic.lost_tokens);
  }

  /// Devices of the whole fleet, pool by pool.
  Id devices() {
    std::vector<Id> parts;
    for (const std::string& pool : pools_) {
      parts.push_back(w_.graph.find(pool + "fleet.devices"));
    }
    if (!parts.empty()) {
      return w_.work_out("fleet.devices", "devices of all pools", Rule::sum, "", parts);
    }
    const Id own = w_.work_out("fleet.pool_devices", "devices of the pool", Rule::product, "",
                               {w_.find("deployment.replicas"), w_.find("deployment.devices_per_replica")});
    if (!r_.scenario.disaggregation) {
      return w_.work_out("fleet.devices", "devices of the fleet", Rule::sum, "", {own});
    }
    const Disaggregation& split = *r_.scenario.disaggregation;
    const Id replicas = w_.sources.setting("disaggregation.decode.replicas", "disaggregation.decode.replicas",
                                           real(split.replicas));
    const Id each = w_.sources.setting("disaggregation.decode.devices_per_replica",
                                       "disaggregation.decode.hardware.count", real(split.device_count));
    const Id other = w_.work_out("fleet.decode_devices", "devices of the decode pool", Rule::product, "",
                                 {replicas, each});
    return w_.work_out("fleet.devices", "devices of both pools", Rule::sum, "", {own, other});
  }

  Id add_device_time(Id fleet, Id wall) {
    const std::string key = "time.device_s";
    if (!r_.run.elastic) {
      return w_.work_out(key, "time of all devices", Rule::product, "s", {fleet, wall});
    }
    return pools_.empty()
               ? w_.work_out(key, "time of all devices that is paid for", Rule::product, "s",
                             {w_.find("time.replica_s"), w_.find("deployment.devices_per_replica")})
               : w_.sum_of_pools(key, "time of all devices that is paid for", "s");
  }

  void add_rates() {
    const Id wall = w_.find("time.makespan_s");
    const Id fleet = devices();
    const Id both = w_.work_out("tokens.total", "input and output", Rule::sum, "tokens",
                                {w_.find("tokens.input"), w_.find("tokens.output")});
    const Id device_time = add_device_time(fleet, wall);
    const auto rate = [&](const std::string& key, Id amount, Id time, const std::string& unit) {
      if (w_.graph.value_of(time) > 0) {
        w_.work_out(key, "a rate over the whole run", Rule::quotient, unit, {amount, time});
      }
    };
    rate("throughput.requests_per_s", w_.find("requests.completed"), wall, "1/s");
    rate("throughput.output_tokens_per_s", w_.find("tokens.output"), wall, "tokens/s");
    rate("throughput.total_tokens_per_s", both, wall, "tokens/s");
    rate("throughput.output_tokens_per_s_per_device", w_.find("tokens.output"), device_time, "tokens/s");
    rate("slo.goodput_requests_per_s", w_.find("requests.within_slo"), wall, "1/s");
    rate("utilization.busy", w_.find("time.busy_s"), w_.find("time.replica_s"), "");
    if (pools_.empty()) {
      Seconds compute;
      Seconds memory;
      for (const engine::ReplicaRecord& replica : r_.run.replicas) {
        compute += replica.compute_bound;
        memory += replica.memory_bound;
      }
      w_.simulated("time.compute_bound_s", "time of the work at the peak of the multipliers", compute.base(),
                   "s");
      w_.simulated("time.memory_bound_s", "time of the work at the peak of the memory", memory.base(), "s");
      rate("utilization.mfu", w_.find("time.compute_bound_s"), w_.find("time.replica_s"), "");
      rate("utilization.mbu", w_.find("time.memory_bound_s"), w_.find("time.replica_s"), "");
    } else {
      weigh("utilization.mfu");
      weigh("utilization.mbu");
    }
  }

  /// The mean over pools by the time of their devices.
  void weigh(const std::string& key) {
    std::vector<Id> parts;
    for (const std::string& pool : pools_) {
      if (w_.graph.has(pool + key)) {
        parts.push_back(w_.graph.add({.key = pool + key + "_of_devices",
                                      .meaning = "time of the pool's devices times their share",
                                      .rule = Rule::product},
                                     {w_.graph.find(pool + key), w_.graph.find(pool + "time.device_s")}));
      }
    }
    const Id sum = w_.work_out(key + "_of_devices", "of all pools", Rule::sum, "", parts);
    w_.work_out(key, "mean over the devices of all pools", Rule::quotient, "",
                {sum, w_.find("time.device_s")});
  }

  void add_latencies() {
    const engine::Metrics& metrics = r_.metrics;
    const auto add = [&](const std::string& name, const std::string& meaning,
                         const engine::Distribution& of) {
      const std::array<std::pair<const char*, Seconds>, 6> values{{{"mean", of.mean},
                                                                   {"p50", of.p50},
                                                                   {"p90", of.p90},
                                                                   {"p95", of.p95},
                                                                   {"p99", of.p99},
                                                                   {"max", of.max}}};
      for (const auto& [which, value] : values) {
        w_.simulated("latency." + name + "." + which, std::string(which) + " of " + meaning,
                     value.base() * 1e3, "ms");
      }
    };
    add("ttft_ms", "arrival to first token, of completed requests", metrics.ttft);
    add("tpot_ms", "(end to end - TTFT) / (output - 1)", metrics.tpot);
    add("itl_ms", "gaps between tokens", metrics.itl);
    add("e2e_ms", "arrival to last token", metrics.e2e);
    add("queue_ms", "arrival to first step", metrics.queue);
  }

  void add_energy() {
    const Id joules =
        w_.simulated("energy.joules", "of all devices, idle time included", r_.run.energy().base(), "J");
    w_.work_out("energy.kwh", "of all devices", Rule::quotient, "kWh",
                {joules, w_.constant("joules_per_kwh", 3.6e6, "J", "definition")});
    if (r_.metrics.output_tokens > 0) {
      w_.work_out("energy.joules_per_output_token", "energy over output tokens", Rule::quotient, "J",
                  {joules, w_.find("tokens.output")});
    }
  }

  void add_prefix_cache() {
    const engine::RunRecord& run = r_.run;
    const Id queried = w_.simulated("prefix_cache.queried_tokens", "prompt tokens looked up",
                                    real(run.prefix_queried_tokens), "tokens");
    w_.simulated("prefix_cache.hit_tokens", "of them found", real(run.prefix_hit_tokens), "tokens");
    w_.simulated("prefix_cache.hit_blocks", "content ids found", real(run.prefix_hit_blocks));
    w_.simulated("prefix_cache.workload_blocks", "content ids of the workload", real(r_.hash_blocks));
    w_.simulated("prefix_cache.unbounded_hit_blocks", "what a cache without limits would find",
                 real(r_.unbounded_prefix_hits));
    w_.simulated("prefix_cache.lru_blocks", "content ids that the fleet can keep", real(r_.lru_blocks));
    w_.simulated("prefix_cache.lru_hit_blocks", "what one LRU cache of that size would find",
                 real(r_.lru_prefix_hits));
    if (r_.scheduler.prefix_hash_block_size == 0) {
      return;
    }
    std::vector<Id> hits{w_.find("prefix_cache.hit_tokens")};
    const std::vector<engine::KvTier>& tiers = r_.scheduler.kv_tiers;
    for (std::size_t t = 0; t < tiers.size(); ++t) {
      hits.push_back(w_.simulated(fmt::format("prefix_cache.tiers.{}.hit_tokens", t + 1),
                                  "found in " + tiers[t].name, real(run.prefix_tier_tokens.at(t)), "tokens"));
    }
    w_.work_out("prefix_cache.tiers.0.hit_tokens", "found in the devices' own memory", Rule::difference,
                "tokens", hits);
    for (std::size_t t = 0; t <= tiers.size() && w_.graph.value_of(queried) > 0; ++t) {
      const std::string tier = fmt::format("prefix_cache.tiers.{}.", t);
      w_.work_out(tier + "hit_ratio", "of the tokens that were looked up", Rule::quotient, "",
                  {w_.find(tier + "hit_tokens"), queried});
    }
  }

  /// 1 + a1 + a1 a2 + ...
  void add_speculation() {
    if (!r_.draft) {
      return;
    }
    const engine::Speculation& speculation = r_.scenario.speculation->speculation;
    std::vector<Id> accepted;
    std::vector<Id> terms{w_.constant("one", 1, "", "definition")};
    for (std::size_t i = 0; i < speculation.acceptance.size(); ++i) {
      const std::string key = fmt::format("speculation.acceptance_rate.{}", i);
      const bool list = w_.sources.states(fmt::format("speculative_config.acceptance_rate[{}]", i));
      accepted.push_back(
          w_.sources.setting(key, "speculative_config.acceptance_rate" + (list ? fmt::format("[{}]", i) : ""),
                             speculation.acceptance[i]));
      terms.push_back(w_.work_out(fmt::format("speculation.accepted.{}", i),
                                  "so many drafts in a row are accepted", Rule::product, "", accepted));
    }
    w_.sources.setting("speculation.num_speculative_tokens", "speculative_config.num_speculative_tokens",
                       real(speculation.draft_tokens()));
    w_.work_out("speculation.tokens_per_step", "tokens that a step gives a sequence", Rule::sum, "tokens",
                terms);
  }

  void add_decode_pool() {
    if (!r_.decode_pool || !r_.run.decode_pool) {
      return;
    }
    const DecodePoolSetup& setup = *r_.decode_pool;
    const engine::DecodePoolRecord& pool = *r_.run.decode_pool;
    const model::Sharding& sharding = r_.scenario.disaggregation->sharding;
    const std::string decode = "disaggregation.decode.";
    const auto degree = [&](const std::string& name, std::int64_t value) {
      return w_.sources.setting(decode + name, decode + "parallel." + name, real(value));
    };
    degree("tensor_parallel_size", sharding.tensor);
    degree("pipeline_parallel_size", sharding.pipeline);
    degree("expert_parallel_size", sharding.expert);
    const Id data = degree("data_parallel_size", sharding.data);
    const Id seqs = w_.sources.setting("decode.engine.max_num_seqs", decode + "engine.max_num_seqs",
                                       real(setup.scheduler.max_num_seqs / sharding.data));
    w_.work_out(decode + "max_num_seqs", "max_num_seqs of a replica, all data ranks", Rule::product, "",
                {seqs, data});
    w_.shaped(decode + "kv_blocks", "KV blocks of a replica", real(pool.kv_blocks_per_replica), "",
              "docs/formulas.md: the framework's rule for its memory",
              {w_.sources.network(), w_.sources.framework(), w_.sources.run()});
    const Id joules = w_.simulated(decode + "joules", "of all devices of the pool, idle time included",
                                   r_.run.decode_energy().base(), "J");
    w_.work_out(decode + "kwh", "of all devices of the pool", Rule::quotient, "kWh",
                {joules, w_.constant("joules_per_kwh", 3.6e6, "J", "definition")});
    const std::string transfer = "disaggregation.kv_transfer.";
    const Id requests = w_.simulated(transfer + "requests", "KV caches sent", real(pool.transfers));
    const Id pages = w_.simulated("disaggregation.pages_moved", "KV pages sent", real(pool.pages_moved));
    const Id page = w_.shaped("disaggregation.page_bytes", "what of one page crosses the link",
                              setup.page.base(), "B", "docs/formulas.md, Bytes", {w_.sources.network()});
    w_.work_out(transfer + "moved_bytes", "bytes sent", Rule::product, "B", {pages, page});
    const Id time =
        w_.simulated("disaggregation.transfer_ms", "end of prefill until the KV could be used, all together",
                     pool.transfer_time.base() * 1e3, "ms");
    if (pool.transfers > 0) {
      w_.work_out(transfer + "mean_ms", "of one KV cache", Rule::quotient, "ms", {time, requests});
    }
    w_.shaped(transfer + "latency_ms", "of one message", setup.link.latency.base() * 1e3, "ms",
              "latency of the devices' links, or kv_transfer.latency of the scenario",
              {w_.sources.device(), w_.sources.run()});
  }

  FigureWriter& w_;
  const RunResult& r_;
  const std::vector<std::string>& pools_;
};

}  // namespace

void add_run_figures(FigureWriter& writer) {
  RunFigures(writer).add();
}

}  // namespace mtok::planner
