// The tabs Traffic, Capacity, Costs and Unit economics of the chosen scenario.
#include <fmt/format.h>

#include "app/report/xlsx_tabs.hpp"

namespace mtok::report {
namespace {

constexpr int kMonths = 36;

void add_head(Tab& sheet, const WorkbookParts& parts, const char* title) {
  const SelectedCells& chosen = parts.scenarios.selected;
  sheet.text(0, 0, title, Look::title);
  sheet.text_formula(1, 0, chosen.name_formula, chosen.name, Look::bold);
}

}  // namespace

void add_traffic(WorkbookParts& parts) {
  Tab& sheet = parts.book.add("Traffic");
  sheet.widths({34, 20, 20, 20, 20});
  add_head(sheet, parts, "Traffic");
  sheet.headers(3, {"", ">in the run", ">an hour", ">a day", ">a month"});
  const SelectedCells& chosen = parts.scenarios.selected;
  const std::array<std::pair<const char*, const Term*>, 4> lines{
      {{"requests completed", &chosen.requests},
       {"input tokens, computed", &chosen.input},
       {"input tokens, from the cache", &chosen.cached},
       {"output tokens", &chosen.output}}};
  std::uint32_t row = 4;
  for (const auto& [title, term] : lines) {
    sheet.text(row, 0, title);
    const Term run = sheet.formula(row, 1, *term, Look::count);
    const Term hour = sheet.formula(row, 2, quotient(run, chosen.hours), Look::count);
    sheet.formula(row, 3, hour * constant(24), Look::count);
    sheet.formula(row, 4, hour * parts.assumptions.hours_per_month, Look::count);
    ++row;
  }
  sheet.text(row + 1, 0,
             "A month takes the pace of the run for every hour; idle nights are in it only where the trace "
             "has them.",
             Look::note);
}

void add_capacity(WorkbookParts& parts) {
  Tab& sheet = parts.book.add("Capacity");
  sheet.widths({10, 18, 18, 18, 20});
  add_head(sheet, parts, "Capacity");
  const SelectedCells& chosen = parts.scenarios.selected;
  sheet.text(3, 0, "replicas", Look::bold);
  const Term replicas = sheet.formula(3, 1, chosen.replicas, Look::count);
  sheet.text(4, 0, "devices", Look::bold);
  const Term devices = sheet.formula(4, 1, chosen.devices, Look::count);
  sheet.text(5, 0, "output tokens/s", Look::bold);
  sheet.formula(5, 1, quotient(chosen.output, chosen.hours * constant(3600)), Look::real);
  sheet.headers(7, {"month", ">demand, month 1 = 1", ">replicas needed", ">devices needed", ">rent a month"});
  sheet.freeze(8, 0);
  std::vector<double> numbers;
  std::vector<double> needed;
  constexpr double kSlack = 1e-9;  // so that 9 x 1.0000000001 replicas stay 9
  for (int month = 0; month < kMonths; ++month) {
    const std::uint32_t row = 8 + static_cast<std::uint32_t>(month);
    const Term number = sheet.number(row, 0, month + 1, Look::count);
    const Term demand = sheet.formula(
        row, 1, power(constant(1) + parts.assumptions.growth, number - constant(1)), Look::real);
    const Term count = sheet.formula(row, 2, round_up(replicas * demand - constant(kSlack)), Look::count);
    const Term fleet = sheet.formula(row, 3, quotient(count * devices, replicas), Look::count);
    sheet.formula(row, 4,
                  fleet * chosen.price *
                      power(constant(1) - parts.assumptions.decline, number - constant(1)) *
                      parts.assumptions.hours_per_month,
                  Look::money);
    numbers.push_back(month + 1);
    needed.push_back(fleet.value);
  }
  const std::uint32_t last = 7 + kMonths;
  lxw_chart* const chart = parts.book.chart(LXW_CHART_COLUMN, "Devices needed by month");
  Book::series(chart, sheet.range(8, 0, last, 0, numbers), sheet.range(8, 3, last, 3, needed), "devices",
               0x0072B2);
  chart_legend_set_position(chart, LXW_CHART_LEGEND_NONE);
  sheet.chart(7, 6, chart, 640, 320);
  sheet.text(last + 2, 0, "Replicas scale with demand here; mtok capacity and mtok run simulate it.",
             Look::note);
}

void add_costs(WorkbookParts& parts) {
  Tab& sheet = parts.book.add("Costs");
  sheet.widths({34, 14, 22, 22, 22, 24});
  add_head(sheet, parts, "Costs");
  const SelectedCells& chosen = parts.scenarios.selected;
  sheet.headers(3, {"", ">share", ">in the run", ">a month", ">a year", ">a month, local currency"});
  const Term time = chosen.devices * chosen.price * chosen.hours;
  const Term total = time + chosen.energy;
  const Term month = (chosen.devices * chosen.price + quotient(chosen.energy, chosen.hours)) *
                     parts.assumptions.hours_per_month;
  const std::array<std::pair<const char*, const Term*>, 4> lines{
      {{"input, computed", &chosen.input_share},
       {"input, from the cache", &chosen.cached_share},
       {"output", &chosen.output_share},
       {"idle: paid for, not used", &chosen.idle_share}}};
  std::uint32_t row = 4;
  std::vector<double> run_values;
  std::vector<double> month_values;
  std::vector<double> shares;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    sheet.text(row, 0, lines.at(i).first);
    const Term amount = time * *lines.at(i).second + chosen.energy * chosen.energy_shares.at(i);
    const Term part = sheet.formula(row, 1, quotient(amount, total), Look::percent);
    run_values.push_back(sheet.formula(row, 2, amount, Look::money).value);
    const Term monthly = sheet.formula(row, 3, part * month, Look::money);
    month_values.push_back(monthly.value);
    sheet.formula(row, 4, monthly * constant(12), Look::money);
    sheet.formula(row, 5, monthly * parts.assumptions.exchange, Look::count);
    shares.push_back(part.value);
    ++row;
  }
  const auto column = [&](int at, const std::vector<double>& values) {
    return sheet.range(4, at, row - 1, at, values);
  };
  CostCells& cells = parts.costs;
  cells.parts = column(2, run_values);
  cells.month_parts = column(3, month_values);
  sheet.text(row, 0, "sum", Look::bold);
  const Term share_sum = sheet.formula(row, 1, sum(column(1, shares)), Look::percent);
  cells.total = sheet.formula(row, 2, sum(cells.parts), Look::total);
  cells.month = sheet.formula(row, 3, sum(cells.month_parts), Look::total);
  sheet.formula(row, 4, cells.month * constant(12), Look::total);
  sheet.formula(row, 5, cells.month * parts.assumptions.exchange, Look::count);
  row += 2;
  sheet.text(row, 0, "devices x price x hours, and energy", Look::bold);
  const Term direct = sheet.formula(row, 2, total, Look::money);
  const Term direct_month = sheet.formula(row, 3, month, Look::money);
  constexpr double kNoise = 1e-9;
  const auto near = [&](const Term& a, const Term& b) {
    return at_most(absolute(a - b), constant(kNoise) * larger(absolute(b), constant(1e-9)));
  };
  parts.checks.emplace_back("Costs: the shares add up to one", near(share_sum, constant(1)));
  parts.checks.emplace_back("Costs: the parts add up to devices x price x hours", near(cells.total, direct));
  parts.checks.emplace_back("Costs: the parts of a month add up", near(cells.month, direct_month));
  lxw_chart* const chart = parts.book.chart(LXW_CHART_PIE, "Where the money of a month goes");
  chart_add_series(chart, ("=" + sheet.range(4, 0, row - 3, 0, {}).reference).c_str(),
                   ("=" + cells.month_parts.reference).c_str());
  sheet.chart(row + 2, 0, chart, 560, 320);
}

void add_unit_economics(WorkbookParts& parts) {
  Tab& sheet = parts.book.add("Unit economics");
  sheet.widths({34, 18, 22, 22, 22});
  add_head(sheet, parts, "Unit economics");
  const SelectedCells& chosen = parts.scenarios.selected;
  sheet.headers(3, {"", ">tokens", ">cost", ">a million tokens", ">a million, idle shared out"});
  const std::array<std::pair<const char*, const Term*>, 3> lines{{{"input, computed", &chosen.input},
                                                                  {"input, from the cache", &chosen.cached},
                                                                  {"output", &chosen.output}}};
  const std::vector<double>& values = parts.costs.parts.values;
  std::vector<Term> tokens;
  std::vector<Term> costs;
  std::uint32_t row = 4;
  for (std::size_t i = 0; i < lines.size(); ++i, ++row) {
    sheet.text(row, 0, lines[i].first);
    tokens.push_back(sheet.formula(row, 1, *lines[i].second, Look::count));
    costs.push_back(sheet.formula(
        row, 2, index({parts.costs.parts.reference, values}, constant(static_cast<double>(i + 1))),
        Look::money));
    sheet.formula(row, 3, quotient(costs[i] * constant(1e6), tokens[i]), Look::rate);
  }
  const Term idle = index({parts.costs.parts.reference, values}, constant(4));
  sheet.text(row, 0, "idle");
  const Term idle_cost = sheet.formula(row, 2, idle, Look::money);
  const Term all = tokens[0] + tokens[1] + tokens[2];
  sheet.formula(row, 3, quotient(idle_cost * constant(1e6), all), Look::rate);
  const Range token_cells = sheet.range(4, 1, 6, 1, {tokens[0].value, tokens[1].value, tokens[2].value});
  // The parts that have tokens carry the whole bill.
  Term carried{
      fmt::format("SUMIF({},\">0\",{})", token_cells.reference, sheet.range(4, 2, 6, 2, {}).reference)};
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    carried.value += tokens[i].value > 0 ? costs[i].value : 0;
  }
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const Term own = quotient(costs[i] * constant(1e6), tokens[i]);
    sheet.formula(4 + static_cast<std::uint32_t>(i), 4, quotient(own * parts.costs.total, carried),
                  Look::rate);
  }
  row += 1;
  sheet.text(row, 0, "blended: the whole bill over all tokens", Look::bold);
  const Term blended_tokens = sheet.formula(row, 1, all, Look::count);
  sheet.formula(row, 2, parts.costs.total, Look::total);
  sheet.formula(row, 3, quotient(parts.costs.total * constant(1e6), blended_tokens), Look::rate);
  row += 2;
  sheet.text(row, 0, "a completed request");
  sheet.formula(row, 3, quotient(parts.costs.total, chosen.requests), Look::rate);
  sheet.text(row + 1, 0, "an hour of the fleet");
  sheet.formula(row + 1, 3, chosen.devices * chosen.price, Look::money);
  sheet.text(row + 2, 0, "a month of the fleet");
  sheet.formula(row + 2, 3, parts.costs.month, Look::money);
  lxw_chart* const chart = parts.book.chart(LXW_CHART_COLUMN, "A million tokens by kind");
  Book::series(chart, sheet.range(4, 0, 6, 0, {}), sheet.range(4, 3, 6, 3, {}), "of its own", 0x0072B2);
  Book::series(chart, sheet.range(4, 0, 6, 0, {}), sheet.range(4, 4, 6, 4, {}), "with idle shared out",
               0xE69F00);
  chart_legend_set_position(chart, LXW_CHART_LEGEND_BOTTOM);
  sheet.chart(row + 5, 0, chart, 640, 320);
}

}  // namespace mtok::report
