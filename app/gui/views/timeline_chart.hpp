// Draws the lanes of a run: what every replica does when, the queue and the KV cache above them.
#pragma once

#include <QWidget>
#include <memory>

#include "app/gui/models/span_store.hpp"

class QPainter;

namespace mtok::gui {

struct Theme;

/// Wheel zooms about the cursor, dragging moves, a double click shows everything; arrow keys, + and - do the
/// same. One column of pixels costs a few binary searches, however many spans lie in it.
class TimelineChart final : public QWidget {
  Q_OBJECT
 public:
  explicit TimelineChart(QWidget* parent = nullptr);
  void setSpans(std::shared_ptr<const SpanStore> spans);
  void showRange(double from_ns, double to_ns);
  /// Of the last painting.
  [[nodiscard]] double frameMilliseconds() const { return frame_ms_; }

 protected:
  void paintEvent(QPaintEvent* event) override;
  void wheelEvent(QWheelEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  void mouseMoveEvent(QMouseEvent* event) override;
  void mouseReleaseEvent(QMouseEvent* event) override;
  void mouseDoubleClickEvent(QMouseEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;

 private:
  [[nodiscard]] QRect lanesRect() const;
  [[nodiscard]] QRect stripRect(int strip) const;
  [[nodiscard]] double timeAt(double x) const;
  [[nodiscard]] double pixelOf(double time_ns) const;
  void zoom(double factor, double about_ns);
  void paintLanes(QPainter& painter, const Theme& theme);
  void markPreemptions(QImage& image, std::size_t lane, double step, const QColor& colour) const;
  void paintStrips(QPainter& painter, const Theme& theme);
  void paintAxis(QPainter& painter, const Theme& theme);
  void paintLegend(QPainter& painter, const Theme& theme);
  void tell(const QPoint& at, const QPoint& global);

  std::shared_ptr<const SpanStore> spans_;
  double from_ns_ = 0;
  double to_ns_ = 1;
  double frame_ms_ = 0;
  QPoint dragged_from_;
  double dragged_from_ns_ = 0;
  bool dragging_ = false;
};

}  // namespace mtok::gui
