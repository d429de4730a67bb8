// Fills the tiles.
#include "app/gui/headline_row.hpp"

#include <QFrame>
#include <QGridLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QStyle>
#include <QVariant>

#include "app/gui/elided_label.hpp"
#include "app/gui/models/result_sheets.hpp"

namespace mtok::gui {
namespace {

constexpr int kTiles = 5;
constexpr int kNarrowest = 132;      // pixels of a tile; below, they stand in two rows
constexpr double kValuePoints = 19;  // as in the style sheet

void set_tone(QLabel& label, std::optional<bool> better) {
  const QString tone = !better ? QString() : *better ? QStringLiteral("better") : QStringLiteral("worse");
  if (label.property("tone").toString() != tone) {
    label.setProperty("tone", tone);
    label.style()->unpolish(&label);
    label.style()->polish(&label);
  }
}

}  // namespace

HeadlineRow::HeadlineRow(QWidget* parent) : QWidget(parent) {
  grid_ = new QGridLayout(this);
  grid_->setContentsMargins(0, 0, 0, 0);
  grid_->setSpacing(10);
  for (int i = 0; i < kTiles; ++i) {
    Tile tile{.frame = new QFrame(this)};
    tile.frame->setObjectName(QStringLiteral("card"));
    tile.frame->setFocusPolicy(Qt::TabFocus);
    tile.frame->setCursor(Qt::PointingHandCursor);
    tile.frame->installEventFilter(this);
    const auto label = [&](const char* role, const QString& name) {
      auto* const made = new ElidedLabel(tile.frame);
      made->setProperty("role", role);
      made->setObjectName(name + QString::number(i));
      return made;
    };
    tile.title = label("muted", QStringLiteral("tileTitle"));
    tile.value = label("value", QStringLiteral("tileValue"));
    tile.note = label("small", QStringLiteral("tileNote"));
    tile.change = label("small", QStringLiteral("tileChange"));
    auto* const column = new QVBoxLayout(tile.frame);
    column->setSpacing(2);
    for (QLabel* const line : {tile.title, tile.value, tile.note, tile.change}) {
      column->addWidget(line);
    }
    tiles_.push_back(tile);
  }
  arrange();
}

/// All tiles in one row, or where that makes them too narrow to be read in two.
void HeadlineRow::arrange() {
  const int fit = (width() + grid_->spacing()) / (kNarrowest + grid_->spacing());
  const int columns = fit >= kTiles ? kTiles : (kTiles + 1) / 2;
  if (columns == columns_) {
    return;
  }
  columns_ = columns;
  const int air = columns == kTiles ? 10 : 5;
  grid_->setVerticalSpacing(air);
  for (int i = 0; i < kTiles; ++i) {
    grid_->addWidget(tiles_[static_cast<std::size_t>(i)].frame, i / columns, i % columns);
    grid_->setColumnStretch(i, i < columns ? 1 : 0);
    tiles_[static_cast<std::size_t>(i)].frame->layout()->setContentsMargins(12, air, 8, air);
  }
}

void HeadlineRow::show(const std::vector<Headline>& tiles) {
  for (std::size_t i = 0; i < tiles_.size() && i < tiles.size(); ++i) {
    const Headline& from = tiles[i];
    const Tile& tile = tiles_[i];
    tile.title->setText(from.title);
    tile.value->setText(from.value);
    QString note = from.note;
    if (from.kept) {
      note += *from.kept ? QStringLiteral(" ✓") : QStringLiteral(" ✗ broken");
    }
    tile.note->setText(note);
    set_tone(*tile.note, from.kept && !*from.kept ? std::optional(false) : std::nullopt);
    tile.change->setText(from.change.isEmpty() ? tr("this is the base") : from.change);
    set_tone(*tile.change, from.better);
    tile.frame->setToolTip(from.tip);
    tile.frame->setProperty("key", from.key);
    tile.frame->setAccessibleName(from.title + QStringLiteral(": ") + from.value);
    tile.frame->setAccessibleDescription(note + QStringLiteral("; ") + from.change);
  }
  fitValues();
}

/// Values that do not fit are set in a smaller type, all of them.
void HeadlineRow::fitValues() {
  bool tight = false;
  for (const Tile& tile : tiles_) {
    QFont large = tile.value->font();
    large.setPointSizeF(kValuePoints);
    tight = tight || QFontMetrics(large).horizontalAdvance(tile.value->text()) > tile.value->width();
  }
  for (const Tile& tile : tiles_) {
    if (tile.value->property("tight").toBool() != tight) {
      tile.value->setProperty("tight", tight);
      tile.value->style()->unpolish(tile.value);
      tile.value->style()->polish(tile.value);
    }
  }
}

void HeadlineRow::resizeEvent(QResizeEvent* event) {
  QWidget::resizeEvent(event);
  arrange();
  fitValues();
}

void HeadlineRow::showNothing(const QString& why) {
  for (const Tile& tile : tiles_) {
    tile.value->setText(QStringLiteral("–"));
    tile.note->setText(why);
    tile.change->clear();
    set_tone(*tile.note, std::nullopt);
    set_tone(*tile.change, std::nullopt);
  }
}

bool HeadlineRow::eventFilter(QObject* watched, QEvent* event) {
  const bool click = event->type() == QEvent::MouseButtonRelease;
  bool key = false;
  if (event->type() == QEvent::KeyPress) {
    const int code = static_cast<QKeyEvent*>(event)->key();
    key = code == Qt::Key_F1 || code == Qt::Key_Return || code == Qt::Key_Space;
  }
  if (click || key) {
    const QString name = watched->property("key").toString();
    if (!name.isEmpty()) {
      emit whyAsked(name);
      return true;
    }
  }
  return QWidget::eventFilter(watched, event);
}

}  // namespace mtok::gui
