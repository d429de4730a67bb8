// A scatter of candidates: cost against latency or quality, the front among them, to hover, brush and pick.
#pragma once

#include <QObject>
#include <vector>

#include "sim/planner/plan.hpp"

class QCustomPlot;
class QMouseEvent;

namespace mtok::gui {

struct Theme;

enum class FrontAxis { ttft, tpot, quality };

/// Draws into a plot that somebody else owns.
class FrontChart final : public QObject {
  Q_OBJECT
 public:
  explicit FrontChart(QCustomPlot* plot);
  void show(std::vector<planner::PlanRow> rows, FrontAxis axis);

 signals:
  void picked(int row);
  /// Rows inside a rectangle that was drawn; empty: all again.
  void brushed(const std::vector<int>& rows);

 private:
  struct Point {
    int row = 0;
    double x = 0;
    double y = 0;
  };
  void label(const Theme& theme);
  void hover(const QMouseEvent& event);
  [[nodiscard]] const Point* nearest(const QMouseEvent& event) const;

  QCustomPlot* plot_;
  std::vector<planner::PlanRow> rows_;
  std::vector<Point> points_;
};

}  // namespace mtok::gui
