// Fills the sheets of a capacity plan.
#include "app/gui/models/capacity_sheet.hpp"

#include "app/gui/models/number_text.hpp"

namespace mtok::gui {
namespace {

using planner::Capacity;
using planner::CapacityMonth;
using planner::CapacityOption;

QString words(const std::string& text) {
  return QString::fromStdString(text);
}

Cell none(const QString& why = {}) {
  return {.text = no_number(), .tone = Tone::muted, .tip = why};
}

Cell money_cell(Usd amount) {
  return number_cell(dollars_text(amount), amount.base());
}

Cell plain_cell(const std::optional<double>& value) {
  return value ? number_cell(significant_text(*value), *value) : none();
}

Cell count_cell(std::int64_t value) {
  return number_cell(count_text(value), static_cast<double>(value));
}

Sheet::Column number_column(const QString& title, const QString& tip = {}) {
  return {.title = title, .number = true, .tip = tip};
}

const CapacityOption* cheapest(const Capacity& capacity) {
  const CapacityOption* best = nullptr;
  for (const CapacityOption& option : capacity.options) {
    if (option.missing.empty() && (best == nullptr || option.present_value < best->present_value)) {
      best = &option;
    }
  }
  return best;
}

}  // namespace

QString capacity_summary(const Capacity& capacity) {
  if (!capacity.feasible || capacity.months.empty()) {
    return QStringLiteral("no capacity plan: %1").arg(words(capacity.reason));
  }
  const CapacityMonth& first = capacity.months.front();
  const CapacityMonth& last = capacity.months.back();
  QString text = QStringLiteral("%1 × %2 in the first month, %3 in month %4.")
                     .arg(count_text(first.devices), words(capacity.device), count_text(last.devices))
                     .arg(last.month);
  if (const CapacityOption* const best = cheapest(capacity)) {
    text += QStringLiteral(" Least present value: %1.").arg(words(best->name));
  }
  return text;
}

QString break_even_summary(const Capacity& capacity) {
  const CapacityOption* first = nullptr;
  for (const CapacityOption& option : capacity.options) {
    if (option.break_even_requests_per_s &&
        (first == nullptr || *option.break_even_requests_per_s < *first->break_even_requests_per_s)) {
      first = &option;
    }
  }
  return first == nullptr ? QString()
                          : QStringLiteral("%1 beats the API from %2 requests/s on")
                                .arg(words(first->name), significant_text(*first->break_even_requests_per_s));
}

Sheet options_sheet(const Capacity& capacity) {
  Sheet sheet{
      .columns = {{.title = QStringLiteral("Way to pay")},
                  number_column(QStringLiteral("In all")),
                  number_column(QStringLiteral("Present value")),
                  number_column(QStringLiteral("USD/Mtok")),
                  number_column(QStringLiteral("Payback, months"),
                                QStringLiteral("until the way has cost no more than the first one, without "
                                               "what devices are sold for")),
                  number_column(QStringLiteral("Break-even, req/s"),
                                QStringLiteral("volume from which a fleet at the first month's prices costs "
                                               "no more than the cheapest API")),
                  {.title = QStringLiteral("Price from")}}};
  const CapacityOption* const best = cheapest(capacity);
  for (const CapacityOption& option : capacity.options) {
    const Tone tone = &option == best ? Tone::better : Tone::strong;
    if (!option.missing.empty()) {
      sheet.rows.push_back(
          {{.text = words(option.name), .tone = Tone::muted},
           none(),
           none(),
           none(),
           none(),
           none(),
           {.text = words(option.missing), .tone = Tone::muted, .tip = words(option.missing)}});
      continue;
    }
    sheet.rows.push_back(
        {{.text = words(option.name), .tone = tone, .tip = words(option.basis)},
         money_cell(option.total),
         money_cell(option.present_value),
         option.per_token ? number_cell(rate_text(option.per_token), (*option.per_token * Tokens(1e6)).base())
                          : none(),
         plain_cell(option.payback_months),
         plain_cell(option.break_even_requests_per_s),
         {.text = words(option.basis), .tone = Tone::muted, .tip = words(option.basis)}});
  }
  return sheet;
}

Sheet months_sheet(const Capacity& capacity) {
  Sheet sheet{.columns = {number_column(QStringLiteral("Month")), number_column(QStringLiteral("Mean req/s")),
                          number_column(QStringLiteral("Peak req/s")), number_column(QStringLiteral("Mtok")),
                          number_column(QStringLiteral("Replicas")), number_column(QStringLiteral("Spare")),
                          number_column(QStringLiteral("Devices"))}};
  for (const CapacityOption& option : capacity.options) {
    if (option.missing.empty()) {
      sheet.columns.push_back(
          number_column(words(option.name) + QStringLiteral(", USD"), words(option.basis)));
    }
  }
  for (std::size_t i = 0; i < capacity.months.size(); ++i) {
    const CapacityMonth& month = capacity.months[i];
    std::vector<Cell> row{count_cell(month.month),
                          plain_cell(month.mean_requests_per_s),
                          plain_cell(month.peak_requests_per_s),
                          plain_cell((month.tokens / Tokens(1e6))),
                          count_cell(month.replicas),
                          count_cell(month.spares),
                          count_cell(month.devices)};
    for (const CapacityOption& option : capacity.options) {
      if (option.missing.empty()) {
        row.push_back(money_cell(option.months[i].at_start + option.months[i].at_end));
      }
    }
    sheet.rows.push_back(std::move(row));
  }
  return sheet;
}

Sheet staircase_sheet(const Capacity& capacity) {
  Sheet sheet{.columns = {number_column(QStringLiteral("Replicas")),
                          number_column(QStringLiteral("Devices, with spares")),
                          number_column(QStringLiteral("Enough up to, req/s"),
                                        QStringLiteral("the highest demand that was simulated and served"))}};
  for (const planner::FleetStep& step : capacity.staircase) {
    sheet.rows.push_back(
        {count_cell(step.replicas), count_cell(step.devices), plain_cell(step.requests_per_s)});
  }
  return sheet;
}

}  // namespace mtok::gui
