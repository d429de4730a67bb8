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

Json row_json(const PlanRow& candidate) {
  const planner::Row& row = candidate.row;
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
          {"pareto", candidate.on_front}};
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
          {"quality", {{"benchmark", result.quality.benchmark}, {"least", number(result.quality.least)}}},
          {"rows", rows},
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
  lines.push_back(fmt::format("{} candidates: {} simulated, {} keep the promises, {} of them on the front",
                              grouped(static_cast<std::int64_t>(result.rows.size())),
                              count([](const PlanRow& row) { return row.simulated; }),
                              count([](const PlanRow& row) { return row.row.feasible; }),
                              count([](const PlanRow& row) { return row.on_front; })));
  return lines;
}

Page page_of(const PlanResult& result) {
  return {.title = result.name,
          .headline = headline_of(result),
          .sections = {ranking_of(result), refused_of(result), assumptions_section(result.assumptions),
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
