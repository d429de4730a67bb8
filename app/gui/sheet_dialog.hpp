// A table in a window of its own that stays open beside the work.
#pragma once

#include <QDialog>

#include "app/gui/models/sheet.hpp"

namespace mtok::gui {

/// Deletes itself when it is closed.
class SheetDialog final : public QDialog {
  Q_OBJECT
 public:
  /// `name`: of the object; its table is called so with "Table" behind it. `warnings` stand above the table.
  SheetDialog(const QString& name, const QString& title, const QStringList& warnings, Sheet sheet,
              QWidget* parent);
};

}  // namespace mtok::gui
