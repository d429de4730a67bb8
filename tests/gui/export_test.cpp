// Tests what the window writes, and that its figures tell where they come from.
#include <gtest/gtest.h>

#include <QAction>
#include <QDir>
#include <QFile>
#include <QTableView>
#include <QTest>
#include <QTreeView>
#include <nlohmann/json.hpp>

#include "app/gui/main_window.hpp"
#include "app/gui/message_bar.hpp"
#include "app/gui/models/bill_parts.hpp"
#include "app/gui/models/result_sheets.hpp"
#include "app/gui/models/sheet.hpp"
#include "app/report/focus_check.hpp"
#include "sim/planner/provenance.hpp"
#include "tests/gui/gui_test.hpp"

namespace mtok::gui {
namespace {

using Json = nlohmann::ordered_json;

class Exports : public testing::Test {
 protected:
  void SetUp() override {
    window_.show();
    ASSERT_TRUE(window_.openFile(write_small_chat(folder_)));
    ProjectDocument& document = window_.workbench().document();
    const int second = document.duplicateScenario(document.scenarios().front().id);
    document.renameScenario(second, QStringLiteral("three replicas"));
    document.setValue(second, "fleet.replicas", "3");
    ASSERT_TRUE(wait_for([this] { return window_.workbench().settled(); }));
  }

  /// The bytes of the file with this ending.
  QByteArray written(const QString& ending) {
    QFile file(folder_.filePath(QStringLiteral("small_chat") + ending));
    EXPECT_TRUE(file.open(QIODevice::ReadOnly)) << ending.toStdString();
    return file.readAll();
  }

  QTemporaryDir folder_;
  MainWindow window_{shipped_catalogue()};
};

TEST_F(Exports, EveryKindOfReportIsWritten) {
  window_.findChild<QAction*>("reportAll")->setChecked(true);
  window_.exportReports(folder_.path());
  const auto* const bar = window_.findChild<MessageBar*>();
  ASSERT_TRUE(wait_for([bar] { return bar->text().contains("Written: "); }, 120'000))
      << bar->text().toStdString();
  const Json json = Json::parse(written(".json").toStdString());
  EXPECT_EQ(json.at("schema"), "mtok.report/1");
  EXPECT_NE(json.dump().find("three replicas"), std::string::npos);  // with all scenarios
  EXPECT_TRUE(written(".xlsx").startsWith("PK"));
  EXPECT_TRUE(written(".pdf").startsWith("%PDF"));
  EXPECT_TRUE(written(".html").contains("<html"));
  EXPECT_TRUE(written(".md").startsWith("# "));
  EXPECT_TRUE(written(".csv").startsWith("section,item,figure"));
  const report::FocusVerdict verdict = report::check_focus(written(".focus.csv").toStdString(), "focus.csv");
  EXPECT_TRUE(verdict.errors.empty()) << verdict.errors.front().message;
  EXPECT_GT(verdict.rows, 0);
  EXPECT_TRUE(QDir(folder_.path()).entryList({"*.part"}).isEmpty());
}

TEST_F(Exports, AFolderThatCannotBeWrittenIsTold) {
  window_.exportReports(QStringLiteral("/nonexistent/folder"));
  const auto* const bar = window_.findChild<MessageBar*>();
  ASSERT_TRUE(wait_for([bar] { return bar->text().contains("Not exported: "); }, 120'000));
  EXPECT_TRUE(bar->text().contains("cannot be written")) << bar->text().toStdString();
}

// A cell of another scenario is explained by that scenario's run, not by the one that is looked at.
TEST_F(Exports, ACellOfATableTellsWhyItsNumberIsWhatItIs) {
  ASSERT_TRUE(window_.showView("breakdown"));
  QCoreApplication::processEvents();
  auto* const table = window_.findChild<QTableView*>("breakdownTable");
  const QModelIndex total = table->model()->index(1, 5);
  const double raw = total.data(SheetModel::kRawRole).toDouble();
  const auto base = window_.workbench().result(total.data(SheetModel::kScenarioRole).toInt());
  ASSERT_TRUE(base);
  EXPECT_EQ(raw, base->bill.total.usd().base());
  table->scrollTo(total);
  QTest::mouseClick(table->viewport(), Qt::LeftButton, {}, table->visualRect(total).center());
  auto* const tree = window_.findChild<QTreeView*>("whyTree");
  ASSERT_NE(tree, nullptr);
  ASSERT_TRUE(wait_for([&] { return tree->model()->rowCount() == 1; }));
  const QString shown = tree->model()->index(0, 1).data().toString();
  EXPECT_TRUE(shown.startsWith(QString::number(raw, 'f', 2))) << shown.toStdString() << " for " << raw;
}

// Every key that a cell offers is one that the planner can explain.
TEST_F(Exports, EveryFigureThatOffersAFormulaHasOne) {
  const int current = window_.workbench().current();
  const auto result = window_.workbench().result(current);
  const planner::Provenance provenance(*result, window_.workbench().catalogue());
  int explained = 0;
  const auto check = [&](const Sheet& sheet) {
    for (const auto& row : sheet.rows) {
      for (const Cell& cell : row) {
        if (!cell.key.isEmpty() && (cell.scenario == 0 || cell.scenario == current)) {
          EXPECT_TRUE(provenance.explain(cell.key.toStdString())) << cell.key.toStdString();
          ++explained;
        }
      }
    }
  };
  const auto named = window_.workbench().namedResults();
  check(comparison_sheet(named, 0, false));
  check(parts_sheet(named, BillSplit::tokens));
  check(parts_sheet(named, BillSplit::resources));
  check(latency_sheet(*result));
  for (const Headline& headline : headlines(*result, nullptr, {})) {
    EXPECT_TRUE(provenance.explain(headline.key.toStdString())) << headline.key.toStdString();
  }
  EXPECT_GT(explained, 40);
}

}  // namespace
}  // namespace mtok::gui
