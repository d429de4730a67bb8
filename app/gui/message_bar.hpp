// Messages that do not stop anybody: a line above the results that can be closed.
#pragma once

#include <QFrame>

class QLabel;

namespace mtok::gui {

class MessageBar final : public QFrame {
  Q_OBJECT
 public:
  explicit MessageBar(QWidget* parent = nullptr);
  void say(const QString& text);
  /// A message that stands as long as its cause; empty: the cause is gone.
  void setStanding(const QString& text);
  [[nodiscard]] QString text() const;

 private:
  void update();

  QLabel* label_;
  QString said_;
  QString standing_;
};

}  // namespace mtok::gui
