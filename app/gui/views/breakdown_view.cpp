// Stacks the parts of the bills.
#include "app/gui/views/breakdown_view.hpp"

#include <qcustomplot.h>

#include <QApplication>
#include <QComboBox>
#include <QVBoxLayout>
#include <array>

#include "app/gui/chart_panel.hpp"
#include "app/gui/models/bill_parts.hpp"
#include "app/gui/models/number_text.hpp"
#include "app/gui/models/workbench.hpp"
#include "app/gui/plot_style.hpp"
#include "app/gui/theme.hpp"

namespace mtok::gui {
namespace {

/// Parts differ by colour, idle time and late resources by a pattern as well.
QBrush brush_of(BillSplit split, std::size_t number, const Theme& theme) {
  constexpr std::array<std::size_t, 4> kOfTokens{0, 5, 1, 6};
  constexpr std::array<std::size_t, 9> kOfResources{0, 6, 5, 2, 4, 3, 1, 2, 1};
  constexpr std::size_t kIdle = 3;
  constexpr std::size_t kSolid = 7;
  if (split == BillSplit::tokens) {
    return {theme.series[kOfTokens.at(number)], number == kIdle ? Qt::BDiagPattern : Qt::SolidPattern};
  }
  return {theme.series[kOfResources.at(number)], number < kSolid ? Qt::SolidPattern : Qt::Dense3Pattern};
}

/// Bars of each part on those of the part before it.
void stack_parts(QCustomPlot& plot, const std::vector<BillPart>& parts, BillSplit split,
                 const std::vector<NamedResult>& scenarios, const Theme& theme) {
  QCPBars* below = nullptr;
  for (std::size_t number = 0; number < parts.size(); ++number) {
    const BillPart& part = parts[number];
    auto* const bars = new QCPBars(plot.yAxis, plot.xAxis);
    bars->setName(part.name);
    bars->setProperty("key", part.key);
    bars->setWidth(0.55);
    bars->setPen(QPen(theme.card, 1));
    bars->setBrush(brush_of(split, number, theme));
    for (std::size_t i = 0; i < scenarios.size(); ++i) {
      const auto& result = scenarios[i].result;
      if (result && !result->infeasible) {
        bars->addData(static_cast<double>(i), part.amount(result->bill).usd().base());
      }
    }
    if (below != nullptr) {
      bars->moveAbove(below);
    }
    below = bars;
  }
}

/// The name of each scenario beside its bars and its bill behind them. Returns the largest bill.
double name_totals(QCustomPlot& plot, const std::vector<NamedResult>& scenarios, const Theme& theme) {
  const QSharedPointer<QCPAxisTickerText> names(new QCPAxisTickerText);
  double most = 0;
  for (std::size_t i = 0; i < scenarios.size(); ++i) {
    const auto at = static_cast<double>(i);
    const auto& result = scenarios[i].result;
    names->addTick(at, axis_name(scenarios[i].name));
    const bool known = result && !result->infeasible;
    const double total = known ? result->bill.total.usd().base() : 0;
    most = std::max(most, total);
    add_text(plot, total, at, known ? dollars_text(result->bill.total) : QObject::tr("no result"),
             Qt::AlignLeft | Qt::AlignVCenter, theme, known);
  }
  plot.yAxis->setTicker(names);
  return most;
}

}  // namespace

BreakdownView::BreakdownView(Workbench& workbench, QWidget* parent)
    : View(workbench, parent),
      split_(new QComboBox(this)),
      plot_(new_plot()),
      panel_(
          new ChartPanel(QStringLiteral("breakdown"), tr("Where the money of the run goes"), plot_, this)) {
  auto* const layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->addWidget(split_, 0, Qt::AlignLeft);
  layout->addWidget(panel_, 1);
  split_->setObjectName(QStringLiteral("billSplit"));
  split_->setAccessibleName(tr("How the bill is split"));
  split_->addItem(tr("by what the devices did"), static_cast<int>(BillSplit::tokens));
  split_->addItem(tr("by what was bought"), static_cast<int>(BillSplit::resources));
  connect(split_, &QComboBox::activated, this, &BreakdownView::refresh);
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
  const auto split = static_cast<BillSplit>(split_->currentData().toInt());
  constexpr int kLabel = 80;  // pixels of the longest text behind a bar
  constexpr std::size_t kLegend = 2;
  keep_rows_apart(*plot_, scenarios.size() + kLegend);
  stack_parts(*plot_, bill_parts(split, scenarios), split, scenarios, theme);
  const double most = name_totals(*plot_, scenarios, theme);
  plot_->yAxis->setTickLabelColor(theme.text);
  plot_->yAxis->setRangeReversed(true);
  plot_->yAxis->setRange(-0.6, static_cast<double>(scenarios.size()) - 0.4);
  plot_->yAxis->grid()->setVisible(false);
  plot_->xAxis->setLabel(tr("USD for the whole run"));
  plot_->replot();  // the room beside the names is known from here on
  plot_->xAxis->setRange(0, most > 0 ? most * room_behind(*plot_, kLabel) : 1);
  plot_->replot();
  panel_->setSheet(parts_sheet(scenarios, split));
  panel_->setSubtitle(split == BillSplit::tokens
                          ? tr("Bill of the simulated run by what the devices did; idle time is paid for as "
                               "well. Click an amount for its formula.")
                          : tr("The same bill by what was bought; rent contains what its seller pays. Click "
                               "an amount for its formula."));
  panel_->setDescription(
      tr("Stacked bars, one a scenario, with the parts of its bill; the table says the same"));
}

}  // namespace mtok::gui
