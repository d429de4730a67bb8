// Reads ladders, comparisons and plans into cases.
#include "app/report/dossier_fields.hpp"
#include "sim/units/text.hpp"

namespace mtok::report {
namespace {

/// Ladders and comparisons state one rate, plans an object with one for each kind of token.
std::optional<Money> blended_of(config::Reader& row) {
  if (!present(row, "usd_per_mtok")) {
    return std::nullopt;
  }
  if (row.is_mapping("usd_per_mtok")) {
    config::Reader rates = row.mapping("usd_per_mtok");
    return money_or_none(rates, "blended");
  }
  return money_of(row, "usd_per_mtok");
}

/// A text, or a bare score.
std::string quality_of(config::Reader& row, const Json& json) {
  if (!present(row, "quality")) {
    return "unknown";
  }
  const auto found = json.find("quality");
  return found != json.end() && found->is_number() ? units::shortest(row.number("quality"))
                                                   : row.text("quality");
}

void read_money(config::Reader& row, Case& entry) {
  entry.total = money_or_none(row, "total_usd");
  entry.blended = blended_of(row);
  entry.marginal = money_or_none(row, "marginal_usd_per_mtok");
  entry.alone = money_or_none(row, "alone_usd_per_mtok");
  entry.per_month = money_or_none(row, "usd_per_month");
  entry.device_hour = money_or_none(row, "usd_per_device_hour");
  if (!entry.total) {
    return;
  }
  entry.makespan_s = number_or_none(row, "makespan_s");
  entry.completed = count_or_zero(row, "completed");
  if (present(row, "parts_usd")) {
    entry.parts = parts_of(row, "parts_usd", *entry.total);
    entry.has_parts = true;
    entry.energy_parts = energy_parts_of(row);
  }
  if (present(row, "tokens")) {
    config::Reader tokens = row.mapping("tokens");
    entry.input_tokens = count_or_zero(tokens, "input");
    entry.cached_input_tokens = count_or_zero(tokens, "cached_input");
    entry.output_tokens = count_or_zero(tokens, "output");
  }
}

Case case_of(config::Reader& row, const Json& json) {
  Case entry{.name = row.text("name"),
             .change = text_or_empty(row, "change"),
             .model = text_or_empty(row, "model"),
             .device = text_or_empty(row, "device"),
             .formats = text_or_empty(row, "formats"),
             .quality = quality_of(row, json),
             .quality_source = text_or_empty(row, "quality_source"),
             .feasible = row.flag("feasible"),
             .reason = text_or_empty(row, "reason"),
             .devices = count_or_zero(row, "devices"),
             .replicas = count_or_zero(row, "replicas")};
  read_money(row, entry);
  entry.saving = number_or_none(row, "saving");
  entry.ttft_p99_ms = number_or_none(row, "ttft_p99_ms");
  entry.tpot_p99_ms = number_or_none(row, "tpot_p99_ms");
  entry.output_tokens_per_s = number_or_none(row, "output_tokens_per_s");
  entry.busy = number_or_none(row, "busy");
  entry.payback_months = number_or_none(row, "payback_months");
  return entry;
}

}  // namespace

CaseTable read_cases(ResultDocument& result, const std::string& kind) {
  config::Reader root = result.document.root();
  CaseTable table{.kind = kind, .name = text_or_empty(root, "name")};
  const auto rows = result.json.find("rows");
  std::size_t index = 0;
  for (config::Reader row : root.mappings("rows")) {
    static const Json kNothing = Json::object();
    const bool known = rows != result.json.end() && index < rows->size();
    table.cases.push_back(case_of(row, known ? (*rows)[index] : kNothing));
    ++index;
  }
  if (table.cases.empty() && root.ok()) {
    root.fail("rows", "expected at least one row");
  }
  table.interaction = money_or_none(root, "interaction_usd_per_mtok");
  return table;
}

}  // namespace mtok::report
