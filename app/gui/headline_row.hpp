// The row of tiles with the figures that everybody asks for first.
#pragma once

#include <QWidget>
#include <vector>

class QFrame;
class QGridLayout;
class QLabel;

namespace mtok::gui {

struct Headline;

class HeadlineRow final : public QWidget {
  Q_OBJECT
 public:
  explicit HeadlineRow(QWidget* parent = nullptr);
  void show(const std::vector<Headline>& tiles);
  /// Before there is a result.
  void showNothing(const QString& why);

 signals:
  void whyAsked(const QString& key);

 protected:
  bool eventFilter(QObject* watched, QEvent* event) override;
  void resizeEvent(QResizeEvent* event) override;

 private:
  void arrange();
  void fitValues();
  struct Tile {
    QFrame* frame = nullptr;
    QLabel* title = nullptr;
    QLabel* value = nullptr;
    QLabel* note = nullptr;
    QLabel* change = nullptr;
  };
  QGridLayout* grid_ = nullptr;
  int columns_ = 0;
  std::vector<Tile> tiles_;
};

}  // namespace mtok::gui
