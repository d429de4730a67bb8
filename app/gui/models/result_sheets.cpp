// Fills sheets from results.
#include "app/gui/models/result_sheets.hpp"

#include <algorithm>

#include "app/gui/models/number_text.hpp"
#include "app/report/comparison_report.hpp"
#include "app/report/figures.hpp"

namespace mtok::gui {
namespace {

using planner::RunResult;

QString words(const std::string& text) {
  return QString::fromStdString(text);
}

Cell rate_cell(std::optional<UsdPerToken> rate, const QString& tip = {}) {
  Cell cell{.text = rate_text(rate), .tip = tip};
  if (rate) {
    cell.raw = (*rate * Tokens(1e6)).base();
  }
  return cell;
}

Cell duration_cell(std::optional<Seconds> duration) {
  Cell cell{.text = duration_text(duration), .tip = QStringLiteral("Exported in milliseconds")};
  if (duration) {
    cell.raw = duration->base() * 1e3;
  }
  return cell;
}

const FigureLine* line_named(const std::vector<FigureLine>& lines, const char* key) {
  const auto found = std::find_if(lines.begin(), lines.end(),
                                  [&](const FigureLine& line) { return line.key == QLatin1String(key); });
  return found == lines.end() ? nullptr : &*found;
}

void set_change(Headline& tile, const std::vector<FigureLine>& lines, const char* key,
                const QString& base_name) {
  const FigureLine* const line = line_named(lines, key);
  if (line != nullptr && line->relative) {
    tile.change = change_text(*line->relative) + QStringLiteral(" vs base");
    tile.tip += QStringLiteral("\nBase: ") + base_name + QStringLiteral(", ") + line->base_text;
    tile.better = line->better;
  }
}

Headline latency_tile(const char* key, const QString& title, std::optional<Seconds> value,
                      std::optional<Seconds> promise, const QString& tip) {
  Headline tile{.key = QLatin1String(key), .title = title, .value = duration_text(value), .tip = tip};
  if (value) {
    tile.raw = value->base() * 1e3;
  }
  if (promise) {
    tile.note = QStringLiteral("promise ") + duration_text(promise);
    if (value) {
      tile.kept = *value <= *promise;
    }
  } else {
    tile.note = QStringLiteral("no promise");
  }
  return tile;
}

}  // namespace

std::vector<Headline> headlines(const RunResult& result, const RunResult* base, const QString& base_name) {
  const bool feasible = !result.infeasible;
  Headline rate{.key = QStringLiteral("cost.usd_per_mtok.blended"),
                .title = QStringLiteral("Per million tokens"),
                .value = feasible ? rate_text(result.bill.per_token.blended) : no_number(),
                .note = QStringLiteral("idle time included"),
                .tip = QStringLiteral("Bill of the run / (input + output tokens). Source: the simulated run "
                                      "and the price book.")};
  Headline month{.key = QStringLiteral("cost.usd_per_month"),
                 .title = QStringLiteral("Per month"),
                 .value = feasible ? dollars_text(result.bill.per_month) : no_number(),
                 .note = QStringLiteral("fleet rent for 730 h"),
                 .tip = QStringLiteral("Devices x price of a device-hour x 730 h. Source: the price book.")};
  Headline devices{.key = QStringLiteral("fleet.devices"),
                   .title = QStringLiteral("Devices"),
                   .value = no_number(),
                   .tip = QStringLiteral("Devices of all replicas, and the share of the paid time in which "
                                         "they work")};
  std::optional<Seconds> ttft;
  std::optional<Seconds> tpot;
  if (feasible) {
    const report::Figures figures = report::figures_of(result);
    if (const auto& blended = result.bill.per_token.blended) {
      rate.raw = (*blended * Tokens(1e6)).base();
    }
    month.raw = result.bill.per_month.base();
    devices.raw = static_cast<double>(figures.devices);
    devices.value = count_text(figures.devices);
    devices.note = percent_text(figures.busy) + QStringLiteral(" busy");
    ttft = figures.any_completed ? std::optional(result.metrics.ttft.p99) : std::nullopt;
    tpot = figures.any_gap ? std::optional(result.metrics.tpot.p99) : std::nullopt;
  }
  Headline first =
      latency_tile("latency.ttft_ms.p99", QStringLiteral("TTFT p99"), ttft, result.scenario.slo.ttft_p99,
                   QStringLiteral("Time from arrival to first token that 99 % of the requests "
                                  "keep. Source: the simulated run."));
  Headline next =
      latency_tile("latency.tpot_ms.p99", QStringLiteral("TPOT p99"), tpot, result.scenario.slo.tpot_p99,
                   QStringLiteral("(E2E - TTFT) / (output tokens - 1) that 99 % of the requests "
                                  "keep. Source: the simulated run."));
  if (base != nullptr && base != &result && feasible && !base->infeasible) {
    const std::vector<FigureLine> lines = figure_lines(*base, result);
    set_change(rate, lines, "blended_usd_per_mtok", base_name);
    set_change(month, lines, "usd_per_month", base_name);
    set_change(first, lines, "ttft_p99_ms", base_name);
    set_change(next, lines, "tpot_p99_ms", base_name);
    set_change(devices, lines, "devices", base_name);
  }
  return {rate, month, first, next, devices};
}

namespace {

/// Paths of all trees in order of first appearance.
std::vector<std::string> input_keys(const std::vector<NamedResult>& scenarios) {
  std::vector<std::string> keys;
  for (const NamedResult& scenario : scenarios) {
    for (const auto& [path, text] : scenario.tree.leaves()) {
      if (path != "mtok" && path != "name" && std::find(keys.begin(), keys.end(), path) == keys.end()) {
        keys.push_back(path);
      }
    }
  }
  return keys;
}

bool all_equal(const std::vector<Cell>& row) {
  return std::all_of(row.begin() + 1, row.end(), [&](const Cell& cell) { return cell.text == row[1].text; });
}

std::vector<Cell> section_row(const QString& title, std::size_t columns) {
  std::vector<Cell> row(columns);
  row.front() = {.text = title, .tone = Tone::strong};
  return row;
}

/// Rows of one section, each led by its title; sections without rows are left out.
void append_section(Sheet& sheet, const QString& title, std::vector<std::vector<Cell>> rows,
                    bool differences_only) {
  if (differences_only) {
    std::erase_if(rows, all_equal);
  }
  if (!rows.empty()) {
    sheet.rows.push_back(section_row(title, sheet.columns.size()));
    sheet.rows.insert(sheet.rows.end(), rows.begin(), rows.end());
  }
}

/// The key of a figure in the JSON of a run: "ttft_p99_ms" of a difference is latency.ttft_ms.p99.
QString run_key(const QString& key) {
  if (key.endsWith(QStringLiteral("_usd_per_mtok"))) {
    return QStringLiteral("cost.usd_per_mtok.") + key.chopped(13);
  }
  if (key == QStringLiteral("total_usd") || key == QStringLiteral("usd_per_month")) {
    return QStringLiteral("cost.") + key;
  }
  if (key.endsWith(QStringLiteral("_usd"))) {
    return QStringLiteral("cost.parts_usd.") + key.chopped(4);
  }
  if (key.endsWith(QStringLiteral("_ms"))) {
    return QStringLiteral("latency.%1_ms.%2").arg(key.section(u'_', 0, 0), key.section(u'_', 1, 1));
  }
  if (key == QStringLiteral("busy")) {
    return QStringLiteral("utilization.busy");
  }
  if (key == QStringLiteral("devices") || key == QStringLiteral("replicas")) {
    return QStringLiteral("fleet.") + key;
  }
  if (key == QStringLiteral("completed") || key == QStringLiteral("rejected")) {
    return QStringLiteral("requests.") + key;
  }
  if (key.endsWith(QStringLiteral("_tokens"))) {
    return QStringLiteral("tokens.") + key.chopped(7);
  }
  if (key == QStringLiteral("makespan_s")) {
    return QStringLiteral("time.") + key;
  }
  if (key == QStringLiteral("energy_kwh")) {
    return QStringLiteral("energy.kwh");
  }
  return {};
}

/// A cell whose figure can be explained.
Cell explained(Cell cell, const QString& key, int scenario) {
  cell.key = key;
  cell.scenario = scenario;
  return cell;
}

std::vector<std::vector<Cell>> input_rows(const std::vector<NamedResult>& scenarios, std::size_t base) {
  std::vector<std::vector<Cell>> rows;
  for (const std::string& key : input_keys(scenarios)) {
    std::vector<Cell> row{{.text = words(key)}};
    const std::string at_base = scenarios[base].tree.get(key).value_or("");
    for (const NamedResult& scenario : scenarios) {
      const std::string text = scenario.tree.get(key).value_or("");
      row.push_back({.text = text.empty() ? QStringLiteral("default") : words(text),
                     .tone = text.empty()      ? Tone::muted
                             : text == at_base ? Tone::plain
                                               : Tone::strong});
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

Cell figure_cell(const FigureLine& line, bool is_base) {
  Cell cell{.text = line.value_text};
  if (line.value) {
    cell.raw = *line.value;
  }
  if (!is_base && line.relative && *line.relative != 0) {
    cell.text += QStringLiteral("   ") + change_text(*line.relative);
  }
  if (!is_base && line.better) {
    cell.tone = *line.better ? Tone::better : Tone::worse;
  }
  return cell;
}

}  // namespace

Sheet comparison_sheet(const std::vector<NamedResult>& scenarios, std::size_t base, bool differences_only) {
  Sheet sheet{.columns = {{.title = QStringLiteral("Field")}}};
  for (std::size_t i = 0; i < scenarios.size(); ++i) {
    sheet.columns.push_back(
        {.title = scenarios[i].name + (i == base ? QStringLiteral("  (base)") : QString()), .number = true});
  }
  if (base >= scenarios.size()) {
    return sheet;
  }
  const auto& base_result = scenarios[base].result;
  std::vector<std::vector<FigureLine>> columns;
  std::size_t longest = 0;
  for (const NamedResult& scenario : scenarios) {
    columns.emplace_back();
    if (scenario.result && base_result) {
      columns.back() = figure_lines(*base_result, *scenario.result);
      longest = columns[longest].empty() ? columns.size() - 1 : longest;
    }
  }
  QString section;
  std::vector<std::vector<Cell>> rows;
  for (std::size_t i = 0; i < columns[longest].size(); ++i) {
    const FigureLine& head = columns[longest][i];
    if (head.section != section) {
      append_section(sheet, section, std::move(rows), differences_only);
      rows.clear();
      section = head.section;
    }
    std::vector<Cell> row{{.text = head.title}};
    for (std::size_t k = 0; k < columns.size(); ++k) {
      row.push_back(columns[k].empty() ? Cell{.text = no_number(), .tone = Tone::muted}
                                       : explained(figure_cell(columns[k][i], k == base), run_key(head.key),
                                                   scenarios[k].id));
    }
    rows.push_back(std::move(row));
  }
  append_section(sheet, section, std::move(rows), differences_only);
  append_section(sheet, QStringLiteral("Inputs"), input_rows(scenarios, base), differences_only);
  return sheet;
}

Sheet ladder_sheet(const planner::Comparison& ladder) {
  Sheet sheet{.columns = {{.title = QStringLiteral("Technique")},
                          {.title = QStringLiteral("What changes")},
                          {.title = QStringLiteral("USD/Mtok"), .number = true},
                          {.title = QStringLiteral("Step"), .number = true},
                          {.title = QStringLiteral("Saved"), .number = true},
                          {.title = QStringLiteral("USD/month"), .number = true},
                          {.title = QStringLiteral("Devices")},
                          {.title = QStringLiteral("TTFT p99"), .number = true},
                          {.title = QStringLiteral("TPOT p99"), .number = true},
                          {.title = QStringLiteral("Quality")},
                          {.title = QStringLiteral("Remark")}}};
  for (std::size_t i = 0; i < ladder.rows.size(); ++i) {
    const planner::Row& row = ladder.rows[i];
    const std::optional<double> saving = report::saving_of(ladder, i);
    Cell step = rate_cell(row.marginal_per_token, QStringLiteral("Against the rung before"));
    if (row.marginal_per_token && row.marginal_per_token->base() > 0) {
      step.text.prepend(u'+');
      step.tone = Tone::worse;
    } else if (row.marginal_per_token) {
      step.tone = Tone::better;
    }
    Cell saved{.text = percent_text(saving)};
    if (saving) {
      saved.raw = *saving;
    }
    Cell month{.text = row.per_month ? dollars_text(*row.per_month) : no_number()};
    if (row.per_month) {
      month.raw = row.per_month->base();
    }
    sheet.rows.push_back(
        {{.text = words(row.name), .tone = Tone::strong},
         {.text = words(row.change)},
         explained(rate_cell(row.per_token), QStringLiteral("cost.usd_per_mtok.blended"), 0),
         step,
         saved,
         explained(month, QStringLiteral("cost.usd_per_month"), 0),
         {.text = row.devices > 0 ? count_text(row.devices) + QStringLiteral(" x ") + words(row.device)
                                  : no_number()},
         explained(duration_cell(row.ttft_p99), QStringLiteral("latency.ttft_ms.p99"), 0),
         explained(duration_cell(row.tpot_p99), QStringLiteral("latency.tpot_ms.p99"), 0),
         {.text = words(row.quality), .tip = words(row.quality_source)},
         {.text = words(row.reason), .tone = row.feasible ? Tone::plain : Tone::worse}});
  }
  return sheet;
}

Sheet latency_sheet(const RunResult& result) {
  Sheet sheet{.columns = {{.title = QStringLiteral("Latency")},
                          {.title = QStringLiteral("mean"), .number = true},
                          {.title = QStringLiteral("p50"), .number = true},
                          {.title = QStringLiteral("p90"), .number = true},
                          {.title = QStringLiteral("p95"), .number = true},
                          {.title = QStringLiteral("p99"), .number = true},
                          {.title = QStringLiteral("max"), .number = true},
                          {.title = QStringLiteral("promise p99"), .number = true}}};
  if (result.infeasible) {
    return sheet;
  }
  const report::Figures figures = report::figures_of(result);
  const auto add = [&](const char* title, const char* key, const engine::Distribution& values, bool measured,
                       std::optional<Seconds> promise) {
    const auto cell = [&](Seconds value, const char* name) {
      Cell made = duration_cell(measured ? std::optional(value) : std::nullopt);
      made.key = QStringLiteral("latency.%1.%2").arg(QLatin1String(key), QLatin1String(name));
      return made;
    };
    Cell p99 = cell(values.p99, "p99");
    if (promise && measured) {
      p99.tone = values.p99 <= *promise ? Tone::better : Tone::worse;
    }
    sheet.rows.push_back({{.text = QLatin1String(title), .tone = Tone::strong},
                          cell(values.mean, "mean"),
                          cell(values.p50, "p50"),
                          cell(values.p90, "p90"),
                          cell(values.p95, "p95"),
                          p99,
                          cell(values.max, "max"),
                          duration_cell(promise)});
  };
  const engine::Metrics& metrics = result.metrics;
  const engine::Slo& slo = result.scenario.slo;
  add("TTFT", "ttft_ms", metrics.ttft, figures.any_completed, slo.ttft_p99);
  add("TPOT", "tpot_ms", metrics.tpot, figures.any_gap, slo.tpot_p99);
  add("Gap between tokens", "itl_ms", metrics.itl, figures.any_gap, std::nullopt);
  add("E2E", "e2e_ms", metrics.e2e, figures.any_completed, slo.e2e_p99);
  add("Queue", "queue_ms", metrics.queue, figures.any_completed, std::nullopt);
  return sheet;
}

Sheet replicas_sheet(const RunResult& result) {
  Sheet sheet{.columns = {{.title = QStringLiteral("Replica")},
                          {.title = QStringLiteral("Prefill"), .number = true},
                          {.title = QStringLiteral("Cached prefill"), .number = true},
                          {.title = QStringLiteral("Decode"), .number = true},
                          {.title = QStringLiteral("Steps"), .number = true},
                          {.title = QStringLiteral("KV peak, blocks"), .number = true},
                          {.title = QStringLiteral("Energy"), .number = true}}};
  const auto nanos = [](std::int64_t ns) { return duration_cell(Seconds(static_cast<double>(ns) * 1e-9)); };
  for (std::size_t i = 0; i < result.run.replicas.size(); ++i) {
    const engine::ReplicaRecord& replica = result.run.replicas[i];
    sheet.rows.push_back(
        {{.text = QStringLiteral("replica ") + QString::number(i), .tone = Tone::strong},
         nanos(replica.phases.prefill_ns),
         nanos(replica.phases.cached_ns),
         nanos(replica.phases.decode_ns),
         number_cell(count_text(replica.steps), static_cast<double>(replica.steps)),
         number_cell(count_text(replica.kv_peak_blocks), static_cast<double>(replica.kv_peak_blocks)),
         number_cell(
             significant_text(replica.energy.base() / 1e3) + QStringLiteral(" kJ"), replica.energy.base(),
             QStringLiteral("Of all devices of the replica, idle time included; exported in joules"))});
  }
  return sheet;
}

Sheet assumptions_sheet(const RunResult& result) {
  Sheet sheet{.columns = {{.title = QStringLiteral("Assumption")},
                          {.title = QStringLiteral("Value"), .number = true},
                          {.title = QStringLiteral("Date")},
                          {.title = QStringLiteral("Source")}}};
  for (const planner::Assumption& assumption : result.assumptions) {
    const QString source = words(assumption.source);
    sheet.rows.push_back({{.text = words(assumption.key)},
                          {.text = words(assumption.value), .raw = words(assumption.value)},
                          {.text = words(assumption.date)},
                          {.text = QString(source).replace(u'\n', u' '), .tip = source}});
  }
  return sheet;
}

}  // namespace mtok::gui
