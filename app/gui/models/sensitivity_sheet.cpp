// Fills the sheets of a sensitivity analysis.
#include "app/gui/models/sensitivity_sheet.hpp"

#include <QLocale>
#include <cmath>

#include "app/gui/models/number_text.hpp"

namespace mtok::gui {
namespace {

using planner::Input;
using planner::Outcome;
using planner::Percentiles;
using planner::Swing;

Cell none() {
  return {.text = no_number(), .tone = Tone::muted};
}

Cell rate_cell(const Outcome& outcome) {
  return outcome.per_token
             ? number_cell(rate_text(outcome.per_token), (*outcome.per_token * Tokens(1e6)).base())
             : none();
}

Cell time_cell(Seconds time) {
  return number_cell(duration_text(time), time.base() * 1e3);
}

Cell rank_cell(const std::optional<double>& rank) {
  return rank ? number_cell(QLocale().toString(*rank, 'f', 2).replace(u'-', u'−'), *rank) : none();
}

/// Less is better for all that is shown.
Cell change_cell(double value, double base) {
  if (base <= 0) {
    return none();
  }
  const double change = value / base - 1;
  constexpr double kNoChange = 5e-4;
  Cell cell = number_cell(change_text(change), change);
  cell.tone = change > kNoChange ? Tone::worse : change < -kNoChange ? Tone::better : Tone::plain;
  return cell;
}

double usd_per_mtok(UsdPerToken rate) {
  return (rate * Tokens(1e6)).base();
}

QString rate_of_mtok(double usd) {
  return rate_text(UsdPerToken(usd / 1e6));
}

}  // namespace

QString input_text(Input input) {
  switch (input) {
    case Input::price:
      return QStringLiteral("price of a device");
    case Input::energy_price:
      return QStringLiteral("price of energy");
    case Input::volume:
      return QStringLiteral("volume of requests");
    case Input::input_tokens:
      return QStringLiteral("length of prompts");
    case Input::output_tokens:
      return QStringLiteral("length of outputs");
    case Input::hit_rate:
      return QStringLiteral("prefix hit rate");
    case Input::replicas:
      return QStringLiteral("replicas");
    case Input::ttft_error:
      return QStringLiteral("model error, TTFT");
    case Input::tpot_error:
      return QStringLiteral("model error, TPOT");
    case Input::throughput_error:
      break;
  }
  return QStringLiteral("model error, throughput");
}

QString input_value_text(const Swing& swing, double value) {
  if (!swing.unit.empty()) {
    return significant_text(value) + QStringLiteral(" ") + QString::fromStdString(swing.unit);
  }
  switch (swing.input) {
    case Input::replicas:
      return count_text(std::llround(value));
    case Input::hit_rate:
      return percent_text(value);
    default:
      return QStringLiteral("× ") + significant_text(value);
  }
}

planner::InputRange slider_range(const Swing& swing) {
  switch (swing.input) {
    case Input::volume:
    case Input::input_tokens:
    case Input::output_tokens:
      return {.low = swing.base / 2, .high = swing.base * 2};
    case Input::replicas:
      return {.low = std::ceil(swing.base / 2), .high = swing.base * 2};
    default:
      return {.low = swing.low, .high = swing.high};
  }
}

QString sensitivity_summary(const planner::Sensitivity& sensitivity) {
  QString text =
      QStringLiteral(
          "In 8 of 10 cases %1 to %2 per million tokens, median %3 (shaded; %4 samples of all "
          "inputs at once). Dotted blue: an input at its low end; orange: at its high end.")
          .arg(rate_of_mtok(sensitivity.usd_per_mtok.p10), rate_of_mtok(sensitivity.usd_per_mtok.p90),
               rate_of_mtok(sensitivity.usd_per_mtok.p50))
          .arg(sensitivity.samples);
  return text;
}

Sheet sensitivity_sheet(const planner::Sensitivity& sensitivity) {
  Sheet sheet{
      .columns = {{.title = QStringLiteral("Input")},
                  {.title = QStringLiteral("Low"), .number = true},
                  {.title = QStringLiteral("Now"), .number = true},
                  {.title = QStringLiteral("High"), .number = true},
                  {.title = QStringLiteral("USD/Mtok at low"), .number = true},
                  {.title = QStringLiteral("at high"), .number = true},
                  {.title = QStringLiteral("TTFT p99 at low"), .number = true},
                  {.title = QStringLiteral("at high"), .number = true},
                  {.title = QStringLiteral("Rank"),
                   .number = true,
                   .tip = QStringLiteral("Spearman's rank correlation with the cost, over the samples")},
                  {.title = QStringLiteral("Range from")}}};
  for (std::size_t i = 0; i < sensitivity.swings.size(); ++i) {
    const Swing& swing = sensitivity.swings[i];
    const auto keyed = [i](const Cell& cell, const char* figure) {
      return with_key(cell, QStringLiteral("swings.%1.%2").arg(i).arg(QLatin1String(figure)));
    };
    const QString source = QString::fromStdString(swing.source);
    sheet.rows.push_back({{.text = input_text(swing.input), .tone = Tone::strong, .tip = source},
                          keyed(number_cell(input_value_text(swing, swing.low), swing.low), "low"),
                          keyed(number_cell(input_value_text(swing, swing.base), swing.base), "base"),
                          keyed(number_cell(input_value_text(swing, swing.high), swing.high), "high"),
                          keyed(rate_cell(swing.at_low), "at_low.usd_per_mtok"),
                          keyed(rate_cell(swing.at_high), "at_high.usd_per_mtok"),
                          keyed(time_cell(swing.at_low.ttft_p99), "at_low.ttft_p99_ms"),
                          keyed(time_cell(swing.at_high.ttft_p99), "at_high.ttft_p99_ms"),
                          keyed(rank_cell(swing.rank_usd), "rank_correlation.usd_per_mtok"),
                          {.text = source, .tone = Tone::muted, .tip = source}});
  }
  return sheet;
}

Sheet what_if_sheet(const planner::Sensitivity& sensitivity, const Outcome* moved) {
  Sheet sheet{.columns = {{.title = {}},
                          {.title = QStringLiteral("USD/Mtok"), .number = true},
                          {.title = QStringLiteral("TTFT p99"), .number = true},
                          {.title = QStringLiteral("TPOT p99"), .number = true}}};
  const Outcome& base = sensitivity.base;
  const auto add = [&sheet](const QString& title, Cell rate, Cell ttft, Cell tpot) {
    sheet.rows.push_back(
        {{.text = title, .tone = Tone::strong}, std::move(rate), std::move(ttft), std::move(tpot)});
  };
  add(QStringLiteral("Now"), with_key(rate_cell(base), QStringLiteral("base.usd_per_mtok")),
      with_key(time_cell(base.ttft_p99), QStringLiteral("base.ttft_p99_ms")),
      with_key(time_cell(base.tpot_p99), QStringLiteral("base.tpot_p99_ms")));
  if (moved != nullptr) {
    add(QStringLiteral("Moved"), rate_cell(*moved), time_cell(moved->ttft_p99), time_cell(moved->tpot_p99));
    add(QStringLiteral("Change"),
        base.per_token && moved->per_token
            ? change_cell(usd_per_mtok(*moved->per_token), usd_per_mtok(*base.per_token))
            : none(),
        change_cell(moved->ttft_p99.base(), base.ttft_p99.base()),
        change_cell(moved->tpot_p99.base(), base.tpot_p99.base()));
  } else {
    add(QStringLiteral("Moved"), none(), none(), none());
    add(QStringLiteral("Change"), none(), none(), none());
  }
  const auto spread = [&](const QString& title, double Percentiles::*of) {
    const QString key = QStringLiteral("uncertainty.%1.") + title.toLower();
    add(title,
        with_key(number_cell(rate_of_mtok(sensitivity.usd_per_mtok.*of), sensitivity.usd_per_mtok.*of),
                 key.arg(QStringLiteral("usd_per_mtok"))),
        with_key(time_cell(Seconds(sensitivity.ttft_ms.*of * 1e-3)), key.arg(QStringLiteral("ttft_p99_ms"))),
        with_key(time_cell(Seconds(sensitivity.tpot_ms.*of * 1e-3)), key.arg(QStringLiteral("tpot_p99_ms"))));
  };
  spread(QStringLiteral("P10"), &Percentiles::p10);
  spread(QStringLiteral("P50"), &Percentiles::p50);
  spread(QStringLiteral("P90"), &Percentiles::p90);
  return sheet;
}

QString promises_text(const planner::Sensitivity& sensitivity, const Outcome* moved) {
  const auto kept = [](const Outcome& outcome) {
    return outcome.slo_met ? QStringLiteral("kept ✓") : QStringLiteral("broken ✗");
  };
  QString text = QStringLiteral("Promises: %1 now").arg(kept(sensitivity.base));
  if (moved != nullptr) {
    text += QStringLiteral(", %1 when moved").arg(kept(*moved));
  }
  if (sensitivity.slo_probability) {
    text += QStringLiteral(", kept in %1 of the samples").arg(percent_text(sensitivity.slo_probability));
  }
  return text;
}

}  // namespace mtok::gui
