// Writes comparisons and ladders as JSON and CSV.
#include "app/report/comparison_report.hpp"
#include "app/report/json.hpp"

namespace mtok::report {
namespace {

using planner::Comparison;
using planner::Row;

enum class Kind { compare, ladder };

/// What the total was made of; null in a row without a bill.
void add_money_facts(Json& json, const Row& row) {
  const bool billed = row.total.has_value();
  const auto amount = [&](Money part) { return usd(billed ? std::optional(part) : std::nullopt); };
  const auto count = [&](std::int64_t value) { return billed ? Json(value) : Json(nullptr); };
  json["parts_usd"] = {{"input", amount(row.parts.input)},
                       {"cached_input", amount(row.parts.cached_input)},
                       {"output", amount(row.parts.output)},
                       {"idle", amount(row.parts.idle)}};
  if (row.energy_parts.sum() > Money{}) {
    json["energy_parts_usd"] = {{"input", usd(row.energy_parts.input)},
                                {"cached_input", usd(row.energy_parts.cached_input)},
                                {"output", usd(row.energy_parts.output)},
                                {"idle", usd(row.energy_parts.idle)}};
  }
  json["usd_per_device_hour"] =
      usd(row.per_device ? std::optional(*row.per_device * Seconds(3600)) : std::nullopt);
  json["makespan_s"] = row.makespan ? number(row.makespan->base()) : Json(nullptr);
  json["completed"] = count(row.completed);
  json["tokens"] = {{"input", count(row.input_tokens)},
                    {"cached_input", count(row.cached_input_tokens)},
                    {"output", count(row.output_tokens)}};
}

Json row_json(const Comparison& comparison, std::size_t index, Kind kind) {
  const Row& row = comparison.rows[index];
  Json json{{"name", row.name},
            {"change", row.change},
            {"usd_per_mtok", usd_per_mtok(row.per_token)},
            {"total_usd", usd(row.total)},
            {"ttft_p99_ms", in_ms(row.ttft_p99)},
            {"tpot_p99_ms", in_ms(row.tpot_p99)},
            {"quality", row.quality},
            {"feasible", row.feasible},
            {"reason", row.reason}};
  if (kind == Kind::ladder) {
    json["marginal_usd_per_mtok"] = usd_per_mtok(row.marginal_per_token);
    json["alone_usd_per_mtok"] = usd_per_mtok(row.alone_per_token);
  }
  json["payback_months"] = number(row.payback_months);
  if (kind == Kind::ladder) {
    json["one_time_usd"] = usd(row.one_time);
  }
  json["saving"] = number(saving_of(comparison, index));
  json["usd_per_month"] = usd(row.per_month);
  json["output_tokens_per_s"] = number(row.output_tokens_per_s);
  json["busy"] = number(row.busy);
  json["model"] = row.model;
  json["device"] = row.device;
  json["devices"] = row.devices;
  json["replicas"] = row.replicas;
  add_money_facts(json, row);
  json["formats"] = row.formats;
  json["quality_source"] = text_or_null(row.quality_source);
  return json;
}

Json rows_json(const Comparison& comparison, Kind kind) {
  Json rows = Json::array();
  for (std::size_t i = 0; i < comparison.rows.size(); ++i) {
    rows.push_back(row_json(comparison, i, kind));
  }
  return rows;
}

std::string document_of(const Comparison& comparison, Kind kind) {
  Json json;
  json["schema"] = kind == Kind::ladder ? "mtok.ladder/1" : "mtok.compare/1";
  json["name"] = comparison.name;
  json["inputs"] = inputs_json(comparison.inputs);
  json["rows"] = rows_json(comparison, kind);
  if (kind == Kind::ladder) {
    json["joint_saving_usd_per_mtok"] = usd_per_mtok(comparison.joint_saving);
    json["single_savings_usd_per_mtok"] = usd_per_mtok(comparison.single_savings);
    json["interaction_usd_per_mtok"] = usd_per_mtok(comparison.interaction);
  }
  json["assumptions"] = assumptions_json(comparison.assumptions);
  json["warnings"] = comparison.warnings;
  return sealed(json);
}

}  // namespace

std::optional<double> saving_of(const Comparison& comparison, std::size_t row) {
  const std::optional<UsdPerToken> base = comparison.rows.front().per_token;
  const std::optional<UsdPerToken> here = comparison.rows[row].per_token;
  if (!base || !here || base->base() <= 0) {
    return std::nullopt;
  }
  return 1 - here->base() / base->base();
}

std::string compare_json(const Comparison& comparison) {
  return document_of(comparison, Kind::compare);
}
std::string ladder_json(const Comparison& comparison) {
  return document_of(comparison, Kind::ladder);
}

std::string compare_csv(const Comparison& comparison) {
  return rows_csv(rows_json(comparison, Kind::compare));
}
std::string ladder_csv(const Comparison& comparison) {
  return rows_csv(rows_json(comparison, Kind::ladder));
}

}  // namespace mtok::report
