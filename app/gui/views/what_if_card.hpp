// Sliders for the inputs of a scenario and what the moved scenario comes to.
#pragma once

#include <QFrame>
#include <memory>
#include <vector>

#include "app/gui/models/background_job.hpp"
#include "sim/planner/sensitivity.hpp"

class QFormLayout;
class QLabel;
class QPushButton;
class QSlider;

namespace mtok::gui {

class SheetModel;
class SheetTable;

/// Runs the scenario anew, off the window's thread, whenever a slider has moved.
class WhatIfCard final : public QFrame {
  Q_OBJECT
 public:
  explicit WhatIfCard(QWidget* parent);

  /// Both null: there is nothing to move.
  void setStudy(std::shared_ptr<const planner::WhatIf> what_if,
                std::shared_ptr<const planner::Sensitivity> sensitivity);
  [[nodiscard]] bool settled() const { return !job_.running(); }

 signals:
  void message(const QString& text);
  /// The user asks where a figure of the sensitivity comes from.
  void whyAsked(const QString& key);

 private:
  struct Row {
    planner::Swing swing{};
    QSlider* slider = nullptr;
    QLabel* value = nullptr;
  };
  void addRow(const planner::Swing& swing);
  [[nodiscard]] std::vector<planner::Move> moves() const;
  void moved();
  void run();
  void show(const planner::Outcome* outcome);
  void reset();

  std::shared_ptr<const planner::WhatIf> what_if_;
  std::shared_ptr<const planner::Sensitivity> sensitivity_;
  QFormLayout* form_;
  QLabel* empty_;
  QLabel* promises_;
  QPushButton* reset_;
  SheetModel* model_;
  SheetTable* table_;
  std::vector<Row> rows_;
  bool due_ = false;   ///< moved since the last run began
  BackgroundJob job_;  ///< last: it ends before what it fills
};

}  // namespace mtok::gui
