// Writes and reads the records of a plan.
#include "app/report/plan_records.hpp"

#include <stdexcept>

#include "app/report/json.hpp"
#include "sim/config/diagnostic.hpp"

namespace mtok::report {
namespace {

template <class Q>
Json base_of(const std::optional<Q>& value) {
  return value ? Json(value->base()) : Json();
}

template <class Q>
std::optional<Q> quantity_of(const Json& value) {
  return value.is_null() ? std::nullopt : std::optional(Q(value.get<double>()));
}

std::optional<double> number_of(const Json& value) {
  return value.is_null() ? std::nullopt : std::optional(value.get<double>());
}

Json json_of(const planner::Row& row) {
  return {{"name", row.name},
          {"model", row.model},
          {"device", row.device},
          {"formats", row.formats},
          {"devices", row.devices},
          {"replicas", row.replicas},
          {"feasible", row.feasible},
          {"reason", row.reason},
          {"usd_per_token", base_of(row.per_token)},
          {"total_usd", row.total ? Json(row.total->to_decimal()) : Json()},
          {"usd_per_month", base_of(row.per_month)},
          {"ttft_p99_s", base_of(row.ttft_p99)},
          {"tpot_p99_s", base_of(row.tpot_p99)},
          {"output_tokens_per_s", row.output_tokens_per_s ? Json(*row.output_tokens_per_s) : Json()},
          {"busy", row.busy ? Json(*row.busy) : Json()},
          {"quality", row.quality},
          {"quality_source", row.quality_source}};
}

planner::Row row_of(const Json& json) {
  planner::Row row{.name = json.at("name"),
                   .model = json.at("model"),
                   .device = json.at("device"),
                   .formats = json.at("formats"),
                   .devices = json.at("devices"),
                   .replicas = json.at("replicas"),
                   .feasible = json.at("feasible"),
                   .reason = json.at("reason"),
                   .per_token = quantity_of<UsdPerToken>(json.at("usd_per_token")),
                   .per_month = quantity_of<Usd>(json.at("usd_per_month")),
                   .ttft_p99 = quantity_of<Seconds>(json.at("ttft_p99_s")),
                   .tpot_p99 = quantity_of<Seconds>(json.at("tpot_p99_s")),
                   .output_tokens_per_s = number_of(json.at("output_tokens_per_s")),
                   .busy = number_of(json.at("busy")),
                   .quality = json.at("quality"),
                   .quality_source = json.at("quality_source")};
  if (!json.at("total_usd").is_null()) {
    row.total = Money::from_decimal(json.at("total_usd").get<std::string>());
  }
  if (row.feasible && !row.total) {
    throw std::invalid_argument("a feasible row without a bill");
  }
  return row;
}

planner::PlanRecord record_of(const Json& json) {
  const Json& rates = json.at("usd_per_token");
  return {.key = json.at("key"),
          .row = row_of(json.at("row")),
          .nearest_miss = json.at("nearest_miss"),
          .per_token = {.input = quantity_of<UsdPerToken>(rates.at("input")),
                        .cached_input = quantity_of<UsdPerToken>(rates.at("cached_input")),
                        .output = quantity_of<UsdPerToken>(rates.at("output")),
                        .idle = quantity_of<UsdPerToken>(rates.at("idle")),
                        .blended = quantity_of<UsdPerToken>(rates.at("blended"))},
          .energy_per_token = quantity_of<Joules>(json.at("joules_per_token")),
          .simulated = json.at("simulated"),
          .replays = json.at("replays"),
          .warnings = json.at("warnings")};
}

}  // namespace

std::string record_line(const planner::PlanRecord& record) {
  const cost::UnitCosts& rates = record.per_token;
  const Json json{{"key", record.key},
                  {"row", json_of(record.row)},
                  {"nearest_miss", record.nearest_miss},
                  {"usd_per_token",
                   {{"input", base_of(rates.input)},
                    {"cached_input", base_of(rates.cached_input)},
                    {"output", base_of(rates.output)},
                    {"idle", base_of(rates.idle)},
                    {"blended", base_of(rates.blended)}}},
                  {"joules_per_token", base_of(record.energy_per_token)},
                  {"simulated", record.simulated},
                  {"replays", record.replays},
                  {"warnings", record.warnings}};
  return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::map<std::string, planner::PlanRecord> read_records(std::string_view text, const std::string& file) {
  std::map<std::string, planner::PlanRecord> records;
  std::int64_t line = 1;
  for (std::size_t end = text.find('\n'); end != std::string_view::npos; end = text.find('\n')) {
    try {
      planner::PlanRecord record = record_of(Json::parse(text.substr(0, end)));
      std::string key = record.key;
      records.insert_or_assign(std::move(key), std::move(record));
    } catch (const std::exception&) {  // of the JSON library, of types and of amounts
      throw config::Error({.file = file,
                           .at = {static_cast<int>(line), 1},
                           .message = "no record of a plan",
                           .hint = "give a file that 'mtok plan --resume' wrote, or a new one"});
    }
    text.remove_prefix(end + 1);
    ++line;
  }
  return records;
}

}  // namespace mtok::report
