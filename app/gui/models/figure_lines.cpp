// Turns the lines of a difference into words for the screen.
#include "app/gui/models/figure_lines.hpp"

#include "app/gui/models/number_text.hpp"
#include "app/report/diff_lines.hpp"
#include "sim/units/text.hpp"

namespace mtok::gui {
namespace {

std::optional<double> number_of(const report::Json& json) {
  if (json.is_number()) {
    return json.get<double>();
  }
  return json.is_string() ? units::parse_number(json.get<std::string>()) : std::nullopt;
}

/// -1: less is better, 1: more is better, 0: neither.
int wanted(const QString& key) {
  if (key == "busy" || key == "completed" || key.startsWith("cached_input_tokens")) {
    return 1;
  }
  if (key == "idle_usd" || key.endsWith("_ms") || key.contains("usd") || key == "devices" ||
      key == "replicas" || key == "rejected" || key.startsWith("energy")) {
    return -1;
  }
  return 0;
}

void add(std::vector<FigureLine>& lines, const QString& section,
         const std::vector<report::DiffLine>& source) {
  for (const report::DiffLine& from : source) {
    FigureLine line{.section = section,
                    .key = QString::fromStdString(from.key),
                    .title = QString::fromStdString(from.title),
                    .base = number_of(from.before),
                    .value = number_of(from.after),
                    .relative = from.relative};
    const auto text = [&](std::optional<double> number, const std::string& words) {
      return number ? figure_text(line.key, *number) : QString::fromStdString(words);
    };
    line.base_text = text(line.base, from.before_text == "-" ? "–" : from.before_text);
    line.value_text = text(line.value, from.after_text == "-" ? "–" : from.after_text);
    for (const char* const unit : {" ms", " s", " kWh"}) {
      if (line.title.endsWith(QLatin1String(unit))) {
        line.title.chop(static_cast<int>(qstrlen(unit)));  // the cells say it
      }
    }
    if (from.changed() && line.relative && wanted(line.key) != 0) {
      line.better = (*line.relative > 0) == (wanted(line.key) > 0);
    } else if (from.key == "slo" && from.changed()) {
      line.better = from.after_text == "kept";
    }
    lines.push_back(std::move(line));
  }
}

}  // namespace

QString figure_text(const QString& key, double value) {
  if (key.endsWith("usd_per_mtok")) {
    return rate_text(UsdPerToken(value / 1e6));
  }
  if (key.contains("usd")) {
    return dollars_text(Usd(value));
  }
  if (key.endsWith("_ms")) {
    return duration_text(Seconds(value * 1e-3));
  }
  if (key.endsWith("_s")) {
    return duration_text(Seconds(value));
  }
  if (key == "busy") {
    return percent_text(value);
  }
  if (key.endsWith("_kwh")) {
    return significant_text(value) + QStringLiteral(" kWh");
  }
  return significant_text(value);
}

std::vector<FigureLine> figure_lines(const planner::RunResult& base, const planner::RunResult& value) {
  const planner::Diff diff = planner::diff(base, value);
  std::vector<FigureLine> lines;
  add(lines, QStringLiteral("USD per million tokens"), report::rate_lines(diff));
  add(lines, QStringLiteral("The bill of the run"), report::bill_lines(diff));
  add(lines, QStringLiteral("Latency, promises and fleet"), report::figure_lines(diff));
  return lines;
}

}  // namespace mtok::gui
