// Fits off the window's thread, draws before and after, writes profiles.
#include "app/gui/views/calibrate_view.hpp"

#include <qcustomplot.h>

#include <QApplication>
#include <QFileDialog>
#include <QFrame>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QVBoxLayout>
#include <algorithm>
#include <array>

#include "app/gui/chart_panel.hpp"
#include "app/gui/models/calibration_sheet.hpp"
#include "app/gui/models/workbench.hpp"
#include "app/gui/plot_style.hpp"
#include "app/gui/sheet_table.hpp"
#include "app/gui/theme.hpp"

namespace mtok::gui {
namespace {

constexpr std::array kMetrics{"TTFT", "TPOT", "output tokens/s"};
constexpr std::array kShapes{QCPScatterStyle::ssCircle, QCPScatterStyle::ssSquare,
                             QCPScatterStyle::ssTriangle};

/// Predicted over measured, one graph for the fit and one for what was before.
void add_points(QCustomPlot& plot, const std::vector<JudgedMeasurement>& rows, std::size_t metric, bool after,
                const Theme& theme) {
  QCPGraph* const graph = plot.addGraph();
  graph->setLineStyle(QCPGraph::lsNone);
  const QColor colour = theme.series[metric == 2 ? 2 : metric];
  graph->setScatterStyle(QCPScatterStyle(kShapes[metric], QPen(colour, 1.6),
                                         after ? QBrush(colour) : QBrush(theme.card), after ? 9 : 8));
  graph->setPen(QPen(colour));
  const QString name = QLatin1String(kMetrics[metric]);
  graph->setName(after ? QObject::tr("%1 after").arg(name) : QObject::tr("%1 before").arg(name));
  for (const JudgedMeasurement& row : rows) {
    const double predicted = after ? row.after : row.before;
    if (row.what == name && row.measured > 0 && predicted > 0) {
      graph->addData(row.measured, predicted / row.measured);
    }
  }
  if (graph->dataCount() == 0) {
    plot.removeGraph(graph);
  }
}

void add_level(QCustomPlot& plot, double ratio, const QPen& pen) {
  auto* const line = new QCPItemStraightLine(&plot);
  line->point1->setCoords(1, ratio);
  line->point2->setCoords(2, ratio);
  line->setPen(pen);
}

}  // namespace

CalibrateView::CalibrateView(Workbench& workbench, QWidget* parent)
    : View(workbench, parent),
      cards_(new QHBoxLayout),
      plot_(new_plot()),
      panel_(new ChartPanel(QStringLiteral("calibrate"), tr("Before and after the fit"), plot_, this)),
      constants_(new SheetModel(this)),
      write_(new QPushButton(tr("Write the profiles and use them…"), this)),
      notes_(new QLabel(this)) {
  auto* const open = new QPushButton(tr("Open benchmarks…"), this);
  open->setObjectName(QStringLiteral("browse"));
  write_->setObjectName(QStringLiteral("calibrateWrite"));
  write_->setEnabled(false);
  auto* const buttons = new QHBoxLayout;
  buttons->addWidget(open);
  buttons->addWidget(write_);
  buttons->addStretch(1);
  auto* const card = new QFrame(this);
  card->setObjectName(QStringLiteral("card"));
  constexpr int kNamesAndValues = 410;  // of the constants, side by side
  card->setMinimumWidth(kNamesAndValues);
  auto* const title = new QLabel(tr("Constants"), card);
  title->setProperty("role", "title");
  table_ = new SheetTable(constants_, card);
  table_->setObjectName(QStringLiteral("calibrateConstants"));
  table_->setAccessibleName(tr("Fitted constants, before and after"));
  notes_->setProperty("role", "muted");
  notes_->setObjectName(QStringLiteral("calibrateNotes"));
  notes_->setWordWrap(true);
  auto* const inside = new QVBoxLayout(card);
  inside->setContentsMargins(14, 10, 14, 12);
  inside->addWidget(title);
  inside->addWidget(notes_);
  inside->addSpacing(8);
  inside->addWidget(table_, 1);
  inside->addStretch(0);
  cards_->addWidget(panel_, 9);
  cards_->addWidget(card, 8);
  auto* const layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->addLayout(buttons);
  layout->addLayout(cards_, 1);
  panel_->setChartShare(0.6);
  panel_->setShow(ChartPanel::Show::chart);
  plot_->legend->setVisible(true);
  constexpr std::size_t kInLegend = 7;
  keep_rows_apart(*plot_, kInLegend);
  connect(open, &QPushButton::clicked, this, &CalibrateView::openDialog);
  connect(write_, &QPushButton::clicked, this, &CalibrateView::writeDialog);
  connect(&job_, &BackgroundJob::runningChanged, this, [this](bool running) {
    if (!running) {
      emit idle();
    }
  });
  connect(&job_, &BackgroundJob::progressed, this,
          [this](qint64 done, qint64 expected) { emit progressed(tr("Calibration"), done, expected); });
  connect(&job_, &BackgroundJob::failed, this, [this](const QString& text) {
    panel_->setSubtitle(tr("not calibrated: %1").arg(text.section(u'\n', 0, 0)));
    emit message(text);
  });
}

bool CalibrateView::isBenchmark(const QString& file) {
  return file.endsWith(QStringLiteral(".json")) || file.endsWith(QStringLiteral(".jsonl"));
}

void CalibrateView::refresh() {
  if (!files_.empty() && workbench().currentTree().to_yaml() != fitted_yaml_) {
    start();
  }
  draw();
}

void CalibrateView::open(const QStringList& files) {
  files_.clear();
  for (const QString& file : files) {
    files_.emplace_back(file.toStdString());
  }
  start();
  draw();
}

void CalibrateView::setNarrow(bool narrow) {
  cards_->setDirection(narrow ? QBoxLayout::TopToBottom : QBoxLayout::LeftToRight);
}

void CalibrateView::openDialog() {
  const QStringList files = QFileDialog::getOpenFileNames(
      this, tr("Benchmarks"), {}, tr("Results of benchmarks (*.json *.jsonl);;All files (*)"));
  if (!files.isEmpty()) {
    open(files);
  }
}

void CalibrateView::start() {
  fitted_yaml_ = workbench().currentTree().to_yaml();
  result_.reset();
  panel_->setSubtitle(tr("repeating the benchmark of %1 with other constants…")
                          .arg(workbench().nameOf(workbench().current())));
  job_.start([this, yaml = fitted_yaml_, file = workbench().document().openedFile(), files = files_,
              catalogue = workbench().catalogue()](const BackgroundJob::Progress& progress) {
    progress(0, 0);
    const auto result = std::make_shared<const Calibration>(calibrate(yaml, file, files, catalogue));
    return [this, result] {
      result_ = result;
      draw();
    };
  });
}

void CalibrateView::draw() {
  const Theme theme = theme_of(QApplication::palette());
  plot_->clearGraphs();
  plot_->clearItems();
  style_plot(*plot_, theme);
  const bool any = result_ && !result_->fit.points.empty();
  plot_->xAxis->setVisible(any);
  plot_->yAxis->setVisible(any);
  plot_->legend->setVisible(any);
  write_->setEnabled(any);
  table_->setVisible(any);
  if (any != has_result_) {  // without one there is nothing in the table
    has_result_ = any;
    panel_->setShow(any ? ChartPanel::Show::both : ChartPanel::Show::chart);
  }
  if (any) {
    drawFit(theme);
  } else {
    drawNothing(theme);
  }
}

/// What can be dropped here, or why what was dropped is of no use.
void CalibrateView::drawNothing(const Theme& theme) {
  panel_->setSheet({});
  constants_->setSheet({});
  notes_->setText(
      tr("The fit moves the host time of steps, sequences and requests, and the achieved shares of "
         "bandwidth and of multiply peak. Model, devices, formats, layout and engine are those of "
         "the scenario; its workload does not matter."));
  if (result_) {
    panel_->setSubtitle(calibration_summary(*result_));
  } else if (files_.empty()) {
    panel_->setSubtitle({});
    plot_->xAxis->setRange(-1, 1);
    plot_->yAxis->setRange(-1, 1);
    add_text(*plot_, 0, 0.1, tr("Drop benchmarks of your own system here"), Qt::AlignCenter, theme, true);
    add_text(
        *plot_, 0, -0.1,
        tr("results of vllm bench serve, SGLang, GuideLLM, AIPerf or GenAI-Perf; several loads are best"),
        Qt::AlignCenter, theme);
  }
  plot_->replot();
}

void CalibrateView::drawFit(const Theme& theme) {
  const std::vector<JudgedMeasurement> rows = measurements_of(result_->fit);
  double least = rows.front().measured;
  double most = least;
  double off = 1.3;  // the largest factor that a prediction is off by
  for (const JudgedMeasurement& row : rows) {
    least = std::min(least, row.measured);
    most = std::max(most, row.measured);
    for (const double ratio : {row.before / row.measured, row.after / row.measured}) {
      off = std::max({off, ratio, 1 / ratio});
    }
  }
  for (std::size_t metric = 0; metric < kMetrics.size(); ++metric) {
    add_points(*plot_, rows, metric, false, theme);
    add_points(*plot_, rows, metric, true, theme);
  }
  add_level(*plot_, 1, QPen(theme.text, 1.2));
  add_level(*plot_, 1.2, QPen(theme.muted, 1, Qt::DashLine));
  add_level(*plot_, 1 / 1.2, QPen(theme.muted, 1, Qt::DashLine));
  set_logarithmic(*plot_->xAxis);
  set_logarithmic(*plot_->yAxis);
  plot_->xAxis->setRange(least / 2, most * 2);
  plot_->yAxis->setRange(1 / (off * 1.15), off * 1.15);
  plot_->xAxis->setLabel(tr("measured: seconds, or output tokens per second"));
  plot_->yAxis->setLabel(tr("predicted / measured"));
  plot_->replot();
  panel_->setSheet(calibration_sheet(result_->fit));
  panel_->setSubtitle(calibration_summary(*result_));
  panel_->setDescription(
      tr("Ratio of predicted to measured values before and after; the table has the numbers"));
  constants_->setSheet(constants_sheet(result_->fit));
  QStringList lines;
  for (const auto* const list : {&result_->notes, &result_->fit.warnings}) {
    for (const std::string& line : *list) {
      lines << QString::fromStdString(line);
    }
  }
  notes_->setText(lines.join(u'\n'));
}

void CalibrateView::writeDialog() {
  const QString folder = QFileDialog::getExistingDirectory(this, tr("Folder for the profiles"));
  if (!folder.isEmpty()) {
    write(folder);
  }
}

void CalibrateView::write(const QString& folder) {
  if (!result_ || result_->fit.points.empty()) {
    return;
  }
  const WrittenProfiles written = write_profiles(*result_, folder.toStdString(), workbench().catalogue());
  if (!written.problem.empty()) {
    emit message(tr("not written: %1").arg(QString::fromStdString(written.problem)));
    return;
  }
  ScenarioTree tree = workbench().currentTree();
  tree.set("name", tree.name() + ", calibrated");
  tree.set("engine.framework", written.framework.string());
  tree.set("hardware.device", written.device.string());
  emit message(tr("Written: %1 and %2; the scenario with them is open beside the one that was fitted.")
                   .arg(QString::fromStdString(written.framework.string()),
                        QString::fromStdString(written.device.string())));
  files_.clear();  // the new scenario has been fitted
  workbench().setCurrent(workbench().document().addScenario(std::move(tree), tr("use fitted profiles")));
}

}  // namespace mtok::gui
