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

 signals:
  /// The user asks where a figure comes from; `key` names it in the result of the scenario, 0 being the one
  /// that is looked at.
  void whyAsked(const QString& key, int scenario);

 protected:
  void keyPressEvent(QKeyEvent* event) override;
  void resizeEvent(QResizeEvent* event) override;

 private:
  void spread();
  /// False when the cell has no formula.
  bool askWhy(const QModelIndex& index);

  std::vector<int> wanted_;  ///< width of each column by its contents
};

}  // namespace mtok::gui
