// The sheet for the board: question, answer, what would be cheaper, the bill, risks.
#include <fmt/format.h>

#include <algorithm>

#include "app/report/dossier_charts.hpp"
#include "app/report/dossier_page.hpp"
#include "app/report/dossier_text.hpp"
#include "app/report/forecast_page.hpp"
#include "app/report/money_text.hpp"
#include "app/report/text.hpp"

namespace mtok::report {
namespace {

std::string promise_text(const Dossier& dossier) {
  if (!dossier.slo_met) {
    return "";
  }
  return fmt::format("{}: TTFT p99 {} ms, TPOT p99 {} ms",
                     *dossier.slo_met ? "the promised latency is kept" : "the promised latency is broken",
                     ms_text(dossier.run.ttft_p99_ms, dossier.precision.ttft),
                     ms_text(dossier.run.tpot_p99_ms, dossier.precision.tpot));
}

std::vector<std::string> answer_of(const Dossier& dossier) {
  if (!dossier.feasible) {
    return {"It does not run: " + dossier.reason};
  }
  const std::string& currency = dossier.currency;
  std::vector<std::string> lines{
      fmt::format("{} per million tokens, all included; {} a month for {} devices; {}",
                  rate_text(dossier.run.blended, dossier),
                  dossier.run.per_month ? money(*dossier.run.per_month, currency) : std::string(kNotThere),
                  grouped(dossier.run.devices), promise_text(dossier))};
  if (dossier.ladder) {
    if (const Case* best = cheapest(*dossier.ladder)) {
      std::string line = fmt::format("Cheapest way found that keeps the promises: {}, {} per million tokens",
                                     best->name, rate_text(best->blended, dossier));
      line += best->model == dossier.run.model
                  ? ""
                  : fmt::format(" (another model: quality {}, not {})", best->quality, dossier.run.quality);
      lines.push_back(line);
    }
  }
  return lines;
}

Section question_of(const Dossier& dossier) {
  return {.title = "Question",
          .blocks = {Notes{
              {fmt::format("What does it cost to serve \"{}\" with {} on {}, and what would make it cheaper?",
                           dossier.scenario, dossier.run.model, fleet_text(dossier))}}}};
}

Section bill_section(const Dossier& dossier) {
  std::vector<Money> amounts;
  std::vector<Money> months;
  std::vector<Money> rates;
  const Money total = dossier.run.total.value_or(Money{});
  for (const BillLine& line : dossier.bill) {
    amounts.push_back(line.amount);
    const double share = total > Money{} ? line.amount.usd().base() / total.usd().base() : 0;
    months.push_back(Money::from_usd(dossier.run.per_month.value_or(Money{}).usd() * share));
    if (line.per_mtok_with_idle) {
      rates.push_back(*line.per_mtok_with_idle);
    }
  }
  const int decimals = shown_decimals(total, dossier.currency);
  const int month_decimals = minor_digits(dossier.currency);
  const int rate_places = rate_decimals(rates, dossier.precision.rate);
  const std::vector<Money> shown = rounded_parts(amounts, decimals);
  const std::vector<Money> shown_months = rounded_parts(months, month_decimals);
  const std::vector<std::string> shares = share_texts(amounts);
  const std::string& currency = dossier.currency;
  Table table{.columns = {{"", Align::left},
                          {"tokens"},
                          {currency + " in the run"},
                          {"share"},
                          {currency + " a month"},
                          {currency + " a million tokens"},
                          {"with idle"}}};
  const auto plain = [&](Money amount, int places) {
    return money(amount, currency, places).substr(currency.size() + 1);
  };
  for (std::size_t i = 0; i < dossier.bill.size(); ++i) {
    const BillLine& line = dossier.bill[i];
    table.rows.push_back({line.title, line.tokens ? grouped(*line.tokens) : std::string(kNotThere),
                          plain(shown[i], decimals), shares[i], plain(shown_months[i], month_decimals),
                          bare_rate(line.per_mtok, rate_places),
                          bare_rate(line.per_mtok_with_idle, rate_places)});
  }
  table.rows.push_back(
      {"the bill", grouped(dossier.run.input_tokens + dossier.run.output_tokens), plain(total, decimals),
       "100.0 %", plain(dossier.run.per_month.value_or(Money{}), month_decimals),
       bare_rate(dossier.run.blended, rate_places), bare_rate(dossier.run.blended, rate_places)});
  return {.title = "The bill", .blocks = {table}};
}

Section ladder_section(const CaseTable& ladder, const Dossier& dossier) {
  const std::string& currency = dossier.currency;
  const int decimals = rate_decimals(ladder.cases, dossier.precision.rate);
  const std::vector<std::optional<Money>> steps = shown_steps(ladder, decimals);
  Table table{.columns = {{"", Align::left},
                          {currency + " a million tokens"},
                          {"this step"},
                          {"saved"},
                          {"devices"},
                          {"TTFT p99 ms"},
                          {"TPOT p99 ms"},
                          {"quality", Align::left}}};
  for (std::size_t i = 0; i < ladder.cases.size(); ++i) {
    const Case& rung = ladder.cases[i];
    const std::string note = rung.feasible ? rung.reason : "not feasible: " + rung.reason;
    table.rows.push_back({rung.name + (note.empty() ? "" : " (" + note + ")"),
                          bare_rate(rung.blended, decimals), bare_rate(steps[i], decimals),
                          share_text(rung.saving), grouped(rung.devices),
                          ms_text(rung.ttft_p99_ms, dossier.precision.ttft),
                          ms_text(rung.tpot_p99_ms, dossier.precision.tpot), rung.quality});
  }
  return {.title = "What each technique saves", .blocks = {ladder_figure(ladder, dossier), table}};
}

/// What could make the answer wrong, from the figures themselves.
std::vector<std::string> risks_of(const Dossier& dossier) {
  std::vector<std::string> risks;
  const auto undated = std::count_if(dossier.assumptions.begin(), dossier.assumptions.end(),
                                     [](const auto& item) { return item.date.empty(); });
  if (dossier.slo_met && !*dossier.slo_met) {
    risks.emplace_back("The promised latency is broken: the fleet is too small for these requests.");
  }
  if (dossier.partial) {
    risks.emplace_back("The run was stopped before its end; every figure is of a part of the requests.");
  }
  if (dossier.idle_share && dossier.run.busy) {
    risks.push_back(fmt::format(
        "Utilisation: the fleet is busy {} of the time it is paid for; idle time is {} of the bill. Another "
        "load changes the cost per token.",
        share_text(dossier.run.busy), share_text(dossier.idle_share)));
  }
  risks.push_back("Price: " + price_words(dossier) + ". The bill moves in proportion to it.");
  if (dossier.sensitivity && dossier.sensitivity->feasible) {
    risks.push_back("Uncertainty of prices, volumes and the model: " +
                    uncertainty_words(*dossier.sensitivity, dossier));
  }
  if (dossier.capacity && dossier.capacity->feasible) {
    risks.push_back("Growth: " + capacity_words(*dossier.capacity, dossier.currency));
  }
  risks.push_back(fmt::format("{} of {} assumptions carry no date; all are listed with their sources.",
                              undated, dossier.assumptions.size()));
  if (!dossier.quality_known) {
    risks.emplace_back("Quality: no published score is known for this model and these formats.");
  }
  risks.insert(risks.end(), dossier.warnings.begin(), dossier.warnings.end());
  return risks;
}

}  // namespace

Page board_page(const Dossier& dossier) {
  Page page{.title = dossier.scenario + ": what a million tokens costs", .headline = answer_of(dossier)};
  page.sections.push_back(question_of(dossier));
  if (dossier.ladder) {
    page.sections.push_back(ladder_section(*dossier.ladder, dossier));
  }
  if (dossier.feasible) {
    page.sections.push_back(bill_section(dossier));
    page.sections.push_back({.title = "Risks", .blocks = {Notes{risks_of(dossier)}}});
  } else {
    page.sections.push_back({.title = "What would fit, cheapest first", .blocks = {Notes{dossier.remedies}}});
  }
  return page;
}

}  // namespace mtok::report
