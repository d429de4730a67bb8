// A field whose value is chosen from a long list with a search line: models and devices.
#pragma once

#include <QPushButton>
#include <functional>

class QFrame;
class QLineEdit;
class QSortFilterProxyModel;

namespace mtok::gui {

class SheetModel;
class SheetTable;

/// Shows the chosen name; a click opens the list, typing narrows it by every column.
class Picker final : public QPushButton {
  Q_OBJECT
 public:
  /// `list`: the names stand in the first column. Not owned; `fill` is called before it is shown.
  Picker(SheetModel* list, std::function<void()> fill, QWidget* parent = nullptr);
  void setChosen(const QString& name);

 signals:
  void chosen(const QString& name);

 protected:
  bool eventFilter(QObject* watched, QEvent* event) override;

 private:
  void open();
  void take(const QModelIndex& index);

  SheetModel* list_;
  std::function<void()> fill_;
  QFrame* popup_ = nullptr;
  QLineEdit* search_ = nullptr;
  SheetTable* table_ = nullptr;
  QSortFilterProxyModel* filtered_ = nullptr;
};

}  // namespace mtok::gui
