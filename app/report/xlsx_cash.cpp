// The tabs Cash flow and Sensitivity: the chosen scenario against the first one over the months.
#include <fmt/format.h>

#include "app/report/xlsx_tabs.hpp"

namespace mtok::report {
namespace {

constexpr int kMonths = 36;
constexpr std::uint32_t kFirst = 12;

/// The cheapest case that keeps its promises; the first where none does.
std::size_t best_alternative(const WorkbookParts& parts) {
  std::size_t best = 0;
  for (std::size_t i = 1; i < parts.cases.size(); ++i) {
    const Case& entry = parts.cases[i];
    const bool counts = entry.feasible && entry.reason.empty() && entry.blended && parts.cases[best].blended;
    if (counts && *entry.blended < *parts.cases[best].blended) {
      best = i;
    }
  }
  return best;
}

/// The columns of the months.
struct SavedMonths {
  Range savings{};
  Range balance{};
  std::vector<double> other{};  ///< what the alternative costs
  Term last;                    ///< the last balance
};

/// Writes a row a month: both ways to pay, what is saved, and all of it less the one-time cost.
SavedMonths add_months(const WorkbookParts& parts, Tab& sheet, const Term& other_month) {
  const AssumptionCells& given = parts.assumptions;
  SavedMonths months{.savings = sheet.range(kFirst, 3, kFirst + kMonths - 1, 3, {}),
                     .balance = sheet.range(kFirst, 4, kFirst + kMonths - 1, 4, {}),
                     .last = Term{"-" + given.one_time.formula, -given.one_time.value, Binding::add}};
  for (int month = 0; month < kMonths; ++month) {
    const std::uint32_t row = kFirst + static_cast<std::uint32_t>(month);
    const Term number = sheet.number(row, 0, month + 1, Look::count);
    const Term scale = power(constant(1) + given.growth, number - constant(1)) *
                       power(constant(1) - given.decline, number - constant(1));
    const Term in_horizon = at_most(number, given.horizon);
    const Term base =
        sheet.formula(row, 1, choose_if(in_horizon, parts.costs.month * scale, constant(0)), Look::money);
    const Term other =
        sheet.formula(row, 2, choose_if(in_horizon, other_month * scale, constant(0)), Look::money);
    const Term saved = sheet.formula(row, 3, base - other, Look::money);
    months.last = sheet.formula(row, 4, months.last + saved, Look::money);
    months.savings.values.push_back(saved.value);
    months.balance.values.push_back(months.last.value);
    months.other.push_back(other.value);
  }
  return months;
}

}  // namespace

void add_cash_flow(WorkbookParts& parts) {
  Tab& sheet = parts.book.add("Cash flow");
  sheet.widths({34, 20, 20, 20, 20, 20});
  sheet.text(0, 0, "Cash flow", Look::title);
  const SelectedCells& chosen = parts.scenarios.selected;
  const ScenarioCells& all = parts.scenarios;
  const std::size_t other = best_alternative(parts);
  sheet.text(1, 0, "today: the scenario chosen in Scenarios", Look::bold);
  sheet.text_formula(1, 1, chosen.name_formula, chosen.name);
  sheet.text(2, 0, "instead: choose in the yellow cell", Look::bold);
  sheet.text(2, 1, all.name_texts[other], Look::choice);
  sheet.choices_from(2, 1, all.names.reference);
  const Term position{"MATCH(" + sheet.at(2, 1, 0).formula + "," + all.names.reference + ",0)",
                      static_cast<double>(other + 1)};
  sheet.text(2, 3, "a month of it");
  const Term other_month = sheet.formula(2, 4, index(all.months, position), Look::money);
  sheet.headers(kFirst - 1, {">month", ">today", ">instead", ">saved", ">saved in all, less one-time cost"});
  const AssumptionCells& given = parts.assumptions;
  const SavedMonths months = add_months(parts, sheet, other_month);
  const Term monthly_rate = power(constant(1) + given.discount, constant(1) / constant(12)) - constant(1);
  sheet.text(4, 0, "discount rate of a month");
  const Term rate = sheet.formula(4, 1, monthly_rate, Look::real);
  sheet.text(5, 0, "net present value of the savings");
  sheet.formula(5, 1, net_present_value(rate, months.savings) - given.one_time, Look::money);
  sheet.text(6, 0, "present cost of the alternative");
  sheet.formula(6, 1, net_present_value(rate, sheet.range(kFirst, 2, kFirst + kMonths - 1, 2, months.other)),
                Look::money);
  sheet.text(7, 0, "one-time cost as a level payment a month");
  sheet.formula(7, 1, level_payment(rate, given.horizon, given.one_time), Look::money);
  sheet.text(8, 0, "paid back after months (0: at once; 36: not yet)");
  sheet.formula(8, 1, count_negative(months.balance), Look::count);
  sheet.text(9, 0, "saved in all within the horizon");
  sheet.formula(9, 1, sum(months.savings), Look::money);
  parts.checks.emplace_back("Cash flow: the last balance is the sum of savings less the one-time cost",
                            at_most(absolute(months.last - (sum(months.savings) - given.one_time)),
                                    constant(1e-6) * larger(absolute(months.last), constant(1))));
  lxw_chart* const chart = parts.book.chart(LXW_CHART_LINE, "Saved in all, less the one-time cost");
  lxw_chart_series* const line =
      chart_add_series(chart, ("=" + sheet.range(kFirst, 0, kFirst + kMonths - 1, 0, {}).reference).c_str(),
                       ("=" + months.balance.reference).c_str());
  chart_series_set_name(line, "balance");
  chart_legend_set_position(chart, LXW_CHART_LEGEND_NONE);
  sheet.chart(3, 6, chart, 640, 340);
}

void add_sensitivity(WorkbookParts& parts) {
  Tab& sheet = parts.book.add("Sensitivity");
  sheet.widths({34, 22, 22, 22, 22, 14, 14, 16, 22, 16});
  const SelectedCells& chosen = parts.scenarios.selected;
  sheet.text(0, 0, "Sensitivity", Look::title);
  sheet.text_formula(1, 0, chosen.name_formula, chosen.name, Look::bold);
  sheet.text(2, 0,
             parts.dossier.sensitivity
                 ? "What is arithmetic: the price, and how many tokens the same paid time carries. Below "
                   "the chart: what runs have shown."
                 : "What is arithmetic: the price, and how many tokens the same paid time carries. Other "
                   "inputs need a run: mtok sensitivity.",
             Look::note);
  sheet.headers(4, {">change", ">price changes: a million tokens", ">price changes: a month",
                    ">tokens change: a million tokens"});
  const Term tokens = chosen.input + chosen.cached + chosen.output;
  std::uint32_t row = 5;
  for (const double change : {-0.5, -0.25, -0.1, 0.0, 0.1, 0.25, 0.5, 1.0}) {
    const Term share = sheet.number(row, 0, change, Look::percent);
    const Term factor = constant(1) + share;
    sheet.formula(row, 1, quotient(parts.costs.total * factor * constant(1e6), tokens), Look::rate);
    sheet.formula(row, 2, parts.costs.month * factor, Look::money);
    sheet.formula(row, 3, quotient(parts.costs.total * constant(1e6), tokens * factor), Look::rate);
    ++row;
  }
  const std::uint32_t last = row - 1;
  lxw_chart* const chart = parts.book.chart(LXW_CHART_LINE, "A million tokens when an input changes");
  const Range names = sheet.range(5, 0, last, 0, {});
  for (const auto& [column, title] : {std::pair{1, "price"}, std::pair{3, "tokens in the same paid time"}}) {
    lxw_chart_series* const line =
        chart_add_series(chart, ("=" + names.reference).c_str(),
                         ("=" + sheet.range(5, column, last, column, {}).reference).c_str());
    chart_series_set_name(line, title);
  }
  chart_legend_set_position(chart, LXW_CHART_LEGEND_BOTTOM);
  sheet.chart(last + 2, 0, chart, 640, 320);
  constexpr std::uint32_t kBelowChart = 20;
  add_swings(parts, sheet, last + kBelowChart);
}

}  // namespace mtok::report
