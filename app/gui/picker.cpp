// Opens the list, narrows it, and takes the choice.
#include "app/gui/picker.hpp"

#include <QApplication>
#include <QFrame>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QScreen>
#include <QSortFilterProxyModel>
#include <QVBoxLayout>

#include "app/gui/models/sheet.hpp"
#include "app/gui/sheet_table.hpp"

namespace mtok::gui {

Picker::Picker(SheetModel* list, std::function<void()> fill, QWidget* parent)
    : QPushButton(parent), list_(list), fill_(std::move(fill)) {
  setStyleSheet(QStringLiteral("text-align: left; padding: 3px 8px;"));
  connect(this, &QPushButton::clicked, this, &Picker::open);
}

void Picker::setChosen(const QString& name) {
  setText(name.isEmpty() ? tr("choose…") : name);
}

void Picker::open() {
  fill_();
  if (popup_ == nullptr) {
    popup_ = new QFrame(this, Qt::Popup);
    popup_->setObjectName(QStringLiteral("card"));
    search_ = new QLineEdit(popup_);
    search_->setObjectName(objectName() + QStringLiteral("Search"));
    search_->setPlaceholderText(tr("Search: a name, a size, a number format"));
    search_->setAccessibleName(tr("Search"));
    search_->setClearButtonEnabled(true);
    filtered_ = new QSortFilterProxyModel(popup_);
    filtered_->setSourceModel(list_);
    filtered_->setFilterKeyColumn(-1);
    filtered_->setFilterCaseSensitivity(Qt::CaseInsensitive);
    filtered_->setSortRole(SheetModel::kRawRole);
    table_ = new SheetTable(filtered_, popup_);
    table_->setObjectName(objectName() + QStringLiteral("List"));
    table_->setSortingEnabled(true);
    table_->sortByColumn(0, Qt::AscendingOrder);
    table_->setSelectionBehavior(QAbstractItemView::SelectRows);
    table_->setSelectionMode(QAbstractItemView::SingleSelection);
    auto* const layout = new QVBoxLayout(popup_);
    layout->addWidget(search_);
    layout->addWidget(table_);
    connect(search_, &QLineEdit::textChanged, filtered_, &QSortFilterProxyModel::setFilterFixedString);
    connect(search_, &QLineEdit::textChanged, this, [this] { table_->selectRow(0); });
    connect(table_, &QTableView::clicked, this, &Picker::take);
    connect(table_, &QTableView::activated, this, &Picker::take);
    search_->installEventFilter(this);
  }
  search_->clear();
  constexpr QSize kSize(760, 460);
  const QRect space = screen()->availableGeometry();
  popup_->resize(kSize.boundedTo(space.size()));
  QPoint place = mapToGlobal(QPoint(0, height()));
  place.setX(std::clamp(place.x(), space.left(), std::max(space.left(), space.right() - popup_->width())));
  place.setY(std::clamp(place.y(), space.top(), std::max(space.top(), space.bottom() - popup_->height())));
  popup_->move(place);
  popup_->show();
  table_->fitColumns();
  const QModelIndexList found =
      filtered_->match(filtered_->index(0, 0), Qt::DisplayRole, text(), 1, Qt::MatchExactly);
  if (!found.isEmpty()) {
    table_->selectRow(found.first().row());
    table_->scrollTo(found.first(), QAbstractItemView::PositionAtCenter);
  }
  search_->setFocus();
}

void Picker::take(const QModelIndex& index) {
  if (index.isValid()) {
    const QString name = index.siblingAtColumn(0).data().toString();
    popup_->hide();
    emit chosen(name);
  }
}

bool Picker::eventFilter(QObject* watched, QEvent* event) {
  if (watched == search_ && event->type() == QEvent::KeyPress) {
    auto* const key = static_cast<QKeyEvent*>(event);
    switch (key->key()) {
      case Qt::Key_Return:
      case Qt::Key_Enter:
        take(table_->currentIndex().isValid() ? table_->currentIndex() : filtered_->index(0, 0));
        return true;
      case Qt::Key_Up:
      case Qt::Key_Down:
      case Qt::Key_PageUp:
      case Qt::Key_PageDown:
        QApplication::sendEvent(table_, event);
        return true;
      default:
        break;
    }
  }
  return QPushButton::eventFilter(watched, event);
}

}  // namespace mtok::gui
