// The frame around a view: scrolls where the view needs more room than there is.
#pragma once

#include <QScrollArea>

namespace mtok::gui {

class View;

/// Tells its view when it is too narrow for two cards side by side.
class ViewFrame final : public QScrollArea {
  Q_OBJECT
 public:
  /// Owns the view.
  explicit ViewFrame(View* view, QWidget* parent = nullptr);
  [[nodiscard]] View* view() const;

 protected:
  void resizeEvent(QResizeEvent* event) override;
};

}  // namespace mtok::gui
