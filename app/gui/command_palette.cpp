// Filters and runs commands.
#include "app/gui/command_palette.hpp"

#include <QKeyEvent>
#include <QLineEdit>
#include <QListWidget>
#include <QVBoxLayout>

namespace mtok::gui {
namespace {

/// Every word of `wanted` occurs.
bool matches(const QString& text, const QString& wanted) {
  for (const QString& word : wanted.split(u' ', Qt::SkipEmptyParts)) {
    if (!text.contains(word, Qt::CaseInsensitive)) {
      return false;
    }
  }
  return true;
}

}  // namespace

CommandPalette::CommandPalette(QWidget* parent)
    : QFrame(parent, Qt::Popup), search_(new QLineEdit(this)), list_(new QListWidget(this)) {
  setObjectName(QStringLiteral("card"));
  search_->setObjectName(QStringLiteral("paletteSearch"));
  search_->setPlaceholderText(tr("What do you want to do?"));
  search_->setAccessibleName(tr("Search for a command"));
  list_->setObjectName(QStringLiteral("paletteList"));
  list_->setFrameShape(QFrame::NoFrame);
  list_->setFocusPolicy(Qt::NoFocus);
  auto* const layout = new QVBoxLayout(this);
  layout->addWidget(search_);
  layout->addWidget(list_);
  search_->installEventFilter(this);
  connect(search_, &QLineEdit::textChanged, this, &CommandPalette::filter);
  connect(list_, &QListWidget::itemClicked, this, &CommandPalette::runCurrent);
}

void CommandPalette::open(std::vector<Command> commands) {
  commands_ = std::move(commands);
  search_->clear();
  filter({});
  const QSize size(560, 420);
  resize(size);
  const QWidget* const window = parentWidget();
  move(window->mapToGlobal(QPoint((window->width() - size.width()) / 2, 70)));
  show();
  search_->setFocus();
}

void CommandPalette::filter(const QString& text) {
  list_->clear();
  for (std::size_t i = 0; i < commands_.size(); ++i) {
    const Command& command = commands_[i];
    if (matches(command.title + u' ' + command.hint, text)) {
      auto* const item = new QListWidgetItem(
          command.hint.isEmpty() ? command.title : command.title + QStringLiteral("    ") + command.hint,
          list_);
      item->setData(Qt::UserRole, static_cast<int>(i));
    }
  }
  list_->setCurrentRow(0);
}

void CommandPalette::runCurrent() {
  const QListWidgetItem* const item = list_->currentItem();
  if (item == nullptr) {
    return;
  }
  const auto run = commands_[static_cast<std::size_t>(item->data(Qt::UserRole).toInt())].run;
  hide();
  run();
}

bool CommandPalette::eventFilter(QObject* watched, QEvent* event) {
  if (event->type() == QEvent::KeyPress) {
    const int key = static_cast<QKeyEvent*>(event)->key();
    if (key == Qt::Key_Down || key == Qt::Key_Up) {
      const int step = key == Qt::Key_Down ? 1 : -1;
      list_->setCurrentRow(std::clamp(list_->currentRow() + step, 0, std::max(0, list_->count() - 1)));
      return true;
    }
    if (key == Qt::Key_Return || key == Qt::Key_Enter) {
      runCurrent();
      return true;
    }
  }
  return QFrame::eventFilter(watched, event);
}

}  // namespace mtok::gui
