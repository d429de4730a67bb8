// Fills the sheet of errors.
#include "app/gui/models/validation_sheet.hpp"

#include <array>

#include "app/gui/models/number_text.hpp"

namespace mtok::gui {

Sheet validation_sheet(std::span<const validation::Outcome> outcomes) {
  constexpr std::array kKeys{validation::GroupBy::metric, validation::GroupBy::family};
  Sheet sheet{.columns = {{.title = QStringLiteral("Family")},
                          {.title = QStringLiteral("Metric")},
                          {.title = QStringLiteral("Rows"), .number = true},
                          {.title = QStringLiteral("Not supported"), .number = true},
                          {.title = QStringLiteral("Median error"), .number = true},
                          {.title = QStringLiteral("Mean error"), .number = true},
                          {.title = QStringLiteral("90th percentile"), .number = true},
                          {.title = QStringLiteral("Bias"), .number = true}}};
  for (const validation::ErrorSummary& group : validation::summarize(outcomes, kKeys)) {
    const auto share = [&](double value) {
      return group.rows > 0 ? number_cell(percent_text(value), value)
                            : Cell{.text = no_number(), .tone = Tone::muted};
    };
    sheet.rows.push_back({{.text = QString::fromStdString(group.family), .tone = Tone::strong},
                          {.text = QString::fromStdString(group.metric)},
                          number_cell(count_text(group.rows), static_cast<double>(group.rows)),
                          number_cell(count_text(group.unsupported), static_cast<double>(group.unsupported)),
                          share(group.median_ape),
                          share(group.mean_ape),
                          share(group.p90_ape),
                          group.rows > 0 ? number_cell(change_text(group.bias), group.bias)
                                         : Cell{.text = no_number(), .tone = Tone::muted}});
  }
  return sheet;
}

}  // namespace mtok::gui
