// Stacks the parts of the bills.
#include "app/gui/views/breakdown_view.hpp"

#include <qcustomplot.h>

#include <QApplication>
#include <QVBoxLayout>
#include <array>

#include "app/gui/chart_panel.hpp"
#include "app/gui/models/number_text.hpp"
#include "app/gui/models/workbench.hpp"
#include "app/gui/plot_style.hpp"
#include "app/gui/theme.hpp"

namespace mtok::gui {

BreakdownView::BreakdownView(Workbench& workbench, QWidget* parent)
    : View(workbench, parent),
      plot_(new_plot()),
      panel_(
          new ChartPanel(QStringLiteral("breakdown"), tr("Where the money of the run goes"), plot_, this)) {
  auto* const layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->addWidget(panel_);
  panel_->setChartShare(0.64);
  plot_->setInteractions(QCP::iNone);
  connect(plot_, &QCustomPlot::plottableClick, this, [this](QCPAbstractPlottable* plottable, int place) {
    const auto& scenarios = this->workbench().document().scenarios();
    const auto* const bars = qobject_cast<QCPBars*>(plottable);
    if (bars == nullptr || place < 0 || place >= bars->data()->size()) {
      return;
    }
    const auto row = static_cast<std::size_t>(bars->data()->at(place)->key);  // one bar a scenario
    if (row < scenarios.size()) {
      emit whyAsked(bars->property("key").toString(), scenarios[row].id);
    }
  });
  // The legend stands above the bars, in a row of its own.
  plot_->plotLayout()->insertRow(0);
  auto* const legend_row = new QCPLayoutGrid;
  plot_->plotLayout()->addElement(0, 0, legend_row);
  legend_row->addElement(0, 0, plot_->legend);
  plot_->legend->setFillOrder(QCPLegend::foColumnsFirst);
  plot_->legend->setVisible(true);
  plot_->plotLayout()->setRowStretchFactor(0, 0.001);
}

void BreakdownView::refresh() {
  const Theme theme = theme_of(QApplication::palette());
  const std::vector<NamedResult> scenarios = workbench().namedResults();
  plot_->clearPlottables();
  plot_->clearItems();
  style_plot(*plot_, theme);
  struct Part {
    QString name{};
    Money cost::Parts::*amount;
    const char* key = nullptr;
    QColor colour{};
    Qt::BrushStyle pattern = Qt::SolidPattern;
  };
  const std::array<Part, 4> parts{
      {{tr("input"), &cost::Parts::input, "cost.parts_usd.input", theme.series[0]},
       {tr("cached input"), &cost::Parts::cached_input, "cost.parts_usd.cached_input", theme.series[5]},
       {tr("output"), &cost::Parts::output, "cost.parts_usd.output", theme.series[1]},
       {tr("idle"), &cost::Parts::idle, "cost.parts_usd.idle", theme.series[6], Qt::BDiagPattern}}};
  const QSharedPointer<QCPAxisTickerText> names(new QCPAxisTickerText);
  double most = 0;
  QCPBars* below = nullptr;
  for (const Part& part : parts) {
    auto* const bars = new QCPBars(plot_->yAxis, plot_->xAxis);
    bars->setName(part.name);
    bars->setProperty("key", QLatin1String(part.key));
    bars->setWidth(0.55);
    bars->setPen(QPen(theme.card, 1));
    bars->setBrush(QBrush(part.colour, part.pattern));
    for (std::size_t i = 0; i < scenarios.size(); ++i) {
      const auto& result = scenarios[i].result;
      if (result && !result->infeasible) {
        bars->addData(static_cast<double>(i), (result->bill.parts.*part.amount).usd().base());
      }
    }
    if (below != nullptr) {
      bars->moveAbove(below);
    }
    below = bars;
  }
  for (std::size_t i = 0; i < scenarios.size(); ++i) {
    const auto at = static_cast<double>(i);
    const auto& result = scenarios[i].result;
    names->addTick(at, scenarios[i].name);
    const bool known = result && !result->infeasible;
    const double total = known ? result->bill.total.usd().base() : 0;
    most = std::max(most, total);
    add_text(*plot_, total, at, known ? dollars_text(result->bill.total) : tr("no result"),
             Qt::AlignLeft | Qt::AlignVCenter, theme, known);
  }
  plot_->yAxis->setTicker(names);
  plot_->yAxis->setTickLabelColor(theme.text);
  plot_->yAxis->setRangeReversed(true);
  plot_->yAxis->setRange(-0.6, static_cast<double>(scenarios.size()) - 0.4);
  plot_->yAxis->grid()->setVisible(false);
  plot_->xAxis->setRange(0, most > 0 ? most * 1.15 : 1);
  plot_->xAxis->setLabel(tr("USD for the whole run"));
  plot_->replot();
  panel_->setSheet(parts_sheet(scenarios));
  panel_->setSubtitle(
      tr("Bill of the simulated run by what the devices did; idle time is paid for as well. Click an amount "
         "for its formula."));
  panel_->setDescription(
      tr("Stacked bars, one a scenario, with input, cached input, output and idle; the table "
         "says the same"));
}

}  // namespace mtok::gui
