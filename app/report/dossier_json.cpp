// Writes a dossier as the JSON document `mtok.report/1`.
#include "app/report/dossier_data.hpp"
#include "app/report/json.hpp"
#include "app/report/money_text.hpp"

namespace mtok::report {
namespace {

Json case_json(const Case& entry) {
  Json json{{"name", entry.name},
            {"change", text_or_null(entry.change)},
            {"feasible", entry.feasible},
            {"reason", text_or_null(entry.reason)},
            {"model", entry.model},
            {"device", entry.device},
            {"formats", entry.formats},
            {"devices", entry.devices},
            {"replicas", entry.replicas},
            {"usd_per_device_hour", usd(entry.device_hour)},
            {"makespan_s", number(entry.makespan_s)},
            {"tokens",
             {{"input", entry.input_tokens},
              {"cached_input", entry.cached_input_tokens},
              {"output", entry.output_tokens}}},
            {"total_usd", usd(entry.total)},
            {"parts_usd", nullptr},
            {"usd_per_mtok", usd(entry.blended)},
            {"marginal_usd_per_mtok", usd(entry.marginal)},
            {"alone_usd_per_mtok", usd(entry.alone)},
            {"saving", number(entry.saving)},
            {"usd_per_month", usd(entry.per_month)},
            {"ttft_p99_ms", number(entry.ttft_p99_ms)},
            {"tpot_p99_ms", number(entry.tpot_p99_ms)},
            {"busy", number(entry.busy)},
            {"quality", entry.quality},
            {"quality_source", text_or_null(entry.quality_source)}};
  if (entry.has_parts) {
    json["parts_usd"] = {{"input", usd(std::optional(entry.parts.input))},
                         {"cached_input", usd(std::optional(entry.parts.cached_input))},
                         {"output", usd(std::optional(entry.parts.output))},
                         {"idle", usd(std::optional(entry.parts.idle))}};
  }
  return json;
}

Json table_json(const CaseTable& table) {
  Json cases = Json::array();
  for (const Case& entry : table.cases) {
    cases.push_back(case_json(entry));
  }
  return {{"kind", table.kind},
          {"name", table.name},
          {"interaction_usd_per_mtok", usd(table.interaction)},
          {"cases", std::move(cases)}};
}

Json swing_end_json(const SwingEnd& end) {
  return {{"input", number(end.input)},
          {"usd_per_mtok", usd(end.rate)},
          {"ttft_p99_ms", number(end.ttft_p99_ms)},
          {"tpot_p99_ms", number(end.tpot_p99_ms)},
          {"promises_kept", end.promises_kept}};
}

Json sensitivity_json(const SensitivityFacts& facts) {
  Json json{{"name", facts.name},
            {"feasible", facts.feasible},
            {"usd_per_mtok", usd(facts.base_rate)},
            {"samples", facts.samples},
            {"slo_probability", number(facts.slo_probability)}};
  json["swings"] = Json::array();
  for (const SwingLine& swing : facts.swings) {
    json["swings"].push_back({{"key", swing.key},
                              {"unit", text_or_null(swing.unit)},
                              {"low", swing_end_json(swing.low)},
                              {"high", swing_end_json(swing.high)},
                              {"rank_correlation", number(swing.rank)},
                              {"source", text_or_null(swing.source)}});
  }
  json["spreads"] = Json::object();
  for (const SpreadLine& line : facts.spreads) {
    json["spreads"][line.key] = {
        {"p10", number(line.p10)}, {"p50", number(line.p50)}, {"p90", number(line.p90)}};
  }
  return json;
}

Json capacity_json(const CapacityFacts& facts) {
  Json json{{"name", facts.name},
            {"feasible", facts.feasible},
            {"reason", text_or_null(facts.reason)},
            {"device", facts.device},
            {"discount_rate_per_year", number(facts.discount_per_year)}};
  json["options"] = Json::array();
  for (const CapacityOptionLine& option : facts.options) {
    json["options"].push_back({{"name", option.name},
                               {"missing", text_or_null(option.missing)},
                               {"total_usd", usd(option.total)},
                               {"present_value_usd", usd(option.present_value)},
                               {"usd_per_mtok", usd(option.rate)},
                               {"payback_months", number(option.payback_months)}});
  }
  json["months"] = Json::array();
  for (const CapacityMonthLine& month : facts.months) {
    json["months"].push_back({{"month", month.month},
                              {"mean_requests_per_s", number(month.mean_requests_per_s)},
                              {"replicas", month.replicas},
                              {"spare_replicas", month.spares},
                              {"devices", month.devices}});
  }
  return json;
}

Json head_json(const Dossier& dossier) {
  Json options = Json::object();
  for (const auto& [key, value] : dossier.options) {
    options[key] = value;
  }
  Json results = Json::array();
  for (const ResultFile& file : dossier.results) {
    results.push_back({{"name", file.name},
                       {"schema", file.schema},
                       {"title", file.title},
                       {"hash", text_or_null(file.hash)},
                       {"sha256", file.sha256},
                       {"hash_fits", file.intact}});
  }
  return {{"version", MTOK_VERSION},
          {"run_version", text_or_null(dossier.version)},
          {"run_hash", text_or_null(dossier.hash)},
          {"seed", dossier.seed},
          {"options", std::move(options)},
          {"rounding", std::string(kShownRounding)},
          {"currency", dossier.currency},
          {"results", std::move(results)},
          {"inputs", inputs_json(dossier.inputs)}};
}

Json figures_json(const Dossier& dossier) {
  Json figures = Json::array();
  for (const Fact& fact : dossier.facts) {
    figures.push_back(
        {{"key", fact.key}, {"value", text_or_null(fact.value)}, {"unit", text_or_null(fact.unit)}});
  }
  return figures;
}

}  // namespace

std::string dossier_json(const Dossier& dossier, const std::vector<ControlSum>& sums) {
  Json json;
  json["schema"] = "mtok.report/1";
  json["scenario"] = dossier.scenario;
  json["head"] = head_json(dossier);
  json["feasible"] = dossier.feasible;
  json["run"] = case_json(dossier.run);
  json["figures"] = figures_json(dossier);
  Json control = Json::array();
  for (const ControlSum& sum : sums) {
    control.push_back({{"key", sum.key}, {"title", sum.title}, {"usd", usd(std::optional(sum.amount))}});
  }
  json["control"] = {{"sums", std::move(control)}, {"agree", all_agree(sums)}};
  json["further_runs"] = Json::array();
  for (const Dossier& further : dossier.further_runs) {
    json["further_runs"].push_back(case_json(further.run));
  }
  json["ladder"] = dossier.ladder ? table_json(*dossier.ladder) : Json(nullptr);
  json["tables"] = Json::array();
  for (const CaseTable& table : dossier.tables) {
    json["tables"].push_back(table_json(table));
  }
  json["sensitivity"] = dossier.sensitivity ? sensitivity_json(*dossier.sensitivity) : Json(nullptr);
  json["capacity"] = dossier.capacity ? capacity_json(*dossier.capacity) : Json(nullptr);
  json["assumptions"] = assumptions_json(dossier.assumptions);
  json["warnings"] = dossier.warnings;
  json["absent"] = dossier.absent;
  return sealed(json);
}

}  // namespace mtok::report
