// Judges measurements off the window's thread and draws the scatter.
#include "app/gui/views/validation_view.hpp"

#include <qcustomplot.h>

#include <QApplication>
#include <QFileDialog>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QPushButton>
#include <QVBoxLayout>
#include <array>
#include <map>

#include "app/gui/chart_panel.hpp"
#include "app/gui/models/number_text.hpp"
#include "app/gui/models/validation_sheet.hpp"
#include "app/gui/models/workbench.hpp"
#include "app/gui/plot_style.hpp"
#include "app/gui/theme.hpp"
#include "sim/validation/host_judgement.hpp"
#include "sim/validation/host_measurement.hpp"
#include "sim/validation/serving.hpp"

namespace mtok::gui {
namespace {

constexpr const char* kRecorded = "tests/accuracy/recorded_host.csv";

/// The first word: "gemm" of "gemm int8 hot".
QString kind_of(const validation::Outcome& outcome) {
  return QString::fromStdString(outcome.family).section(u' ', 0, 0);
}

void add_line(QCustomPlot& plot, double factor, double least, double most, const QPen& pen) {
  QCPGraph* const line = plot.addGraph();
  line->addData(least, least * factor);
  line->addData(most, most * factor);
  line->setPen(pen);
  line->removeFromLegend();
}

}  // namespace

ValidationView::ValidationView(Workbench& workbench, QWidget* parent)
    : View(workbench, parent),
      plot_(new_plot()),
      panel_(new ChartPanel(QStringLiteral("validation"), tr("Predicted against measured"), plot_, this)),
      host_(new QPushButton(tr("Check this host"), this)),
      stop_(new QPushButton(tr("Stop"), this)) {
  auto* const recorded = new QPushButton(tr("Recorded rows"), this);
  auto* const open = new QPushButton(tr("Measurements…"), this);
  recorded->setObjectName(QStringLiteral("validationRecorded"));
  host_->setObjectName(QStringLiteral("validationHost"));
  host_->setToolTip(
      tr("Runs the reference kernel library here, for 40 s, as `mtok validate host --quick` does"));
  open->setObjectName(QStringLiteral("browse"));
  open->setToolTip(tr("Of serving systems, as `mtok validate serving` takes them"));
  stop_->setEnabled(false);
  auto* const buttons = new QHBoxLayout;
  for (QPushButton* const button : {recorded, host_, open, stop_}) {
    buttons->addWidget(button);
  }
  buttons->addStretch(1);
  auto* const layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->addLayout(buttons);
  layout->addWidget(panel_, 1);
  panel_->setChartShare(0.62);
  plot_->legend->setVisible(true);
  constexpr std::size_t kRows = 12;  // of words, with those of the legend
  keep_rows_apart(*plot_, kRows);
  // The legend stands above the points, in a row of its own.
  plot_->plotLayout()->insertRow(0);
  auto* const legend_row = new QCPLayoutGrid;
  plot_->plotLayout()->addElement(0, 0, legend_row);
  legend_row->addElement(0, 0, plot_->legend);
  plot_->legend->setFillOrder(QCPLegend::foColumnsFirst);
  constexpr int kBesideOneAnother = 4;
  plot_->legend->setWrap(kBesideOneAnother);
  plot_->legend->setRowSpacing(0);
  plot_->plotLayout()->setRowStretchFactor(0, 0.001);
  connect(recorded, &QPushButton::clicked, this, &ValidationView::showRecorded);
  connect(host_, &QPushButton::clicked, this, &ValidationView::runHost);
  connect(open, &QPushButton::clicked, this, &ValidationView::openMeasurements);
  connect(stop_, &QPushButton::clicked, &job_, &BackgroundJob::finishEarly);
  connect(&job_, &BackgroundJob::runningChanged, this, [this](bool running) {
    host_->setEnabled(!running);
    stop_->setEnabled(running);
    if (!running) {
      emit idle();
    }
  });
  connect(&job_, &BackgroundJob::progressed, this,
          [this](qint64 done, qint64 expected) { emit progressed(tr("Validation"), done, expected); });
  connect(&job_, &BackgroundJob::failed, this, &View::message);
}

void ValidationView::refresh() {
  if (!started_) {
    showRecorded();
  }
  draw();
}

void ValidationView::start(std::function<Judged(const BackgroundJob::Progress&)> judge,
                           const QString& doing) {
  started_ = true;
  panel_->setSubtitle(doing);
  job_.start([this, judge = std::move(judge)](const BackgroundJob::Progress& progress) {
    Judged judged = judge(progress);
    return [this, judged] {
      judged_ = judged;
      draw();
    };
  });
}

void ValidationView::showRecorded() {
  const std::filesystem::path file = workbench().catalogue().root() / kRecorded;
  if (!std::filesystem::exists(file)) {
    started_ = true;
    panel_->setSubtitle(tr("no measurements yet: this installation came without recorded rows"));
    return;
  }
  start(
      [file, catalogue = workbench().catalogue()](const BackgroundJob::Progress& /*progress*/) {
        const auto samples = validation::read_samples(file);
        return Judged{validation::outcomes_of(validation::judge_host(samples, catalogue)),
                      tr("Recorded kernels of a host, in shapes that no constant was fitted to")};
      },
      tr("judging the recorded rows…"));
}

void ValidationView::runHost() {
  start(
      [catalogue = workbench().catalogue()](const BackgroundJob::Progress& progress) {
        qint64 done = 0;
        const auto measured = validation::measure_host(
            validation::full_plan(true), catalogue, [&](const std::string&) { return progress(++done, 0); });
        return Judged{validation::outcomes_of(validation::judge_host(measured.samples, catalogue)),
                      tr("This host, just now; %1 of the measurements were disturbed by other work")
                          .arg(percent_text(measured.disturbed_blocks))};
      },
      tr("running kernels on this host; nothing else should run now…"));
}

void ValidationView::openMeasurements() {
  const QString name = QFileDialog::getOpenFileName(this, tr("Measurements"), {}, tr("Tables (*.csv)"));
  if (name.isEmpty()) {
    return;
  }
  start(
      [name, catalogue = workbench().catalogue()](const BackgroundJob::Progress& /*progress*/) {
        return Judged{validation::validate_serving(name.toStdString(), catalogue),
                      tr("Serving systems of %1").arg(QFileInfo(name).fileName())};
      },
      tr("simulating the operating points of %1…").arg(QFileInfo(name).fileName()));
}

void ValidationView::draw() {
  const Theme theme = theme_of(QApplication::palette());
  plot_->clearGraphs();
  style_plot(*plot_, theme);
  std::map<QString, QCPGraph*> graphs;  // shown in the order of their names
  double least = 0;
  double most = 0;
  std::size_t points = 0;
  // More shapes than colours, so that no two kinds look alike.
  constexpr std::array kShapes{QCPScatterStyle::ssCircle,   QCPScatterStyle::ssSquare,
                               QCPScatterStyle::ssTriangle, QCPScatterStyle::ssDiamond,
                               QCPScatterStyle::ssPlus,     QCPScatterStyle::ssCross,
                               QCPScatterStyle::ssStar,     QCPScatterStyle::ssTriangleInverted,
                               QCPScatterStyle::ssPeace,    QCPScatterStyle::ssCrossSquare};
  for (const validation::Outcome& outcome : judged_.outcomes) {
    if (!outcome.predicted || outcome.measured <= 0 || *outcome.predicted <= 0) {
      continue;
    }
    QCPGraph*& graph = graphs[kind_of(outcome)];
    if (graph == nullptr) {
      const std::size_t i = graphs.size() - 1;
      const QColor colour = theme.series[i % theme.series.size()];
      graph = plot_->addGraph();
      graph->setLineStyle(QCPGraph::lsNone);
      graph->setScatterStyle(QCPScatterStyle(kShapes[i % kShapes.size()], colour, 5));
      graph->setPen(QPen(colour));
      graph->setName(kind_of(outcome));
    }
    graph->addData(outcome.measured, *outcome.predicted);
    ++points;
    for (const double value : {outcome.measured, *outcome.predicted}) {
      least = least == 0 ? value : std::min(least, value);
      most = std::max(most, value);
    }
  }
  if (points > 0) {
    add_line(*plot_, 1, least / 2, most * 2, QPen(theme.text, 1.2));
    add_line(*plot_, 1.2, least / 2, most * 2, QPen(theme.muted, 1, Qt::DashLine));
    add_line(*plot_, 1 / 1.2, least / 2, most * 2, QPen(theme.muted, 1, Qt::DashLine));
    set_logarithmic(*plot_->xAxis);
    set_logarithmic(*plot_->yAxis);
    plot_->xAxis->setRange(least / 1.5, most * 1.5);
    plot_->yAxis->setRange(least / 1.5, most * 1.5);
    plot_->xAxis->setLabel(tr("measured, in the unit of its metric, logarithmic"));
    plot_->yAxis->setLabel(tr("predicted"));
    panel_->setSubtitle(tr("%1. %2 rows; solid line: equal, dashed: 20 % off.")
                            .arg(judged_.subject, count_text(static_cast<qint64>(points))));
  }
  panel_->setSheet(validation_sheet(judged_.outcomes));
  panel_->setDescription(tr("Scatter of predicted over measured values; the table has the errors by family"));
  plot_->replot();
}

}  // namespace mtok::gui
