// Tests what the window tells: figures by F1, every command by typing, both splits of a bill.
#include <gtest/gtest.h>

#include <QComboBox>
#include <QLabel>
#include <QLineEdit>
#include <QListWidget>
#include <QMenuBar>
#include <QTableView>
#include <QTest>
#include <QTreeView>

#include "app/gui/main_window.hpp"
#include "app/gui/message_bar.hpp"
#include "app/gui/models/bill_parts.hpp"
#include "app/gui/models/sheet.hpp"
#include "tests/gui/gui_test.hpp"

namespace mtok::gui {
namespace {

class Help : public testing::Test {
 protected:
  void SetUp() override {
    window_.show();
    ASSERT_TRUE(window_.openFile(write_small_chat(folder_)));
    ASSERT_TRUE(wait_for([this] { return window_.workbench().settled(); }));
  }
  void trigger(const QString& title) {
    for (const QAction* const top : window_.menuBar()->actions()) {
      for (QAction* const action : top->menu()->actions()) {
        if (action->text().section(u'\t', 0, 0) == title) {
          action->trigger();
        }
      }
    }
  }
  QString message() { return window_.findChild<MessageBar*>()->text(); }

  QTemporaryDir folder_;
  MainWindow window_{shipped_catalogue()};
};

TEST_F(Help, F1ExplainsTheFirstTileWhereNothingElseIsMeant) {
  QTest::keyClick(&window_, Qt::Key_F1);
  auto* const title = window_.findChild<QLabel*>("whyTitle");
  ASSERT_NE(title, nullptr);
  ASSERT_TRUE(wait_for([&] { return title->text().startsWith("Why "); }));
  EXPECT_EQ(window_.findChild<QTreeView*>("whyTree")->model()->rowCount(), 1);
}

TEST_F(Help, F1OnAFieldTellsItsValueAndItsSource) {
  auto* const stated = window_.findChild<QLineEdit*>("fleet.replicas");
  stated->setFocus();
  QTest::keyClick(stated, Qt::Key_F1);
  EXPECT_TRUE(message().contains("Stated by the scenario: 2")) << message().toStdString();
  auto* const assumed = window_.findChild<QLineEdit*>("engine.gpu_memory_utilization");
  assumed->setFocus();
  QTest::keyClick(assumed, Qt::Key_F1);
  EXPECT_TRUE(message().contains("Assumed: 0.9") && message().contains("Source: "))
      << message().toStdString();
}

TEST_F(Help, ThePaletteHasEveryCommandOfMenusAndOfTheView) {
  ASSERT_TRUE(window_.showView("sweep"));
  trigger("Find a command or field…");
  const auto* const list = window_.findChild<QListWidget*>("paletteList");
  ASSERT_NE(list, nullptr);
  const auto offers = [&](const QString& text) {
    return !list->findItems(text, Qt::MatchStartsWith).empty();
  };
  for (const QAction* const top : window_.menuBar()->actions()) {
    for (const QAction* const action : top->menu()->actions()) {
      if (!action->isSeparator() && action->isEnabled()) {
        const QString title = action->text().remove(u'&').section(u'\t', 0, 0);
        EXPECT_TRUE(offers(title)) << title.toStdString();
      }
    }
  }
  EXPECT_TRUE(offers("Every combination, as it stands: Data as CSV…"));
  EXPECT_TRUE(offers("Run the sweep") || offers("Stop"));
  EXPECT_TRUE(offers("Fleet: Replicas"));
}

// A row of the ladder is a scenario of its own: F1 explains its figure by its own run, Return opens it.
TEST_F(Help, ARungExplainsItsFiguresAndOpens) {
  ASSERT_TRUE(window_.showView("ladder"));
  auto* const table = window_.findChild<QTableView*>("ladderTable");
  ASSERT_TRUE(wait_for([&] { return table->model()->rowCount() > 2; }));
  const QModelIndex cost = table->model()->index(1, 2);
  table->setCurrentIndex(cost);
  QTest::keyClick(table, Qt::Key_F1);
  ASSERT_TRUE(wait_for([&] {
    const auto* const tree = window_.findChild<QTreeView*>("whyTree");
    return tree != nullptr && tree->model()->rowCount() == 1;
  }));
  const QString explained = window_.findChild<QTreeView*>("whyTree")->model()->index(0, 1).data().toString();
  const double raw = cost.data(SheetModel::kRawRole).toDouble();
  EXPECT_NEAR(explained.section(u' ', 0, 0).toDouble(), raw, raw * 1e-4) << explained.toStdString();
  const std::size_t before = window_.workbench().document().scenarios().size();
  QTest::keyClick(table, Qt::Key_Return);
  EXPECT_EQ(window_.workbench().document().scenarios().size(), before + 1);
}

TEST_F(Help, KeysAreListed) {
  trigger("Keys");
  const auto* const table = window_.findChild<QTableView*>("keysTable");
  ASSERT_NE(table, nullptr);
  EXPECT_GT(table->model()->rowCount(), 20);
}

// Both splits are of the same bill, to the last 1e-12 USD.
TEST_F(Help, PartsOfABillAddUpToIt) {
  const auto scenarios = window_.workbench().namedResults();
  const cost::Bill& bill = scenarios.front().result->bill;
  for (const BillSplit split : {BillSplit::tokens, BillSplit::resources}) {
    Money sum;
    for (const BillPart& part : bill_parts(split, scenarios)) {
      sum += part.amount(bill);
    }
    EXPECT_EQ(sum, bill.total);
  }
  ASSERT_TRUE(window_.showView("breakdown"));
  auto* const split = window_.findChild<QComboBox*>("billSplit");
  split->setCurrentIndex(1);
  emit split->activated(1);
  const auto* const table = window_.findChild<QTableView*>("breakdownTable");
  EXPECT_EQ(table->model()->headerData(1, Qt::Horizontal).toString(), "Hardware");
}

}  // namespace
}  // namespace mtok::gui
