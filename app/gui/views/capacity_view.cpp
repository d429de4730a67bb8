// Plans the capacity off the window's thread and shows it.
#include "app/gui/views/capacity_view.hpp"

#include <qcustomplot.h>

#include <QApplication>
#include <QSplitter>
#include <QTabWidget>
#include <QVBoxLayout>

#include "app/gui/chart_panel.hpp"
#include "app/gui/models/capacity_sheet.hpp"
#include "app/gui/models/workbench.hpp"
#include "app/gui/plot_style.hpp"
#include "app/gui/theme.hpp"
#include "app/gui/views/capacity_charts.hpp"
#include "sim/planner/provenance_studies.hpp"
#include "sim/planner/scenario_text.hpp"

namespace mtok::gui {

CapacityView::CapacityView(Workbench& workbench, QWidget* parent)
    : View(workbench, parent),
      options_plot_(new_plot()),
      months_plot_(new_plot()),
      staircase_plot_(new_plot()),
      commitments_plot_(new_plot()),
      options_(
          new ChartPanel(QStringLiteral("capacity"), tr("Rent, own or buy tokens"), options_plot_, this)),
      months_(new ChartPanel(QStringLiteral("capacityMonths"), tr("Month by month"), months_plot_)),
      staircase_(
          new ChartPanel(QStringLiteral("capacityStaircase"), tr("Staircase of devices"), staircase_plot_)),
      commitments_(
          new ChartPanel(QStringLiteral("capacityCommitments"), tr("What to reserve"), commitments_plot_)),
      cards_(new QSplitter(Qt::Horizontal, this)) {
  auto* const tabs = new QTabWidget(this);
  tabs->setObjectName(QStringLiteral("capacityTabs"));
  tabs->setAccessibleName(tr("Months, staircase or what to reserve"));
  tabs->setDocumentMode(true);
  tabs->addTab(months_, tr("Month by month"));
  tabs->addTab(staircase_, tr("Staircase"));
  tabs->addTab(commitments_, tr("What to reserve"));
  cards_->addWidget(options_);
  cards_->addWidget(tabs);
  cards_->setStretchFactor(0, 5);
  cards_->setStretchFactor(1, 6);
  cards_->setSizes({515, 585});
  cards_->setChildrenCollapsible(false);
  auto* const layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->addWidget(cards_);
  options_->setChartShare(0.6);
  months_->setChartShare(0.84);
  options_plot_->setInteractions(QCP::iNone);
  connect(options_plot_, &QCustomPlot::itemClick, this, [this](const QCPAbstractItem* item) {
    if (const QString key = item->property("key").toString(); !key.isEmpty()) {
      emit whyAsked(key, 0);
    }
  });
  months_plot_->setInteractions(QCP::iNone);
  constexpr int kThreeCharts = 250;  // pixels, one below the other
  months_plot_->setMinimumHeight(kThreeCharts);
  months_->setSubtitle(tr("Demand (dots: the mean), devices with spares, what each way costs"));
  staircase_->setSubtitle(tr("The fewest devices that keep the promises, found by simulation"));
  connect(&job_, &BackgroundJob::progressed, this, [this](qint64 done, qint64 expected) {
    emit progressed(tr("Capacity: levels of demand"), done, expected);
  });
  connect(&job_, &BackgroundJob::runningChanged, this, [this](bool running) {
    if (!running) {
      emit idle();
    }
  });
  connect(&job_, &BackgroundJob::failed, this,
          [this](const QString& text) { say(tr("no capacity plan: %1").arg(text.section(u'\n', 0, 0))); });
}

std::optional<planner::Explanation> CapacityView::explanationOf(const QString& key) const {
  return result_ ? planner::StudyProvenance(*result_).explain(key.toStdString()) : std::nullopt;
}

void CapacityView::setNarrow(bool narrow) {
  cards_->setOrientation(narrow ? Qt::Vertical : Qt::Horizontal);
}

void CapacityView::refresh() {
  const std::string yaml = workbench().currentTree().to_yaml();
  if (yaml != shown_yaml_) {
    start(yaml);
  }
  draw();
}

void CapacityView::start(const std::string& yaml) {
  shown_yaml_ = yaml;
  result_.reset();
  say(tr("simulating the demand of every month for the fewest devices that keep the promises…"));
  job_.start([this, yaml, file = workbench().document().openedFile(),
              catalogue = workbench().catalogue()](const BackgroundJob::Progress& progress) {
    planner::Scenario scenario = planner::scenario_from_text(yaml, file, catalogue);
    scenario.file.clear();
    const auto result =
        std::make_shared<const planner::Capacity>(planner::plan_capacity(scenario, catalogue, progress));
    return [this, result] {
      result_ = result;
      draw();
    };
  });
}

void CapacityView::say(const QString& text) {
  options_->setSubtitle(text);
}

void CapacityView::draw() {
  const Theme theme = theme_of(QApplication::palette());
  const bool any = result_ && result_->feasible && !result_->months.empty();
  if (!any) {
    months_plot_->plotLayout()->clear();  // with its legend, which would speak of graphs that are gone
    for (QCustomPlot* const plot : {options_plot_, months_plot_, staircase_plot_, commitments_plot_}) {
      plot->clearItems();
      plot->clearGraphs();
      for (QCPAxis* const axis : {plot->xAxis, plot->yAxis}) {
        if (axis != nullptr) {
          axis->setVisible(false);
        }
      }
      style_plot(*plot, theme);
      plot->replot();
    }
    for (ChartPanel* const panel : panels()) {
      panel->setSheet({});
    }
    if (result_) {
      say(capacity_summary(*result_));
    }
    return;
  }
  draw_options(*options_plot_, *result_, theme);
  draw_months(*months_plot_, *result_, theme);
  draw_staircase(*staircase_plot_, *result_, theme);
  draw_commitments(*commitments_plot_, *result_, theme);
  options_->setSheet(options_sheet(*result_));
  months_->setSheet(months_sheet(*result_));
  staircase_->setSheet(staircase_sheet(*result_));
  commitments_->setSheet(commitments_sheet(*result_));
  commitments_->setSubtitle(commitments_summary(*result_));
  say(capacity_summary(*result_));
  const QString even = break_even_summary(*result_);
  months_->setSubtitle(tr("Demand (dots: the mean), devices with spares, cost of each way") +
                       (even.isEmpty() ? QString() : QStringLiteral(". ") + even));
  options_->setDescription(tr("Bars of the present value of each way to pay; the table says the same"));
  months_->setDescription(tr("Demand, devices and cost over the months; the table says the same"));
  staircase_->setDescription(tr("Devices over demand, rising in steps; the table says the same"));
  commitments_->setDescription(tr("How much each replica is needed; the table says the same"));
}

}  // namespace mtok::gui
