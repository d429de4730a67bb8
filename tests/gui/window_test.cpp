// Tests the window without a screen, by the names of its parts and what they say.
#include "app/gui/main_window.hpp"

#include <gtest/gtest.h>

#include <QAbstractItemModelTester>
#include <QCheckBox>
#include <QElapsedTimer>
#include <QLabel>
#include <QLineEdit>
#include <QMouseEvent>
#include <QProcess>
#include <QProgressBar>
#include <QSlider>
#include <QTabBar>
#include <QTest>
#include <QTimer>
#include <QTreeView>
#include <chrono>
#include <cmath>
#include <nlohmann/json.hpp>

#include "app/gui/field_editor.hpp"
#include "app/gui/message_bar.hpp"
#include "app/gui/models/bill_parts.hpp"
#include "app/gui/models/catalogue_sheets.hpp"
#include "app/gui/models/result_sheets.hpp"
#include "app/gui/models/sheet.hpp"
#include "app/gui/view.hpp"
#include "app/gui/views/timeline_chart.hpp"
#include "tests/gui/gui_test.hpp"

namespace mtok::gui {
namespace {

using Json = nlohmann::ordered_json;

template <class Widget>
Widget* part(QWidget& window, const char* name) {
  return window.findChild<Widget*>(QString::fromUtf8(name));
}

class Window : public testing::Test {
 protected:
  void open(const std::string& file) {
    window_.show();
    ASSERT_TRUE(window_.openFile(QString::fromStdString(workload(file).string())));
    ASSERT_TRUE(wait_for([this] { return window_.workbench().settled(); }));
  }
  QString tile(int i) { return part<QLabel>(window_, ("tileValue" + std::to_string(i)).c_str())->text(); }

  MainWindow window_{shipped_catalogue()};
};

TEST_F(Window, ShowsTheFirstResultOfTheShippedProject) {
  QElapsedTimer timer;
  timer.start();
  window_.show();
  ASSERT_TRUE(window_.openFile(QString::fromStdString(workload("support-chat.mtok").string())));
  ASSERT_TRUE(
      wait_for([this] { return window_.workbench().result(window_.workbench().current()) != nullptr; }));
  RecordProperty("first_result_ms", static_cast<int>(timer.elapsed()));
  std::cout << "start to first result: " << timer.elapsed() << " ms\n";
  EXPECT_TRUE(tile(0).startsWith(u'$')) << tile(0).toStdString();
  EXPECT_EQ(part<QTabBar>(window_, "scenarioTabs")->count(), 5);
  ASSERT_TRUE(wait_for([this] { return window_.workbench().settled(); }));
  EXPECT_TRUE(part<QLabel>(window_, "tileChange0")->text().startsWith(QStringLiteral("−")));
  ASSERT_TRUE(wait_for([this] { return window_.settled(); }));
  EXPECT_TRUE(part<QProgressBar>(window_, "progress")->isHidden());
}

TEST_F(Window, AChangedFieldShowsItsNewResult) {
  open("chat.yaml");
  const QString before = tile(0);
  auto* const replicas = part<QLineEdit>(window_, "fleet.replicas");
  QElapsedTimer timer;
  timer.start();
  replicas->setFocus();
  replicas->selectAll();
  QTest::keyClicks(replicas, "12");
  ASSERT_TRUE(wait_for([&] { return tile(4) == "48"; }));
  std::cout << "changed field to new result, with the pause of typing: " << timer.elapsed() << " ms\n";
  EXPECT_NE(tile(0), before);
  window_.workbench().document().undo()->undo();
  ASSERT_TRUE(wait_for([&] { return tile(0) == before; }));
}

TEST_F(Window, ASliderMovesTheResult) {
  open("chat.yaml");
  part<QSlider>(window_, "slider:fleet.replicas")->setValue(19);  // 20 replicas: the range begins at 1
  ASSERT_TRUE(wait_for([&] { return tile(4) == "80"; }));
  EXPECT_EQ(part<QLineEdit>(window_, "fleet.replicas")->text(), "20");
}

TEST_F(Window, ProblemsStandBesideTheirField) {
  open("chat.yaml");
  auto* const memory = part<QLineEdit>(window_, "slo.ttft_p99_ms");
  memory->setFocus();
  memory->selectAll();
  QTest::keyClicks(memory, "4 GB");
  auto* const problem = part<QLabel>(window_, "problem:slo.ttft_p99_ms");
  ASSERT_TRUE(wait_for([&] { return !problem->isHidden(); }));
  EXPECT_TRUE(problem->text().contains("expected a time")) << problem->text().toStdString();
  // What only the planner knows: no such model.
  window_.workbench().document().setValue(window_.workbench().current(), "model", "lama-3.1-70b");
  auto* const model = part<QLabel>(window_, "problem:model");
  ASSERT_TRUE(wait_for([&] { return !model->isHidden(); }));
  EXPECT_TRUE(model->text().contains("llama-3.1-70b")) << model->text().toStdString();
  EXPECT_EQ(tile(0), "–");
}

TEST_F(Window, WhatDoesNotFitSaysWhatWould) {
  open("chat.yaml");
  window_.workbench().document().setValue(window_.workbench().current(), "hardware.count", "1");
  window_.workbench().document().setValue(window_.workbench().current(), "formats.weights", "bf16");
  auto* const bar = window_.findChild<MessageBar*>();
  ASSERT_TRUE(wait_for([&] { return bar->text().startsWith("Not feasible"); }));
  EXPECT_TRUE(bar->text().contains("What would fit")) << bar->text().toStdString();
}

TEST_F(Window, EveryViewOpens) {
  open("support-chat.mtok");
  for (const QString& name : MainWindow::viewNames()) {
    EXPECT_TRUE(window_.showView(name)) << name.toStdString();
    QCoreApplication::processEvents();
  }
  EXPECT_FALSE(window_.showView("nonsense"));
}

TEST_F(Window, ATileTellsWhyItsNumberIsWhatItIs) {
  open("chat.yaml");
  auto* const tile_label = part<QLabel>(window_, "tileValue0");
  QTest::mouseClick(tile_label->parentWidget(), Qt::LeftButton);
  auto* const tree = part<QTreeView>(window_, "whyTree");
  ASSERT_NE(tree, nullptr);
  const QAbstractItemModelTester tester(tree->model(), QAbstractItemModelTester::FailureReportingMode::Fatal);
  ASSERT_TRUE(wait_for([&] { return tree->model()->rowCount() == 1; }));
  EXPECT_GE(tree->model()->rowCount(tree->model()->index(0, 0)), 2);  // a quotient of money and tokens
}

TEST_F(Window, ClosingWhileItRunsIsClean) {
  auto window = std::make_unique<MainWindow>(shipped_catalogue());
  window->show();
  ASSERT_TRUE(window->openFile(QString::fromStdString(workload("support-chat.mtok").string())));
  window->showView("ladder");
  QTest::qWait(30);
  window.reset();
}

/// The number at "cost.usd_per_mtok.blended" of a document.
std::optional<double> number_at(const Json& document, const QString& key) {
  const Json* value = &document;
  for (const QString& word : key.split(u'.')) {
    if (!value->is_object() || !value->contains(word.toStdString())) {
      return std::nullopt;
    }
    value = &(*value)[word.toStdString()];
  }
  if (value->is_string()) {
    return QString::fromStdString(value->get<std::string>()).toDouble();
  }
  return value->is_number() ? std::optional(value->get<double>()) : std::nullopt;
}

// What the window shows is what the command line prints, for every shipped scenario.
TEST_F(Window, NumbersAreThoseOfTheCommandLine) {
#ifdef __SANITIZE_ADDRESS__
  GTEST_SKIP() << "two minutes of simulating for numbers that a sanitizer does not change";
#endif
  constexpr double kDigits = 1e-11;  // the JSON has 12 significant digits
  open("chat.yaml");
  ASSERT_TRUE(window_.showView(QStringLiteral("latency")));  // that of the ladder would climb one for each
  int compared = 0;
  for (const auto& entry : std::filesystem::directory_iterator(workload(""))) {
    const std::string name = entry.path().filename().string();
    if (entry.path().extension() != ".yaml" || name == "benchmarks.yaml" || name.starts_with("plan")) {
      continue;
    }
    if (!load_project(entry.path()).scenarios.front().has("model")) {
      continue;
    }
    open(name);
    QProcess mtok;
    mtok.start(MTOK_BINARY, {"run", QString::fromStdString(entry.path().string()), "--format", "json", "-q"});
    ASSERT_TRUE(mtok.waitForFinished(60'000));
    const Json json = Json::parse(mtok.readAllStandardOutput().toStdString());
    const auto result = window_.workbench().result(window_.workbench().current());
    ASSERT_TRUE(result) << name;
    std::vector<std::pair<QString, double>> shown;
    for (const Headline& headline : headlines(*result, nullptr, {})) {
      if (headline.raw && headline.key != "fleet.devices") {  // which the JSON gives by replica
        shown.emplace_back(headline.key, *headline.raw);
      }
    }
    for (const auto& row : latency_sheet(*result).rows) {
      for (const Cell& cell : row) {
        if (!cell.key.isEmpty() && cell.raw.isValid()) {
          shown.emplace_back(cell.key, cell.raw.toDouble());
        }
      }
    }
    for (const auto& [key, value] : shown) {
      const std::optional<double> printed = number_at(json, key);
      ASSERT_TRUE(printed) << name << " " << key.toStdString();
      EXPECT_NEAR(value, *printed, std::abs(*printed) * kDigits) << name << " " << key.toStdString();
      ++compared;
    }
  }
  std::cout << compared << " numbers compared\n";
  EXPECT_GT(compared, 200);
}

// Ten thousand clicks and keys at random places do no harm.
TEST_F(Window, SurvivesAMonkey) {
  open("chat.yaml");
  std::uint32_t random = 2024;
  const auto draw = [&](int below) {
    random = random * 1664525U + 1013904223U;
    return static_cast<int>((random >> 8U) % static_cast<std::uint32_t>(below));
  };
  constexpr int kActions = 10'000;
  const QList<Qt::Key> keys{Qt::Key_Tab,  Qt::Key_Up,        Qt::Key_Down,   Qt::Key_Left,    Qt::Key_Right,
                            Qt::Key_1,    Qt::Key_5,         Qt::Key_G,      Qt::Key_B,       Qt::Key_Space,
                            Qt::Key_Home, Qt::Key_Backspace, Qt::Key_Escape, Qt::Key_PageDown};
  // Menus of buttons and questions run loops of their own, which wait for a person.
  QTimer closer;
  QObject::connect(&closer, &QTimer::timeout, &closer, [] {
    QWidget* const open = QApplication::activePopupWidget();
    if (open != nullptr && open->inherits("QMenu")) {
      open->close();
    } else if (QWidget* const modal = QApplication::activeModalWidget()) {
      modal->close();
    }
  });
  closer.start(std::chrono::milliseconds(5));
  for (int i = 0; i < kActions; ++i) {
    QWidget* const popup = QApplication::activePopupWidget();
    QWidget* const target = popup != nullptr ? popup : &window_;
    const QPoint at(draw(target->width()), draw(target->height()));
    QWidget* child = target->childAt(at);
    child = child == nullptr ? target : child;
    if (child->inherits("QMenuBar") || child->inherits("QMenu")) {
      if (popup != nullptr) {
        popup->close();  // dialogs of files would wait for a person
      }
      continue;
    }
    const QString name = child->objectName();
    if (name == "browse" || child->accessibleName() == "Choose a file" || name.endsWith("Export")) {
      continue;
    }
    if (draw(3) > 0) {
      QTest::mouseClick(child, draw(8) == 0 ? Qt::RightButton : Qt::LeftButton, {},
                        child->mapFrom(target, at));
    } else if (QWidget* const focus = QApplication::focusWidget()) {
      QTest::keyClick(focus, keys[draw(static_cast<int>(keys.size()))]);
    }
    if (QWidget* const modal = QApplication::activeModalWidget()) {
      modal->close();
    }
    if (i % 50 == 0) {
      QCoreApplication::processEvents();
    }
  }
  window_.workbench().runs().cancelAll();
  SUCCEED();
}

/// A run of a hundred replicas with ten thousand spans each, one after the other with gaps.
std::shared_ptr<const SpanStore> million_spans() {
  constexpr std::size_t kReplicas = 100;
  constexpr std::int64_t kSpans = 10'000;
  report::Timeline timeline(kReplicas * kSpans);
  for (std::int64_t i = 0; i < kSpans; ++i) {
    for (std::size_t replica = 0; replica < kReplicas; ++replica) {
      timeline.step_ended({.replica = replica,
                           .start = SimTime{i * 100'000},
                           .end = SimTime{i * 100'000 + 80'000},
                           .prefill_tokens = i % 3 == 0 ? 100 : 0,
                           .prefill_sequences = i % 3 == 0 ? 1 : 0,
                           .decode_sequences = i % 2,
                           .kv_used_pages = i % 1000,
                           .waiting = i % 7,
                           .running = 5});
    }
  }
  return std::make_shared<const SpanStore>(timeline, kReplicas, 1000);
}

// 60 frames a second leave 16.7 ms a frame. What a frame takes is printed, never judged: the machine may be
// busy.
TEST(TimelineChart, PaintsAMillionSpans) {
  TimelineChart chart;
  chart.resize(1200, 700);
  const auto spans = million_spans();
  EXPECT_EQ(spans->spans(), 1'000'000U);
  chart.setSpans(spans);
  const auto end = static_cast<double>(spans->end_ns());
  constexpr int kFrames = 40;
  const auto frames = [&](const char* what, const auto& range) {
    double slowest = 0;
    double sum = 0;
    for (int i = 0; i < kFrames; ++i) {
      const auto [from, to] = range(i);
      chart.showRange(end * from, end * to);
      EXPECT_FALSE(chart.grab().isNull());
      slowest = std::max(slowest, chart.frameMilliseconds());
      sum += chart.frameMilliseconds();
    }
    EXPECT_GT(slowest, 0);
    std::cout << what << " 1,000,000 spans: mean " << sum / kFrames << " ms a frame, slowest " << slowest
              << " ms\n";
  };
  frames("zooming into", [](int i) {
    const double half = 0.5 * std::pow(0.8, i);  // a turn of the wheel each, down to 14 spans a lane
    return std::pair(0.5 - half, 0.5 + half);
  });
  frames("panning over", [](int i) { return std::pair(i * 0.01, 0.5 + i * 0.01); });
}

// One span of prefill from 0 to 80 us, one of decode from 100 to 180: by hand over [40, 140) us.
//   prefill 40 of 100, decode 40 of 100, idle the rest.
TEST(SpanStore, SharesAreExact) {
  report::Timeline timeline;
  timeline.step_ended({.start = SimTime{0}, .end = SimTime{80'000}, .prefill_sequences = 1});
  timeline.step_ended(
      {.start = SimTime{100'000}, .end = SimTime{180'000}, .decode_sequences = 2, .waiting = 3});
  const SpanStore store(timeline, 1, 10);
  const SpanShares shares = store.shares(0, 40'000, 140'000);
  EXPECT_DOUBLE_EQ(shares.of[0], 0.4);
  EXPECT_DOUBLE_EQ(shares.of[1], 0);
  EXPECT_DOUBLE_EQ(shares.of[2], 0.4);
  EXPECT_EQ(store.state(0, 179'999).waiting, 0);
  EXPECT_EQ(store.state(0, 180'000).waiting, 3);
}

TEST(SheetModel, KeepsTheRulesOfItemModels) {
  SheetModel model;
  const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::Fatal);
  const planner::Catalogue catalogue = shipped_catalogue();
  model.setSheet(models_sheet(catalogue));
  EXPECT_GT(model.rowCount(), 50);
  model.setSheet(devices_sheet(catalogue));
  EXPECT_GT(model.rowCount(), 10);
  RunRequest request{.yaml = load_project(workload("chat.yaml")).scenarios.front().to_yaml(),
                     .file = workload("chat.yaml"),
                     .as_in_file = true};
  const Outcome outcome = run_request(request, catalogue, {});
  ASSERT_TRUE(outcome.feasible());
  const std::vector<NamedResult> one{{.name = "chat",
                                      .tree = load_project(workload("chat.yaml")).scenarios.front(),
                                      .result = outcome.result}};
  model.setSheet(comparison_sheet(one, 0, false));
  model.setSheet(parts_sheet(one, BillSplit::tokens));
  model.setSheet(parts_sheet(one, BillSplit::resources));
  model.setSheet(latency_sheet(*outcome.result));
  model.setSheet(assumptions_sheet(*outcome.result));
  model.setSheet(ladder_sheet({.rows = {{.name = "naive", .reason = "does not fit"}}}));
  model.setSheet({});
  EXPECT_EQ(model.rowCount(), 0);
}

TEST(SheetModel, FilesAreInTheCLocale) {
  Sheet sheet{.columns = {{.title = "a"}, {.title = "b"}}};
  sheet.rows.push_back({{.text = "x, y"}, number_cell("1,234.5", 1234.5)});
  EXPECT_EQ(csv_of(sheet), "a,b\r\n\"x, y\",1234.5\r\n");
  EXPECT_EQ(clipboard_text_of(sheet), "a\tb\nx, y\t1,234.5\n");
}

}  // namespace
}  // namespace mtok::gui
