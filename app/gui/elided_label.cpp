// Draws a cut text.
#include "app/gui/elided_label.hpp"

#include <QHelpEvent>
#include <QPainter>
#include <QToolTip>

namespace mtok::gui {

QSize ElidedLabel::minimumSizeHint() const {
  constexpr int kLetters = 3;
  return {fontMetrics().averageCharWidth() * kLetters, QLabel::minimumSizeHint().height()};
}

bool ElidedLabel::cut() const {
  return fontMetrics().horizontalAdvance(text()) > contentsRect().width();
}

bool ElidedLabel::event(QEvent* event) {
  if (event->type() == QEvent::ToolTip && cut()) {
    QStringList lines{text()};
    for (const QWidget* above = this; above != nullptr; above = above->parentWidget()) {
      if (!above->toolTip().isEmpty()) {
        lines << above->toolTip();
        break;
      }
    }
    QToolTip::showText(static_cast<QHelpEvent*>(event)->globalPos(), lines.join(u'\n'), this);
    return true;
  }
  return QLabel::event(event);
}

void ElidedLabel::paintEvent(QPaintEvent* event) {
  if (!cut()) {
    QLabel::paintEvent(event);
    return;
  }
  QPainter painter(this);
  painter.setPen(palette().color(foregroundRole()));
  painter.drawText(contentsRect(), static_cast<int>(alignment()) | Qt::TextSingleLine,
                   fontMetrics().elidedText(text(), Qt::ElideRight, contentsRect().width()));
}

}  // namespace mtok::gui
