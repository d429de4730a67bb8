// Fills the sheet of a plan.
#include "app/gui/models/plan_sheet.hpp"

#include "app/gui/models/number_text.hpp"

namespace mtok::gui {
namespace {

QString words(const std::string& text) {
  return QString::fromStdString(text);
}

template <class Value, class Text>
Cell cell_of(const std::optional<Value>& value, double unit, const Text& text) {
  return value ? number_cell(text(*value), value->base() * unit)
               : Cell{.text = no_number(), .tone = Tone::muted};
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
         cell_of(row.per_token, 1e6, [](UsdPerToken value) { return rate_text(value); }),
         cell_of(row.per_month, 1, [](Usd value) { return dollars_text(value); }),
         cell_of(row.ttft_p99, 1e3, time),
         cell_of(row.tpot_p99, 1e3, time),
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
