// A table view of a sheet: tones as colour and weight, copying, column widths that fit.
#pragma once

#include <QTableView>
#include <vector>

namespace mtok::gui {

/// Copies the selection, or everything, with Ctrl+C as tab-separated text.
class SheetTable final : public QTableView {
  Q_OBJECT
 public:
  explicit SheetTable(QAbstractItemModel* model, QWidget* parent = nullptr);
  /// To be called when the sheet has another shape.
  void fitColumns();
  void copy() const;

 signals:
  /// The user asks where a figure comes from; `key` names it in the result.
  void whyAsked(const QString& key);

 protected:
  void keyPressEvent(QKeyEvent* event) override;
  void resizeEvent(QResizeEvent* event) override;

 private:
  void spread();

  std::vector<int> wanted_;  ///< width of each column by its contents
};

}  // namespace mtok::gui
