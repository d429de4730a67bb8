// Lays a comparison or a ladder out as a page: the money first, then what was bought for it.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>

#include "app/report/comparison_report.hpp"
#include "app/report/page.hpp"
#include "app/report/shared_sections.hpp"
#include "app/report/text.hpp"

namespace mtok::report {
namespace {

using planner::Comparison;
using planner::Row;

/// The cell of one row of the comparison.
using Cell = std::function<std::string(std::size_t)>;

/// One column of a table over the rows.
struct CellColumn {
  Column column{};
  Cell cell{};
};

Table table_of(const Comparison& comparison, const std::vector<CellColumn>& columns) {
  Table table;
  for (const CellColumn& entry : columns) {
    table.columns.push_back(entry.column);
  }
  for (std::size_t row = 0; row < comparison.rows.size(); ++row) {
    std::vector<std::string>& cells = table.rows.emplace_back();
    for (const CellColumn& entry : columns) {
      cells.push_back(entry.cell(row));
    }
  }
  return table;
}

/// '#' in proportion to the cost per token; the dearest row fills the width.
std::string bar_of(const Comparison& comparison, std::size_t index) {
  constexpr double kWidth = 32;
  double most = 0;
  for (const Row& row : comparison.rows) {
    most = std::max(most, row.per_token ? row.per_token->base() : 0);
  }
  const std::optional<UsdPerToken> here = comparison.rows[index].per_token;
  if (!here || most <= 0) {
    return "";
  }
  const double length = std::round(kWidth * here->base() / most);
  return std::string(static_cast<std::size_t>(here->base() > 0 ? std::max(1.0, length) : 0.0), '#');
}

/// Why a row has no number, or which promise it breaks.
std::string note_of(const Row& row) {
  return row.feasible ? row.reason : "no: " + (row.reason.empty() ? "not feasible" : row.reason);
}

std::string fleet_of(const Row& row) {
  return row.devices == 0 ? std::string(kNone) : fmt::format("{} x {}", grouped(row.devices), row.device);
}

std::vector<CellColumn> money_columns(const Comparison& comparison) {
  const auto row = [&](std::size_t i) -> const Row& { return comparison.rows[i]; };
  return {{{"", Align::left}, [=](std::size_t i) { return row(i).name; }},
          {{"USD/Mtok"}, [=](std::size_t i) { return dollars_per_mtok(row(i).per_token); }},
          {{"saved"}, [&comparison](std::size_t i) { return percent(saving_of(comparison, i)); }},
          {{"TTFT p99 ms"}, [=](std::size_t i) { return milliseconds(row(i).ttft_p99); }},
          {{"TPOT p99 ms"}, [=](std::size_t i) { return milliseconds(row(i).tpot_p99); }},
          {{"", Align::left}, [&comparison](std::size_t i) { return bar_of(comparison, i); }}};
}

Table details_of(const Comparison& comparison) {
  const auto row = [&](std::size_t i) -> const Row& { return comparison.rows[i]; };
  return table_of(
      comparison,
      {{{"", Align::left}, [=](std::size_t i) { return row(i).name; }},
       {{"model", Align::left}, [=](std::size_t i) { return row(i).model; }},
       {{"formats", Align::left}, [=](std::size_t i) { return row(i).formats; }},
       {{"fleet", Align::left}, [=](std::size_t i) { return fleet_of(row(i)); }},
       {{"bill"}, [=](std::size_t i) { return row(i).total ? dollars(*row(i).total) : std::string(kNone); }},
       {{"a month"},
        [=](std::size_t i) { return row(i).per_month ? dollars(*row(i).per_month) : std::string(kNone); }},
       {{"busy"}, [=](std::size_t i) { return percent(row(i).busy); }},
       {{"quality", Align::left}, [=](std::size_t i) { return row(i).quality; }}});
}

/// Rows with something to say: what changes, why not feasible, which promise is broken.
Section remarks_of(const Comparison& comparison) {
  Facts facts;
  for (const Row& row : comparison.rows) {
    const std::string note = note_of(row);
    const std::string between = row.change.empty() || note.empty() ? "" : "; ";
    if (!row.change.empty() || !note.empty()) {
      facts.lines.emplace_back(row.name, row.change + between + note);
    }
  }
  Section section{.title = "What changes"};
  if (!facts.lines.empty()) {
    section.blocks.emplace_back(facts);
  }
  return section;
}

Page page_of(const Comparison& comparison, const std::string& title, const std::vector<CellColumn>& columns) {
  return {.title = title,
          .sections = {{.blocks = {table_of(comparison, columns)}},
                       remarks_of(comparison),
                       {.title = "What it runs on", .blocks = {details_of(comparison)}},
                       assumptions_section(comparison.assumptions),
                       warnings_section(comparison.warnings)}};
}

/// The feasible row with the lowest cost per token among those that `counts` takes.
template <class Counts>
std::optional<std::size_t> cheapest_of(const Comparison& comparison, const Counts& counts) {
  std::optional<std::size_t> best;
  for (std::size_t i = 0; i < comparison.rows.size(); ++i) {
    const Row& row = comparison.rows[i];
    const bool candidate = row.feasible && row.per_token.has_value() && counts(row);
    if (candidate && (!best || *row.per_token < *comparison.rows[*best].per_token)) {
      best = i;
    }
  }
  return best;
}

/// "'rung', $1.234 per million tokens, 75.0 % less than 'base'; quality MMLU 63.4, not MMLU 86.0".
std::string praise_of(const Comparison& comparison, std::size_t index) {
  const Row& base = comparison.rows.front();
  const Row& row = comparison.rows[index];
  std::string text = fmt::format("'{}', {} per million tokens", row.name, dollars_per_mtok(row.per_token));
  const std::optional<double> saving = saving_of(comparison, index);
  if (index != 0 && saving) {
    text += fmt::format(", {} {} than '{}'", percent(std::abs(*saving)), *saving < 0 ? "more" : "less",
                        base.name);
  }
  if (row.model != base.model) {
    text += fmt::format("; quality {}, not {}", row.quality, base.quality);
  }
  return text;
}

/// The cheapest row, and when that is another model, the cheapest one with the model of the base.
std::vector<std::string> verdict_of(const Comparison& comparison) {
  const auto any = cheapest_of(comparison, [](const Row& /*row*/) { return true; });
  if (!any) {
    return {"Nothing here is feasible."};
  }
  std::vector<std::string> lines{"Cheapest: " + praise_of(comparison, *any)};
  const std::string& model = comparison.rows.front().model;
  const auto same = cheapest_of(comparison, [&](const Row& row) { return row.model == model; });
  if (same && same != any) {
    lines.push_back(fmt::format("With {}: {}", model, praise_of(comparison, *same)));
  }
  return lines;
}

Page compare_page(const Comparison& comparison) {
  Page page = page_of(comparison, comparison.name, money_columns(comparison));
  page.headline = verdict_of(comparison);
  return page;
}

std::string interaction_text(const Comparison& comparison) {
  const UsdPerToken interaction = *comparison.interaction;
  const bool more = interaction.base() >= 0;
  const UsdPerToken size = more ? interaction : UsdPerToken{} - interaction;
  return fmt::format(
      "Together the techniques save {} per million tokens, {} {} than the {} that each one alone adds up to.",
      dollars_per_mtok(comparison.joint_saving), dollars_per_mtok(size), more ? "more" : "less",
      dollars_per_mtok(comparison.single_savings));
}

/// "distilled student: $12,000.00 once, paid back in month 3".
Notes paybacks_of(const Comparison& comparison) {
  Notes notes;
  for (const Row& row : comparison.rows) {
    if (row.one_time) {
      notes.lines.push_back(fmt::format("{}: {} once, {}", row.name, dollars(*row.one_time),
                                        row.payback_months
                                            ? fmt::format("paid back in month {:.0f} against the row above",
                                                          std::max(1.0, std::ceil(*row.payback_months)))
                                            : "never paid back: it saves nothing against the row above"));
    }
  }
  return notes;
}

Page ladder_page(const Comparison& comparison) {
  const auto row = [&](std::size_t i) -> const Row& { return comparison.rows[i]; };
  std::vector<CellColumn> columns = money_columns(comparison);
  columns.insert(
      columns.begin() + 2,
      {{{"this step"}, [=](std::size_t i) { return signed_dollars_per_mtok(row(i).marginal_per_token); }},
       {{"alone"}, [=](std::size_t i) { return dollars_per_mtok(row(i).alone_per_token); }}});
  Page page = page_of(comparison, comparison.name + ": what each technique saves", columns);
  page.headline = verdict_of(comparison);
  if (comparison.interaction) {
    page.sections.front().blocks.emplace_back(Notes{{interaction_text(comparison)}});
  }
  if (Notes notes = paybacks_of(comparison); !notes.lines.empty()) {
    page.sections.front().blocks.emplace_back(std::move(notes));
  }
  return page;
}

}  // namespace

std::string compare_table(const Comparison& comparison, bool colour) {
  return to_terminal(compare_page(comparison), colour);
}
std::string compare_markdown(const Comparison& comparison) {
  return to_markdown(compare_page(comparison));
}

std::string compare_text(const Comparison& comparison, Form form) {
  switch (form.format) {
    case Format::json:
      return compare_json(comparison);
    case Format::csv:
      return compare_csv(comparison);
    case Format::markdown:
      return compare_markdown(comparison);
    case Format::table:
      break;
  }
  return compare_table(comparison, form.colour);
}

std::string ladder_table(const Comparison& comparison, bool colour) {
  return to_terminal(ladder_page(comparison), colour);
}
std::string ladder_markdown(const Comparison& comparison) {
  return to_markdown(ladder_page(comparison));
}

std::string ladder_text(const Comparison& comparison, Form form) {
  switch (form.format) {
    case Format::json:
      return ladder_json(comparison);
    case Format::csv:
      return ladder_csv(comparison);
    case Format::markdown:
      return ladder_markdown(comparison);
    case Format::table:
      break;
  }
  return ladder_table(comparison, form.colour);
}

}  // namespace mtok::report
