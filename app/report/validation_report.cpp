// Error tables of predictions, best and worst rows included.
#include "app/report/validation_report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <vector>

#include "app/report/sheet.hpp"
#include "app/report/text.hpp"
#include "sim/units/text.hpp"

namespace mtok::report {
namespace {

using validation::ErrorSummary;
using validation::GroupBy;
using validation::Outcome;

constexpr std::size_t kExtremes = 10;  ///< best and worst rows that are shown

bool compared(const ErrorSummary& summary) {
  return summary.rows > summary.unsupported;
}

std::string share_cell(const ErrorSummary& summary, double share) {
  return compared(summary) ? percent(share) : std::string(kNone);
}

/// One line a summary; `name` is what the lines differ in.
Table error_table(const std::vector<ErrorSummary>& summaries, const std::string& name,
                  std::string ErrorSummary::*key, bool several_metrics) {
  Table table{.columns = {{name, Align::left}}};
  if (several_metrics) {
    table.columns.push_back({"metric", Align::left});
  }
  for (const char* const title : {"rows", "unsupported", "median", "mean", "p90", "bias", "tau"}) {
    table.columns.push_back({title});
  }
  for (const ErrorSummary& s : summaries) {
    std::vector<std::string>& cells = table.rows.emplace_back();
    cells.push_back(printable(s.*key));
    if (several_metrics) {
      cells.push_back(printable(s.metric));
    }
    cells.push_back(grouped(s.rows));
    cells.push_back(grouped(s.unsupported));
    for (const double share : {s.median_ape, s.mean_ape, s.p90_ape, s.bias}) {
      cells.push_back(share_cell(s, share));
    }
    cells.push_back(compared(s) ? units::fixed(s.kendall_tau, 2) : std::string(kNone));
  }
  return table;
}

Json summary_json(const ErrorSummary& s) {
  const auto error = [&](double value) { return compared(s) ? number(value) : Json(nullptr); };
  return {{"metric", text_or_null(s.metric)},
          {"load_mode", text_or_null(s.family)},
          {"device", text_or_null(s.device)},
          {"spec_quality", text_or_null(s.quality)},
          {"rows", s.rows},
          {"unsupported", s.unsupported},
          {"median_ape", error(s.median_ape)},
          {"mean_ape", error(s.mean_ape)},
          {"p90_ape", error(s.p90_ape)},
          {"bias", error(s.bias)},
          {"kendall_tau", error(s.kendall_tau)}};
}

Json summaries_json(const std::vector<ErrorSummary>& summaries) {
  Json list = Json::array();
  for (const ErrorSummary& summary : summaries) {
    list.push_back(summary_json(summary));
  }
  return list;
}

/// Reasons with the number of rows that each refuses, the most frequent first.
std::vector<std::pair<std::string, std::int64_t>> reasons_of(std::span<const Outcome> outcomes) {
  std::map<std::string, std::int64_t> counts;
  for (const Outcome& outcome : outcomes) {
    if (!outcome.ape()) {
      counts[outcome.unsupported] += 1;
    }
  }
  std::vector<std::pair<std::string, std::int64_t>> reasons(counts.begin(), counts.end());
  std::stable_sort(reasons.begin(), reasons.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
  return reasons;
}

/// The compared outcomes, smallest error first.
std::vector<const Outcome*> by_error(std::span<const Outcome> outcomes) {
  std::vector<const Outcome*> sorted;
  for (const Outcome& outcome : outcomes) {
    if (outcome.ape()) {
      sorted.push_back(&outcome);
    }
  }
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const Outcome* a, const Outcome* b) { return *a->ape() < *b->ape(); });
  return sorted;
}

Table extremes_table(std::span<const Outcome* const> rows) {
  Table table{.columns = {{"row", Align::left},
                          {"family", Align::left},
                          {"device", Align::left},
                          {"metric", Align::left},
                          {"measured"},
                          {"predicted"},
                          {"error"}}};
  for (const Outcome* row : rows) {
    table.rows.push_back({printable(row->row_id), printable(row->family), printable(row->device),
                          printable(row->metric), significant(row->measured, 4),
                          significant(*row->predicted, 4), percent(row->ape())});
  }
  return table;
}

Json extremes_json(std::span<const Outcome* const> rows) {
  Json list = Json::array();
  for (const Outcome* row : rows) {
    list.push_back({{"row_id", row->row_id},
                    {"metric", row->metric},
                    {"load_mode", row->family},
                    {"device", row->device},
                    {"measured", number(row->measured)},
                    {"predicted", number(*row->predicted)},
                    {"ape", number(*row->ape())}});
  }
  return list;
}

template <std::size_t N>
std::vector<ErrorSummary> grouped_by(std::span<const Outcome> outcomes, const std::array<GroupBy, N>& keys) {
  std::vector<ErrorSummary> summaries = validation::summarize(outcomes, keys);
  std::stable_sort(summaries.begin(), summaries.end(), [](const ErrorSummary& a, const ErrorSummary& b) {
    return std::tie(a.metric, a.family, a.device, a.quality) <
           std::tie(b.metric, b.family, b.device, b.quality);
  });
  return summaries;
}

}  // namespace

std::string validation_text(std::span<const Outcome> outcomes, std::string_view subject, Form form) {
  const auto all = grouped_by(outcomes, std::array{GroupBy::metric});
  const auto families = grouped_by(outcomes, std::array{GroupBy::metric, GroupBy::family});
  const auto devices = grouped_by(outcomes, std::array{GroupBy::metric, GroupBy::device});
  const auto finest =
      grouped_by(outcomes, std::array{GroupBy::metric, GroupBy::family, GroupBy::device, GroupBy::quality});
  const auto reasons = reasons_of(outcomes);
  const std::vector<const Outcome*> sorted = by_error(outcomes);
  const std::span<const Outcome* const> ranked(sorted);
  const std::size_t shown = std::min(kExtremes, ranked.size());
  const auto best = ranked.first(shown);
  const std::vector<const Outcome*> worst(sorted.rbegin(),
                                          sorted.rbegin() + static_cast<std::ptrdiff_t>(shown));
  const bool several = all.size() > 1;
  Facts refused;
  Json reasons_json = Json::array();
  for (const auto& [why, rows] : reasons) {
    refused.lines.emplace_back(grouped(rows), printable(why));
    reasons_json.push_back({{"why", why}, {"rows", rows}});
  }
  Sheet sheet{
      .page = {.title = fmt::format("Predicted against measured: {}", subject),
               .headline = {fmt::format(
                   "{} rows, {} of them unsupported", grouped(static_cast<std::int64_t>(outcomes.size())),
                   grouped(static_cast<std::int64_t>(outcomes.size() - sorted.size())))}},
      .document = {{"schema", "mtok.validate/1"},
                   {"subject", subject},
                   {"rows", outcomes.size()},
                   {"unsupported", outcomes.size() - sorted.size()},
                   {"unsupported_reasons", reasons_json},
                   {"by_metric", summaries_json(all)},
                   {"by_load_mode", summaries_json(families)},
                   {"by_device", summaries_json(devices)},
                   {"summary", summaries_json(finest)},
                   {"best", extremes_json(best)},
                   {"worst", extremes_json(worst)}},
      .rows = "summary"};
  sheet.page.sections = {
      {.title = "By metric", .blocks = {error_table(all, "metric", &ErrorSummary::metric, false)}},
      {.title = "By family", .blocks = {error_table(families, "family", &ErrorSummary::family, several)}},
      {.title = "By device", .blocks = {error_table(devices, "device", &ErrorSummary::device, several)}},
      {.title = "Largest errors", .blocks = {extremes_table(worst)}},
      {.title = "Smallest errors", .blocks = {extremes_table(best)}}};
  if (!refused.lines.empty()) {
    sheet.page.sections.push_back({.title = "Unsupported rows, and why", .blocks = {refused}});
  }
  return text_of(sheet, form);
}

std::string outcomes_csv(std::span<const Outcome> outcomes) {
  std::string text = "row_id,metric,measured,predicted,ape,status\n";
  for (const Outcome& outcome : outcomes) {
    const std::optional<double> ape = outcome.ape();
    text += fmt::format(
        "{},{},{},{},{},{}\n", csv_cell(outcome.row_id), csv_cell(outcome.metric),
        units::shortest(outcome.measured), outcome.predicted ? units::shortest(*outcome.predicted) : "",
        ape ? units::shortest(*ape) : "", csv_cell(ape ? "ok" : "unsupported: " + outcome.unsupported));
  }
  return text;
}

}  // namespace mtok::report
