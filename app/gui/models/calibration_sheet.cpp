// Fills the sheets of a calibration.
#include "app/gui/models/calibration_sheet.hpp"

#include "app/gui/models/number_text.hpp"

namespace mtok::gui {
namespace {

using validation::BenchFit;
using validation::BenchPoint;
using validation::BenchPrediction;
using validation::FittedPoint;

QString words(const std::string& text) {
  return QString::fromStdString(text);
}

QString load_text(const BenchPoint& point) {
  if (point.rate_per_s) {
    return significant_text(*point.rate_per_s) + QStringLiteral(" requests/s");
  }
  return point.concurrency ? QStringLiteral("%1 clients").arg(count_text(*point.concurrency))
                           : QStringLiteral("all at once");
}

template <class Of>
void add(std::vector<JudgedMeasurement>& list, const FittedPoint& point, const QString& what,
         const std::optional<double>& measured, const Of& of) {
  if (measured) {
    list.push_back({.what = what,
                    .point = &point,
                    .measured = *measured,
                    .before = of(point.before),
                    .after = of(point.after),
                    .left_out = point.left_out ? std::optional(of(*point.left_out)) : std::nullopt});
  }
}

std::optional<double> seconds_of(const std::optional<validation::BenchLatency>& latency) {
  return latency ? std::optional(latency->value.base()) : std::nullopt;
}

/// A prediction with how far it is off.
Cell predicted_cell(const QString& text, double predicted, double measured, Tone tone) {
  Cell cell = number_cell(text, predicted);
  if (measured > 0) {
    cell.text += QStringLiteral("  ") + change_text(predicted / measured - 1);
  }
  cell.tone = tone;
  return cell;
}

}  // namespace

std::vector<JudgedMeasurement> measurements_of(const BenchFit& fit) {
  std::vector<JudgedMeasurement> list;
  for (const FittedPoint& point : fit.points) {
    add(list, point, QStringLiteral("TTFT"), seconds_of(point.measured.ttft),
        [](const BenchPrediction& of) { return of.ttft.base(); });
    add(list, point, QStringLiteral("TPOT"), seconds_of(point.measured.tpot),
        [](const BenchPrediction& of) { return of.tpot.base(); });
    add(list, point, QStringLiteral("output tokens/s"), point.measured.output_tokens_per_s,
        [](const BenchPrediction& of) { return of.output_tokens_per_s; });
  }
  return list;
}

Sheet calibration_sheet(const BenchFit& fit) {
  Sheet sheet{.columns = {{.title = QStringLiteral("Point")},
                          {.title = QStringLiteral("Load")},
                          {.title = QStringLiteral("In"), .number = true},
                          {.title = QStringLiteral("Out"), .number = true},
                          {.title = QStringLiteral("Of")},
                          {.title = QStringLiteral("Measured"), .number = true},
                          {.title = QStringLiteral("Before"), .number = true},
                          {.title = QStringLiteral("After"), .number = true},
                          {.title = QStringLiteral("Left out"),
                           .number = true,
                           .tip = QStringLiteral("predicted by a fit that has not seen this point")}}};
  for (const JudgedMeasurement& row : measurements_of(fit)) {
    const BenchPoint& bench = row.point->measured;
    const bool time = row.what != QStringLiteral("output tokens/s");
    const auto text = [time](double value) {
      return time ? duration_text(Seconds(value)) : significant_text(value);
    };
    sheet.rows.push_back({{.text = words(bench.place), .tone = Tone::strong, .tip = words(bench.tool)},
                          {.text = load_text(bench)},
                          number_cell(significant_text(bench.input_tokens), bench.input_tokens),
                          number_cell(significant_text(bench.output_tokens), bench.output_tokens),
                          {.text = row.what},
                          number_cell(text(row.measured), row.measured),
                          predicted_cell(text(row.before), row.before, row.measured, Tone::muted),
                          predicted_cell(text(row.after), row.after, row.measured, Tone::plain),
                          row.left_out
                              ? predicted_cell(text(*row.left_out), *row.left_out, row.measured, Tone::plain)
                              : Cell{.text = no_number(), .tone = Tone::muted}});
  }
  return sheet;
}

Sheet constants_sheet(const BenchFit& fit) {
  Sheet sheet{.columns = {{.title = QStringLiteral("Constant")},
                          {.title = QStringLiteral("Before"), .number = true},
                          {.title = QStringLiteral("After"), .number = true}}};
  for (const validation::BenchConstant& constant : fit.constants) {
    const bool moved = constant.before != constant.after;
    sheet.rows.push_back({{.text = words(constant.name), .tone = moved ? Tone::strong : Tone::plain},
                          {.text = words(constant.before)},
                          {.text = words(constant.after), .tone = moved ? Tone::better : Tone::plain}});
  }
  return sheet;
}

QString calibration_summary(const Calibration& calibration) {
  const BenchFit& fit = calibration.fit;
  if (fit.deployment.infeasible) {
    return QStringLiteral("not feasible: %1").arg(words(fit.deployment.infeasible->reason));
  }
  QString text =
      QStringLiteral("%1: median error %2 before, %3 after the fit")
          .arg(words(calibration.data), percent_text(fit.error_before), percent_text(fit.error_after));
  if (fit.error_left_out) {
    text += QStringLiteral(", %1 of points that the fit has not seen").arg(percent_text(fit.error_left_out));
  }
  return text;
}

}  // namespace mtok::gui
