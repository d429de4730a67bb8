// Shows sheets.
#include "app/gui/sheet_table.hpp"

#include <QApplication>
#include <QClipboard>
#include <QHeaderView>
#include <QKeyEvent>
#include <QStyledItemDelegate>
#include <numeric>

#include "app/gui/models/sheet.hpp"
#include "app/gui/theme.hpp"

namespace mtok::gui {
namespace {

/// Gives tones their colour and weight, and cells the air that headers have.
class ToneDelegate final : public QStyledItemDelegate {
 public:
  using QStyledItemDelegate::QStyledItemDelegate;

  void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override {
    QStyleOptionViewItem inner = option;
    initStyleOption(&inner, index);
    const QStyle& style = *QApplication::style();
    style.drawPrimitive(QStyle::PE_PanelItemViewItem, &inner, painter, inner.widget);
    inner.rect.adjust(kAir, 0, -kAir, 0);
    style.drawControl(QStyle::CE_ItemViewItem, &inner, painter, inner.widget);
  }

  [[nodiscard]] QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const override {
    return QStyledItemDelegate::sizeHint(option, index) + QSize(2 * kAir, 0);
  }

 protected:
  void initStyleOption(QStyleOptionViewItem* option, const QModelIndex& index) const override {
    QStyledItemDelegate::initStyleOption(option, index);
    const Theme theme = theme_of(QApplication::palette());
    QColor colour = theme.text;
    switch (static_cast<Tone>(index.data(SheetModel::kToneRole).toInt())) {
      case Tone::plain:
        break;
      case Tone::strong:
        option->font.setBold(true);
        break;
      case Tone::muted:
        colour = theme.muted;
        break;
      case Tone::better:
        colour = theme.better;
        break;
      case Tone::worse:
        colour = theme.worse;
        break;
    }
    option->palette.setColor(QPalette::Text, colour);
    option->font.setPointSizeF(9.5);
  }

 private:
  static constexpr int kAir = 5;
};

}  // namespace

SheetTable::SheetTable(QAbstractItemModel* model, QWidget* parent) : QTableView(parent) {
  setModel(model);
  setItemDelegate(new ToneDelegate(this));
  setAlternatingRowColors(true);
  setShowGrid(false);
  setWordWrap(false);
  setSelectionMode(QAbstractItemView::ContiguousSelection);
  setHorizontalScrollMode(QAbstractItemView::ScrollPerPixel);
  setEditTriggers(QAbstractItemView::NoEditTriggers);
  verticalHeader()->hide();
  verticalHeader()->setDefaultSectionSize(26);
  horizontalHeader()->setHighlightSections(false);
  horizontalHeader()->setTextElideMode(Qt::ElideRight);
  setMouseTracking(true);
  connect(this, &QAbstractItemView::entered, this, [this](const QModelIndex& index) {
    viewport()->setCursor(index.data(SheetModel::kKeyRole).toString().isEmpty() ? Qt::ArrowCursor
                                                                                : Qt::PointingHandCursor);
  });
  connect(this, &QAbstractItemView::clicked, this, [this](const QModelIndex& index) {
    if (!rows_open_ && selectionModel()->selectedIndexes().size() <= 1) {  // a range is chosen to be copied
      askWhy(index);
    }
  });
  connect(this, &QAbstractItemView::doubleClicked, this, [this](const QModelIndex& index) {
    if (rows_open_) {
      emit rowOpened(index.row());
    }
  });
  connect(model, &QAbstractItemModel::modelReset, this, &SheetTable::fitColumns);
  connect(model, &QAbstractItemModel::dataChanged, this, &SheetTable::fitColumns);
}

void SheetTable::fitColumns() {
  constexpr int kWidest = 320;
  constexpr int kAir = 4;
  resizeColumnsToContents();
  wanted_.clear();
  for (int i = 0; i < model()->columnCount(); ++i) {
    wanted_.push_back(std::min(columnWidth(i) + kAir, kWidest));
  }
  spread();
}

/// Columns are as wide as they want to be, and share what is left over.
void SheetTable::spread() {
  const int total = std::accumulate(wanted_.begin(), wanted_.end(), 0);
  const int columns = static_cast<int>(wanted_.size());
  if (columns == 0) {
    return;
  }
  const int spare = std::max(0, viewport()->width() - total);
  for (int i = 0; i < columns; ++i) {
    const int rest = i + 1 == columns ? spare - spare / columns * (columns - 1) : spare / columns;
    setColumnWidth(i, wanted_[static_cast<std::size_t>(i)] + rest);
  }
}

void SheetTable::resizeEvent(QResizeEvent* event) {
  QTableView::resizeEvent(event);
  spread();
}

void SheetTable::copy() const {
  const auto* const sheet = qobject_cast<const SheetModel*>(model());
  if (sheet == nullptr) {
    return;
  }
  Sheet chosen = sheet->sheet();
  const QItemSelection selection = selectionModel()->selection();
  if (!selection.isEmpty() && selection.indexes().size() > 1) {
    const QItemSelectionRange& range = selection.first();
    Sheet part;
    for (int column = range.left(); column <= range.right(); ++column) {
      part.columns.push_back(chosen.columns[static_cast<std::size_t>(column)]);
    }
    for (int row = range.top(); row <= range.bottom(); ++row) {
      const auto& cells = chosen.rows[static_cast<std::size_t>(row)];
      part.rows.emplace_back(cells.begin() + range.left(), cells.begin() + range.right() + 1);
    }
    chosen = std::move(part);
  }
  QApplication::clipboard()->setText(clipboard_text_of(chosen));
}

void SheetTable::keyPressEvent(QKeyEvent* event) {
  if (event->matches(QKeySequence::Copy)) {
    copy();
    return;
  }
  if (event->key() == Qt::Key_F1) {
    event->setAccepted(askWhy(currentIndex()));  // else the window has an answer
    return;
  }
  const bool enter = event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter;
  if (rows_open_ && enter && currentIndex().isValid()) {
    emit rowOpened(currentIndex().row());
    return;
  }
  QTableView::keyPressEvent(event);
}

bool SheetTable::askWhy(const QModelIndex& index) {
  const QString key = index.data(SheetModel::kKeyRole).toString();
  if (!key.isEmpty()) {
    emit whyAsked(key, index.data(SheetModel::kScenarioRole).toInt(), index.row());
  }
  return !key.isEmpty();
}

}  // namespace mtok::gui
