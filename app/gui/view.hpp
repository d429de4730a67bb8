// What all views of the window have in common.
#pragma once

#include <QWidget>
#include <optional>
#include <vector>

#include "app/gui/models/scenario_tree.hpp"
#include "sim/planner/provenance.hpp"

namespace mtok::gui {

class ChartPanel;
class Workbench;

/// Shows something of a workbench. Thin: what it shows is made by the models and the planner.
class View : public QWidget {
  Q_OBJECT
 public:
  View(Workbench& workbench, QWidget* parent) : QWidget(parent), workbench_(workbench) {}

  /// Shows the workbench as it is now. Called when it changes while the view is visible, and when the view
  /// becomes visible.
  virtual void refresh() = 0;
  /// Nothing more is to come.
  [[nodiscard]] virtual bool settled() const { return true; }
  /// The scenario that a row of the view's table stands for, where rows are scenarios of their own.
  [[nodiscard]] virtual std::optional<ScenarioTree> variantOfRow(int /*row*/) const { return std::nullopt; }
  /// The formula tree of a figure that is the view's own, not one of a scenario's result.
  [[nodiscard]] virtual std::optional<planner::Explanation> explanationOf(const QString& /*key*/) const {
    return std::nullopt;
  }
  /// There is no room for two cards side by side.
  virtual void setNarrow(bool /*narrow*/) {}
  /// What can be exported.
  [[nodiscard]] virtual std::vector<ChartPanel*> panels() const { return {}; }

 signals:
  /// Something for the message bar.
  void message(const QString& text);
  void progressed(const QString& what, qint64 done, qint64 expected);
  void idle();
  /// It has another size, and is to be refreshed.
  void resized();
  /// The user asks where a figure of the scenario comes from.
  void whyAsked(const QString& key, int scenario);

 protected:
  void resizeEvent(QResizeEvent* event) override {
    QWidget::resizeEvent(event);
    emit resized();  // texts in charts take the room that there is
  }
  [[nodiscard]] Workbench& workbench() const { return workbench_; }

 private:
  Workbench& workbench_;
};

}  // namespace mtok::gui
