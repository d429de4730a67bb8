// Lays out warnings and a table.
#include "app/gui/sheet_dialog.hpp"

#include <QLabel>
#include <QVBoxLayout>

#include "app/gui/sheet_table.hpp"

namespace mtok::gui {

SheetDialog::SheetDialog(const QString& name, const QString& title, const QStringList& warnings, Sheet sheet,
                         QWidget* parent)
    : QDialog(parent) {
  setObjectName(name);
  setWindowTitle(title);
  setAttribute(Qt::WA_DeleteOnClose);
  resize(980, 560);
  auto* const layout = new QVBoxLayout(this);
  for (const QString& warning : warnings) {
    auto* const label = new QLabel(QStringLiteral("⚠ ") + warning, this);
    label->setWordWrap(true);
    label->setProperty("role", "problem");
    layout->addWidget(label);
  }
  auto* const model = new SheetModel(this);
  auto* const table = new SheetTable(model, this);
  table->setObjectName(name + QStringLiteral("Table"));
  table->setAccessibleName(title);
  model->setSheet(std::move(sheet));
  layout->addWidget(table, 1);
}

}  // namespace mtok::gui
