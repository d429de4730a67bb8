// Lists what can be opened.
#include "app/gui/views/welcome_view.hpp"

#include <QCommandLinkButton>
#include <QFileInfo>
#include <QFrame>
#include <QGridLayout>
#include <QLabel>
#include <QPushButton>
#include <QRegularExpression>
#include <QScrollArea>
#include <QVBoxLayout>

#include "app/gui/models/project_files.hpp"
#include "app/gui/models/workbench.hpp"

namespace mtok::gui {
namespace {

QLabel* text_of(const QString& text, const char* role, QWidget* parent) {
  auto* const label = new QLabel(text, parent);
  label->setProperty("role", role);
  label->setWordWrap(true);
  return label;
}

/// The first sentence of a comment.
QString first_sentence(const QString& text) {
  static const QRegularExpression kEnd(QStringLiteral("[.?!] "));
  const qsizetype end = text.indexOf(kEnd);
  return end < 0 ? text : text.left(end + 1);
}

}  // namespace

WelcomeView::WelcomeView(Workbench& workbench, QWidget* parent)
    : View(workbench, parent), content_(nullptr), list_(new QVBoxLayout) {
  auto* const scroll = new QScrollArea(this);
  scroll->setWidgetResizable(true);
  content_ = new QWidget(scroll);
  content_->setLayout(list_);
  list_->setContentsMargins(60, 36, 60, 36);
  list_->setSpacing(10);
  scroll->setWidget(content_);
  auto* const layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->addWidget(scroll);
}

void WelcomeView::refresh() {
  grid_ = nullptr;
  cards_.clear();
  while (QLayoutItem* const item = list_->takeAt(0)) {
    delete item->widget();
    delete item;
  }
  auto* const title = new QLabel(tr("What does a million tokens cost?"), content_);
  title->setProperty("role", "value");
  list_->addWidget(title);
  list_->addWidget(text_of(tr("Open an example, change one field, and see what it does to cost and latency. "
                              "Every number says where it comes from."),
                           "muted", content_));
  for (const RecoveryFile::Found& found : RecoveryFile::left_behind(recovery_folder())) {
    auto* const button = new QPushButton(
        tr("Recover unsaved changes of %1").arg(QFileInfo(found.original).fileName()), content_);
    button->setObjectName(QStringLiteral("recover"));
    connect(button, &QPushButton::clicked, this,
            [this, found] { emit recoverAsked(found.copy, found.original); });
    list_->addWidget(button, 0, Qt::AlignLeft);
  }
  addExamples();
  addRecentFiles();
  auto* const browse = new QPushButton(tr("Open a project or scenario…"), content_);
  browse->setObjectName(QStringLiteral("browse"));
  connect(browse, &QPushButton::clicked, this, &WelcomeView::browseAsked);
  list_->addSpacing(10);
  list_->addWidget(browse, 0, Qt::AlignLeft);
  list_->addStretch(1);
}

void WelcomeView::addExamples() {
  list_->addSpacing(10);
  list_->addWidget(text_of(tr("Examples"), "title", content_));
  auto* const cards = new QWidget(content_);
  grid_ = new QGridLayout(cards);
  grid_->setContentsMargins(0, 0, 0, 0);
  grid_->setSpacing(12);
  for (const Example& example : examples_of(workbench().catalogue())) {
    auto* const card = new QFrame(cards);
    card->setObjectName(QStringLiteral("card"));
    auto* const inside = new QVBoxLayout(card);
    auto* const button = new QPushButton(example.name, card);
    button->setObjectName(QStringLiteral("example:") + QFileInfo(example.file).fileName());
    button->setFlat(true);
    button->setCursor(Qt::PointingHandCursor);
    button->setStyleSheet(
        QStringLiteral("QPushButton { text-align: left; font-weight: bold; padding: 2px 0; }"));
    button->setAccessibleDescription(example.summary);
    inside->addWidget(button);
    inside->addWidget(text_of(example.facts, "small", card));
    inside->addWidget(text_of(first_sentence(example.summary), "muted", card));
    inside->addStretch(1);
    connect(button, &QPushButton::clicked, this, [this, file = example.file] { emit openAsked(file); });
    cards_.push_back(card);
  }
  arrange();
  list_->addWidget(cards);
}

void WelcomeView::addRecentFiles() {
  const QStringList recent = recent_files();
  if (!recent.isEmpty()) {
    list_->addSpacing(10);
    list_->addWidget(text_of(tr("Recent files"), "title", content_));
    for (const QString& file : recent) {
      auto* const button = new QPushButton(file, content_);
      button->setFlat(true);
      button->setStyleSheet(QStringLiteral("text-align: left;"));
      connect(button, &QPushButton::clicked, this, [this, file] { emit openAsked(file); });
      list_->addWidget(button, 0, Qt::AlignLeft);
    }
  }
}

/// Three columns of examples, or two where the longest names would not fit.
void WelcomeView::arrange() {
  constexpr int kThreeColumns = 1000;
  const int columns = width() >= kThreeColumns ? 3 : 2;
  int place = 0;
  for (QWidget* const card : cards_) {
    grid_->addWidget(card, place / columns, place % columns);
    ++place;
  }
  for (int column = 0; column < 3; ++column) {
    grid_->setColumnStretch(column, column < columns ? 1 : 0);
  }
}

void WelcomeView::resizeEvent(QResizeEvent* event) {
  View::resizeEvent(event);
  if (grid_ != nullptr) {
    arrange();
  }
}

}  // namespace mtok::gui
