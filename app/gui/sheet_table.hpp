// A table view of a sheet: tones as colour and weight, copying, column widths that fit.
#pragma once

#include <QTableView>
#include <vector>

namespace mtok::gui {

/// F1 or a click on a cell whose figure has a formula asks for it. Copies the selection, or everything, with
/// Ctrl+C as tab-separated text.
class SheetTable final : public QTableView {
  Q_OBJECT
 public:
  explicit SheetTable(QAbstractItemModel* model, QWidget* parent = nullptr);
  /// To be called when the sheet has another shape.
  void fitColumns();
  void copy() const;
  /// Rows stand for scenarios: Return and a double click open one, and only F1 asks for formulas.
  void setRowsOpen() { rows_open_ = true; }

 signals:
  void rowOpened(int row);
  /// The user asks where a figure of a row comes from; `key` names it in the result of the scenario, 0 being
  /// the one that is looked at.
  void whyAsked(const QString& key, int scenario, int row);

 protected:
  void keyPressEvent(QKeyEvent* event) override;
  void resizeEvent(QResizeEvent* event) override;

 private:
  void spread();
  /// False when the cell has no formula.
  bool askWhy(const QModelIndex& index);

  bool rows_open_ = false;
  std::vector<int> wanted_;  ///< width of each column by its contents
};

}  // namespace mtok::gui
