// Everything that can be done, found by typing: Ctrl+K.
#pragma once

#include <QFrame>
#include <QKeySequence>
#include <functional>
#include <vector>

class QLineEdit;
class QListWidget;

namespace mtok::gui {

struct Command {
  QString title{};
  QString hint{};  ///< where it is, or its keys
  std::function<void()> run{};
};

class CommandPalette final : public QFrame {
  Q_OBJECT
 public:
  explicit CommandPalette(QWidget* parent);
  void open(std::vector<Command> commands);

 protected:
  bool eventFilter(QObject* watched, QEvent* event) override;

 private:
  void filter(const QString& text);
  void runCurrent();

  QLineEdit* search_;
  QListWidget* list_;
  std::vector<Command> commands_;
};

}  // namespace mtok::gui
