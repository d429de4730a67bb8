// Says what is missing.
#include "app/gui/views/empty_view.hpp"

#include <QFrame>
#include <QLabel>
#include <QVBoxLayout>

namespace mtok::gui {

EmptyView::EmptyView(Workbench& workbench, const QString& title, const QString& why, QWidget* parent)
    : View(workbench, parent) {
  auto* const card = new QFrame(this);
  card->setObjectName(QStringLiteral("card"));
  auto* const head = new QLabel(title, card);
  head->setProperty("role", "title");
  head->setAlignment(Qt::AlignCenter);
  auto* const text = new QLabel(why, card);
  text->setProperty("role", "muted");
  text->setAlignment(Qt::AlignCenter);
  text->setWordWrap(true);
  text->setObjectName(QStringLiteral("emptyReason"));
  auto* const inside = new QVBoxLayout(card);
  inside->addStretch(2);
  inside->addWidget(head);
  inside->addWidget(text);
  inside->addStretch(3);
  auto* const layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->addWidget(card);
}

}  // namespace mtok::gui
