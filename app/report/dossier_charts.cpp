// Draws the ladder and the bill of a dossier.
#include "app/report/dossier_charts.hpp"

#include <fmt/format.h>

#include "app/report/dossier_text.hpp"
#include "app/report/money_text.hpp"
#include "app/report/svg_chart.hpp"
#include "app/report/text.hpp"

namespace mtok::report {
namespace {

/// Notes that would run into the picture end in three points.
std::string shortened(const std::string& text) {
  constexpr std::size_t kMost = 52;
  return width_of(text) <= kMost ? text : text.substr(0, kMost - 3) + "...";
}

}  // namespace

Figure ladder_figure(const CaseTable& ladder, const Dossier& dossier) {
  const int decimals = rate_decimals(ladder.cases, dossier.precision.rate);
  const std::vector<std::optional<Money>> shown = shown_steps(ladder, decimals);
  std::vector<WaterfallStep> steps;
  std::optional<Money> before;
  for (std::size_t i = 0; i < ladder.cases.size(); ++i) {
    const Case& rung = ladder.cases[i];
    WaterfallStep& step = steps.emplace_back(WaterfallStep{.name = rung.name});
    if (!rung.feasible || !rung.blended) {
      step.note = shortened("not feasible: " + rung.reason);
      continue;
    }
    step.note = shortened(fmt::format("{}, {} x {}", rung.change, grouped(rung.devices), rung.device));
    step.to = rung.blended->usd().base();
    step.label = rounded(*rung.blended, decimals);
    if (before) {
      step.from = before->usd().base();
      step.label +=
          shown[i] ? fmt::format("  ({}{})", *shown[i] > Money{} ? "+" : "", rounded(*shown[i], decimals))
                   : "";
    }
    before = rung.blended;
  }
  ChartHead head{
      .title = "What each technique saves",
      .subtitle = "Same requests, same promises: every rung has the cheapest fleet that keeps them",
      .unit = dossier.currency + " per million tokens, input and output, idle included"};
  for (const WaterfallStep& step : steps) {
    head.description += step.name + ": " + step.label + ". ";
  }
  return {.svg = waterfall_chart(head, steps), .caption = "The numbers stand in the table below."};
}

Figure bill_figure(const Dossier& dossier) {
  const std::string& currency = dossier.currency;
  std::vector<std::string> names;
  StackedBar bar{.name = "the fleet"};
  const double total = dossier.run.total->usd().base();
  const Usd month = dossier.run.per_month.value_or(Money{}).usd();
  for (const BillLine& line : dossier.bill) {
    names.push_back(line.title);
    bar.parts.push_back(total > 0 ? month.base() * line.amount.usd().base() / total : 0);
  }
  bar.label = money(dossier.run.per_month.value_or(Money{}), currency, minor_digits(currency));
  ChartHead head{.title = "Where the money of a month goes", .unit = currency + " a month"};
  head.description = "A month of the fleet: " + bar.label;
  return {.svg = bar_chart(head, names, {bar}), .caption = "The numbers stand in the table."};
}

}  // namespace mtok::report
