// The tab Scenarios: every case on a row, and the selector that the other tabs follow.
#include <fmt/format.h>

#include "app/report/xlsx_tabs.hpp"

namespace mtok::report {
namespace {

constexpr std::uint32_t kFirst = 6;  ///< row of the first case

/// Columns, in their order.
enum Column {
  kName,
  kModel,
  kDevice,
  kFormats,
  kKeeps,
  kQuality,
  kDevices,
  kReplicas,
  kPrice,
  kHours,
  kKwh,
  kEnergy,
  kInput,
  kCached,
  kOutput,
  kRequests,
  kInputShare,
  kCachedShare,
  kOutputShare,
  kIdleShare,
  kEnergyShare,  ///< of input; those of cached input, output and idle follow
  kTtft = kEnergyShare + 4,
  kTpot,
  kBusy,
  kTotal,
  kRate,
  kMonth,
  kSaved
};

/// A whole column of numbers, for look-ups.
struct Columns {
  std::map<int, std::vector<double>> values{};
};

std::array<Money, 4> four_of(const cost::Parts& parts) {
  return {parts.input, parts.cached_input, parts.output, parts.idle};
}

double share_of(Money part, Money whole) {
  return whole > Money{} ? part.usd().base() / whole.usd().base() : 0;
}

/// Energy follows the tariff where the terms of owned devices are cells.
bool follows_tariff(const WorkbookParts& parts, const Case& entry) {
  return entry.on_terms_of_run && parts.assumptions.per_kwh && parts.assumptions.per_kwh->value > 0;
}

Term pasted(Tab& sheet, Columns& columns, std::uint32_t row, int column, double value, Look look) {
  columns.values[column].push_back(value);
  return sheet.number(row, column, value, look);
}

Term computed(Tab& sheet, Columns& columns, std::uint32_t row, int column, const Term& term, Look look) {
  columns.values[column].push_back(term.value);
  return sheet.formula(row, column, term, look);
}

void add_texts(Tab& sheet, std::uint32_t row, const Case& entry) {
  sheet.text(row, kModel, entry.model);
  sheet.text(row, kDevice, entry.device);
  sheet.text(row, kFormats, entry.formats);
  sheet.text(row, kKeeps, entry.feasible && entry.reason.empty() ? "yes" : "no: " + entry.reason);
  sheet.text(row, kQuality, entry.quality);
}

/// One case; simulated figures pasted, money computed from them and from the price in force.
void add_case(WorkbookParts& parts, Tab& sheet, Columns& columns, std::uint32_t row, const Case& entry,
              bool live) {
  add_texts(sheet, row, entry);
  const Look count = entry.mean_devices ? Look::simulated : Look::simulated_count;
  const Term devices = pasted(sheet, columns, row, kDevices,
                              entry.mean_devices.value_or(static_cast<double>(entry.devices)), count);
  pasted(sheet, columns, row, kReplicas, entry.mean_replicas.value_or(static_cast<double>(entry.replicas)),
         count);
  const Term price =
      computed(sheet, columns, row, kPrice, parts.assumptions.prices.at(price_key(entry)), Look::rate);
  const Term hours =
      pasted(sheet, columns, row, kHours, entry.makespan_s.value_or(0) / 3600, Look::simulated);
  const Money energy_paid = entry.energy_parts.sum();
  const Term kwh =
      pasted(sheet, columns, row, kKwh,
             live ? energy_paid.usd().base() / parts.assumptions.per_kwh->value : 0, Look::simulated);
  const Term energy =
      live ? computed(sheet, columns, row, kEnergy, kwh * *parts.assumptions.per_kwh, Look::rate)
           : pasted(sheet, columns, row, kEnergy, energy_paid.usd().base(), Look::simulated);
  const auto computed_input = static_cast<double>(entry.input_tokens - entry.cached_input_tokens);
  const Term input = pasted(sheet, columns, row, kInput, computed_input, Look::simulated_count);
  const Term cached = pasted(sheet, columns, row, kCached, static_cast<double>(entry.cached_input_tokens),
                             Look::simulated_count);
  const Term output =
      pasted(sheet, columns, row, kOutput, static_cast<double>(entry.output_tokens), Look::simulated_count);
  pasted(sheet, columns, row, kRequests, static_cast<double>(entry.completed), Look::simulated_count);
  const std::array<Money, 4> split = four_of(entry.parts);
  const std::array<Money, 4> energies = four_of(entry.energy_parts);
  const Money time_paid = *entry.total - energy_paid;
  for (std::size_t i = 0; i < split.size(); ++i) {
    const int column = static_cast<int>(i);
    pasted(sheet, columns, row, kInputShare + column, share_of(split.at(i) - energies.at(i), time_paid),
           Look::simulated_percent);
    pasted(sheet, columns, row, kEnergyShare + column, share_of(energies.at(i), energy_paid),
           Look::simulated_percent);
  }
  if (entry.ttft_p99_ms) {
    sheet.number(row, kTtft, *entry.ttft_p99_ms, Look::simulated);
  }
  if (entry.tpot_p99_ms) {
    sheet.number(row, kTpot, *entry.tpot_p99_ms, Look::simulated);
  }
  if (entry.busy) {
    sheet.number(row, kBusy, *entry.busy, Look::simulated_percent);
  }
  const Term total = computed(sheet, columns, row, kTotal, devices * price * hours + energy, Look::money);
  const Term rate = computed(sheet, columns, row, kRate,
                             quotient(total * constant(1e6), input + cached + output), Look::rate);
  const Term month = computed(sheet, columns, row, kMonth,
                              devices * price * parts.assumptions.hours_per_month +
                                  quotient(energy * parts.assumptions.hours_per_month, hours),
                              Look::money);
  ScenarioCells& cells = parts.scenarios;
  cells.total.push_back(total);
  cells.rate.push_back(rate);
  cells.month.push_back(month);
  sheet.formula(row, kSaved, constant(1) - quotient(rate, cells.rate.front(), 1), Look::percent);
}

}  // namespace

void add_scenarios(WorkbookParts& parts) {
  Tab& sheet = parts.book.add("Scenarios");
  sheet.widths({44, 20, 16, 26, 22, 26, 10, 10, 14, 12, 12, 12, 15, 15, 15, 12,
                10, 10, 10, 10, 10, 10, 10, 10, 11, 11, 9,  18, 16, 20, 9});
  sheet.text(0, 0, "Scenarios", Look::title);
  sheet.headers(kFirst - 1, {"scenario",
                             "model",
                             "device",
                             "formats",
                             "keeps its promises",
                             "quality",
                             ">devices",
                             ">replicas",
                             ">price of a device-hour",
                             ">hours of the run",
                             ">kWh drawn, paid beside it",
                             ">energy beside the price",
                             ">input tokens, computed",
                             ">input tokens, cached",
                             ">output tokens",
                             ">requests completed",
                             ">share input",
                             ">share cached",
                             ">share output",
                             ">share idle",
                             ">energy, input",
                             ">energy, cached",
                             ">energy, output",
                             ">energy, idle",
                             ">TTFT p99 ms",
                             ">TPOT p99 ms",
                             ">busy",
                             ">bill of the run",
                             ">a million tokens",
                             ">a month",
                             ">saved against the first"});
  sheet.freeze(kFirst, 1);
  Columns columns;
  std::vector<std::string> names;
  std::uint32_t row = kFirst;
  for (const Case& entry : parts.cases) {
    names.push_back(fmt::format("{}. {}", row - kFirst + 1, entry.name));
    sheet.text(row, kName, names.back());
    add_case(parts, sheet, columns, row, entry, follows_tariff(parts, entry));
    ++row;
  }
  const std::uint32_t last = row - 1;
  const std::string name_range = sheet.range(kFirst, kName, last, kName, {}).reference;
  sheet.text(2, 0, "scenario that all further tabs show: choose it in the yellow cell", Look::bold);
  sheet.text(3, 0, names.front(), Look::choice);
  sheet.choices_from(3, 0, name_range);
  const std::string chosen = sheet.at(3, 0, 0).formula;
  sheet.text(2, 1, "its row", Look::bold);
  const Term position = parts.book.name(
      "scenario_row",
      sheet.formula(3, 1, Term{"MATCH(" + chosen + "," + name_range + ",0)", 1}, Look::count));
  const auto pick = [&](int column) {
    return index(sheet.range(kFirst, column, last, column, columns.values[column]), position);
  };
  parts.scenarios.selected = {.devices = pick(kDevices),
                              .price = pick(kPrice),
                              .hours = pick(kHours),
                              .energy = pick(kEnergy),
                              .energy_shares = {pick(kEnergyShare), pick(kEnergyShare + 1),
                                                pick(kEnergyShare + 2), pick(kEnergyShare + 3)},
                              .input = pick(kInput),
                              .cached = pick(kCached),
                              .output = pick(kOutput),
                              .requests = pick(kRequests),
                              .input_share = pick(kInputShare),
                              .cached_share = pick(kCachedShare),
                              .output_share = pick(kOutputShare),
                              .idle_share = pick(kIdleShare),
                              .replicas = pick(kReplicas),
                              .name_formula = chosen,
                              .name = names.front()};
  parts.scenarios.names = {name_range, std::vector<double>(names.size())};
  parts.scenarios.name_texts = names;
  parts.scenarios.months = sheet.range(kFirst, kMonth, last, kMonth, columns.values[kMonth]);
  if (names.size() > 1 && names.size() <= 40) {
    lxw_chart* const chart = parts.book.chart(LXW_CHART_BAR, "A million tokens, by scenario");
    Book::series(chart, {name_range, {}}, sheet.range(kFirst, kRate, last, kRate, {}), "a million tokens",
                 0x0072B2);
    chart_legend_set_position(chart, LXW_CHART_LEGEND_NONE);
    chart_axis_set_reverse(chart->y_axis);
    sheet.chart(last + 2, 0, chart, 900, 60 + 26 * static_cast<int>(names.size()));
  }
}

}  // namespace mtok::report
