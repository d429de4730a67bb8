// In a small window: nothing makes it wider, words are whole or cut with a tooltip, and views scroll.
#include <gtest/gtest.h>

#include <QAbstractButton>
#include <QLabel>
#include <QScrollBar>
#include <array>
#include <set>
#include <utility>

#include "app/gui/elided_label.hpp"
#include "app/gui/main_window.hpp"
#include "app/gui/view_frame.hpp"
#include "tests/gui/gui_test.hpp"

namespace mtok::gui {
namespace {

constexpr std::array kSizes{QSize(1280, 800), QSize(1024, 700), QSize(1000, 650), QSize(900, 650)};

void expect_whole_words(const MainWindow& window, const std::string& where) {
  for (const QLabel* const label : window.findChildren<QLabel*>()) {
    const bool may_be_cut = label->wordWrap() || qobject_cast<const ElidedLabel*>(label) != nullptr;
    if (label->isVisible() && !may_be_cut) {
      EXPECT_GE(label->width(), label->sizeHint().width()) << where << ": " << label->text().toStdString();
    }
  }
  for (const QAbstractButton* const button : window.findChildren<QAbstractButton*>()) {
    if (button->isVisible() && !button->text().isEmpty()) {
      EXPECT_GE(button->width(), button->minimumSizeHint().width())
          << where << ": " << button->text().toStdString();
    }
  }
}

void expect_no_sideways_scrolling(const MainWindow& window, const std::string& where) {
  for (const ViewFrame* const frame : window.findChildren<ViewFrame*>()) {
    if (frame->isVisible()) {
      EXPECT_EQ(frame->horizontalScrollBar()->maximum(), 0) << where;
    }
  }
}

void expect_tiles_to_be_read(const MainWindow& window, const std::string& where) {
  std::set<std::pair<int, int>> places;
  for (int i = 0; i < 5; ++i) {
    const auto* const value = window.findChild<ElidedLabel*>(QStringLiteral("tileValue%1").arg(i));
    ASSERT_NE(value, nullptr);
    if (value->isVisible()) {
      EXPECT_FALSE(value->cut()) << where << ": " << value->text().toStdString();
      EXPECT_TRUE(places.emplace(value->parentWidget()->x(), value->parentWidget()->y()).second) << where;
    }
  }
}

TEST(Narrow, EveryViewCanBeReadInASmallWindow) {
  const planner::Catalogue catalogue = shipped_catalogue();
  MainWindow window(catalogue);
  window.show();
  ASSERT_TRUE(window.openFile(QString::fromStdString(workload("support-chat.mtok").string())));
  for (const QString& name : MainWindow::viewNames()) {
    ASSERT_TRUE(window.showView(name));
    ASSERT_TRUE(wait_for([&] { return window.settled(); })) << name.toStdString();
    for (const QSize size : kSizes) {
      window.resize(size);
      wait_for([] { return false; }, 40);
      const std::string where = name.toStdString() + " at " + std::to_string(size.width());
      EXPECT_EQ(window.size(), size) << where;
      expect_whole_words(window, where);
      expect_no_sideways_scrolling(window, where);
      expect_tiles_to_be_read(window, where);
    }
  }
}

TEST(ElidedLabel, KeepsItsTextAndKnowsWhenItIsCut) {
  ElidedLabel label;
  label.setText(QStringLiteral("promise 100 ms"));
  label.resize(label.sizeHint());
  EXPECT_FALSE(label.cut());
  label.resize(label.sizeHint().width() / 2, label.height());
  EXPECT_TRUE(label.cut());
  EXPECT_EQ(label.text(), QStringLiteral("promise 100 ms"));
  EXPECT_LT(label.minimumSizeHint().width(), label.width());
}

}  // namespace
}  // namespace mtok::gui
