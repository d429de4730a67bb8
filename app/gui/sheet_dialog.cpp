// Lists warnings and assumptions.
#include "app/gui/assumptions_dialog.hpp"

#include <QLabel>
#include <QVBoxLayout>

#include "app/gui/models/result_sheets.hpp"
#include "app/gui/sheet_table.hpp"

namespace mtok::gui {

AssumptionsDialog::AssumptionsDialog(const planner::RunResult& result, const QString& name, QWidget* parent)
    : QDialog(parent) {
  setObjectName(QStringLiteral("assumptionsDialog"));
  setWindowTitle(tr("%1: warnings and assumptions").arg(name));
  setAttribute(Qt::WA_DeleteOnClose);
  resize(980, 560);
  auto* const layout = new QVBoxLayout(this);
  for (const std::string& warning : result.warnings) {
    auto* const label = new QLabel(QStringLiteral("⚠ ") + QString::fromStdString(warning), this);
    label->setWordWrap(true);
    label->setProperty("role", "problem");
    layout->addWidget(label);
  }
  auto* const model = new SheetModel(this);
  auto* const table = new SheetTable(model, this);
  table->setObjectName(QStringLiteral("assumptionsTable"));
  table->setAccessibleName(tr("Assumptions in force"));
  model->setSheet(assumptions_sheet(result));
  layout->addWidget(table, 1);
}

}  // namespace mtok::gui
