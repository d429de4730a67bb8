// Lays one run out as a page: what ran, traffic, latency, memory, bill, assumptions, warnings.
#include <fmt/format.h>

#include <array>

#include "app/report/displayed_money.hpp"
#include "app/report/figures.hpp"
#include "app/report/page.hpp"
#include "app/report/run_report.hpp"
#include "app/report/shared_sections.hpp"
#include "app/report/text.hpp"
#include "sim/model/footprint.hpp"
#include "sim/units/text.hpp"

namespace mtok::report {
namespace {

using planner::RunResult;

constexpr double kJoulesPerKwh = 3.6e6;

std::string count_of(std::int64_t count, const std::string& one) {
  return grouped(count) + " " + one + (count == 1 ? "" : "s");
}

std::string rate(std::optional<double> per_second, const std::string& what) {
  return (per_second ? significant(*per_second, 4) : std::string(kNone)) + " " + what + "/s";
}

/// "2 replicas", "1 to 4 replicas and 1 spare".
std::string replicas_text(const planner::Scenario& scenario) {
  std::string count = count_of(scenario.replicas, "replica");
  if (scenario.autoscaler) {
    count = fmt::format("{} to {}", scenario.autoscaler->min_replicas,
                        count_of(scenario.autoscaler->max_replicas, "replica"));
  }
  if (scenario.failures && scenario.failures->spares > 0) {
    count += " and " + count_of(scenario.failures->spares, "spare");
  }
  return count;
}

std::string fleet_text(const RunResult& result) {
  const planner::Scenario& scenario = result.scenario;
  std::string text =
      fmt::format("{} of {} x {}", replicas_text(scenario), scenario.device_count, result.device.name);
  if (scenario.disaggregation && result.decode_pool) {
    text += fmt::format(" for prefill, {} of {} x {} for decode",
                        count_of(scenario.disaggregation->replicas, "replica"),
                        scenario.disaggregation->device_count, result.decode_pool->device.name);
  }
  return text;
}

std::string transfer_text(const RunResult& result) {
  const engine::DecodePoolRecord& pool = *result.run.decode_pool;
  const Seconds mean =
      pool.transfers > 0 ? pool.transfer_time / static_cast<double>(pool.transfers) : Seconds{};
  return fmt::format("{} sequences, {} in all, {} ms on the way on average", grouped(pool.transfers),
                     units::to_text(result.decode_pool->page * static_cast<double>(pool.pages_moved), 4),
                     milliseconds(std::optional(mean)));
}

std::string sharding_text(const model::Sharding& sharding) {
  std::string text = fmt::format("tensor {}, pipeline {}, expert {}, data {}", sharding.tensor,
                                 sharding.pipeline, sharding.expert, sharding.data);
  if (sharding.balanced_experts) {
    text += fmt::format(", experts placed by load with {} redundant ones", sharding.redundant_experts);
  }
  return text + (sharding.two_batch_overlap ? ", two half batches overlap" : "");
}

std::string quality_text(const RunResult& result) {
  if (!result.quality) {
    return "unknown: no score is published for this model";
  }
  const cost::Score& score = *result.quality;
  std::string text = fmt::format("{} {}", score.benchmark, grouped(score.value, 1));
  text += score.setting.empty() ? "" : " (" + score.setting + ")";
  return result.recovery
             ? text + fmt::format(", {} keeps {} % of {}", result.recovery->variant,
                                  units::shortest(result.recovery->percent), result.recovery->benchmark)
             : text;
}

Section what_ran(const RunResult& result) {
  const model::ParameterCount size = model::count_parameters(result.architecture);
  const kernel::Formats& formats = result.scenario.formats;
  const engine::SchedulerConfig& scheduler = result.scheduler;
  return {.title = "What ran",
          .blocks = {Facts{
              {{"model", fmt::format("{}, {} parameters, {} active", result.architecture.name,
                                     parameters(size.total), parameters(size.active))},
               {"formats",
                fmt::format("weights {}, activations {}, KV cache {}", kernel::name_of(formats.weights),
                            kernel::name_of(formats.activations), kernel::name_of(formats.kv_cache))},
               {"fleet", fleet_text(result)},
               {"parallel", sharding_text(result.scenario.sharding)},
               {"engine",
                fmt::format("{} {}, {} sequences, {} tokens a step, blocks of {}", result.framework.name,
                            result.framework.version, grouped(scheduler.max_num_seqs),
                            grouped(scheduler.max_num_batched_tokens), scheduler.kv_geometry.block_size)},
               {"quality", quality_text(result)}}}}};
}

std::string requests_text(const RunResult& result) {
  const engine::Metrics& metrics = result.metrics;
  std::string text =
      fmt::format("{} offered, {} completed", grouped(metrics.offered), grouped(metrics.completed));
  const auto add = [&](std::int64_t count, const char* what) {
    text += count == 0 ? "" : fmt::format(", {} {}", grouped(count), what);
  };
  add(metrics.rejected, "rejected");
  add(metrics.unfinished, "unfinished");
  add(result.run.totals.preemptions, "preemptions");
  return text;
}

std::string tokens_text(const engine::Metrics& metrics) {
  const std::string cached =
      metrics.cached_input_tokens == 0
          ? ""
          : fmt::format(" ({} from the prefix cache)", grouped(metrics.cached_input_tokens));
  return fmt::format("{} input{}, {} output", grouped(metrics.input_tokens), cached,
                     grouped(metrics.output_tokens));
}

std::string slo_text(const RunResult& result, const Figures& figures) {
  const engine::Slo& slo = result.scenario.slo;
  std::string promises;
  const auto add = [&](const char* what, std::optional<Seconds> most) {
    promises +=
        most ? fmt::format("{}{} p99 <= {} ms", promises.empty() ? "" : ", ", what, milliseconds(most)) : "";
  };
  add("TTFT", slo.ttft_p99);
  add("TPOT", slo.tpot_p99);
  add("E2E", slo.e2e_p99);
  if (promises.empty()) {
    return "none";
  }
  return fmt::format("{}: {}, goodput {}", promises, result.metrics.slo_met ? "met" : "NOT met",
                     rate(figures.goodput_requests_per_s, "requests"));
}

/// "; hbm 40 %, dram 20 %" where there is more than one memory.
std::string tiers_text(const RunResult& result) {
  const std::vector<TierHits> tiers = tier_hits_of(result);
  std::string text;
  for (const TierHits& tier : tiers) {
    text += fmt::format("{} {} {}", text.empty() ? ":" : ",", tier.name, percent(tier.ratio));
  }
  return tiers.size() > 1 ? text : "";
}

/// Energy of the building and carbon, for a million tokens.
std::string footprint_text(const Figures& figures) {
  const auto shown = [](std::optional<double> value) {
    return value ? significant(*value) : std::string(kNone);
  };
  return fmt::format("{} kWh and {} kg CO2e per million tokens", shown(figures.facility_kwh_per_mtok),
                     shown(figures.carbon_kg_per_mtok));
}

std::string batch_text(const RunResult& result, const Figures& figures) {
  const engine::Metrics& batch = result.batch->metrics;
  return fmt::format(
      "{} of these requests, {} completed, yielded {} times; {} output tokens, {}; E2E p99 {} s; {} per "
      "million tokens, "
      "{} with idle",
      grouped(batch.offered), grouped(batch.completed), grouped(result.run.batch->preemptions),
      grouped(batch.output_tokens), rate(figures.batch_output_tokens_per_s, "tokens"),
      significant(batch.e2e.p99.base()), dollars_per_mtok(result.batch->per_token),
      dollars_per_mtok(result.batch->per_token_with_idle));
}

Section traffic(const RunResult& result, const Figures& figures) {
  Facts facts{
      {{"requests", requests_text(result)},
       {"tokens", tokens_text(result.metrics)},
       {"time",
        fmt::format("{} s, fleet busy {}", significant(figures.makespan.base(), 4), percent(figures.busy))},
       {"throughput", fmt::format("{}, {}, {} a device", rate(figures.requests_per_s, "requests"),
                                  rate(figures.output_tokens_per_s, "output tokens"),
                                  rate(figures.output_tokens_per_s_per_device, "output tokens"))},
       {"utilization",
        fmt::format("{} of peak flops, {} of bandwidth", percent(result.mfu), percent(result.mbu))},
       {"energy",
        fmt::format("{} kWh, {} J an output token", significant(figures.energy.base() / kJoulesPerKwh),
                    figures.joules_per_output_token ? significant(*figures.joules_per_output_token)
                                                    : std::string(kNone))},
       {"at the meter", footprint_text(figures)},
       {"promises", slo_text(result, figures)}}};
  if (result.draft) {
    const engine::Speculation& speculation = result.scenario.speculation->speculation;
    facts.lines.insert(
        facts.lines.begin() + 2,
        {"speculation",
         fmt::format("{} tokens by {}, {} tokens a step expected", speculation.draft_tokens(),
                     result.draft->architecture.name, units::fixed(speculation.tokens_per_step(), 2))});
  }
  if (result.batch) {
    facts.lines.insert(facts.lines.begin() + 2, {"batch tier", batch_text(result, figures)});
  }
  if (const std::optional<planner::LoraChoice>& lora = result.scenario.lora) {
    facts.lines.insert(
        facts.lines.begin() + 2,
        {"adapters", fmt::format("{} slots of rank {}, {} a device, {} ms to bring one", lora->max_loras,
                                 lora->max_lora_rank, units::to_text(result.memory.adapters_per_device, 3),
                                 milliseconds(result.scheduler.adapters.load))});
  }
  if (result.run.decode_pool) {
    facts.lines.insert(facts.lines.begin() + 2, {"KV transfer", transfer_text(result)});
  }
  if (result.hash_blocks > 0) {
    facts.lines.insert(
        facts.lines.begin() + 2,
        {"prefix cache",
         fmt::format("{} of {} prompt tokens found, {}", grouped(result.run.prefix_hit_tokens),
                     grouped(result.run.prefix_queried_tokens), percent(figures.prefix_hit_rate)) +
             tiers_text(result)});
  }
  return {.title = "Traffic", .blocks = {facts}};
}

std::vector<std::string> latency_row(const char* name, const engine::Distribution& d, bool measured) {
  const auto ms = [&](Seconds value) { return milliseconds(measured ? std::optional(value) : std::nullopt); };
  return {name, ms(d.mean), ms(d.p50), ms(d.p90), ms(d.p95), ms(d.p99), ms(d.max)};
}

Section latency(const engine::Metrics& metrics, const Figures& figures) {
  return {.title = "Latency in ms",
          .blocks = {
              Table{.columns = {{"", Align::left}, {"mean"}, {"p50"}, {"p90"}, {"p95"}, {"p99"}, {"max"}},
                    .rows = {latency_row("TTFT, first token", metrics.ttft, figures.any_completed),
                             latency_row("TPOT, each further token", metrics.tpot, figures.any_gap),
                             latency_row("ITL, gaps between tokens", metrics.itl, figures.any_gap),
                             latency_row("E2E, whole request", metrics.e2e, figures.any_completed),
                             latency_row("queue, until scheduled", metrics.queue, figures.any_completed)}}}};
}

Section memory(const RunResult& result, const Figures& figures) {
  const engine::MemoryPlan& plan = result.memory;
  const std::int64_t blocks = result.run.kv_blocks_per_replica;
  const double share =
      blocks > 0 ? static_cast<double>(figures.kv_peak_blocks) / static_cast<double>(blocks) : 0;
  return {.title = "Memory",
          .blocks = {
              Facts{{{"weights", fmt::format("{} in all, {} a device", units::to_text(plan.weights_total),
                                             units::to_text(plan.weights_per_device))},
                     {"KV cache", fmt::format("{} a device, {} a token", units::to_text(plan.kv_per_device),
                                              units::to_text(plan.kv_per_token * Tokens(1)))},
                     {"KV blocks", fmt::format("{} a replica, {} ({}) at the peak", grouped(blocks),
                                               grouped(figures.kv_peak_blocks), percent(share))}}}}};
}

/// `shown`: the amount as it stands beside the others.
struct BillLine {
  const char* name = "";
  std::int64_t tokens = 0;
  Money part{};
  std::string shown{};
};

std::vector<std::string> bill_row(const BillLine& line, Money total, std::optional<UsdPerToken> own,
                                  std::optional<UsdPerToken> with_idle) {
  const double share = total > Money{} ? line.part.usd().base() / total.usd().base() : 0;
  return {line.name,      grouped(line.tokens),  line.shown,
          percent(share), dollars_per_mtok(own), dollars_per_mtok(with_idle)};
}

/// "compute $1.00, energy $0.20": what was bought, without what cost nothing.
std::string resources_text(const cost::Bill& bill) {
  std::vector<Money> amounts;
  std::vector<std::string_view> names;
  for (const cost::NamedResource& known : cost::kResources) {
    if (bill.resources.of(known.resource) != Money{}) {
      amounts.push_back(bill.resources.of(known.resource));
      names.push_back(known.name);
    }
  }
  const DisplayedMoney shown = displayed(amounts);
  std::string text;
  for (std::size_t i = 0; i < names.size(); ++i) {
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", names[i], shown.parts[i]);
  }
  return text.empty() ? std::string(kNone) : text;
}

Section bill_of(const RunResult& result) {
  const cost::Bill& bill = result.bill;
  const engine::Metrics& metrics = result.metrics;
  const cost::UnitCosts& own = bill.per_token;
  const cost::UnitCosts& all = bill.per_token_with_idle;
  Table parts{.columns = {{"", Align::left}, {"tokens"}, {"USD"}, {"share"}, {"USD/Mtok"}, {"with idle"}}};
  const std::array<Money, 4> amounts{bill.parts.input, bill.parts.cached_input, bill.parts.output,
                                     bill.parts.idle};
  const DisplayedMoney shown = displayed(amounts);
  parts.rows.push_back(bill_row(
      {"input", metrics.input_tokens - metrics.cached_input_tokens, bill.parts.input, shown.parts[0]},
      bill.total, own.input, all.input));
  parts.rows.push_back(
      bill_row({"cached input", metrics.cached_input_tokens, bill.parts.cached_input, shown.parts[1]},
               bill.total, own.cached_input, all.cached_input));
  parts.rows.push_back(bill_row({"output", metrics.output_tokens, bill.parts.output, shown.parts[2]},
                                bill.total, own.output, all.output));
  parts.rows.push_back(
      bill_row({"idle", 0, bill.parts.idle, shown.parts[3]}, bill.total, own.idle, std::nullopt));
  parts.rows.back()[1] = kNone;
  parts.rows.push_back(
      bill_row({"the bill", metrics.input_tokens + metrics.output_tokens, bill.total, shown.total},
               bill.total, own.blended, own.blended));
  return {
      .title = "Bill, allocated by " + std::string(cost::name_of(result.scenario.prices.allocation.method)),
      .blocks = {
          parts,
          Facts{{{"bought", resources_text(bill)},
                 {"a request",
                  bill.per_completed_request ? dollars(*bill.per_completed_request) : std::string(kNone)},
                 {"a month", dollars(bill.per_month) + " for the whole fleet, 730 h"},
                 {"price", price_text(result.price) +
                               (result.decode_pool && result.decode_pool->price.device != result.price.device
                                    ? "; " + price_text(result.decode_pool->price)
                                    : "")}}}}};
}

/// What happened to a fleet that could change, and what its idle money paid for.
Section changes_of(const RunResult& result, const Figures& figures) {
  const engine::ElasticRecord& elastic = *result.run.elastic;
  const auto hours = [](Seconds time) { return significant(time.base() / 3600, 4); };
  Table idle{.columns = {{"idle", Align::left}, {"replica-hours"}, {"USD"}}};
  const auto row = [&](const char* name, Seconds time, Money amount) {
    idle.rows.push_back({name, hours(time), dollars(amount)});
  };
  const cost::IdleParts& parts = *result.idle_parts;
  const Seconds known =
      figures.provisioning_time + figures.standby_time + figures.down_time + figures.lost_time;
  row("headroom", figures.idle_time - known, parts.headroom);
  row("provisioning", figures.provisioning_time, parts.provisioning);
  row("spares", figures.standby_time, parts.standby);
  row("broken", figures.down_time, parts.down);
  row("steps cut off", figures.lost_time, parts.lost);
  const std::string serving = fmt::format("{} serving at least, {} at most, ", grouped(elastic.least_serving),
                                          grouped(elastic.most_serving));
  return {.title = "Fleet",
          .blocks = {
              Facts{{{"replicas", fmt::format("{}{} paid for on average", result.pools.empty() ? serving : "",
                                              significant(figures.mean_replicas.value_or(0)))},
                     {"replica-hours", hours(figures.replica_time)},
                     {"scaling", fmt::format("{} ordered, {} let go", grouped(elastic.scaled_up),
                                             grouped(elastic.scaled_down))},
                     {"failures", fmt::format("{}, {} answered by a spare; {} requests moved, {} tokens to "
                                              "be computed anew",
                                              grouped(elastic.failures), grouped(elastic.takeovers),
                                              grouped(elastic.requeued), grouped(elastic.lost_tokens))}}},
              idle}};
}

std::string part_text(const planner::Scenario& scenario) {
  if (scenario.escalate) {
    return "all first, " + percent(*scenario.escalate) + " escalated";
  }
  return scenario.share ? percent(*scenario.share) : "the rest";
}

Section models_of(const RunResult& result) {
  Table table{.columns = {{"model", Align::left},
                          {"device", Align::left},
                          {"replicas"},
                          {"requests", Align::left},
                          {"completed"},
                          {"output tokens"},
                          {"busy"},
                          {"USD"}}};
  for (const RunResult& pool : result.pools) {
    const bool fixed = !pool.run.elastic;
    table.rows.push_back(
        {pool.architecture.name, fmt::format("{} x {}", pool.scenario.device_count, pool.device.name),
         fixed ? grouped(pool.scenario.replicas) : replicas_text(pool.scenario), part_text(pool.scenario),
         grouped(pool.metrics.completed), grouped(pool.metrics.output_tokens), percent(figures_of(pool).busy),
         dollars(pool.bill.total)});
  }
  Section section{.title = "Models", .blocks = {table}};
  if (result.wasted > Money{}) {
    section.blocks.emplace_back(Facts{
        {{"thrown away", dollars(result.wasted) + " for answers of the small model that were redone"}}});
  }
  return section;
}

Section distillation_of(const cost::Distilled& distilled) {
  return {.title = "Distillation",
          .blocks = {Facts{
              {{"one-time", fmt::format("{}: teacher {}, training {} in {} device-hours",
                                        dollars(distilled.one_time), dollars(distilled.teacher),
                                        dollars(distilled.training), significant(distilled.device_hours))},
               {"per token", distilled.per_token
                                 ? dollars_per_mtok(distilled.per_token) + " per million tokens served"
                                 : std::string(kNone)},
               {"with serving", dollars_per_mtok(distilled.with_serving) + " per million tokens"}}}}};
}

Page refused(const RunResult& result, const std::string& title) {
  const planner::Infeasible& infeasible = *result.infeasible;
  Page page{.title = title, .headline = {"Does not run: " + infeasible.reason}};
  page.sections.push_back({.title = "Memory of one device",
                           .blocks = {Facts{{{"need", units::to_text(infeasible.need_per_device, 4)},
                                             {"have", units::to_text(infeasible.have_per_device, 4) +
                                                          " that the engine may use"}}}}});
  Table remedies{.columns = {{"change", Align::left}, {"need"}, {"have"}, {"USD/h a replica"}}};
  for (const planner::Remedy& remedy : infeasible.remedies) {
    remedies.rows.push_back({remedy.change, units::to_text(remedy.need_per_device, 4),
                             units::to_text(remedy.have_per_device, 4),
                             dollars(remedy.per_replica * Seconds(3600))});
  }
  Section section{.title = "What would fit, cheapest first"};
  if (remedies.rows.empty()) {
    section.blocks.emplace_back(Notes{{"nothing among narrower weights, more devices and larger devices"}});
  } else {
    section.blocks.emplace_back(remedies);
  }
  page.sections.push_back(section);
  return page;
}

Page page_of(const RunResult& result) {
  const std::string title =
      fmt::format("{}: {} on {}", result.scenario.name, result.architecture.name, fleet_text(result));
  Page page = result.infeasible ? refused(result, title) : Page{.title = title};
  if (!result.infeasible) {
    const Figures figures = figures_of(result);
    const cost::Bill& bill = result.bill;
    page.headline.push_back(fmt::format("{} per million tokens, all included; {} of the bill is idle",
                                        dollars_per_mtok(bill.per_token.blended),
                                        percent(figures.idle_share)));
    page.headline.push_back(fmt::format("input {}, output {} per million with their share of idle time",
                                        dollars_per_mtok(bill.per_token_with_idle.input),
                                        dollars_per_mtok(bill.per_token_with_idle.output)));
    page.sections = {what_ran(result), traffic(result, figures), latency(result.metrics, figures),
                     memory(result, figures), bill_of(result)};
    if (!result.tenants.empty()) {
      page.sections.insert(page.sections.begin() + 3, tenants_section(result.tenants));
    }
    if (result.run.elastic) {
      page.sections.insert(page.sections.begin() + 2, changes_of(result, figures));
    }
    if (!result.pools.empty()) {
      page.sections.insert(page.sections.begin() + 1, models_of(result));
    }
    if (result.distillation) {
      page.sections.push_back(distillation_of(*result.distillation));
    }
  }
  page.sections.push_back(assumptions_section(result.assumptions));
  page.sections.push_back(warnings_section(result.warnings));
  return page;
}

}  // namespace

std::string run_table(const RunResult& result, bool colour) {
  return to_terminal(page_of(result), colour);
}

std::string run_markdown(const RunResult& result) {
  return to_markdown(page_of(result));
}

std::string run_text(const RunResult& result, Form form, const RunFlags& flags) {
  switch (form.format) {
    case Format::json:
      return run_json(result, flags);
    case Format::csv:
      return run_csv(result, flags);
    case Format::markdown:
      return run_markdown(result);
    case Format::table:
      break;
  }
  return run_table(result, form.colour);
}

}  // namespace mtok::report
