// Lays the difference of two runs out as a page and as a document.
#include "app/report/diff_report.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "app/report/diff_lines.hpp"
#include "app/report/page.hpp"
#include "app/report/shared_sections.hpp"
#include "app/report/text.hpp"
#include "sim/planner/rows.hpp"

namespace mtok::report {
namespace {

using planner::ChangedInput;
using planner::Diff;
using planner::RunResult;

constexpr const char* kMethod =
    "mean effect over all orders in which price, devices and time, or price, work and utilisation, could "
    "change one after the other";

std::vector<std::string> warnings_of(const Diff& diff) {
  planner::Comparison both;
  planner::merge_evidence(both, diff.before);
  planner::merge_evidence(both, diff.after);
  return both.warnings;
}

// The page.

Table table_of(const std::vector<DiffLine>& lines, const std::string& change) {
  Table table{.columns = {{"", Align::left}, {"before"}, {"after"}, {change}, {"%"}}};
  for (const DiffLine& line : lines) {
    table.rows.push_back({line.title, line.before_text, line.after_text, line.change_text,
                          line.relative ? signed_percent(line.relative) : std::string(kNone)});
  }
  return table;
}

/// The factors of a total; the last row is the difference that they add up to.
Section causes_of(const std::string& title, const std::vector<DiffLine>& causes, const DiffLine& total) {
  Section section{.title = title};
  const bool moved = std::any_of(causes.begin(), causes.end(), [](const DiffLine& l) { return l.changed(); });
  if (moved || (!causes.empty() && total.changed())) {
    Table table{.columns = {{"", Align::left}, {"before"}, {"after"}, {"moves it by"}}};
    for (const DiffLine& line : causes) {
      table.rows.push_back({line.title, line.before_text, line.after_text, line.change_text});
    }
    table.rows.push_back({"sum", total.before_text, total.after_text, total.change_text});
    section.blocks.emplace_back(table);
  }
  return section;
}

Section inputs_of(const Diff& diff, const std::string& title, bool stated) {
  Table table{.columns = {{"key", Align::left}, {"before", Align::left}, {"after", Align::left}}};
  const auto shown = [](const std::string& value) { return value.empty() ? std::string(kNone) : value; };
  for (const ChangedInput& input : diff.inputs) {
    if (input.stated == stated) {
      table.rows.push_back({input.key, shown(input.before), shown(input.after)});
    }
  }
  Section section{.title = title, .folded = !stated};
  if (!table.rows.empty()) {
    section.blocks.emplace_back(table);
  }
  return section;
}

std::vector<DiffLine> changed(std::vector<DiffLine> lines) {
  lines.erase(std::remove_if(lines.begin(), lines.end(), [](const DiffLine& l) { return !l.changed(); }),
              lines.end());
  return lines;
}

/// "The bill: $1.00 -> $1.50, +$0.50 (+50.0 %)".
std::string answer_of(const std::string& what, const DiffLine& line) {
  if (!line.changed()) {
    return fmt::format("{}: {}, unchanged", what, line.after_text);
  }
  const std::string share = line.relative ? fmt::format(" ({})", signed_percent(line.relative)) : "";
  return fmt::format("{}: {} -> {}, {}{}", what, line.before_text, line.after_text, line.change_text, share);
}

std::string slo_text(const Diff& diff) {
  const bool before = diff.before.metrics.slo_met;
  const bool after = diff.after.metrics.slo_met;
  if (before == after) {
    return after ? "" : "The SLO is broken before and after.";
  }
  return after ? "The SLO was broken and is kept now." : "The SLO was kept and is broken now.";
}

std::vector<std::string> headline_of(const Diff& diff) {
  std::vector<std::string> lines;
  const auto refusal = [&](const RunResult& result, const std::string& side) {
    if (result.infeasible) {
      lines.push_back(side + " is not feasible: " + result.infeasible->reason);
    }
  };
  refusal(diff.before, "Before");
  refusal(diff.after, "After");
  if (lines.empty()) {
    lines = {answer_of("The bill", bill_lines(diff).back()),
             answer_of("A million tokens", rate_lines(diff).back())};
    if (const std::string slo = slo_text(diff); !slo.empty()) {
      lines.push_back(slo);
    }
  }
  for (const std::string& limit : diff.broken) {
    lines.push_back("Limit broken: " + limit);
  }
  return lines;
}

Page page_of(const Diff& diff) {
  const std::vector<DiffLine> bill = bill_lines(diff);
  const std::vector<DiffLine> rates = rate_lines(diff);
  Page page{
      .title = fmt::format("Cost of '{}' against '{}'", diff.after.scenario.name, diff.before.scenario.name),
      .headline = headline_of(diff),
      .sections = {inputs_of(diff, "Changed inputs", true)}};
  if (!diff.before.infeasible || !diff.after.infeasible) {
    page.sections.push_back({.title = "The bill", .blocks = {table_of(bill, "change")}});
    page.sections.push_back(causes_of("Why the bill moved", bill_cause_lines(diff), bill.back()));
    page.sections.push_back({.title = "Dollars per million tokens", .blocks = {table_of(rates, "change")}});
    page.sections.push_back(causes_of("Why a token's cost moved", rate_cause_lines(diff), rates.back()));
    if (!page.sections.back().blocks.empty()) {
      page.sections.back().blocks.emplace_back(Notes{{"'moves it by': " + std::string(kMethod) + "."}});
    }
    if (const std::vector<DiffLine> figures = changed(figure_lines(diff)); !figures.empty()) {
      page.sections.push_back(
          {.title = "Latency, SLO and fleet", .blocks = {table_of(figures, "change")}, .folded = true});
    }
  }
  page.sections.push_back(inputs_of(diff, "Defaults and files that differ", false));
  page.sections.push_back(warnings_section(warnings_of(diff)));
  page.sections.back().folded = true;
  return page;
}

// The document.

Json side_json(const RunResult& result) {
  return {{"scenario", result.scenario.name},
          {"feasible", !result.infeasible.has_value()},
          {"reason", result.infeasible ? Json(result.infeasible->reason) : Json(nullptr)},
          {"partial", result.run.cancelled},
          {"inputs", inputs_json(result.inputs)}};
}

Json lines_json(const std::vector<DiffLine>& lines) {
  Json list = Json::array();
  for (const DiffLine& line : lines) {
    list.push_back(
        {{"key", line.key},
         {"before", line.before},
         {"after", line.after},
         {"change", line.change},
         {"change_percent", number(line.relative ? std::optional(*line.relative * 100) : std::nullopt)}});
  }
  return list;
}

Json causes_json(const std::vector<DiffLine>& causes, const std::string& unit) {
  Json list = Json::array();
  for (const DiffLine& line : causes) {
    list.push_back(
        {{"key", line.key}, {"before", line.before}, {"after", line.after}, {"moves_" + unit, line.change}});
  }
  return list;
}

Json inputs_changed_json(const Diff& diff) {
  Json list = Json::array();
  for (const ChangedInput& input : diff.inputs) {
    list.push_back({{"key", input.key},
                    {"before", text_or_null(input.before)},
                    {"after", text_or_null(input.after)},
                    {"stated", input.stated}});
  }
  return list;
}

Json document_of(const Diff& diff) {
  Json json;
  json["schema"] = "mtok.diff/1";
  json["before"] = side_json(diff.before);
  json["after"] = side_json(diff.after);
  json["inputs_changed"] = inputs_changed_json(diff);
  json["bill"] = lines_json(bill_lines(diff));
  json["usd_per_mtok"] = lines_json(rate_lines(diff));
  json["figures"] = lines_json(figure_lines(diff));
  json["why"] = {{"method", kMethod},
                 {"bill", causes_json(bill_cause_lines(diff), "usd")},
                 {"usd_per_mtok", causes_json(rate_cause_lines(diff), "usd_per_mtok")}};
  json["limits_broken"] = diff.broken;
  json["warnings"] = warnings_of(diff);
  return json;
}

/// Inputs, figures and causes as lines with the same columns.
Json csv_rows(const Diff& diff) {
  Json rows = Json::array();
  for (const ChangedInput& input : diff.inputs) {
    rows.push_back({{"section", input.stated ? "input" : "default"},
                    {"key", input.key},
                    {"before", text_or_null(input.before)},
                    {"after", text_or_null(input.after)},
                    {"change", nullptr},
                    {"change_percent", nullptr}});
  }
  const auto add = [&](const std::string& section, const std::vector<DiffLine>& lines, bool causes) {
    for (Json& line : lines_json(lines)) {
      Json row{{"section", section}};
      row.update(line);
      if (causes) {
        row["change_percent"] = nullptr;  // of the factor, where `change` is of the total
      }
      rows.push_back(std::move(row));
    }
  };
  add("bill", bill_lines(diff), false);
  add("usd_per_mtok", rate_lines(diff), false);
  add("figure", figure_lines(diff), false);
  add("why_bill_usd", bill_cause_lines(diff), true);
  add("why_usd_per_mtok", rate_cause_lines(diff), true);
  return rows;
}

}  // namespace

std::string diff_text(const Diff& diff, Form form) {
  switch (form.format) {
    case Format::json:
      return sealed(document_of(diff));
    case Format::csv:
      return rows_csv(csv_rows(diff));
    case Format::markdown:
      return to_markdown(page_of(diff));
    case Format::table:
      break;
  }
  return to_terminal(page_of(diff), form.colour);
}

}  // namespace mtok::report
