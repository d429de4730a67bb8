// Fills the sheet of a plan.
#include "app/gui/models/plan_sheet.hpp"

#include "app/gui/models/number_text.hpp"

namespace mtok::gui {
namespace {

QString words(const std::string& text) {
  return QString::fromStdString(text);
}

/// `key`: of the figure in the result of the row's scenario.
template <class Value, class Text>
Cell cell_of(const std::optional<Value>& value, double unit, const char* key, const Text& text) {
  if (!value) {
    return {.text = no_number(), .tone = Tone::muted};
  }
  return {.text = text(*value), .raw = value->base() * unit, .key = QLatin1String(key)};
}

}  // namespace

Sheet plan_sheet(const std::vector<planner::PlanRow>& rows) {
  Sheet sheet{.columns = {{.title = QStringLiteral("Candidate")},
                          {.title = QStringLiteral("Front")},
                          {.title = QStringLiteral("USD/Mtok"), .number = true},
                          {.title = QStringLiteral("USD/month"), .number = true},
                          {.title = QStringLiteral("TTFT p99"), .number = true},
                          {.title = QStringLiteral("TPOT p99"), .number = true},
                          {.title = QStringLiteral("Quality"), .number = true},
                          {.title = QStringLiteral("Devices"), .number = true},
                          {.title = QStringLiteral("Remark")}}};
  const auto time = [](Seconds value) { return duration_text(value); };
  for (const planner::PlanRow& plan_row : rows) {
    const planner::Row& row = plan_row.row;
    Cell quality{.text = row.quality.empty() ? no_number() : words(row.quality),
                 .tip = words(row.quality_source)};
    if (plan_row.quality) {
      quality =
          number_cell(significant_text(*plan_row.quality), *plan_row.quality, words(row.quality_source));
    }
    const std::string& remark = plan_row.nearest_miss.empty() ? row.reason : plan_row.nearest_miss;
    sheet.rows.push_back(
        {{.text = words(row.name), .tone = Tone::strong},
         {.text = plan_row.on_front ? QStringLiteral("● yes") : QString(), .tone = Tone::better},
         cell_of(row.per_token, 1e6, "cost.usd_per_mtok.blended",
                 [](UsdPerToken value) { return rate_text(value); }),
         cell_of(row.per_month, 1, "cost.usd_per_month", [](Usd value) { return dollars_text(value); }),
         cell_of(row.ttft_p99, 1e3, "latency.ttft_ms.p99", time),
         cell_of(row.tpot_p99, 1e3, "latency.tpot_ms.p99", time),
         quality,
         row.devices > 0 ? number_cell(count_text(row.devices), static_cast<double>(row.devices))
                         : Cell{.text = no_number(), .tone = Tone::muted},
         {.text = words(remark),
          .tone = row.feasible ? Tone::plain : Tone::worse,
          .tip = words(row.reason)}});
  }
  return sheet;
}

}  // namespace mtok::gui
