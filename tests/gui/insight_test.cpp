// Tests the views that plan ahead: sensitivity, capacity, calibration.
#include <gtest/gtest.h>

#include <QAbstractItemModelTester>
#include <QDropEvent>
#include <QKeyEvent>
#include <QLabel>
#include <QMimeData>
#include <QProcess>
#include <QPushButton>
#include <QSlider>
#include <QTabBar>
#include <QTableView>
#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>

#include "app/gui/main_window.hpp"
#include "app/gui/message_bar.hpp"
#include "app/gui/models/calibration_sheet.hpp"
#include "app/gui/models/capacity_sheet.hpp"
#include "app/gui/models/sensitivity_sheet.hpp"
#include "app/gui/view.hpp"
#include "app/gui/views/calibrate_view.hpp"
#include "tests/gui/gui_test.hpp"

namespace mtok::gui {
namespace {

using Json = nlohmann::ordered_json;

class Insights : public testing::Test {
 protected:
  void SetUp() override {
    file_ = write_small_chat(folder_);
    window_.show();
    ASSERT_TRUE(window_.openFile(file_));
    ASSERT_TRUE(wait_for([this] { return window_.workbench().settled(); }));
  }

  void show(const char* view) {
    ASSERT_TRUE(window_.showView(QLatin1String(view)));
    ASSERT_TRUE(wait_for([this] { return window_.settled(); }));
  }

  /// What `mtok VERB` prints for the same scenario.
  Json printed(QStringList words) {
    QProcess mtok;
    mtok.start(MTOK_BINARY, words << file_ << "--format"
                                  << "json"
                                  << "-q");
    EXPECT_TRUE(mtok.waitForFinished(120'000));
    return Json::parse(mtok.readAllStandardOutput().toStdString());
  }

  QAbstractItemModel& table(const char* name) {
    return *window_.findChild<QTableView*>(QLatin1String(name))->model();
  }
  static double raw(const QAbstractItemModel& model, int row, int column) {
    return model.index(row, column).data(SheetModel::kRawRole).toDouble();
  }
  QString text(const char* label) { return window_.findChild<QLabel*>(QLatin1String(label))->text(); }

  QTemporaryDir folder_;
  QString file_;
  MainWindow window_{shipped_catalogue()};
};

double number_of(const Json& json) {
  return json.is_string() ? QString::fromStdString(json.get<std::string>()).toDouble() : json.get<double>();
}

constexpr double kDigits = 1e-9;  // the JSON has 12 significant digits

TEST_F(Insights, TheTornadoIsThatOfTheCommandLine) {
  show("sensitivity");
  const QAbstractItemModel& shown = table("sensitivityTable");
  const Json swings = printed({"sensitivity"}).at("swings");
  ASSERT_EQ(shown.rowCount(), static_cast<int>(swings.size()));
  for (int row = 0; row < shown.rowCount(); ++row) {
    const Json& swing = swings.at(static_cast<std::size_t>(row));
    EXPECT_NEAR(raw(shown, row, 1), number_of(swing.at("low")), kDigits);
    const double low = number_of(swing.at("at_low").at("usd_per_mtok"));
    const double high = number_of(swing.at("at_high").at("usd_per_mtok"));
    EXPECT_NEAR(raw(shown, row, 4), low, kDigits * low) << row;
    EXPECT_NEAR(raw(shown, row, 5), high, kDigits * high) << row;
  }
  EXPECT_TRUE(text("sensitivitySubtitle").contains("In 8 of 10 cases"))
      << text("sensitivitySubtitle").toStdString();
}

TEST_F(Insights, ASliderTellsWhatTheMovedScenarioComesTo) {
  show("sensitivity");
  const QAbstractItemModel& shown = table("whatIfTable");
  ASSERT_GT(shown.rowCount(), 0);
  const double now = raw(shown, 0, 1);
  EXPECT_EQ(shown.index(1, 1).data().toString(), "–");
  auto* const slider = window_.findChild<QSlider*>("whatIf:price");
  ASSERT_NE(slider, nullptr);
  slider->setValue(slider->maximum());
  ASSERT_TRUE(wait_for([&] { return window_.settled() && raw(shown, 1, 1) > now; }));
  EXPECT_TRUE(shown.index(2, 1).data().toString().startsWith(u'+'));
  window_.findChild<QPushButton*>("whatIfReset")->click();
  ASSERT_TRUE(wait_for([&] { return shown.index(1, 1).data().toString() == "–"; }));
}

TEST_F(Insights, MonthsAndWaysToPayAreThoseOfTheCommandLine) {
  show("capacity");
  const Json plan = printed({"capacity"});
  const QAbstractItemModel& months = table("capacityMonthsTable");
  ASSERT_EQ(months.rowCount(), 6);
  for (int row = 0; row < 6; ++row) {
    const Json& month = plan.at("rows").at(static_cast<std::size_t>(row));
    EXPECT_EQ(raw(months, row, 6), month.at("devices").get<double>());
    EXPECT_NEAR(raw(months, row, 2), number_of(month.at("peak_requests_per_s")),
                kDigits * raw(months, row, 2));
  }
  const QAbstractItemModel& options = table("capacityTable");
  ASSERT_EQ(options.rowCount(), static_cast<int>(plan.at("options").size()));
  for (int row = 0; row < options.rowCount(); ++row) {
    const Json& option = plan.at("options").at(static_cast<std::size_t>(row));
    EXPECT_EQ(options.index(row, 0).data().toString().toStdString(), option.at("name").get<std::string>());
    if (option.at("missing").is_null()) {
      const double value = number_of(option.at("present_value_usd"));
      EXPECT_NEAR(raw(options, row, 2), value, kDigits * value);
    }
  }
  EXPECT_EQ(table("capacityStaircaseTable").rowCount(), static_cast<int>(plan.at("staircase").size()));
  const QAbstractItemModel& reserve = table("capacityCommitmentsTable");
  int row = 0;
  for (const Json& commitment : plan.at("commitments")) {
    for (const Json& rung : commitment.at("rungs")) {
      EXPECT_NEAR(raw(reserve, row, 5), number_of(rung.at("reserved_usd")), kDigits * raw(reserve, row, 5));
      EXPECT_EQ(reserve.index(row, 6).data().toString() == "reserve", rung.at("reserve").get<bool>());
      ++row;
    }
  }
  EXPECT_GT(row, 0);
  EXPECT_EQ(reserve.rowCount(), row);
}

TEST_F(Insights, ADroppedBenchmarkIsFittedAndItsProfilesCanBeUsed) {
  const QString bench = QStringLiteral(MTOK_SOURCE_DIR "/tests/unit/validation/bench/vllm.json");
  QMimeData data;
  data.setUrls({QUrl::fromLocalFile(bench)});
  QDropEvent drop(QPointF(50, 50), Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
  QDragEnterEvent enter(QPoint(50, 50), Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
  QCoreApplication::sendEvent(&window_, &enter);
  EXPECT_TRUE(enter.isAccepted());
  QCoreApplication::sendEvent(&window_, &drop);
  ASSERT_TRUE(wait_for([this] { return window_.settled() && table("calibrateTable").rowCount() > 0; }));
  EXPECT_EQ(table("calibrateTable").rowCount(), 3);  // TTFT, TPOT, throughput of one point
  EXPECT_EQ(table("calibrateConstants").rowCount(), 5);
  EXPECT_TRUE(text("calibrateSubtitle").contains("vllm.json: median error"))
      << text("calibrateSubtitle").toStdString();
  auto* const view = window_.findChild<CalibrateView*>();
  view->write(folder_.path());
  EXPECT_TRUE(QFile::exists(folder_.filePath("vllm-calibrated.yaml")));
  EXPECT_TRUE(QFile::exists(folder_.filePath("h100-sxm-calibrated.yaml")));
  EXPECT_EQ(window_.findChild<QTabBar*>("scenarioTabs")->count(), 2);
  ASSERT_TRUE(wait_for([this] { return window_.workbench().settled(); }));
  const auto result = window_.workbench().result(window_.workbench().current());
  ASSERT_TRUE(result) << window_.findChild<MessageBar*>()->text().toStdString();
  EXPECT_FALSE(result->infeasible);
}

TEST_F(Insights, WhatIsNoBenchmarkSaysSo) {
  const QString file = folder_.filePath("other.json");
  std::ofstream(file.toStdString()) << "{\"a\": 1}";
  window_.openBenchmarks({file});
  ASSERT_TRUE(wait_for([this] { return text("calibrateSubtitle").startsWith("not calibrated: "); }));
  EXPECT_TRUE(text("calibrateSubtitle").contains("other.json")) << text("calibrateSubtitle").toStdString();
}

TEST(InsightSheets, KeepTheRulesOfItemModels) {
  SheetModel model;
  const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::Fatal);
  planner::Sensitivity sensitivity;
  sensitivity.swings = {{.input = planner::Input::price, .unit = "USD/h", .base = 2, .low = 1, .high = 4}};
  model.setSheet(sensitivity_sheet(sensitivity));
  EXPECT_EQ(model.index(0, 1).data().toString(), "1.00 USD/h");
  EXPECT_EQ(model.index(0, 4).data().toString(), "–");  // no tokens, no rate
  const planner::Outcome moved{.per_token = UsdPerToken(2e-6)};
  sensitivity.base.per_token = UsdPerToken(1e-6);
  model.setSheet(what_if_sheet(sensitivity, &moved));
  EXPECT_EQ(model.index(1, 1).data().toString(), "$2.00");
  EXPECT_EQ(model.index(2, 1).data().toString(), "+100 %");
  planner::Capacity capacity;
  capacity.options = {{.name = "own", .missing = "no price to buy"}};
  model.setSheet(options_sheet(capacity));
  EXPECT_EQ(model.index(0, 6).data().toString(), "no price to buy");
  model.setSheet(months_sheet(capacity));
  model.setSheet(staircase_sheet(capacity));
  model.setSheet(commitments_sheet(capacity));
  validation::BenchFit fit;
  fit.constants = {{.name = "host_time.step", .before = "1 ms", .after = "2 ms"}};
  model.setSheet(constants_sheet(fit));
  EXPECT_EQ(model.index(0, 2).data().toString(), "2 ms");
  model.setSheet(calibration_sheet(fit));
  EXPECT_EQ(model.rowCount(), 0);
}

// A slider goes from half to double where a planner decides, and over the range of the analysis elsewhere.
TEST(InsightSheets, SlidersEndWhereTheyMakeSense) {
  const planner::InputRange replicas =
      slider_range({.input = planner::Input::replicas, .base = 3, .low = 2, .high = 4});
  EXPECT_EQ(replicas.low, 2);  // half of three, whole
  EXPECT_EQ(replicas.high, 6);
  const planner::InputRange price =
      slider_range({.input = planner::Input::price, .base = 2, .low = 1, .high = 4});
  EXPECT_EQ(price.low, 1);
  EXPECT_EQ(price.high, 4);
}

// Every number of a plan that "why this number" is promised for has a tree, in the tables and from the
// planner.
TEST_F(Insights, FiguresOfStudiesHaveFormulaTrees) {
  const auto explained = [this](const char* view, const char* name) {
    int count = 0;
    const QAbstractItemModel& model = table(name);
    const auto* const shown = window_.findChild<View*>(QStringLiteral("view:") + QLatin1String(view));
    for (int row = 0; row < model.rowCount(); ++row) {
      for (int column = 0; column < model.columnCount(); ++column) {
        const QModelIndex cell = model.index(row, column);
        const QString key = cell.data(SheetModel::kKeyRole).toString();
        if (key.isEmpty() || !cell.data(SheetModel::kRawRole).isValid()) {
          continue;
        }
        const auto explanation = shown->explanationOf(key);
        EXPECT_TRUE(explanation) << key.toStdString();
        if (explanation) {
          const double raw = cell.data(SheetModel::kRawRole).toDouble();
          EXPECT_NEAR(explanation->figures.front().value.value_or(0), raw, 1e-6 * std::abs(raw))
              << key.toStdString();
          ++count;
        }
      }
    }
    return count;
  };
  show("capacity");
  EXPECT_GT(explained("capacity", "capacityTable"), 3);
  EXPECT_GT(explained("capacity", "capacityMonthsTable"), 6 * 7);
  EXPECT_GT(explained("capacity", "capacityStaircaseTable"), 0);
  EXPECT_GT(explained("capacity", "capacityCommitmentsTable"), 3);
  show("sensitivity");
  EXPECT_GT(explained("sensitivity", "sensitivityTable"), 20);
  EXPECT_EQ(explained("sensitivity", "whatIfTable"), 4 * 3);
}

TEST_F(Insights, F1OnAFigureOfACapacityPlanOpensItsTree) {
  show("capacity");
  auto* const options = window_.findChild<QTableView*>(QStringLiteral("capacityTable"));
  options->setCurrentIndex(options->model()->index(0, 2));
  QKeyEvent key(QEvent::KeyPress, Qt::Key_F1, Qt::NoModifier);
  QCoreApplication::sendEvent(options, &key);
  EXPECT_TRUE(text("whyTitle").contains(QStringLiteral("present value"))) << text("whyTitle").toStdString();
}

}  // namespace
}  // namespace mtok::gui
