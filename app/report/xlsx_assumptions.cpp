// The tabs Read me and Assumptions: what to change, and where every number comes from.
#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "app/report/dossier_page.hpp"
#include "app/report/dossier_text.hpp"
#include "app/report/xlsx_tabs.hpp"
#include "sim/units/text.hpp"

namespace mtok::report {
namespace {

constexpr int kInForce = 2;
constexpr int kLow = 4;
constexpr int kBase = 5;
constexpr int kHigh = 6;

/// One cell for every device and price.
void add_prices(WorkbookParts& parts, InputTable& table) {
  const Dossier& dossier = parts.dossier;
  std::map<std::string, int> used;
  if (parts.assumptions.per_kwh) {
    ++used["price_" + word_of(dossier.run.device).substr(0, 60)];
  }
  for (const Case& entry : parts.cases) {
    const std::string key = price_key(entry);
    if (parts.assumptions.prices.contains(key)) {
      continue;
    }
    std::string name = "price_" + word_of(entry.device).substr(0, 60);
    const int count = ++used[name];
    name += count > 1 ? "_" + std::to_string(count) : "";
    const bool own = key == price_key(dossier.run);
    const double price = entry.device_hour->usd().base();
    parts.assumptions.prices[key] =
        table.add({.title = "price of a device-hour, " + entry.device,
                   .name = name,
                   .unit = dossier.currency + " a device-hour",
                   .low = price,
                   .base = price,
                   .high = price,
                   .source = own ? price_words(dossier) : "as the result states it, for " + entry.name,
                   .date = own ? dossier.price.as_of : "",
                   .look = Look::input_money});
  }
}

void add_planning(WorkbookParts& parts, InputTable& table) {
  const std::string own = "planning input of this workbook; not part of the run";
  const auto plain = [&](const char* title, const char* name, const char* unit, double value,
                         const std::string& source) {
    return table.add({.title = title,
                      .name = name,
                      .unit = unit,
                      .low = value,
                      .base = value,
                      .high = value,
                      .source = source});
  };
  AssumptionCells& cells = parts.assumptions;
  cells.hours_per_month =
      plain("hours of a month", "hours_per_month", "h", cost::kHoursPerMonth, "8,760 h / 12");
  cells.growth = plain("growth of demand", "demand_growth", "share a month", 0, own + "; none is stated");
  cells.decline = plain("decline of prices", "price_decline", "share a month", 0, own + "; none is stated");
  cells.discount =
      plain("discount rate", "discount_rate", "share a year", 0.08, own + "; put your cost of capital");
  cells.horizon = plain("horizon", "horizon_months", "months, at most 36", 36, own);
  const auto& made = parts.dossier.distillation;
  cells.one_time =
      plain("one-time cost before month 1", "one_time_cost", parts.dossier.currency.c_str(),
            made ? made->one_time.usd().base() : 0,
            made ? "distillation: teacher and training, from the run" : own + "; none is stated");
  cells.exchange = plain("local currency for one unit", "fx_rate", "local currency", 1,
                         own + "; the report is in " + parts.dossier.currency);
}

}  // namespace

std::string word_of(const std::string& text) {
  std::string word;
  for (const char c : text) {
    const bool plain = std::isalnum(static_cast<unsigned char>(c)) != 0;
    word += plain ? c : '_';
  }
  return word;
}

Term InputTable::add(const Input& input) {
  const Term low = sheet_.number(row_, kLow, input.low, input.look);
  const Term base = sheet_.number(row_, kBase, input.base, input.look);
  const Term high = sheet_.number(row_, kHigh, input.high, input.look);
  return add_result(input, choose(case_, {low, base, high}));
}

Term InputTable::add_result(const Input& input, const Term& term) {
  sheet_.text(row_, 0, input.title);
  sheet_.text(row_, 1, input.name, Look::note);
  const Term cell =
      sheet_.formula(row_, kInForce, term, input.look == Look::input_money ? Look::rate : Look::real);
  sheet_.text(row_, 3, input.unit);
  sheet_.text(row_, 7, input.source, Look::wrapped);
  sheet_.text(row_, 8, input.date.empty() ? "undated" : input.date);
  ++row_;
  return parts_.book.name(input.name, cell);
}

std::string price_key(const Case& entry) {
  return entry.device + "|" + (entry.device_hour ? entry.device_hour->to_decimal() : "");
}

void add_read_me(WorkbookParts& parts) {
  Tab& sheet = parts.book.add("Read me");
  sheet.widths({22, 110});
  const Page board = board_page(parts.dossier);
  sheet.text(0, 0, board.title, Look::title);
  std::uint32_t row = 2;
  for (const std::string& line : board.headline) {
    sheet.text(row, 0, row == 2 ? "Answer" : "", Look::bold);
    sheet.text(row++, 1, line, Look::wrapped);
  }
  ++row;
  const std::vector<std::pair<const char*, std::string>> lines{
      {"Change",
       "the blue cells on yellow in Assumptions, and the scenario in Scenarios; everything that is "
       "arithmetic follows"},
      {"Simulated",
       fmt::format(
           "grey italics are pasted from run {} (seed {}); they follow no change here: run mtok again",
           parts.dossier.hash.substr(0, 16), parts.dossier.seed)},
      {"Tabs",
       fmt::format("Assumptions, Scenarios, Traffic, Capacity, Costs, Cash flow, {}Unit economics, Ladder, "
                   "Sensitivity, Provenance, Checks",
                   parts.dossier.capacity && parts.dossier.capacity->feasible ? "Capacity plan, " : "")},
      {"Checks", "every line of the last tab must read TRUE"},
      {"Programs", "formulas of Excel 2007; tested by recalculation in LibreOffice"}};
  for (const auto& [label, words] : lines) {
    sheet.text(row, 0, label, Look::bold);
    sheet.text(row++, 1, words, Look::wrapped);
  }
  if (!parts.dossier.warnings.empty()) {
    ++row;
    sheet.text(row, 0, "Warnings", Look::bold);
    for (const std::string& warning : parts.dossier.warnings) {
      sheet.text(row++, 1, warning, Look::wrapped);
    }
  }
}

void add_assumptions(WorkbookParts& parts) {
  Tab& sheet = parts.book.add("Assumptions");
  sheet.widths({38, 22, 14, 20, 13, 13, 13, 70, 24});
  sheet.text(0, 0, "Assumptions", Look::title);
  sheet.text(1, 0, "case in force: 1 low, 2 base, 3 high", Look::bold);
  const Term chosen = parts.book.name("assumption_case", sheet.number(1, kInForce, 2, Look::input));
  sheet.whole_numbers(1, kInForce, 1, 3);
  sheet.headers(
      3, {"assumption", "name of the cell", ">in force", "unit", ">low", ">base", ">high", "source", "date"});
  sheet.freeze(4, 1);
  InputTable table(parts, sheet, 4, chosen);
  add_owned_terms(parts, table);
  add_prices(parts, table);
  add_planning(parts, table);
  std::uint32_t row = table.row() + 1;
  sheet.text(row++, 0, "Assumptions of the simulation: a change needs a new run", Look::bold);
  for (const planner::Assumption& item : parts.dossier.assumptions) {
    if (is_owned_term(parts, item.key)) {
      continue;
    }
    sheet.text(row, 0, item.key);
    if (const auto number = units::parse_number(item.value)) {
      sheet.number(row, kInForce, *number, Look::simulated);
    } else {
      sheet.text(row, kInForce, item.value, Look::simulated_text);
    }
    sheet.text(row, 7, item.source, Look::wrapped);
    sheet.text(row++, 8, item.date.empty() ? "undated" : item.date);
  }
}

}  // namespace mtok::report
