// Names the parts of bills and fills their sheet.
#include "app/gui/models/bill_parts.hpp"

#include <algorithm>
#include <utility>

#include "app/gui/models/number_text.hpp"

namespace mtok::gui {
namespace {

BillPart token_part(const char* name, const char* key, Money cost::Parts::*amount) {
  return {.name = QLatin1String(name), .key = QLatin1String(key), .amount = [amount](const cost::Bill& bill) {
            return bill.parts.*amount;
          }};
}

bool anybody_pays(const BillPart& part, const std::vector<NamedResult>& scenarios) {
  return std::any_of(scenarios.begin(), scenarios.end(), [&](const NamedResult& scenario) {
    return scenario.result && !scenario.result->infeasible && part.amount(scenario.result->bill) != Money{};
  });
}

QString title_of(const QString& name) {
  return name.left(1).toUpper() + name.mid(1);
}

}  // namespace

std::vector<BillPart> bill_parts(BillSplit split, const std::vector<NamedResult>& scenarios) {
  if (split == BillSplit::tokens) {
    return {token_part("input", "cost.parts_usd.input", &cost::Parts::input),
            token_part("cached input", "cost.parts_usd.cached_input", &cost::Parts::cached_input),
            token_part("output", "cost.parts_usd.output", &cost::Parts::output),
            token_part("idle", "cost.parts_usd.idle", &cost::Parts::idle)};
  }
  std::vector<BillPart> parts;
  for (const cost::NamedResource& known : cost::kResources) {
    const QString name = QString::fromUtf8(known.name.data(), std::ssize(known.name));
    const bool hardware = known.resource == cost::Resource::compute;
    BillPart part{.name = hardware ? QStringLiteral("hardware") : name,
                  .key = QStringLiteral("cost.resources_usd.") + name,
                  .amount = [of = known.resource](const cost::Bill& bill) { return bill.resources.of(of); }};
    if (hardware || anybody_pays(part, scenarios)) {
      parts.push_back(std::move(part));
    }
  }
  return parts;
}

Sheet parts_sheet(const std::vector<NamedResult>& scenarios, BillSplit split) {
  const std::vector<BillPart> parts = bill_parts(split, scenarios);
  Sheet sheet{.columns = {{.title = QStringLiteral("Scenario")}}};
  for (const BillPart& part : parts) {
    sheet.columns.push_back({.title = title_of(part.name), .number = true, .tip = QStringLiteral("USD")});
  }
  sheet.columns.push_back({.title = QStringLiteral("Total"), .number = true, .tip = QStringLiteral("USD")});
  sheet.columns.push_back(
      {.title = QStringLiteral("USD/Mtok"), .number = true, .tip = QStringLiteral("idle time included")});
  for (const NamedResult& scenario : scenarios) {
    if (!scenario.result || scenario.result->infeasible) {
      std::vector<Cell> row(sheet.columns.size(), {.text = no_number(), .tone = Tone::muted});
      row.front() = {.text = scenario.name};
      sheet.rows.push_back(std::move(row));
      continue;
    }
    const cost::Bill& bill = scenario.result->bill;
    const auto money = [&](Money amount, const QString& key) {
      return Cell{
          .text = dollars_text(amount), .raw = amount.usd().base(), .key = key, .scenario = scenario.id};
    };
    std::vector<Cell> row{{.text = scenario.name, .tone = Tone::strong}};
    for (const BillPart& part : parts) {
      row.push_back(money(part.amount(bill), part.key));
    }
    row.push_back(money(bill.total, QStringLiteral("cost.total_usd")));
    Cell rate{.text = rate_text(bill.per_token.blended),
              .key = QStringLiteral("cost.usd_per_mtok.blended"),
              .scenario = scenario.id};
    if (bill.per_token.blended) {
      rate.raw = (*bill.per_token.blended * Tokens(1e6)).base();
    }
    row.push_back(std::move(rate));
    sheet.rows.push_back(std::move(row));
  }
  return sheet;
}

}  // namespace mtok::gui
