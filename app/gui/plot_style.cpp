// Sets up plots.
#include "app/gui/plot_style.hpp"

#include <qcustomplot.h>

#include <QApplication>

#include "app/gui/theme.hpp"

namespace mtok::gui {
namespace {

void style_axis(QCPAxis& axis, const Theme& theme, const QFont& font) {
  axis.setBasePen(QPen(theme.border));
  axis.setTickPen(QPen(theme.border));
  axis.setSubTickPen(Qt::NoPen);
  axis.setTickLabelColor(theme.muted);
  axis.setLabelColor(theme.muted);
  axis.setTickLabelFont(font);
  axis.setLabelFont(font);
  axis.grid()->setPen(QPen(theme.grid, 1));
  axis.grid()->setSubGridVisible(false);
  axis.grid()->setZeroLinePen(QPen(theme.border, 1));
}

}  // namespace

void style_plot(QCustomPlot& plot, const Theme& theme) {
  QFont font = QApplication::font();
  font.setPointSizeF(9);
  plot.setBackground(QBrush(theme.card));
  for (QCPAxisRect* const rect : plot.axisRects()) {
    for (QCPAxis* const axis : rect->axes()) {
      style_axis(*axis, theme, font);
    }
  }
  if (plot.legend != nullptr) {
    plot.legend->setBrush(QBrush(theme.card));
    plot.legend->setBorderPen(Qt::NoPen);
    plot.legend->setTextColor(theme.text);
    plot.legend->setFont(font);
    plot.legend->setIconSize(16, 10);
  }
}

void set_logarithmic(QCPAxis& axis) {
  axis.setScaleType(QCPAxis::stLogarithmic);
  const QSharedPointer<QCPAxisTickerLog> ticker(new QCPAxisTickerLog);
  axis.setTicker(ticker);
  axis.setNumberFormat(QStringLiteral("gb"));
  axis.setNumberPrecision(6);
}

QCustomPlot* new_plot() {
  auto* const plot = new QCustomPlot;
  plot->setInteractions(QCP::iRangeDrag | QCP::iRangeZoom);
  plot->setMinimumHeight(160);
  plot->setFocusPolicy(Qt::StrongFocus);
  plot->setLocale(QLocale());
  style_plot(*plot, theme_of(QApplication::palette()));
  return plot;
}

void add_text(QCustomPlot& plot, double x, double y, const QString& text, Qt::Alignment alignment,
              const Theme& theme, bool strong) {
  auto* const item = new QCPItemText(&plot);
  item->setPositionAlignment(alignment);
  item->position->setCoords(x, y);
  item->setText(text);
  item->setColor(strong ? theme.text : theme.muted);
  QFont font = QApplication::font();
  font.setPointSizeF(9);
  font.setBold(strong);
  item->setFont(font);
  item->setPadding(QMargins(4, 0, 4, 0));
  item->setClipToAxisRect(false);
}

}  // namespace mtok::gui
