// The tabs Ladder, Provenance and Checks.
#include <fmt/format.h>

#include "app/report/money_text.hpp"
#include "app/report/xlsx_tabs.hpp"

namespace mtok::report {
namespace {

constexpr std::uint32_t kFirst = 4;

/// Where the rungs of the ladder stand among the cases, those with a price in the order of the ladder.
std::size_t first_rung(const WorkbookParts& parts) {
  std::size_t at = parts.dossier.run.total && parts.dossier.run.device_hour ? 1 : 0;
  for (const Dossier& further : parts.dossier.further_runs) {
    at += further.run.total && further.run.device_hour ? 1U : 0U;
  }
  return at;
}

/// Where the axis is cut so that later steps can be seen beside a naive baseline; 0: nowhere.
double axis_cut(const std::vector<double>& rates) {
  constexpr double kMuch = 4;
  constexpr double kRoom = 1.5;
  return rates.size() > 2 && rates[0] > kMuch * rates[1] ? rates[1] * kRoom : 0;
}

void add_waterfall(WorkbookParts& parts, Tab& sheet, std::uint32_t last, double most) {
  lxw_chart* const chart =
      parts.book.chart(LXW_CHART_COLUMN_STACKED, "What each technique saves, per million tokens");
  const Range names = sheet.range(kFirst, 0, last, 0, {});
  Book::series(chart, names, sheet.range(kFirst, 9, last, 9, {}), "cost that stays", 0x0072B2);
  Book::series(chart, names, sheet.range(kFirst, 10, last, 10, {}), "saved by this step", 0x009E73);
  Book::series(chart, names, sheet.range(kFirst, 11, last, 11, {}), "added by this step", 0xD55E00);
  chart_legend_set_position(chart, LXW_CHART_LEGEND_BOTTOM);
  if (most > 0) {
    chart_axis_set_max(chart->y_axis, most);
    chart_axis_set_name(chart->y_axis, "the axis is cut; the first bars are taller");
  }
  sheet.chart(last + 2, 0, chart, 980, 420);
}

}  // namespace

void add_ladder(WorkbookParts& parts) {
  Tab& sheet = parts.book.add("Ladder");
  sheet.widths({36, 34, 18, 10, 16, 16, 10, 12, 30, 12, 12, 12, 12});
  sheet.text(0, 0, "Ladder", Look::title);
  if (!parts.dossier.ladder) {
    sheet.text(2, 0, "Not in this report: give the JSON of 'mtok ladder' beside the run.");
    return;
  }
  sheet.text(1, 0,
             "From a naive baseline one technique after the other, each with the cheapest fleet that keeps "
             "the promises",
             Look::note);
  sheet.headers(kFirst - 1,
                {"technique", "change", "device", ">devices", ">a million tokens", ">this step", ">saved",
                 ">TTFT p99 ms", "quality or reason", ">chart: stays", ">chart: saved", ">chart: added"});
  sheet.freeze(kFirst, 1);
  std::size_t at = first_rung(parts);
  std::uint32_t row = kFirst;
  Term first;
  Term before;
  bool any = false;
  std::vector<double> rates;
  Range steps = sheet.range(kFirst, 5, kFirst, 5, {});
  for (const Case& rung : parts.dossier.ladder->cases) {
    sheet.text(row, 0, rung.name);
    sheet.text(row, 1, rung.change);
    sheet.text(row, 2, rung.device);
    const bool priced = rung.total && rung.device_hour;
    if (!priced) {
      sheet.text(row, 8, "not feasible: " + rung.reason, Look::wrapped);
      ++row;
      continue;
    }
    sheet.number(row, 3, static_cast<double>(rung.devices), Look::simulated_count);
    const Term rate = sheet.formula(row, 4, parts.scenarios.rate[at++], Look::rate);
    const Term from = any ? before : rate;
    rates.push_back(rate.value);
    if (!any) {
      first = rate;
    }
    if (any && rung.feasible) {
      steps.values.push_back(sheet.formula(row, 5, rate - before, Look::rate).value);
    }
    sheet.formula(row, 6, constant(1) - quotient(rate, first, 1), Look::percent);
    if (rung.ttft_p99_ms) {
      sheet.number(row, 7, *rung.ttft_p99_ms, Look::simulated);
    }
    sheet.text(row, 8, rung.reason.empty() ? rung.quality : rung.reason, Look::wrapped);
    sheet.formula(row, 9, smaller(rate, from), Look::rate);
    sheet.formula(row, 10, larger(from - rate, constant(0)), Look::rate);
    sheet.formula(row, 11, larger(rate - from, constant(0)), Look::rate);
    if (rung.feasible) {
      before = rate;
      any = true;
    }
    ++row;
  }
  const std::uint32_t last = row - 1;
  steps.reference = sheet.range(kFirst, 5, last, 5, {}).reference;
  if (any) {
    parts.checks.emplace_back(
        "Ladder: the first rung and all steps add up to the last",
        at_most(absolute(first + sum(steps) - before), constant(1e-9) * larger(first, constant(1e-9))));
    add_waterfall(parts, sheet, last, axis_cut(rates));
  }
}

void add_provenance(WorkbookParts& parts) {
  Tab& sheet = parts.book.add("Provenance");
  sheet.widths({34, 90, 40});
  const Dossier& dossier = parts.dossier;
  sheet.text(0, 0, "Provenance", Look::title);
  std::uint32_t row = 2;
  const auto line = [&](const std::string& label, const std::string& words) {
    sheet.text(row, 0, label, Look::bold);
    sheet.text(row++, 1, words, Look::wrapped);
  };
  line("written by", "mtok " MTOK_VERSION);
  line("scenario", dossier.scenario);
  line("hash of the run", dossier.hash);
  line("seed", std::to_string(dossier.seed));
  for (const auto& [key, value] : dossier.options) {
    line("option " + key, value);
  }
  line("rounding", std::string(kShownRounding) + "; cells of this workbook hold unrounded numbers");
  line("method", "the bill is devices x price x time of the whole fleet, idle included; split by " +
                     dossier.allocation);
  line("to check", "mtok verify RESULT.json computes the run again and compares it bit for bit");
  ++row;
  sheet.headers(row++, {"input", "SHA-256"});
  for (const planner::InputFile& input : dossier.inputs) {
    sheet.text(row, 0, input.path);
    sheet.text(row++, 1, input.sha256);
  }
  ++row;
  sheet.headers(row++, {"result", "hash", "state"});
  for (const ResultFile& file : dossier.results) {
    sheet.text(row, 0, file.title + " (" + file.schema + ")");
    sheet.text(row, 1, file.hash);
    sheet.text(row++, 2, file.intact ? "hash fits the content" : "CHANGED after it was written");
  }
}

void add_checks(WorkbookParts& parts) {
  Tab& sheet = parts.book.add("Checks");
  sheet.widths({80, 26, 20});
  sheet.text(0, 0, "Checks", Look::title);
  std::uint32_t row = 2;
  sheet.headers(row++, {"must read TRUE", "", ""});
  for (const auto& [title, term] : parts.checks) {
    sheet.text(row, 0, title);
    sheet.check(row++, 1, term);
  }
  ++row;
  sheet.headers(row++, {"control sums of the run, exact to 1e-12", parts.dossier.currency, ""});
  for (const ControlSum& sum : parts.sums) {
    sheet.text(row, 0, sum.title);
    sheet.text(row++, 1, sum.amount.to_decimal(), Look::simulated_text);
  }
  sheet.text(row, 0, "they agree");
  sheet.text(row, 1, all_agree(parts.sums) ? "TRUE" : "FALSE", Look::bold);
}

}  // namespace mtok::report
