// Lays out swings, percentiles, ways to pay and months.
#include "app/report/forecast_page.hpp"

#include <fmt/format.h>

#include "app/report/dossier_text.hpp"
#include "app/report/money_text.hpp"
#include "app/report/svg_chart.hpp"
#include "app/report/text.hpp"

namespace mtok::report {
namespace {

std::string value_text(double value, const std::string& unit) {
  return significant(value) + (unit.empty() ? "" : " " + unit);
}

double real(std::optional<Money> amount) {
  return amount ? amount->usd().base() : 0;
}

std::string rate_number(double rate, const Dossier& dossier) {
  return rate_text(Money::from_usd(Usd(rate)), dossier);
}

Figure tornado_of(const SensitivityFacts& facts, const Dossier& dossier) {
  ChartHead head{.title = "What the cost depends on",
                 .subtitle = "One input at a time from the low to the high end of its range",
                 .unit = dossier.currency + " per million tokens, idle included"};
  std::vector<TornadoRow> rows;
  for (const SwingLine& swing : facts.swings) {
    rows.push_back({.name = swing.title,
                    .low = real(swing.low.rate),
                    .high = real(swing.high.rate),
                    .low_text = value_text(swing.low.input, swing.unit),
                    .high_text = value_text(swing.high.input, swing.unit)});
    head.description +=
        fmt::format("{}: {} at {}, {} at {}. ", swing.title, rate_text(swing.low.rate, dossier),
                    rows.back().low_text, rate_text(swing.high.rate, dossier), rows.back().high_text);
  }
  return {.svg = tornado_chart(head, real(facts.base_rate), rate_text(facts.base_rate, dossier), rows),
          .caption = "The numbers stand in the table below."};
}

Table swings_of(const SensitivityFacts& facts, const Dossier& dossier) {
  Table table{.columns = {{"", Align::left},
                          {"from"},
                          {"to"},
                          {dossier.currency + " a million tokens at from"},
                          {"at to"},
                          {"TTFT p99 ms at from"},
                          {"at to"},
                          {"promises", Align::left},
                          {"rank"},
                          {"range from", Align::left}}};
  std::vector<Money> rates;
  for (const SwingLine& swing : facts.swings) {
    for (const SwingEnd* end : {&swing.low, &swing.high}) {
      if (end->rate) {
        rates.push_back(*end->rate);
      }
    }
  }
  const int decimals = rate_decimals(rates, dossier.precision.rate);
  const auto kept = [](bool is) { return is ? "kept" : "broken"; };
  for (const SwingLine& swing : facts.swings) {
    table.rows.push_back(
        {swing.title, value_text(swing.low.input, swing.unit), value_text(swing.high.input, swing.unit),
         bare_rate(swing.low.rate, decimals), bare_rate(swing.high.rate, decimals),
         ms_text(swing.low.ttft_p99_ms, dossier.precision.ttft),
         ms_text(swing.high.ttft_p99_ms, dossier.precision.ttft),
         fmt::format("{}, {}", kept(swing.low.promises_kept), kept(swing.high.promises_kept)),
         swing.rank ? fmt::format("{:+.2f}", *swing.rank) : std::string(kNotThere), swing.source});
  }
  return table;
}

Section spread_section(const SensitivityFacts& facts, const Dossier& dossier) {
  Table table{.columns = {{"all inputs at once", Align::left}, {"P10"}, {"P50"}, {"P90"}}};
  for (const SpreadLine& line : facts.spreads) {
    const bool money = line.key == "usd_per_mtok";
    const int digits = line.key == "ttft_p99_ms" ? dossier.precision.ttft : dossier.precision.tpot;
    const auto text = [&](double value) {
      return money ? rate_number(value, dossier) : ms_text(value, digits);
    };
    const std::string title = money                       ? "a million tokens"
                              : line.key == "ttft_p99_ms" ? "TTFT p99 ms"
                                                          : "TPOT p99 ms";
    table.rows.push_back({title, text(line.p10), text(line.p50), text(line.p90)});
  }
  return {.title = "How sure it is",
          .blocks = {table, Notes{{uncertainty_words(facts, dossier),
                                   "Inputs are drawn independently of each other from their ranges; the "
                                   "error of the model is that of docs/accuracy.md for such devices."}}}};
}

Figure months_figure(const CapacityFacts& facts) {
  XySeries needed{.name = "devices with spares"};
  XySeries spare{.name = "spare of them", .dashed = true};
  for (const CapacityMonthLine& month : facts.months) {
    const auto x = static_cast<double>(month.month);
    needed.points.push_back({.x = x, .y = static_cast<double>(month.devices)});
    spare.points.push_back({.x = x, .y = static_cast<double>(month.spares * facts.devices_per_replica)});
  }
  const ChartHead head{.title = "Devices by month",
                       .subtitle = "Sized by simulation for the busiest hour of each month",
                       .description = fmt::format("From {} to {} {}", facts.months.front().devices,
                                                  facts.months.back().devices, facts.device)};
  return {.svg = xy_chart(head, {.title = "month"}, {.title = "devices"}, {needed, spare}),
          .caption = "The numbers stand in the table."};
}

Section options_section(const CapacityFacts& facts, const Dossier& dossier) {
  const std::string& currency = dossier.currency;
  std::vector<Money> rates;
  for (const CapacityOptionLine& option : facts.options) {
    if (option.rate) {
      rates.push_back(*option.rate);
    }
  }
  const int decimals = rate_decimals(rates, dossier.precision.rate);
  Table table{.columns = {{fmt::format("over {} months", facts.months.size()), Align::left},
                          {currency + " in all"},
                          {"present value"},
                          {currency + " a million tokens"},
                          {"paid back, months"},
                          {"break-even, requests/s"}}};
  Facts basis;
  const auto whole = [](std::optional<Money> amount) {
    return amount ? grouped_money(*amount, 0) : std::string(kNotThere);
  };
  const auto number_or = [](std::optional<double> value) {
    return value ? significant(*value, 2) : std::string(kNotThere);
  };
  for (const CapacityOptionLine& option : facts.options) {
    if (!option.priced()) {
      basis.lines.emplace_back(option.name, "not priced: " + option.missing);
      continue;
    }
    table.rows.push_back({option.name, whole(option.total), whole(option.present_value),
                          bare_rate(option.rate, decimals), number_or(option.payback_months),
                          number_or(option.break_even_requests_per_s)});
    basis.lines.emplace_back(option.name, option.basis);
  }
  return {.title = "Rent, commit, own or buy",
          .blocks = {table,
                     Notes{{fmt::format("Present value at {} a year; the total is less what owned devices "
                                        "are sold for at the end.",
                                        share_text(facts.discount_per_year))}},
                     basis}};
}

Section months_section(const CapacityFacts& facts) {
  Table table{.columns = {{"month"},
                          {"requests/s"},
                          {"busiest hour"},
                          {"million tokens"},
                          {"replicas"},
                          {"spare"},
                          {"devices"}}};
  for (const CapacityMonthLine& month : facts.months) {
    table.rows.push_back({grouped(month.month), significant(month.mean_requests_per_s),
                          significant(month.peak_requests_per_s), grouped(month.mtok, 0),
                          grouped(month.replicas), grouped(month.spares), grouped(month.devices)});
  }
  return {.title = "The fleet by month", .blocks = {months_figure(facts), table}};
}

Section commitments_section(const CapacityFacts& facts) {
  Section section{.title = "What to reserve"};
  Table table{.columns = {{"term", Align::left},
                          {"reserved / on demand"},
                          {"replicas to reserve"},
                          {"of"},
                          {"source", Align::left}}};
  for (const CommitmentLine& line : facts.commitments) {
    table.rows.push_back(
        {line.term, share_text(line.price_ratio), grouped(line.reserve), grouped(line.of), line.source});
  }
  if (!table.rows.empty()) {
    section.blocks.emplace_back(std::move(table));
  }
  return section;
}

}  // namespace

std::string uncertainty_words(const SensitivityFacts& facts, const Dossier& dossier) {
  std::string words;
  if (!facts.spreads.empty() && facts.samples > 0) {
    const SpreadLine& cost = facts.spreads.front();
    words = fmt::format("{} to {} per million tokens in 8 of 10 cases (P10 to P90 of {} samples)",
                        rate_number(cost.p10, dossier), rate_number(cost.p90, dossier), facts.samples);
  }
  if (facts.slo_probability) {
    words += fmt::format("{}the promises hold in {} of them", words.empty() ? "" : "; ",
                         share_text(facts.slo_probability));
  }
  return words + ".";
}

std::string capacity_words(const CapacityFacts& facts, const std::string& currency) {
  const CapacityOptionLine* best = nullptr;
  for (const CapacityOptionLine& option : facts.options) {
    const bool priced = option.priced() && option.present_value;
    if (priced && (best == nullptr || *option.present_value < *best->present_value)) {
      best = &option;
    }
  }
  std::string words = fmt::format("From {} to {} devices in {} months", grouped(facts.months.front().devices),
                                  grouped(facts.months.back().devices), facts.months.size());
  if (best != nullptr) {
    words += fmt::format("; least present value: {}, {} {}", best->name, currency,
                         grouped_money(*best->present_value, 0));
  }
  return words + ".";
}

std::vector<Section> sensitivity_sections(const SensitivityFacts& facts, const Dossier& dossier) {
  return {{.title = "What the answer depends on",
           .blocks = {tornado_of(facts, dossier), swings_of(facts, dossier)}},
          spread_section(facts, dossier)};
}

std::vector<Section> capacity_sections(const CapacityFacts& facts, const Dossier& dossier) {
  return {options_section(facts, dossier), months_section(facts), commitments_section(facts)};
}

}  // namespace mtok::report
