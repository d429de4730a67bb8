// Sets up plots.
#include "app/gui/plot_style.hpp"

#include <qcustomplot.h>

#include <QApplication>
#include <QFontMetrics>
#include <algorithm>
#include <cmath>

#include "app/gui/theme.hpp"

namespace mtok::gui {
namespace {

/// 1, 2, 5, 10, ... over short ranges, powers of ten over long ones.
class DecadeTicker : public QCPAxisTicker {
 public:
  explicit DecadeTicker(double long_decades = 2.6) : long_decades_(long_decades) {}

 protected:
  double getTickStep(const QCPRange& /*range*/) override { return 1; }
  int getSubTickCount(double /*step*/) override { return 0; }
  QVector<double> createTickVector(double /*step*/, const QCPRange& range) override {
    QVector<double> ticks;
    if (range.lower <= 0 || range.upper <= range.lower) {
      return ticks;
    }
    constexpr double kShort = 0.9;
    const bool fine = std::log10(range.upper / range.lower) < kShort;
    const bool powers_only = std::log10(range.upper / range.lower) > long_decades_;
    for (double decade = std::pow(10, std::floor(std::log10(range.lower))); decade <= range.upper;
         decade *= 10) {
      for (const double step : {1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 7.0}) {
        const double tick = decade * step;
        const bool coarse = step == 1.0 || step == 2.0 || step == 5.0;
        if (tick >= range.lower && tick <= range.upper &&
            (step == 1.0 || (!powers_only && (coarse || fine)))) {
          ticks.append(tick);
        }
      }
    }
    return ticks;
  }

 private:
  double long_decades_;
};

/// Any ticks, with labels that are amounts of money.
template <class Ticker>
class MoneyLabels final : public Ticker {
 public:
  using Ticker::Ticker;

 protected:
  QString getTickLabel(double tick, const QLocale& locale, QChar /*format*/, int /*precision*/) override {
    constexpr double kMillion = 1e6;
    return tick < kMillion ? QStringLiteral("$") + locale.toString(tick, 'f', 0)
                           : QStringLiteral("$%1 M").arg(locale.toString(tick / kMillion, 'g', 3));
  }
};

void style_axis(QCPAxis& axis, const Theme& theme, const QFont& font) {
  axis.setBasePen(QPen(theme.border));
  axis.setTickPen(QPen(theme.border));
  axis.setSubTickPen(Qt::NoPen);
  axis.setTickLength(0, axis.axisType() == QCPAxis::atBottom ? 4 : 0);
  axis.setTickLabelColor(theme.muted);
  axis.setLabelColor(theme.muted);
  axis.setTickLabelFont(font);
  axis.setLabelFont(font);
  axis.grid()->setPen(QPen(theme.grid, 1));
  axis.grid()->setSubGridVisible(false);
  axis.grid()->setZeroLinePen(QPen(theme.border, 1));
}

}  // namespace

QFont plot_font() {
  constexpr double kPoints = 9;
  QFont font = QApplication::font();
  font.setPointSizeF(kPoints);
  return font;
}

void style_plot(QCustomPlot& plot, const Theme& theme) {
  const QFont font = plot_font();
  plot.setBackground(QBrush(theme.card));
  for (QCPAxisRect* const rect : plot.axisRects()) {
    for (QCPAxis* const axis : rect->axes()) {
      style_axis(*axis, theme, font);
    }
  }
  if (plot.legend != nullptr) {
    style_legend(*plot.legend, theme);
  }
}

void style_legend(QCPLegend& legend, const Theme& theme) {
  legend.setBrush(QBrush(theme.card));
  legend.setBorderPen(Qt::NoPen);
  legend.setTextColor(theme.text);
  legend.setFont(plot_font());
  legend.setIconSize(16, 10);
}

void set_logarithmic(QCPAxis& axis, double long_decades) {
  axis.setScaleType(QCPAxis::stLogarithmic);
  axis.setTicker(QSharedPointer<QCPAxisTicker>(new DecadeTicker(long_decades)));
  axis.setNumberFormat(QStringLiteral("gb"));
  axis.setNumberPrecision(6);
}

void set_money(QCPAxis& axis, double long_decades) {
  axis.setTicker(axis.scaleType() == QCPAxis::stLogarithmic
                     ? QSharedPointer<QCPAxisTicker>(new MoneyLabels<DecadeTicker>(long_decades))
                     : QSharedPointer<QCPAxisTicker>(new MoneyLabels<QCPAxisTicker>));
}

QCustomPlot* new_plot() {
  auto* const plot = new QCustomPlot;
  plot->setInteractions(QCP::iRangeDrag | QCP::iRangeZoom);
  plot->setMinimumSize(240, 160);  // whatever the texts in it, which take the room that there is
  plot->setFocusPolicy(Qt::StrongFocus);
  plot->setLocale(QLocale());
  style_plot(*plot, theme_of(QApplication::palette()));
  return plot;
}

void keep_rows_apart(QCustomPlot& plot, std::size_t rows, int pixels) {
  constexpr int kAxis = 62;  // its ticks and name, with margins
  constexpr int kLeast = 110;
  plot.setMinimumHeight(std::max(kLeast, static_cast<int>(rows) * pixels + kAxis));
}

QString axis_name(const QString& name) {
  constexpr int kWidest = 200;
  return QFontMetrics(plot_font()).elidedText(name, Qt::ElideRight, kWidest);
}

double room_behind(const QCustomPlot& plot, int pixels) {
  constexpr int kLeast = 50;  // of bars, in a narrow window
  const int width = plot.axisRect()->width();
  return width > pixels ? static_cast<double>(width) / std::max(kLeast, width - pixels) : 1;
}

QCPItemText* add_text(QCustomPlot& plot, double x, double y, const QString& text, Qt::Alignment alignment,
                      const Theme& theme, bool strong) {
  auto* const item = new QCPItemText(&plot);
  item->setPositionAlignment(alignment);
  item->position->setCoords(x, y);
  item->setText(text);
  item->setColor(strong ? theme.text : theme.muted);
  QFont font = plot_font();
  font.setBold(strong);
  item->setFont(font);
  item->setPadding(QMargins(4, 0, 4, 0));
  item->setClipToAxisRect(false);
  return item;
}

}  // namespace mtok::gui
