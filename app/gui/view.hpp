// What all views of the window have in common.
#pragma once

#include <QWidget>
#include <vector>

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
  /// What can be exported.
  [[nodiscard]] virtual std::vector<ChartPanel*> panels() const { return {}; }

 signals:
  /// Something for the message bar.
  void message(const QString& text);
  void progressed(const QString& what, qint64 done, qint64 expected);
  void idle();
  /// The user asks where a figure of the scenario comes from.
  void whyAsked(const QString& key, int scenario);

 protected:
  [[nodiscard]] Workbench& workbench() const { return workbench_; }

 private:
  Workbench& workbench_;
};

}  // namespace mtok::gui
