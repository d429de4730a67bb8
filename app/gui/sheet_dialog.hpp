// Warnings and assumptions of a result, in a window that stays open beside the work.
#pragma once

#include <QDialog>

#include "sim/planner/run.hpp"

namespace mtok::gui {

class SheetModel;

class AssumptionsDialog final : public QDialog {
  Q_OBJECT
 public:
  AssumptionsDialog(const planner::RunResult& result, const QString& name, QWidget* parent);
};

}  // namespace mtok::gui
