// Writes a plan: the answer first, then the front, the ranking and what is out.
#include "app/report/plan_report.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "app/report/json.hpp"
#include "app/report/page.hpp"
#include "app/report/shared_sections.hpp"
#include "app/report/text.hpp"

namespace mtok::report {
namespace {

using planner::PlanResult;
using planner::PlanRow;

constexpr double kJoulesPerKwh = 3.6e6;
constexpr double kMillion = 1e6;

std::optional<double> kwh_per_mtok(const PlanRow& row) {
  return row.energy_per_token ? std::optional(row.energy_per_token->base() * kMillion / kJoulesPerKwh)
                              : std::nullopt;
}

Json rates_json(const PlanRow& row) {
  return {{"input", usd_per_mtok(row.per_token.input)},
          {"cached_input", usd_per_mtok(row.per_token.cached_input)},
          {"output", usd_per_mtok(row.per_token.output)},
          {"idle", usd_per_mtok(row.per_token.idle)},
          {"blended", usd_per_mtok(row.per_token.blended)}};
}

Json or_null(const auto& value) {
  return value ? Json(*value) : Json();
}

/// What `mtok export` needs, in the words of a scenario file.
Json deployment_json(const planner::Scenario& scenario) {
  const planner::EngineChoice& engine = scenario.engine;
  const kernel::Formats& formats = scenario.formats;
  const model::Sharding& ranks = scenario.sharding;
  return {{"model", scenario.model_file.stem().string()},
          {"hardware", {{"device", scenario.device_file.stem().string()}, {"count", scenario.device_count}}},
          {"formats",
           {{"weights", kernel::name_of(formats.weights)},
            {"activations", kernel::name_of(formats.activations)},
            {"kv_cache", kernel::name_of(formats.kv_cache)}}},
          {"parallel",
           {{"tensor_parallel_size", ranks.tensor},
            {"pipeline_parallel_size", ranks.pipeline},
            {"expert_parallel_size", ranks.expert},
            {"data_parallel_size", ranks.data}}},
          {"engine",
           {{"framework", engine.framework},
            {"max_num_seqs", or_null(engine.max_num_seqs)},
            {"max_num_batched_tokens", or_null(engine.max_num_batched_tokens)},
            {"max_model_len", or_null(engine.max_model_len)},
            {"block_size", or_null(engine.block_size)},
            {"gpu_memory_utilization", or_null(engine.gpu_memory_utilization)},
            {"enable_chunked_prefill", engine.enable_chunked_prefill},
            {"enable_prefix_caching", engine.enable_prefix_caching}}},
          {"fleet", {{"replicas", scenario.replicas}}}};
}

/// Absent without drafts.
void add_drafts(Json& deployment, const planner::Scenario& scenario) {
  if (scenario.speculation) {
    const planner::SpeculationChoice& choice = *scenario.speculation;
    Json& drafts = deployment["speculative_config"];
    drafts["method"] = choice.draft_file.empty() ? "mtp" : "draft_model";
    if (!choice.draft_file.empty()) {
      drafts["model"] = choice.draft_file.stem().string();
    }
    drafts["num_speculative_tokens"] = choice.speculation.draft_tokens();
    drafts["acceptance_rate"] = choice.speculation.acceptance;
  }
}

Json row_json(const PlanRow& candidate) {
  const planner::Row& row = candidate.row;
  Json deployment = deployment_json(candidate.deployment);
  add_drafts(deployment, candidate.deployment);
  return {{"name", row.name},
          {"feasible", row.feasible},
          {"reason", row.reason},
          {"nearest_miss", candidate.nearest_miss},
          {"model", row.model},
          {"device", row.device},
          {"formats", row.formats},
          {"tier", std::string(cost::name_of(candidate.tier))},
          {"devices", row.devices},
          {"replicas", row.replicas},
          {"usd_per_mtok", rates_json(candidate)},
          {"total_usd", usd(row.total)},
          {"least_total_usd", usd(std::optional(candidate.least_bill))},
          {"usd_per_month", usd(row.per_month)},
          {"ttft_p99_ms", in_ms(row.ttft_p99)},
          {"tpot_p99_ms", in_ms(row.tpot_p99)},
          {"output_tokens_per_s", number(row.output_tokens_per_s)},
          {"busy", number(row.busy)},
          {"quality", number(candidate.quality)},
          {"quality_source", text_or_null(row.quality_source)},
          {"energy_kwh_per_mtok", number(kwh_per_mtok(candidate))},
          {"simulated", candidate.simulated},
          {"replays", candidate.replays},
          {"pareto", candidate.on_front},
          {"dominated_by", text_or_null(candidate.dominated_by)},
          {"fix", text_or_null(candidate.fix)},
          {"deployment", deployment}};
}

Json offers_json(const std::vector<planner::Offer>& offers) {
  Json list = Json::array();
  for (const planner::Offer& offer : offers) {
    const cost::ApiPrice& price = offer.price;
    list.push_back({{"vendor", price.vendor},
                    {"model", price.model},
                    {"network", text_or_null(price.network)},
                    {"batch", offer.batch},
                    {"list_usd_per_mtok",
                     {{"input", usd_per_mtok(price.input)},
                      {"cached_input", usd_per_mtok(price.cached_input)},
                      {"output", usd_per_mtok(price.output)},
                      {"batch_input", usd_per_mtok(price.batch_input)},
                      {"batch_output", usd_per_mtok(price.batch_output)}}},
                    {"usd_per_mtok", usd_per_mtok(offer.per_token)},
                    {"total_usd", usd(std::optional(offer.total))},
                    {"usd_per_month", usd(offer.per_month)},
                    {"quality", number(offer.quality)},
                    {"own", text_or_null(offer.own)},
                    {"same_network", offer.same_network},
                    {"times_own", number(offer.times_own)},
                    {"break_even_requests_per_day", number(offer.break_even_requests_per_day)},
                    {"as_of", price.as_of},
                    {"source", price.source}});
  }
  return list;
}

Json months_json(const std::vector<planner::PlanMonth>& months) {
  Json list = Json::array();
  for (const planner::PlanMonth& month : months) {
    list.push_back({{"month", month.month},
                    {"feasible", month.feasible},
                    {"requests_per_s", number(month.requests_per_s)},
                    {"replicas", month.replicas},
                    {"devices", month.devices},
                    {"usd_per_month", usd(std::optional(month.per_month))}});
  }
  return list;
}

Json horizon_json(const std::vector<planner::PlanHorizon>& horizons) {
  Json list = Json::array();
  for (const planner::PlanHorizon& horizon : horizons) {
    list.push_back({{"name", horizon.name},
                    {"feasible", horizon.feasible},
                    {"months_counted", static_cast<std::int64_t>(horizon.months.size()) - 1},
                    {"total_usd", usd(std::optional(horizon.total))},
                    {"devices_now", horizon.months.front().devices},
                    {"devices_at_end", horizon.months.back().devices}});
  }
  return list;
}

Json document_of(const PlanResult& result) {
  Json rows = Json::array();
  for (const PlanRow& row : result.rows) {
    rows.push_back(row_json(row));
  }
  return {{"schema", "mtok.plan/1"},
          {"name", result.name},
          {"inputs", inputs_json(result.inputs)},
          {"slo",
           {{"ttft_p99_ms", in_ms(result.slo.ttft_p99)},
            {"tpot_p99_ms", in_ms(result.slo.tpot_p99)},
            {"e2e_p99_ms", in_ms(result.slo.e2e_p99)}}},
          {"demand",
           {{"requests", result.demand.requests},
            {"input_tokens", result.demand.input_tokens},
            {"output_tokens", result.demand.output_tokens},
            {"last_arrival_s", number(static_cast<double>(result.demand.last_arrival_ns) * 1e-9)}}},
          {"quality", {{"benchmark", result.quality.benchmark}, {"least", number(result.quality.least)}}},
          {"rows", rows},
          {"buy", offers_json(result.offers)},
          {"months", months_json(result.months)},
          {"horizon", horizon_json(result.horizon)},
          {"assumptions", assumptions_json(result.assumptions)},
          {"warnings", result.warnings}};
}

std::string quality_text(const PlanRow& row) {
  return row.quality ? grouped(*row.quality, 1) : "unknown";
}

Table table_of(const std::vector<const PlanRow*>& rows, const std::string& benchmark) {
  Table table{.columns = {{"", Align::left},
                          {"replicas"},
                          {"devices"},
                          {"USD/Mtok"},
                          {"a month"},
                          {"TTFT p99 ms"},
                          {"TPOT p99 ms"},
                          {benchmark},
                          {"kWh/Mtok"},
                          {"front", Align::left}}};
  for (const PlanRow* candidate : rows) {
    const planner::Row& row = candidate->row;
    const std::optional<double> kwh = kwh_per_mtok(*candidate);
    table.rows.push_back({row.name, grouped(row.replicas), grouped(row.devices),
                          dollars_per_mtok(row.per_token),
                          row.per_month ? dollars(*row.per_month) : std::string(kNone),
                          milliseconds(row.ttft_p99), milliseconds(row.tpot_p99), quality_text(*candidate),
                          kwh ? significant(*kwh) : std::string(kNone), candidate->on_front ? "yes" : ""});
  }
  return table;
}

Section ranking_of(const PlanResult& result) {
  std::vector<const PlanRow*> rows;
  for (const PlanRow& row : result.rows) {
    if (row.row.feasible) {
      rows.push_back(&row);
    }
  }
  Section section{.title = "Keep every promise, cheapest first"};
  if (!rows.empty()) {
    section.blocks.emplace_back(table_of(rows, result.quality.benchmark));
  }
  return section;
}

Section refused_of(const PlanResult& result) {
  Table table{.columns = {{"", Align::left}, {"nearest miss", Align::left}, {"reason", Align::left}}};
  for (const PlanRow& row : result.rows) {
    if (!row.row.feasible) {
      const std::string miss = row.nearest_miss.empty() ? std::string(kNone) : row.nearest_miss;
      table.rows.push_back({row.row.name, miss, row.row.reason});
    }
  }
  Section section{.title = "Out"};
  if (!table.rows.empty()) {
    section.blocks.emplace_back(std::move(table));
  }
  return section;
}

Section buy_of(const PlanResult& result) {
  Table table{.columns = {{"vendor", Align::left},
                          {"model", Align::left},
                          {"USD/Mtok"},
                          {"a month"},
                          {"times own"},
                          {"break-even requests/day"},
                          {result.quality.benchmark},
                          {"as of", Align::left},
                          {"held against", Align::left}}};
  for (const planner::Offer& offer : result.offers) {
    const auto& even = offer.break_even_requests_per_day;
    table.rows.push_back(
        {offer.price.vendor, offer.price.model + (offer.batch ? " (batch)" : ""),
         dollars_per_mtok(offer.per_token), offer.per_month ? dollars(*offer.per_month) : std::string(kNone),
         offer.times_own ? significant(*offer.times_own) : std::string(kNone),
         even ? grouped(*even, 0) : std::string(kNone),
         offer.quality ? grouped(*offer.quality, 1) : "unknown", offer.price.as_of, offer.own});
  }
  Section section{.title = "Buy instead: the same tokens at list prices"};
  if (!table.rows.empty()) {
    section.blocks.emplace_back(std::move(table));
  }
  return section;
}

Section months_of(const PlanResult& result) {
  Table table{
      .columns = {{"month"}, {"requests/s"}, {"replicas"}, {"devices"}, {"a month"}, {"", Align::left}}};
  for (const planner::PlanMonth& month : result.months) {
    table.rows.push_back({grouped(month.month), significant(month.requests_per_s), grouped(month.replicas),
                          grouped(month.devices), dollars(month.per_month),
                          month.feasible ? "" : "breaks a promise"});
  }
  Section section{.title = "The cheapest deployment as demand grows"};
  if (!table.rows.empty()) {
    section.blocks.emplace_back(std::move(table));
  }
  return section;
}

/// The ranking above is of the demand of now; this one of all months together.
Section horizon_of(const PlanResult& result) {
  Table table{.columns = {{"", Align::left}, {"total"}, {"devices now"}, {"at the end"}, {"", Align::left}}};
  for (const planner::PlanHorizon& horizon : result.horizon) {
    table.rows.push_back({horizon.name, dollars(horizon.total), grouped(horizon.months.front().devices),
                          grouped(horizon.months.back().devices),
                          horizon.feasible ? "" : "breaks a promise"});
  }
  Section section{.title = "Cost over the horizon"};
  if (!table.rows.empty()) {
    const std::size_t months = result.horizon.front().months.size() - 1;
    section.title = fmt::format("Cost over {} months of growth, of the {} cheapest at the demand of now",
                                months, result.horizon.size());
    section.blocks.emplace_back(std::move(table));
  }
  return section;
}

std::vector<std::string> headline_of(const PlanResult& result) {
  const auto count = [&](const auto& holds) {
    return grouped(static_cast<std::int64_t>(std::count_if(result.rows.begin(), result.rows.end(), holds)));
  };
  std::vector<std::string> lines;
  if (result.rows.empty() || !result.rows.front().row.feasible) {
    lines.emplace_back("Nothing here keeps the promises.");
  } else {
    const planner::Row& best = result.rows.front().row;
    lines.push_back(fmt::format("Cheapest: {} replicas of {}, {} per million tokens", grouped(best.replicas),
                                best.name, dollars_per_mtok(best.per_token)));
  }
  if (!result.horizon.empty() && result.horizon.front().feasible) {
    const planner::PlanHorizon& best = result.horizon.front();
    lines.push_back(fmt::format(
        "Over {} months of growth, the fleet sized anew each month: {} in all with {}{}",
        best.months.size() - 1, dollars(best.total), best.name,
        best.name == result.rows.front().row.name ? "" : ", which is not the cheapest at the demand of now"));
  }
  std::int64_t replays = 0;
  for (const PlanRow& row : result.rows) {
    replays += row.replays;
  }
  lines.push_back(
      fmt::format("{} candidates: {} simulated in {} replays of {} requests, {} keep the promises, "
                  "{} of them on the front",
                  grouped(static_cast<std::int64_t>(result.rows.size())),
                  count([](const PlanRow& row) { return row.simulated; }), grouped(replays),
                  grouped(result.demand.requests), count([](const PlanRow& row) { return row.row.feasible; }),
                  count([](const PlanRow& row) { return row.on_front; })));
  return lines;
}

Page page_of(const PlanResult& result) {
  return {.title = result.name,
          .headline = headline_of(result),
          .sections = {ranking_of(result), buy_of(result), months_of(result), horizon_of(result),
                       refused_of(result), assumptions_section(result.assumptions),
                       warnings_section(result.warnings)}};
}

}  // namespace

std::string plan_text(const PlanResult& result, Form form) {
  switch (form.format) {
    case Format::json:
      return sealed(document_of(result));
    case Format::csv:
      return rows_csv(document_of(result).at("rows"));
    case Format::markdown:
      return to_markdown(page_of(result));
    case Format::table:
      break;
  }
  return to_terminal(page_of(result), form.colour);
}

}  // namespace mtok::report
