// Builds the window and keeps its parts up to date.
#include "app/gui/main_window.hpp"

#include <QComboBox>
#include <QEvent>
#include <QHBoxLayout>
#include <QLabel>
#include <QListWidget>
#include <QProgressBar>
#include <QSignalBlocker>
#include <QSplitter>
#include <QStackedWidget>
#include <QStatusBar>
#include <QTabBar>
#include <QTimer>
#include <QToolButton>

#include "app/gui/chart_panel.hpp"
#include "app/gui/headline_row.hpp"
#include "app/gui/input_panel.hpp"
#include "app/gui/message_bar.hpp"
#include "app/gui/models/number_text.hpp"
#include "app/gui/sheet_table.hpp"
#include "app/gui/view_frame.hpp"
#include "app/gui/views/breakdown_view.hpp"
#include "app/gui/views/calibrate_view.hpp"
#include "app/gui/views/capacity_view.hpp"
#include "app/gui/views/compare_view.hpp"
#include "app/gui/views/ladder_view.hpp"
#include "app/gui/views/latency_view.hpp"
#include "app/gui/views/search_view.hpp"
#include "app/gui/views/sensitivity_view.hpp"
#include "app/gui/views/timeline_view.hpp"
#include "app/gui/views/validation_view.hpp"
#include "app/gui/views/welcome_view.hpp"

namespace mtok::gui {
namespace {

constexpr int kWidestTab = 200;
constexpr int kAutosaveMs = 2000;  // after the last change

}  // namespace

MainWindow::MainWindow(const planner::Catalogue& catalogue, QWidget* parent)
    : QMainWindow(parent), workbench_(catalogue), recovery_(recovery_folder()), autosave_(new QTimer(this)) {
  setObjectName(QStringLiteral("mainWindow"));
  setAcceptDrops(true);
  resize(1440, 900);
  pages_ = new QStackedWidget(this);
  setCentralWidget(pages_);
  welcome_ = new WelcomeView(workbench_, this);
  welcome_->setObjectName(QStringLiteral("view:welcome"));
  buildCentre();
  pages_->addWidget(welcome_);
  buildActions();
  connectWorkbench();
  connect(welcome_, &WelcomeView::openAsked, this, &MainWindow::openFile);
  connect(welcome_, &WelcomeView::browseAsked, this, &MainWindow::openDialog);
  connect(welcome_, &WelcomeView::recoverAsked, this, &MainWindow::recover);
  autosave_->setSingleShot(true);
  autosave_->setInterval(kAutosaveMs);
  connect(autosave_, &QTimer::timeout, this, [this] {
    if (!workbench_.document().undo()->isClean()) {
      recovery_.keep(workbench_.document().project(), workbench_.document().openedFile());
      timing_->setToolTip(tr("A copy for recovery is kept"));
    }
  });
  refreshTitle();
}

MainWindow::~MainWindow() {
  disconnect(&workbench_, nullptr, this, nullptr);
  disconnect(&workbench_.runs(), nullptr, this, nullptr);
  disconnect(&workbench_.document(), nullptr, this, nullptr);
  disconnect(workbench_.document().undo(), nullptr, this, nullptr);
}

void MainWindow::buildCentre() {
  auto* const page = new QWidget(pages_);
  QLayout* const top = buildTabs(page);
  messages_ = new MessageBar(page);
  inputs_ = new InputPanel(workbench_, page);
  view_list_ = new QListWidget(page);
  view_list_->setObjectName(QStringLiteral("viewList"));
  view_list_->setAccessibleName(tr("Views"));
  view_list_->setFixedWidth(112);
  view_list_->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  auto* const splitter = new QSplitter(Qt::Horizontal, page);
  splitter->addWidget(inputs_);
  splitter->addWidget(buildResults(page));
  splitter->setStretchFactor(0, 0);
  splitter->setStretchFactor(1, 1);
  splitter->setSizes({300, 1000});
  splitter->setChildrenCollapsible(false);
  inputs_->setMinimumWidth(264);
  auto* const row = new QHBoxLayout;
  row->addWidget(view_list_);
  row->addWidget(splitter, 1);
  auto* const layout = new QVBoxLayout(page);
  layout->setContentsMargins(10, 8, 12, 4);
  layout->addLayout(top);
  layout->addWidget(messages_);
  layout->addLayout(row, 1);
  pages_->addWidget(page);
  buildStatus();
}

QLayout* MainWindow::buildTabs(QWidget* page) {
  tabs_ = new QTabBar(page);
  tabs_->setObjectName(QStringLiteral("scenarioTabs"));
  tabs_->setAccessibleName(tr("Scenarios"));
  tabs_->setTabsClosable(true);
  tabs_->setExpanding(false);
  tabs_->setDocumentMode(true);
  tabs_->setDrawBase(false);
  tabs_->setElideMode(Qt::ElideNone);  // names are cut to kWidestTab; arrows scroll through the tabs
  auto* const add = new QToolButton(page);
  add->setText(QStringLiteral("+"));
  add->setObjectName(QStringLiteral("duplicateButton"));
  add->setToolTip(tr("Duplicate this scenario (Ctrl+D)"));
  add->setAccessibleName(tr("Duplicate this scenario"));
  connect(add, &QToolButton::clicked, this,
          [this] { workbench_.setCurrent(workbench_.document().duplicateScenario(workbench_.current())); });
  base_ = new QComboBox(page);
  base_->setObjectName(QStringLiteral("base"));
  base_->setAccessibleName(tr("Base that changes are against"));
  base_->setToolTip(tr("The scenario that the others are set against"));
  base_->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
  base_->setMinimumWidth(150);
  auto* const top = new QHBoxLayout;
  top->addWidget(tabs_);
  top->addWidget(add);
  top->addStretch(1);
  top->addWidget(new QLabel(tr("Base"), page));
  top->addWidget(base_);
  return top;
}

QWidget* MainWindow::buildResults(QWidget* page) {
  auto* const results = new QWidget(page);
  tiles_ = new HeadlineRow(page);
  notes_ = new QToolButton(page);
  notes_->setObjectName(QStringLiteral("notes"));
  notes_->setAutoRaise(true);
  notes_->setToolTip(tr("Warnings and assumptions in force"));
  view_stack_ = new QStackedWidget(page);
  buildViews();
  auto* const column = new QVBoxLayout(results);
  column->setContentsMargins(6, 0, 0, 0);
  column->setSpacing(10);
  column->addWidget(tiles_);
  column->addWidget(view_stack_, 1);
  column->addWidget(notes_, 0, Qt::AlignLeft);
  results->setMinimumWidth(440);
  return results;
}

void MainWindow::buildStatus() {
  progress_ = new QProgressBar(this);
  progress_->setObjectName(QStringLiteral("progress"));
  progress_->setMaximumWidth(240);
  progress_->setMaximumHeight(14);
  progress_->setTextVisible(false);
  progress_->hide();
  constexpr int kQuietMs = 600;  // without progress, nothing is shown to go on
  progress_end_ = new QTimer(this);
  progress_end_->setSingleShot(true);
  progress_end_->setInterval(kQuietMs);
  connect(progress_end_, &QTimer::timeout, progress_, &QWidget::hide);
  timing_ = new QLabel(this);
  timing_->setObjectName(QStringLiteral("timing"));
  timing_->setProperty("role", "muted");
  statusBar()->addWidget(timing_, 1);
  statusBar()->addPermanentWidget(progress_);
}

void MainWindow::addViewGroup(const QString& title) {
  auto* const item = new QListWidgetItem(title, view_list_);
  item->setFlags(Qt::NoItemFlags);
}

void MainWindow::addView(const QString& name, const QString& title, View* view) {
  view->setObjectName(QStringLiteral("view:") + name);
  auto* const frame = new ViewFrame(view, view_stack_);
  view_stack_->addWidget(frame);
  views_[name] = frame;
  auto* const item = new QListWidgetItem(title, view_list_);
  item->setData(Qt::UserRole, name);
  connect(view, &View::message, this, &MainWindow::showMessage);
  connect(view, &View::progressed, this, &MainWindow::showProgress);
  connect(view, &View::idle, this, &MainWindow::endProgress);
  connect(view, &View::whyAsked, this,
          [this, view](const QString& key, int scenario) { answerWhy(*view, key, scenario); });
  connect(
      view, &View::resized, this,
      [this, view] {
        if (view == currentView()) {
          refreshView();
        }
      },
      Qt::QueuedConnection);
  for (ChartPanel* const panel : view->panels()) {
    connect(&panel->table(), &SheetTable::whyAsked, this,
            [this, view](const QString& key, int scenario, int row) {
              if (const auto variant = view->variantOfRow(row)) {
                showWhyOf(*variant, key);
              } else {
                answerWhy(*view, key, scenario);
              }
            });
    connect(panel, &ChartPanel::exported, this, [this](const QString& file, bool ok) {
      showMessage(ok ? tr("Written: %1").arg(file) : tr("%1 cannot be written").arg(file));
    });
  }
}

void MainWindow::buildViews() {
  addViewGroup(tr("Result"));
  addView(QStringLiteral("ladder"), tr("Ladder"), new LadderView(workbench_, view_stack_));
  addView(QStringLiteral("compare"), tr("Compare"), new CompareView(workbench_, view_stack_));
  addView(QStringLiteral("breakdown"), tr("Breakdown"), new BreakdownView(workbench_, view_stack_));
  addView(QStringLiteral("latency"), tr("Latency"), new LatencyView(workbench_, view_stack_));
  addView(QStringLiteral("timeline"), tr("Timeline"), new TimelineView(workbench_, view_stack_));
  addViewGroup(tr("Explore"));
  addView(QStringLiteral("sweep"), tr("Sweep"),
          new SearchView(workbench_, SearchView::Kind::sweep, view_stack_));
  addView(QStringLiteral("pareto"), tr("Pareto"),
          new SearchView(workbench_, SearchView::Kind::search, view_stack_));
  addView(QStringLiteral("sensitivity"), tr("Sensitivity"), new SensitivityView(workbench_, view_stack_));
  addViewGroup(tr("Plan"));
  addView(QStringLiteral("capacity"), tr("Capacity"), new CapacityView(workbench_, view_stack_));
  addViewGroup(tr("Trust"));
  addView(QStringLiteral("validation"), tr("Validation"), new ValidationView(workbench_, view_stack_));
  calibrate_ = new CalibrateView(workbench_, view_stack_);
  addView(QStringLiteral("calibrate"), tr("Calibrate"), calibrate_);
  connect(view_list_, &QListWidget::currentItemChanged, this, [this](const QListWidgetItem* item) {
    const QString name = item == nullptr ? QString() : item->data(Qt::UserRole).toString();
    if (const auto found = views_.find(name); found != views_.end()) {
      view_stack_->setCurrentWidget(found->second);
      refreshView();
    }
  });
  showView(QStringLiteral("compare"));
}

QStringList MainWindow::viewNames() {
  return {"ladder",      "compare", "breakdown", "pareto",     "latency",   "timeline",
          "sensitivity", "sweep",   "capacity",  "validation", "calibrate", "welcome"};
}

bool MainWindow::showView(const QString& name) {
  if (name == QStringLiteral("welcome")) {
    welcome_->refresh();
    pages_->setCurrentWidget(welcome_);
    progress_->hide();
    return true;
  }
  for (int i = 0; i < view_list_->count(); ++i) {
    if (view_list_->item(i)->data(Qt::UserRole).toString() == name) {
      pages_->setCurrentIndex(0);
      view_list_->setCurrentRow(i);
      return true;
    }
  }
  return false;
}

View* MainWindow::currentView() const {
  return qobject_cast<ViewFrame*>(view_stack_->currentWidget())->view();
}

bool MainWindow::settled() const {
  return pages_->currentWidget() == welcome_ || (workbench_.settled() && currentView()->settled());
}

void MainWindow::connectWorkbench() {
  ProjectDocument& project = workbench_.document();
  connect(&project, &ProjectDocument::listChanged, this, &MainWindow::refreshTabs);
  connect(&project, &ProjectDocument::fileChanged, this, &MainWindow::refreshTitle);
  connect(project.undo(), &QUndoStack::cleanChanged, this, &MainWindow::refreshTitle);
  connect(project.undo(), &QUndoStack::indexChanged, this, [this] { autosave_->start(); });
  connect(&project, &ProjectDocument::baseChanged, this, [this] {
    refreshTabs();
    refreshResult();
    refreshView();
  });
  connect(&project, &ProjectDocument::scenarioChanged, this, [this](int id) {
    if (id == workbench_.current()) {
      inputs_->refresh();
    }
  });
  connect(&workbench_, &Workbench::currentChanged, this, [this] {
    refreshTabs();
    inputs_->refresh();
    refreshResult();
    refreshView();
  });
  connect(&workbench_, &Workbench::outcomeChanged, this, [this](int id) {
    if (id == workbench_.current()) {
      inputs_->refresh();
    }
    if (id == workbench_.current() || id == document().base()) {
      refreshResult();
    }
    refreshView();
  });
  connect(&workbench_.runs(), &ScenarioRuns::progressed, this, [this](int id, qint64 done, qint64 expected) {
    showProgress(tr("%1: requests").arg(workbench_.nameOf(id)), done, expected);
  });
  connect(&workbench_.runs(), &ScenarioRuns::runningChanged, this, &MainWindow::endProgress);
  connect(tabs_, &QTabBar::currentChanged, this, [this](int index) {
    const auto& list = document().scenarios();
    if (index >= 0 && static_cast<std::size_t>(index) < list.size()) {
      workbench_.setCurrent(list[static_cast<std::size_t>(index)].id);
    }
  });
  connect(tabs_, &QTabBar::tabCloseRequested, this, [this](int index) {
    const auto& list = document().scenarios();
    if (index >= 0 && static_cast<std::size_t>(index) < list.size()) {
      document().closeScenario(list[static_cast<std::size_t>(index)].id);
    }
  });
  connect(tabs_, &QTabBar::tabBarDoubleClicked, this, [this] { renameCurrent(); });
  connect(base_, &QComboBox::activated, this, [this](int index) {
    const auto& list = document().scenarios();
    if (index >= 0 && static_cast<std::size_t>(index) < list.size()) {
      document().setBase(list[static_cast<std::size_t>(index)].id);
    }
  });
  connect(tiles_, &HeadlineRow::whyAsked, this, [this](const QString& key) { showWhy(key, 0); });
}

void MainWindow::refreshTabs() {
  const QSignalBlocker quiet_tabs(tabs_);
  const QSignalBlocker quiet_base(base_);
  const auto& list = document().scenarios();
  while (tabs_->count() > static_cast<int>(list.size())) {
    tabs_->removeTab(tabs_->count() - 1);
  }
  base_->clear();
  for (std::size_t i = 0; i < list.size(); ++i) {
    const QString name = QString::fromStdString(list[i].tree.name());
    const int at = static_cast<int>(i);
    if (at >= tabs_->count()) {
      tabs_->addTab(name);
    }
    const bool is_base = list[i].id == document().base();
    const QString shown = tabs_->fontMetrics().elidedText(name, Qt::ElideRight, kWidestTab);
    tabs_->setTabText(at, is_base ? shown + QStringLiteral("  ★") : shown);
    tabs_->setTabToolTip(at, is_base ? tr("%1: the base").arg(name) : name);
    base_->addItem(name);
    if (list[i].id == workbench_.current()) {
      tabs_->setCurrentIndex(at);
    }
    if (is_base) {
      base_->setCurrentIndex(at);
    }
  }
  tabs_->setTabsClosable(list.size() > 1);
}

void MainWindow::refreshResult() {
  const auto outcome = workbench_.outcome(workbench_.current());
  if (!outcome) {
    tiles_->showNothing(tr("running…"));
    messages_->setStanding({});
    notes_->setText({});
    return;
  }
  if (!outcome->result) {
    QStringList lines;
    for (const FieldProblem& problem : outcome->problems) {
      lines << (problem.path.empty() ? QString()
                                     : QString::fromStdString(problem.path) + QStringLiteral(": ")) +
                   problem.message;
    }
    messages_->setStanding(tr("Not run: %1").arg(lines.join(QStringLiteral("; "))));
    tiles_->showNothing(tr("inputs need a look"));
    return;
  }
  const planner::RunResult& result = *outcome->result;
  QString standing;
  if (result.infeasible) {
    QStringList remedies;
    for (const planner::Remedy& remedy : result.infeasible->remedies) {
      remedies << QString::fromStdString(remedy.change);
    }
    standing = tr("Not feasible: %1").arg(QString::fromStdString(result.infeasible->reason));
    if (!remedies.isEmpty()) {
      standing += tr(" What would fit: %1.").arg(remedies.join(tr(" or ")));
    }
  }
  messages_->setStanding(standing);
  const int base_id = document().base();
  const auto base = base_id == workbench_.current() ? nullptr : workbench_.result(base_id);
  tiles_->show(headlines(result, base.get(), workbench_.nameOf(base_id)));
  timing_->setText(tr("%1 requests simulated in %2 ms")
                       .arg(count_text(result.metrics.offered), significant_text(outcome->milliseconds, 3)));
  refreshNotes();
}

void MainWindow::refreshNotes() {
  const auto result = workbench_.result(workbench_.current());
  if (!result) {
    return;
  }
  const auto warnings = static_cast<int>(result->warnings.size());
  QString text = warnings > 0 ? tr("⚠ %n warning(s)", nullptr, warnings) : tr("no warnings");
  text += QStringLiteral("   ·   ") + tr("%1 assumptions in force").arg(result->assumptions.size());
  notes_->setText(text);
  QStringList lines;
  for (const std::string& warning : result->warnings) {
    lines << QStringLiteral("⚠ ") + QString::fromStdString(warning);
  }
  notes_->setToolTip(lines.join(u'\n'));
}

void MainWindow::refreshView() {
  if (pages_->currentIndex() == 0 && document().find(workbench_.current()) != nullptr) {
    if (View* const view = currentView()) {
      view->refresh();
    }
  }
}

void MainWindow::showProgress(const QString& what, qint64 done, qint64 expected) {
  progress_->setVisible(pages_->currentWidget() != welcome_);  // nobody waits for it there
  progress_end_->start();
  progress_->setFormat(what);
  progress_->setAccessibleName(what);
  progress_->setToolTip(what);
  progress_->setMaximum(expected > 0 ? 1000 : 0);
  if (expected > 0) {
    progress_->setValue(static_cast<int>(1000 * std::min(done, expected) / expected));
  }
}

void MainWindow::endProgress() {
  if (settled()) {
    progress_end_->stop();
    progress_->hide();
  }
}

void MainWindow::showMessage(const QString& text) {
  messages_->say(text);
}

void MainWindow::changeEvent(QEvent* event) {
  QMainWindow::changeEvent(event);
  if (event->type() == QEvent::PaletteChange && view_stack_ != nullptr) {
    QTimer::singleShot(0, this, [this] { refreshView(); });
  }
}

}  // namespace mtok::gui
