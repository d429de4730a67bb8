// Shows messages.
#include "app/gui/message_bar.hpp"

#include <QHBoxLayout>
#include <QLabel>
#include <QToolButton>

namespace mtok::gui {

MessageBar::MessageBar(QWidget* parent) : QFrame(parent), label_(new QLabel(this)) {
  setObjectName(QStringLiteral("messageBar"));
  label_->setObjectName(QStringLiteral("message"));
  label_->setWordWrap(true);
  label_->setTextInteractionFlags(Qt::TextSelectableByMouse);
  label_->setTextFormat(Qt::PlainText);
  auto* const close = new QToolButton(this);
  close->setText(QStringLiteral("✕"));
  close->setAutoRaise(true);
  close->setAccessibleName(tr("Close the message"));
  connect(close, &QToolButton::clicked, this, [this] {
    said_.clear();
    standing_.clear();
    update();
  });
  auto* const layout = new QHBoxLayout(this);
  layout->setContentsMargins(10, 4, 6, 4);
  layout->addWidget(label_, 1);
  layout->addWidget(close, 0, Qt::AlignTop);
  hide();
}

void MessageBar::say(const QString& text) {
  said_ = text;
  update();
}

void MessageBar::setStanding(const QString& text) {
  standing_ = text;
  update();
}

QString MessageBar::text() const {
  return label_->text();
}

void MessageBar::update() {
  const QString text = said_.isEmpty() ? standing_ : said_;
  label_->setText(text);
  setVisible(!text.isEmpty());
}

}  // namespace mtok::gui
