// A line of text that is cut where it does not fit, and says all of itself in its tooltip then.
#pragma once

#include <QLabel>

namespace mtok::gui {

class ElidedLabel final : public QLabel {
  Q_OBJECT
 public:
  explicit ElidedLabel(QWidget* parent = nullptr) : QLabel(parent) {}

  [[nodiscard]] QSize minimumSizeHint() const override;
  /// A part of the text is not shown.
  [[nodiscard]] bool cut() const;

 protected:
  bool event(QEvent* event) override;
  void paintEvent(QPaintEvent* event) override;
};

}  // namespace mtok::gui
