// Holds one view.
#include "app/gui/view_frame.hpp"

#include "app/gui/view.hpp"

namespace mtok::gui {

ViewFrame::ViewFrame(View* view, QWidget* parent) : QScrollArea(parent) {
  setWidget(view);
  setWidgetResizable(true);
  setFocusPolicy(Qt::NoFocus);
}

View* ViewFrame::view() const {
  return qobject_cast<View*>(widget());
}

void ViewFrame::resizeEvent(QResizeEvent* event) {
  constexpr int kTwoCards = 780;  // pixels that two cards side by side need
  view()->setNarrow(width() < kTwoCards);
  QScrollArea::resizeEvent(event);
}

}  // namespace mtok::gui
