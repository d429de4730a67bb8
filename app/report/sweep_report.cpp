// Writes a sweep of rates: how busy, how dear, how slow.
#include "app/report/sweep_report.hpp"

#include "app/report/figures.hpp"
#include "app/report/shared_sections.hpp"
#include "app/report/sheet.hpp"
#include "app/report/text.hpp"

namespace mtok::report {
namespace {

using planner::RatePoint;

Json point_json(const RatePoint& point, const Figures& figures) {
  const planner::RunResult& result = point.result;
  const cost::Bill& bill = result.bill;
  return {{"requests_per_s", number(point.requests_per_s)},
          {"completed_per_s", number(figures.requests_per_s)},
          {"busy", number(figures.busy)},
          {"idle_share_of_bill", number(figures.idle_share)},
          {"usd_per_mtok_output_busy_only", usd_per_mtok(bill.per_token.output)},
          {"usd_per_mtok_output", usd_per_mtok(bill.per_token_with_idle.output)},
          {"usd_per_mtok", usd_per_mtok(bill.per_token.blended)},
          {"output_tokens_per_s_per_device", number(figures.output_tokens_per_s_per_device)},
          {"ttft_p99_ms", in_ms(result.metrics.ttft.p99)},
          {"tpot_p99_ms", in_ms(result.metrics.tpot.p99)},
          {"slo_met", result.metrics.slo_met}};
}

std::vector<std::string> row_of(const RatePoint& point, const Figures& figures) {
  const planner::RunResult& result = point.result;
  return {units::shortest(point.requests_per_s),
          percent(figures.busy),
          percent(figures.idle_share),
          dollars_per_mtok(result.bill.per_token.output),
          dollars_per_mtok(result.bill.per_token_with_idle.output),
          dollars_per_mtok(result.bill.per_token.blended),
          milliseconds(result.metrics.ttft.p99),
          milliseconds(result.metrics.tpot.p99),
          result.metrics.slo_met ? "yes" : "no"};
}

}  // namespace

std::string sweep_text(const std::vector<RatePoint>& points, Form form) {
  const planner::RunResult& first = points.front().result;
  Table table{.columns = {{"req/s"},
                          {"busy"},
                          {"idle part of the bill"},
                          {"USD/Mtok output, busy time only"},
                          {"with idle"},
                          {"USD/Mtok all tokens"},
                          {"TTFT p99 ms"},
                          {"TPOT p99 ms"},
                          {"promises kept"}}};
  Sheet sheet{.page = {.title = first.scenario.name + ": " + first.architecture.name + " on " +
                                std::to_string(first.run.devices()) + " x " + first.device.name},
              .document = {{"schema", "mtok.sweep/1"},
                           {"scenario", first.scenario.name},
                           {"inputs", inputs_json(first.inputs)},
                           {"rows", Json::array()}},
              .rows = "rows"};
  for (const RatePoint& point : points) {
    const Figures figures = figures_of(point.result);
    sheet.document["rows"].push_back(point_json(point, figures));
    table.rows.push_back(row_of(point, figures));
  }
  sheet.page.sections = {
      {.blocks = {table}}, assumptions_section(first.assumptions), warnings_section(first.warnings)};
  sheet.document["assumptions"] = assumptions_json(first.assumptions);
  sheet.document["warnings"] = first.warnings;
  return text_of(sheet, form);
}

}  // namespace mtok::report
