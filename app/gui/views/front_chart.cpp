// Draws candidates and answers the mouse.
#include "app/gui/views/front_chart.hpp"

#include <qcustomplot.h>

#include <QApplication>
#include <QFontMetricsF>
#include <QToolTip>
#include <algorithm>
#include <array>
#include <cmath>

#include "app/gui/models/number_text.hpp"
#include "app/gui/plot_style.hpp"
#include "app/gui/theme.hpp"

namespace mtok::gui {
namespace {

constexpr double kReachPixels = 12;

std::optional<double> value_on(const planner::PlanRow& row, FrontAxis axis) {
  switch (axis) {
    case FrontAxis::ttft:
      return row.row.ttft_p99 ? std::optional(row.row.ttft_p99->base() * 1e3) : std::nullopt;
    case FrontAxis::tpot:
      return row.row.tpot_p99 ? std::optional(row.row.tpot_p99->base() * 1e3) : std::nullopt;
    case FrontAxis::quality:
      break;
  }
  return row.quality;
}

QCPGraph* add_points(QCustomPlot& plot, QCPScatterStyle::ScatterShape shape, const QColor& colour,
                     double size, const QString& name, bool filled) {
  QCPGraph* const graph = plot.addGraph();
  graph->setLineStyle(QCPGraph::lsNone);
  QCPScatterStyle style(shape, QPen(colour, 1.5), filled ? QBrush(colour) : QBrush(Qt::NoBrush), size);
  graph->setScatterStyle(style);
  graph->setName(name);
  return graph;
}

}  // namespace

FrontChart::FrontChart(QCustomPlot* plot) : QObject(plot), plot_(plot) {
  plot_->setInteractions(QCP::iRangeZoom);
  plot_->setSelectionRectMode(QCP::srmCustom);
  plot_->legend->setVisible(true);
  plot_->axisRect()->insetLayout()->setInsetAlignment(0, Qt::AlignTop | Qt::AlignRight);
  connect(plot_, &QCustomPlot::mouseMove, this, [this](QMouseEvent* event) { hover(*event); });
  connect(plot_, &QCustomPlot::mouseDoubleClick, this, [this](QMouseEvent* event) {
    if (const Point* const point = nearest(*event)) {
      emit picked(point->row);
    } else {
      plot_->rescaleAxes();
      plot_->replot();
      emit brushed({});
    }
  });
  connect(plot_->selectionRect(), &QCPSelectionRect::accepted, this, [this](const QRect& rect) {
    if (rect.width() < 4 || rect.height() < 4) {
      return;
    }
    std::vector<int> rows;
    for (const Point& point : points_) {
      const QPointF at(plot_->xAxis->coordToPixel(point.x), plot_->yAxis->coordToPixel(point.y));
      if (rect.contains(at.toPoint())) {
        rows.push_back(point.row);
      }
    }
    emit brushed(rows);
  });
}

void FrontChart::show(std::vector<planner::PlanRow> rows, FrontAxis axis) {
  rows_ = std::move(rows);
  points_.clear();
  const Theme theme = theme_of(QApplication::palette());
  plot_->clearGraphs();
  plot_->clearItems();
  style_plot(*plot_, theme);
  QCPGraph* const misses =
      add_points(*plot_, QCPScatterStyle::ssCross, theme.muted, 7, tr("breaks a promise"), false);
  QCPGraph* const others =
      add_points(*plot_, QCPScatterStyle::ssCircle, theme.series[0], 8, tr("keeps promises"), false);
  QCPGraph* const front =
      add_points(*plot_, QCPScatterStyle::ssDiamond, theme.series[1], 11, tr("on the front"), true);
  std::array<double, 2> least{0, 0};
  std::array<double, 2> most{0, 0};
  for (std::size_t i = 0; i < rows_.size(); ++i) {
    const planner::PlanRow& row = rows_[i];
    const std::optional<double> y = value_on(row, axis);
    if (!row.row.per_token || !y) {
      continue;
    }
    const double x = (*row.row.per_token * Tokens(1e6)).base();
    points_.push_back({.row = static_cast<int>(i), .x = x, .y = *y});
    (row.on_front ? front : row.row.feasible ? others : misses)->addData(x, *y);
    const std::array<double, 2> value{x, *y};
    for (std::size_t k = 0; k < value.size(); ++k) {
      least[k] = least[k] == 0 ? value[k] : std::min(least[k], value[k]);
      most[k] = std::max(most[k], value[k]);
    }
  }
  const bool quality = axis == FrontAxis::quality;
  set_logarithmic(*plot_->xAxis);
  plot_->xAxis->setLabel(tr("USD per million tokens, logarithmic"));
  if (quality) {
    plot_->yAxis->setScaleType(QCPAxis::stLinear);
    plot_->yAxis->setTicker(QSharedPointer<QCPAxisTicker>(new QCPAxisTicker));
    plot_->yAxis->setLabel(tr("published quality, %"));
  } else {
    set_logarithmic(*plot_->yAxis);
    plot_->yAxis->setLabel(axis == FrontAxis::ttft ? tr("TTFT p99, ms, logarithmic")
                                                   : tr("TPOT p99, ms, logarithmic"));
  }
  const auto room = [](double low, double high, double share) {
    return low > 0 ? std::max(1.15, std::pow(high / low, share)) : 1.0;
  };
  if (!points_.empty()) {
    const double wide = room(least[0], most[0], 0.12);
    plot_->xAxis->setRange(least[0] / wide, most[0] * wide);
    if (quality) {
      plot_->yAxis->setRange(least[1] - 3, most[1] + 3);
    } else {
      const double tall = room(least[1], most[1], 0.15);
      plot_->yAxis->setRange(least[1] / tall, most[1] * tall * 1.1);
    }
  }
  plot_->replot();  // places of points on the screen are known from here on
  label(theme);
  plot_->replot();
}

/// Names the points of the front beside, above or below them, where no other point, name or edge is in the
/// way.
void FrontChart::label(const Theme& theme) {
  constexpr double kMark = 5;  // half the size of a point
  constexpr int kGap = 8;
  const QFontMetricsF metrics(plot_font());
  const QRectF area = plot_->axisRect()->rect();
  std::vector<QRectF> taken{plot_->legend->outerRect()};
  const auto place_of = [this](const Point& point) {
    return QPointF(plot_->xAxis->coordToPixel(point.x), plot_->yAxis->coordToPixel(point.y));
  };
  for (const Point& point : points_) {
    const QPointF at = place_of(point);
    taken.emplace_back(at.x() - kMark, at.y() - kMark, 2 * kMark, 2 * kMark);
  }
  for (const Point& point : points_) {
    const planner::PlanRow& row = rows_[static_cast<std::size_t>(point.row)];
    if (!row.on_front) {
      continue;
    }
    const QString text = QString::fromStdString(row.row.name);
    const QPointF at = place_of(point);
    const QSizeF size(metrics.horizontalAdvance(text) + 2, metrics.height());
    const double middle = at.y() - size.height() / 2;
    const double centred = at.x() - size.width() / 2;
    const std::array<std::pair<QPointF, Qt::Alignment>, 6> places{
        {{{at.x() + kGap, middle}, Qt::AlignLeft | Qt::AlignVCenter},
         {{at.x() - kGap - size.width(), middle}, Qt::AlignRight | Qt::AlignVCenter},
         {{centred, at.y() - kGap - size.height()}, Qt::AlignHCenter | Qt::AlignBottom},
         {{centred, at.y() + kGap}, Qt::AlignHCenter | Qt::AlignTop},
         {{at.x() + kGap, at.y() + kGap}, Qt::AlignLeft | Qt::AlignTop},
         {{at.x() - kGap - size.width(), at.y() + kGap}, Qt::AlignRight | Qt::AlignTop}}};
    const auto free = std::find_if(places.begin(), places.end(), [&](const auto& place) {
      const QRectF box(place.first, size);
      return area.contains(box) && std::none_of(taken.begin(), taken.end(),
                                                [&](const QRectF& other) { return other.intersects(box); });
    });
    if (free != places.end()) {
      taken.emplace_back(free->first, size);
      add_text(*plot_, point.x, point.y, text, free->second, theme)
          ->setPadding(QMargins(kGap, kGap, kGap, kGap));
    }
  }
}

const FrontChart::Point* FrontChart::nearest(const QMouseEvent& event) const {
  const Point* best = nullptr;
  double best_distance = kReachPixels;
  for (const Point& point : points_) {
    const double distance = std::hypot(plot_->xAxis->coordToPixel(point.x) - event.pos().x(),
                                       plot_->yAxis->coordToPixel(point.y) - event.pos().y());
    if (distance < best_distance) {
      best = &point;
      best_distance = distance;
    }
  }
  return best;
}

void FrontChart::hover(const QMouseEvent& event) {
  const Point* const point = nearest(event);
  if (point == nullptr) {
    QToolTip::hideText();
    return;
  }
  const planner::Row& row = rows_[static_cast<std::size_t>(point->row)].row;
  QToolTip::showText(
      event.globalPosition().toPoint(),
      tr("%1\n%2 per million tokens, %3 devices\nTTFT p99 %4, TPOT p99 %5\nDouble-click to open it")
          .arg(QString::fromStdString(row.name), rate_text(row.per_token), count_text(row.devices),
               duration_text(row.ttft_p99), duration_text(row.tpot_p99)),
      plot_);
}

}  // namespace mtok::gui
