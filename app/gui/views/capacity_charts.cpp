// Fills the plots of a capacity plan.
#include "app/gui/views/capacity_charts.hpp"

#include <qcustomplot.h>

#include <QApplication>
#include <QFontMetrics>
#include <algorithm>
#include <array>

#include "app/gui/models/number_text.hpp"
#include "app/gui/plot_style.hpp"
#include "app/gui/theme.hpp"

namespace mtok::gui {
namespace {

using planner::Capacity;
using planner::CapacityOption;

constexpr std::array kLineStyles{Qt::SolidLine, Qt::DashLine, Qt::DotLine, Qt::DashDotLine};

/// Lines differ by colour and by dashes.
QPen pen_of(std::size_t i, const Theme& theme) {
  return {theme.series[i % theme.series.size()], 2, kLineStyles[i % kLineStyles.size()]};
}

/// How many columns of the names of the ways to pay fit beside one another, at most three.
int legend_columns(const Capacity& capacity, const QCustomPlot& plot) {
  constexpr int kIconAndAir = 46;
  constexpr int kMost = 3;
  const QFontMetrics metrics(plot_font());
  int widest = 1;
  for (const CapacityOption& option : capacity.options) {
    widest = std::max(widest, metrics.horizontalAdvance(QString::fromStdString(option.name)));
  }
  return std::clamp(plot.width() / (widest + kIconAndAir), 1, kMost);
}

/// A graph of one number over the months.
template <class Value>
QCPGraph* add_months(QCPAxisRect& rect, const Capacity& capacity, const QPen& pen, const Value& value) {
  auto* const graph = new QCPGraph(rect.axis(QCPAxis::atBottom), rect.axis(QCPAxis::atLeft));
  for (std::size_t i = 0; i < capacity.months.size(); ++i) {
    const double y = value(i);
    if (y > 0) {
      graph->addData(static_cast<double>(capacity.months[i].month), y);
    }
  }
  graph->setPen(pen);
  return graph;
}

double most_of(const QCPGraph& graph) {
  bool found = false;
  return graph.getValueRange(found).upper;
}

void label_axes(QCPAxisRect& rect, const QString& left, bool with_months) {
  rect.axis(QCPAxis::atLeft)->setLabel(left);
  rect.axis(QCPAxis::atLeft)->ticker()->setTickCount(3);
  rect.axis(QCPAxis::atBottom)->setLabel(with_months ? QObject::tr("month") : QString());
  rect.axis(QCPAxis::atBottom)->setTickLabels(with_months);
}

}  // namespace

void draw_options(QCustomPlot& plot, const Capacity& capacity, const Theme& theme) {
  plot.clearItems();
  style_plot(plot, theme);
  plot.xAxis->setVisible(true);
  plot.yAxis->setVisible(true);
  double most = 0;
  double row = 0;
  for (std::size_t i = 0; i < capacity.options.size(); ++i) {
    const CapacityOption& option = capacity.options[i];
    if (!option.missing.empty()) {
      continue;
    }
    const double value = option.present_value.base();
    most = std::max(most, value);
    auto* const bar = new QCPItemRect(&plot);
    bar->topLeft->setCoords(0, row - 0.02);
    bar->bottomRight->setCoords(value, row + 0.34);
    bar->setPen(Qt::NoPen);
    bar->setProperty("key", QStringLiteral("options.%1.present_value_usd").arg(i));
    bar->setBrush(theme.series[i % theme.series.size()]);
    add_text(plot, 0, row - 0.04, QString::fromStdString(option.name), Qt::AlignLeft | Qt::AlignBottom,
             theme);
    add_text(plot, value, row + 0.16, dollars_text(option.present_value), Qt::AlignLeft | Qt::AlignVCenter,
             theme, true);
    row += 1;
  }
  constexpr int kNameAndBar = 32;
  keep_rows_apart(plot, static_cast<std::size_t>(row), kNameAndBar);
  plot.yAxis->setTicks(false);
  plot.yAxis->setTickLabels(false);
  plot.yAxis->grid()->setVisible(false);
  plot.yAxis->setRangeReversed(true);
  plot.yAxis->setRange(-0.5, row - 0.4);
  plot.xAxis->setRange(0, most > 0 ? most * 1.25 : 1);
  plot.xAxis->setLabel(QObject::tr("present value of %1 months").arg(capacity.choice.months));
  set_money(*plot.xAxis);
  plot.xAxis->ticker()->setTickCount(4);
  plot.replot();
}

void draw_months(QCustomPlot& plot, const Capacity& capacity, const Theme& theme) {
  plot.clearItems();
  plot.clearGraphs();
  plot.plotLayout()->clear();
  std::array<QCPAxisRect*, 3> rects{};
  auto* const margins = new QCPMarginGroup(&plot);
  for (std::size_t i = 0; i < rects.size(); ++i) {
    rects[i] = new QCPAxisRect(&plot);
    rects[i]->setMarginGroup(QCP::msLeft | QCP::msRight, margins);
    rects[i]->setMinimumMargins(QMargins(8, 6, 12, 4));
    plot.plotLayout()->addElement(static_cast<int>(i), 0, rects[i]);
  }
  constexpr int kHighEnough = 330;  // lower, the colours of the bars beside it must do
  QCPLegend* legend = nullptr;
  if (plot.height() >= kHighEnough) {
    legend = new QCPLegend;
    plot.plotLayout()->addElement(static_cast<int>(rects.size()), 0, legend);
    plot.plotLayout()->setRowStretchFactor(static_cast<int>(rects.size()), 0.001);
    legend->setLayer(QStringLiteral("legend"));
    legend->setFillOrder(QCPLegend::foColumnsFirst);
    legend->setRowSpacing(0);
    legend->setWrap(legend_columns(capacity, plot));
    style_legend(*legend, theme);
  }
  plot.setAutoAddPlottableToLegend(false);  // only the ways to pay
  const auto& months = capacity.months;
  const QCPGraph* const peak = add_months(*rects[0], capacity, QPen(theme.series[0], 2),
                                          [&](std::size_t i) { return months[i].peak_requests_per_s; });
  add_months(*rects[0], capacity, QPen(theme.series[0], 2, Qt::DotLine),
             [&](std::size_t i) { return months[i].mean_requests_per_s; });
  rects[0]->axis(QCPAxis::atLeft)->setRange(0, most_of(*peak) * 1.1);
  label_axes(*rects[0], QObject::tr("requests/s"), false);
  QCPGraph* const devices = add_months(*rects[1], capacity, QPen(theme.series[2], 2),
                                       [&](std::size_t i) { return static_cast<double>(months[i].devices); });
  devices->setLineStyle(QCPGraph::lsStepLeft);
  rects[1]->axis(QCPAxis::atLeft)->setRange(0, most_of(*devices) * 1.1);
  label_axes(*rects[1], QObject::tr("devices"), false);
  for (std::size_t i = 0; i < capacity.options.size(); ++i) {
    const CapacityOption& option = capacity.options[i];
    if (option.missing.empty()) {
      QCPGraph* const graph = add_months(*rects[2], capacity, pen_of(i, theme), [&](std::size_t m) {
        return (option.months[m].at_start + option.months[m].at_end).base();
      });
      graph->setLineStyle(QCPGraph::lsStepLeft);
      graph->setName(QString::fromStdString(option.name));
      if (legend != nullptr) {
        graph->addToLegend(legend);
      }
    }
  }
  rects[2]->axis(QCPAxis::atLeft)->rescale();
  constexpr double kPowersOnly = 1.2;  // decades
  set_logarithmic(*rects[2]->axis(QCPAxis::atLeft));
  set_money(*rects[2]->axis(QCPAxis::atLeft), kPowersOnly);
  label_axes(*rects[2], QObject::tr("USD/month"), true);
  for (QCPAxisRect* const rect : rects) {
    rect->axis(QCPAxis::atBottom)->setRange(1, static_cast<double>(months.back().month));
  }
  plot.plotLayout()->setRowStretchFactor(2, 1.5);
  style_plot(plot, theme);
  plot.replot();
}

void draw_staircase(QCustomPlot& plot, const Capacity& capacity, const Theme& theme) {
  plot.clearItems();
  plot.clearGraphs();
  style_plot(plot, theme);
  plot.xAxis->setVisible(true);
  plot.yAxis->setVisible(true);
  QCPGraph* const stairs = plot.addGraph();
  stairs->setLineStyle(QCPGraph::lsStepRight);  // a fleet is enough up to its demand
  stairs->setPen(QPen(theme.series[2], 2.2));
  stairs->setScatterStyle(QCPScatterStyle(QCPScatterStyle::ssDisc, theme.series[2], 5));
  for (const planner::FleetStep& step : capacity.staircase) {
    stairs->addData(step.requests_per_s, static_cast<double>(step.devices));
  }
  if (!capacity.staircase.empty()) {
    plot.xAxis->setRange(0, capacity.staircase.back().requests_per_s * 1.08);
    plot.yAxis->setRange(0, static_cast<double>(capacity.staircase.back().devices) * 1.1);
  }
  plot.xAxis->setLabel(QObject::tr("demand of the busiest hour, requests/s"));
  plot.yAxis->setLabel(QObject::tr("devices, spares included"));
  plot.replot();
}

void draw_commitments(QCustomPlot& plot, const Capacity& capacity, const Theme& theme) {
  plot.clearItems();
  plot.clearGraphs();
  style_plot(plot, theme);
  plot.xAxis->setVisible(true);
  plot.yAxis->setVisible(true);
  std::size_t most = 1;
  for (std::size_t i = 0; i < capacity.commitments.size(); ++i) {
    const planner::Commitment& commitment = capacity.commitments[i];
    most = std::max(most, commitment.rungs.size());
    const QColor colour = theme.series[i % theme.series.size()];
    const QString term = QString::fromStdString(commitment.term);
    QCPGraph* const needed = plot.addGraph();
    needed->setName(QObject::tr("%1: hours in which it is needed").arg(term));
    needed->setLineStyle(QCPGraph::lsStepLeft);
    needed->setPen(QPen(colour, 2.2));
    for (const cost::CommitmentRung& rung : commitment.rungs) {
      const auto unit = static_cast<double>(rung.unit);
      needed->addData(unit - 0.5, rung.needed_share * 100);
      needed->addData(unit + 0.5, rung.needed_share * 100);
    }
    QCPGraph* const ratio = plot.addGraph();
    ratio->setName(QObject::tr("%1: reserved / on demand").arg(term));
    ratio->setPen(QPen(colour, 1.6, Qt::DashLine));
    for (const double end : {0.5, static_cast<double>(commitment.rungs.size()) + 0.5}) {
      ratio->addData(end, commitment.price_ratio * 100);
    }
  }
  plot.legend->setVisible(!capacity.commitments.empty());
  style_legend(*plot.legend, theme);
  plot.axisRect()->insetLayout()->setInsetAlignment(0, Qt::AlignTop | Qt::AlignRight);
  const QSharedPointer<QCPAxisTickerFixed> whole(new QCPAxisTickerFixed);
  whole->setScaleStrategy(QCPAxisTickerFixed::ssMultiples);
  plot.xAxis->setTicker(whole);
  plot.xAxis->setRange(0.5, static_cast<double>(most) + 0.5);
  plot.yAxis->setRange(0, 105);
  plot.xAxis->setLabel(QObject::tr("replica, the always needed first"));
  plot.yAxis->setLabel(QObject::tr("% of the hours of the term"));
  plot.replot();
}

}  // namespace mtok::gui
