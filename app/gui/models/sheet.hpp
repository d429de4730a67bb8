// A table of cells for one item model: what a view shows, what it sorts by, what is exported.
#pragma once

#include <QAbstractTableModel>
#include <QString>
#include <QVariant>
#include <vector>

namespace mtok::gui {

/// How a cell is meant; views give it colour and weight, and the text says it as well.
enum class Tone { plain, strong, muted, better, worse };

struct Cell {
  QString text{};  ///< for the screen, in its locale
  QVariant raw{};  ///< number or text behind it, for sorting and files; invalid: the text itself
  Tone tone = Tone::plain;
  QString tip{};     ///< unit and source
  QString key{};     ///< what the cell is in the result, for "why this number": "cost.total_usd"
  int scenario = 0;  ///< id of the one whose result that is; 0: the one that is looked at
};

struct Sheet {
  struct Column {
    QString title{};
    bool number = false;  ///< set flush right
    QString tip{};
  };
  std::vector<Column> columns{};
  std::vector<std::vector<Cell>> rows{};  ///< each as long as `columns`
};

/// A cell with a number that stands for itself.
[[nodiscard]] Cell number_cell(const QString& text, double raw, const QString& tip = {});

/// The same cell as the figure of this key: "why this number" answers for it.
/// A cell without a number stays as it is.
[[nodiscard]] Cell with_key(Cell cell, const QString& key);

/// Comma-separated values in the C locale, the raw values where there are any.
[[nodiscard]] QString csv_of(const Sheet& sheet);
/// Tab-separated, as on the screen: what goes to the clipboard.
[[nodiscard]] QString clipboard_text_of(const Sheet& sheet);

/// Shows a sheet. Holds no arithmetic.
class SheetModel final : public QAbstractTableModel {
  Q_OBJECT
 public:
  static constexpr int kRawRole = Qt::UserRole;
  static constexpr int kToneRole = Qt::UserRole + 1;
  static constexpr int kKeyRole = Qt::UserRole + 2;
  static constexpr int kScenarioRole = Qt::UserRole + 3;

  explicit SheetModel(QObject* parent = nullptr) : QAbstractTableModel(parent) {}
  /// Replaces everything; a sheet of the same shape keeps selections and widths of the views.
  void setSheet(Sheet sheet);
  [[nodiscard]] const Sheet& sheet() const { return sheet_; }

  [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
  [[nodiscard]] int columnCount(const QModelIndex& parent = {}) const override;
  [[nodiscard]] QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
  [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

 private:
  Sheet sheet_;
};

}  // namespace mtok::gui
