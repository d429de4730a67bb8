// Paints lanes column by column.
#include "app/gui/views/timeline_chart.hpp"

#include <QApplication>
#include <QElapsedTimer>
#include <QImage>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QToolTip>
#include <QWheelEvent>
#include <algorithm>
#include <array>
#include <cmath>

#include "app/gui/models/number_text.hpp"
#include "app/gui/theme.hpp"

namespace mtok::gui {
namespace {

constexpr int kLeft = 84;
constexpr int kRight = 14;
constexpr int kTop = 26;     // legend
constexpr int kBottom = 26;  // axis
constexpr int kStrip = 44;
constexpr int kGap = 8;
constexpr double kNarrowestNs = 1000;

std::array<QColor, 3> colours(const Theme& theme) {
  return {theme.series[1], theme.series[2], theme.series[0]};  // by SpanKind
}

/// An area under a curve, one column of pixels a value: faster than a path of a thousand corners.
QImage strip_image(const std::vector<double>& values, double most, int height, const QColor& line,
                   const Theme& theme) {
  const QColor ground = theme.dark ? theme.grid.darker(115) : theme.grid.lighter(105);
  const auto mixed = [](int a, int b) { return (a * 9 + b * 6) / 15; };
  const QRgb below = qRgb(mixed(ground.red(), line.red()), mixed(ground.green(), line.green()),
                          mixed(ground.blue(), line.blue()));
  QImage image(static_cast<int>(values.size()), height, QImage::Format_RGB32);
  image.fill(ground);
  int before = -1;
  for (std::size_t x = 0; x < values.size(); ++x) {
    const int top = height - 1 - static_cast<int>(values[x] / most * (height - 3));
    const int last = before < 0 ? top : before;  // a step is drawn from where the line was
    for (int y = std::min(top, last); y < height; ++y) {
      const bool on_line = y <= std::max(top, last);
      if (y >= top || on_line) {
        reinterpret_cast<QRgb*>(image.scanLine(y))[x] = on_line ? line.rgb() : below;
      }
    }
    before = top;
  }
  return image;
}

/// A round step that gives about `count` ticks.
double round_step(double range, int count) {
  const double raw = range / count;
  const double decade = std::pow(10, std::floor(std::log10(raw)));
  for (const double step : {1.0, 2.0, 5.0, 10.0}) {
    if (step * decade >= raw) {
      return step * decade;
    }
  }
  return decade;
}

/// A time with as many digits as the step between ticks asks for.
QString tick_text(double ns, double step_ns) {
  const bool seconds = step_ns >= 1e8;
  const double unit = seconds ? 1e9 : step_ns >= 1e5 ? 1e6 : 1e3;
  const int decimals = std::max(0, -static_cast<int>(std::floor(std::log10(step_ns / unit) + 1e-9)));
  return QLocale().toString(ns / unit, 'f', decimals) + (seconds      ? QStringLiteral(" s")
                                                         : unit > 1e5 ? QStringLiteral(" ms")
                                                                      : QStringLiteral(" µs"));
}

}  // namespace

TimelineChart::TimelineChart(QWidget* parent) : QWidget(parent) {
  setMouseTracking(true);
  setFocusPolicy(Qt::StrongFocus);
  setMinimumHeight(260);
}

void TimelineChart::setSpans(std::shared_ptr<const SpanStore> spans) {
  spans_ = std::move(spans);
  showRange(0, spans_ ? static_cast<double>(spans_->end_ns()) : 1);
}

void TimelineChart::showRange(double from_ns, double to_ns) {
  const double end = spans_ ? std::max(1.0, static_cast<double>(spans_->end_ns())) : 1.0;
  const double width = std::clamp(to_ns - from_ns, std::min(kNarrowestNs, end), end);
  from_ns_ = std::clamp(from_ns, 0.0, end - width);
  to_ns_ = from_ns_ + width;
  update();
}

QRect TimelineChart::stripRect(int strip) const {
  return {kLeft, kTop + strip * (kStrip + kGap), width() - kLeft - kRight, kStrip};
}

QRect TimelineChart::lanesRect() const {
  const int top = kTop + 2 * (kStrip + kGap);
  return {kLeft, top, width() - kLeft - kRight, height() - top - kBottom};
}

double TimelineChart::timeAt(double x) const {
  const QRect lanes = lanesRect();
  return from_ns_ + (x - lanes.left()) / std::max(1, lanes.width()) * (to_ns_ - from_ns_);
}

double TimelineChart::pixelOf(double time_ns) const {
  const QRect lanes = lanesRect();
  return lanes.left() + (time_ns - from_ns_) / (to_ns_ - from_ns_) * lanes.width();
}

void TimelineChart::paintEvent(QPaintEvent* /*event*/) {
  QElapsedTimer timer;
  timer.start();
  const Theme theme = theme_of(QApplication::palette());
  QPainter painter(this);
  painter.fillRect(rect(), theme.card);
  QFont font = QApplication::font();
  font.setPointSizeF(9);
  painter.setFont(font);
  if (!spans_ || spans_->spans() == 0 || lanesRect().width() < 10 || lanesRect().height() < 10) {
    painter.setPen(theme.muted);
    painter.drawText(rect(), Qt::AlignCenter, tr("no timeline yet: nothing has run"));
    return;
  }
  paintLegend(painter, theme);
  paintStrips(painter, theme);
  paintLanes(painter, theme);
  paintAxis(painter, theme);
  frame_ms_ = static_cast<double>(timer.nsecsElapsed()) * 1e-6;
}

void TimelineChart::paintLanes(QPainter& painter, const Theme& theme) {
  const QRect area = lanesRect();
  const auto count = static_cast<int>(spans_->lanes());
  const double pitch = std::min(34.0, static_cast<double>(area.height()) / count);
  const int height = std::max(1, static_cast<int>(pitch > 8 ? pitch - 3 : pitch));
  const qreal ratio = devicePixelRatioF();
  const int columns = std::max(1, static_cast<int>(area.width() * ratio));
  const int rows = std::max(1, static_cast<int>(height * ratio));
  const std::array<QColor, 3> fills = colours(theme);
  const QRgb idle = theme.grid.rgb();
  const double step = (to_ns_ - from_ns_) / columns;
  QImage image(columns, rows, QImage::Format_RGB32);
  std::vector<SpanShares> row;
  const int label_every = pitch >= 13 ? 1 : static_cast<int>(std::ceil(13 / pitch));
  for (int lane = 0; lane < count; ++lane) {
    image.fill(idle);
    spans_->columns(static_cast<std::size_t>(lane), from_ns_, step, static_cast<std::size_t>(columns), row);
    for (int x = 0; x < columns; ++x) {
      const SpanShares& shares = row[static_cast<std::size_t>(x)];
      double filled = 0;
      int y = rows;
      for (std::size_t kind = 0; kind < fills.size(); ++kind) {
        filled += shares.of[kind];
        const int end = std::max(0, rows - static_cast<int>(std::lround(std::min(1.0, filled) * rows)));
        const QRgb colour = fills[kind].rgb();
        for (; y > end; --y) {
          reinterpret_cast<QRgb*>(image.scanLine(y - 1))[x] = colour;
        }
      }
    }
    if (spans_->preemptions(static_cast<std::size_t>(lane)) > 0) {
      markPreemptions(image, static_cast<std::size_t>(lane), step, theme.text);
    }
    const int top = area.top() + static_cast<int>(lane * pitch);
    painter.drawImage(QRect(area.left(), top, area.width(), height), image);
    if (lane % label_every == 0) {
      painter.setPen(theme.muted);
      painter.drawText(QRect(0, top - 4, kLeft - 8, height + 8), Qt::AlignRight | Qt::AlignVCenter,
                       tr("replica %1").arg(lane));
    }
  }
}

/// A mark at the upper edge of every column of pixels in which somebody was preempted.
void TimelineChart::markPreemptions(QImage& image, std::size_t lane, double step,
                                    const QColor& colour) const {
  const auto columns = static_cast<std::size_t>(image.width());
  std::vector<SpanState> states;
  spans_->states(lane, from_ns_, step, columns, states);
  const int rows = std::max(1, image.height() / 3);
  std::int64_t before = spans_->state(lane, static_cast<std::int64_t>(from_ns_)).preemptions;
  for (std::size_t x = 0; x < columns; ++x) {
    for (int y = 0; y < rows && states[x].preemptions > before; ++y) {
      reinterpret_cast<QRgb*>(image.scanLine(y))[x] = colour.rgb();
    }
    before = states[x].preemptions;
  }
}

void TimelineChart::paintStrips(QPainter& painter, const Theme& theme) {
  const int width = stripRect(0).width();
  std::array<std::vector<double>, 2> values;
  std::array<double, 2> most{1, 1};
  const auto pages = static_cast<double>(std::max<std::int64_t>(1, spans_->kv_pages()));
  const auto count = static_cast<std::size_t>(width) + 1;
  for (std::vector<double>& line : values) {
    line.assign(count, 0);
  }
  std::vector<SpanState> states;
  for (std::size_t lane = 0; lane < spans_->lanes(); ++lane) {
    spans_->states(lane, from_ns_, (to_ns_ - from_ns_) / static_cast<double>(count), count, states);
    for (std::size_t x = 0; x < count; ++x) {
      values[0][x] += static_cast<double>(states[x].waiting);
      values[1][x] = std::max(values[1][x], static_cast<double>(states[x].kv_used_pages) / pages * 100);
    }
  }
  most[0] = std::max(1.0, *std::max_element(values[0].begin(), values[0].end()));
  most[1] = 100;
  const std::array<QString, 2> titles{tr("queue"), tr("KV, fullest")};
  const std::array<QColor, 2> lines{theme.series[3], theme.series[4]};
  for (int strip = 0; strip < 2; ++strip) {
    const auto i = static_cast<std::size_t>(strip);
    const QRect area = stripRect(strip);
    painter.drawImage(area, strip_image(values[i], most[i], area.height(), lines[i], theme));
    painter.setPen(theme.muted);
    painter.drawText(QRect(0, area.top(), kLeft - 8, area.height() / 2), Qt::AlignRight | Qt::AlignVCenter,
                     titles[i]);
    painter.drawText(
        QRect(0, area.top() + area.height() / 2, kLeft - 8, area.height() / 2),
        Qt::AlignRight | Qt::AlignVCenter,
        strip == 0 ? tr("max %1").arg(count_text(static_cast<qint64>(most[0]))) : tr("of 100 %"));
  }
}

void TimelineChart::paintAxis(QPainter& painter, const Theme& theme) {
  const QRect area = lanesRect();
  const double step = round_step(to_ns_ - from_ns_, std::max(2, area.width() / 110));
  painter.setPen(theme.muted);
  for (double tick = std::ceil(from_ns_ / step) * step; tick <= to_ns_; tick += step) {
    const int x = static_cast<int>(pixelOf(tick));
    painter.drawLine(x, area.bottom() + 1, x, area.bottom() + 5);
    painter.drawText(QRect(x - 60, area.bottom() + 6, 120, 18), Qt::AlignHCenter | Qt::AlignTop,
                     tick_text(tick, step));
  }
}

void TimelineChart::paintLegend(QPainter& painter, const Theme& theme) {
  const std::array<QString, 5> names{tr("prefill"), tr("both in one step"), tr("decode"), tr("idle"),
                                     tr("preemption")};
  const std::array<QColor, 3> busy = colours(theme);
  const std::array<QColor, 5> fills{busy[0], busy[1], busy[2], theme.grid, theme.text};
  constexpr int kMark = 20;
  constexpr int kAir = 24;
  int words = 0;
  for (const QString& name : names) {
    words += kMark + painter.fontMetrics().horizontalAdvance(name);
  }
  const int count = static_cast<int>(names.size());
  const bool fits = kLeft + words + kAir * count <= width();
  const int air = fits ? kAir : std::clamp((width() - words) / count, 4, kAir);
  int x = fits ? kLeft : 0;
  for (std::size_t i = 0; i < names.size(); ++i) {
    const bool mark = i + 1 == names.size();  // as high as in a lane
    painter.fillRect(QRect(x, 7, mark ? 3 : 14, mark ? 5 : 10), fills[i]);
    painter.setPen(theme.text);
    const int length = painter.fontMetrics().horizontalAdvance(names[i]);
    painter.drawText(QRect(x + kMark, 2, length + 4, 20), Qt::AlignLeft | Qt::AlignVCenter, names[i]);
    x += kMark + length + air;
  }
}

void TimelineChart::zoom(double factor, double about_ns) {
  showRange(about_ns - (about_ns - from_ns_) * factor, about_ns + (to_ns_ - about_ns) * factor);
}

void TimelineChart::wheelEvent(QWheelEvent* event) {
  const double turns = event->angleDelta().y() / 120.0;
  if (turns != 0) {
    zoom(std::pow(0.8, turns), timeAt(event->position().x()));
  }
  event->accept();
}

void TimelineChart::mousePressEvent(QMouseEvent* event) {
  dragging_ = event->button() == Qt::LeftButton;
  dragged_from_ = event->pos();
  dragged_from_ns_ = from_ns_;
}

void TimelineChart::mouseMoveEvent(QMouseEvent* event) {
  if (dragging_) {
    const double moved =
        (event->pos().x() - dragged_from_.x()) * (to_ns_ - from_ns_) / std::max(1, lanesRect().width());
    showRange(dragged_from_ns_ - moved, dragged_from_ns_ - moved + (to_ns_ - from_ns_));
  } else {
    tell(event->pos(), event->globalPosition().toPoint());
  }
}

void TimelineChart::mouseReleaseEvent(QMouseEvent* /*event*/) {
  dragging_ = false;
}

void TimelineChart::mouseDoubleClickEvent(QMouseEvent* /*event*/) {
  showRange(0, spans_ ? static_cast<double>(spans_->end_ns()) : 1);
}

void TimelineChart::keyPressEvent(QKeyEvent* event) {
  const double width = to_ns_ - from_ns_;
  const double middle = from_ns_ + width / 2;
  switch (event->key()) {
    case Qt::Key_Left:
      showRange(from_ns_ - width / 8, to_ns_ - width / 8);
      break;
    case Qt::Key_Right:
      showRange(from_ns_ + width / 8, to_ns_ + width / 8);
      break;
    case Qt::Key_Plus:
    case Qt::Key_Up:
      zoom(0.7, middle);
      break;
    case Qt::Key_Minus:
    case Qt::Key_Down:
      zoom(1 / 0.7, middle);
      break;
    case Qt::Key_Home:
      mouseDoubleClickEvent(nullptr);
      break;
    default:
      QWidget::keyPressEvent(event);
  }
}

void TimelineChart::tell(const QPoint& at, const QPoint& global) {
  const QRect area = lanesRect();
  if (!spans_ || !area.contains(at) || spans_->lanes() == 0) {
    QToolTip::hideText();
    return;
  }
  const double pitch =
      std::min(34.0, static_cast<double>(area.height()) / static_cast<double>(spans_->lanes()));
  const auto lane = static_cast<std::size_t>((at.y() - area.top()) / pitch);
  if (lane >= spans_->lanes()) {
    QToolTip::hideText();
    return;
  }
  const auto from = static_cast<std::int64_t>(timeAt(at.x()));
  const auto to = std::max(from + 1, static_cast<std::int64_t>(timeAt(at.x() + 1)));
  const SpanShares shares = spans_->shares(lane, from, to);
  const SpanState state = spans_->state(lane, from);
  const std::int64_t preempted = spans_->state(lane, to).preemptions - state.preemptions;
  QString text =
      tr("replica %1 at %2\nprefill %3, both %4, decode %5\nrunning %6, waiting %7\nKV pages in use %8 of %9")
          .arg(lane)
          .arg(duration_text(Seconds(static_cast<double>(from) * 1e-9)), percent_text(shares.of[0]),
               percent_text(shares.of[1]), percent_text(shares.of[2]), count_text(state.running),
               count_text(state.waiting), count_text(state.kv_used_pages), count_text(spans_->kv_pages()));
  if (preempted > 0) {
    text += tr("\npreempted here: %1").arg(count_text(preempted));
  }
  QToolTip::showText(global, text, this);
}

}  // namespace mtok::gui
