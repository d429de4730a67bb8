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

QString commitments_summary(const Capacity& capacity) {
  if (capacity.commitments.empty()) {
    return QStringLiteral("The price book has no reserved price for these devices");
  }
  QStringList terms;
  for (const planner::Commitment& commitment : capacity.commitments) {
    terms.push_back(QStringLiteral("%1 of %2 for %3")
                        .arg(count_text(commitment.worth_reserving()),
                             count_text(static_cast<std::int64_t>(commitment.rungs.size())),
                             words(commitment.term)));
  }
  return QStringLiteral("Replicas worth reserving now: ") + terms.join(QStringLiteral(", "));
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
  for (std::size_t i = 0; i < capacity.options.size(); ++i) {
    const CapacityOption& option = capacity.options[i];
    const auto keyed = [i](const Cell& cell, const char* figure) {
      return with_key(cell, QStringLiteral("options.%1.%2").arg(i).arg(QLatin1String(figure)));
    };
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
         keyed(money_cell(option.total), "total_usd"),
         keyed(money_cell(option.present_value), "present_value_usd"),
         option.per_token
             ? keyed(number_cell(rate_text(option.per_token), (*option.per_token * Tokens(1e6)).base()),
                     "usd_per_mtok")
             : none(),
         option.payback_months ? keyed(plain_cell(option.payback_months), "payback_months") : none(),
         option.break_even_requests_per_s
             ? keyed(plain_cell(option.break_even_requests_per_s), "break_even_requests_per_s")
             : none(),
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
    const auto keyed = [i](const Cell& cell, const QString& figure) {
      return with_key(cell, QStringLiteral("rows.%1.").arg(i) + figure);
    };
    std::vector<Cell> row{count_cell(month.month),
                          keyed(plain_cell(month.mean_requests_per_s), QStringLiteral("mean_requests_per_s")),
                          keyed(plain_cell(month.peak_requests_per_s), QStringLiteral("peak_requests_per_s")),
                          keyed(plain_cell((month.tokens / Tokens(1e6))), QStringLiteral("mtok")),
                          keyed(count_cell(month.replicas), QStringLiteral("replicas")),
                          keyed(count_cell(month.spares), QStringLiteral("spare_replicas")),
                          keyed(count_cell(month.devices), QStringLiteral("devices"))};
    for (const CapacityOption& option : capacity.options) {
      if (option.missing.empty()) {
        row.push_back(keyed(money_cell(option.months[i].at_start + option.months[i].at_end),
                            QStringLiteral("usd.") + words(option.name)));
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
  for (std::size_t i = 0; i < capacity.staircase.size(); ++i) {
    const planner::FleetStep& step = capacity.staircase[i];
    sheet.rows.push_back({count_cell(step.replicas), count_cell(step.devices),
                          with_key(plain_cell(step.requests_per_s),
                                   QStringLiteral("staircase.%1.peak_requests_per_s").arg(i))});
  }
  return sheet;
}

Sheet commitments_sheet(const Capacity& capacity) {
  Sheet sheet{.columns = {{.title = QStringLiteral("Term")},
                          number_column(QStringLiteral("Replica")),
                          number_column(QStringLiteral("Needed"), QStringLiteral("of the hours of the term")),
                          number_column(QStringLiteral("Price ratio"),
                                        QStringLiteral("reserved / on demand; what is needed more than that "
                                                       "is worth reserving")),
                          number_column(QStringLiteral("On demand"),
                                        QStringLiteral("paid for the hours in which it is needed")),
                          number_column(QStringLiteral("Reserved"), QStringLiteral("paid for all hours")),
                          {.title = QStringLiteral("Cheaper")}}};
  for (std::size_t i = 0; i < capacity.commitments.size(); ++i) {
    const planner::Commitment& commitment = capacity.commitments[i];
    const QString prefix = QStringLiteral("commitments.%1.").arg(i);
    for (std::size_t rung = 0; rung < commitment.rungs.size(); ++rung) {
      const cost::CommitmentRung& unit = commitment.rungs[rung];
      const auto keyed = [&](const Cell& cell, const char* figure) {
        return with_key(cell, prefix + QStringLiteral("rungs.%1.").arg(rung) + QLatin1String(figure));
      };
      const bool reserve = unit.worth_reserving();
      sheet.rows.push_back(
          {{.text = words(commitment.term), .tip = words(commitment.source)},
           count_cell(unit.unit),
           keyed(number_cell(percent_text(unit.needed_share), unit.needed_share), "needed_share"),
           with_key(number_cell(percent_text(commitment.price_ratio), commitment.price_ratio),
                    prefix + QStringLiteral("price_ratio")),
           keyed(money_cell(unit.on_demand), "on_demand_usd"),
           keyed(money_cell(unit.reserved), "reserved_usd"),
           {.text = reserve ? QStringLiteral("reserve") : QStringLiteral("on demand"),
            .tone = reserve ? Tone::better : Tone::muted}});
    }
  }
  return sheet;
}

}  // namespace mtok::gui
