// Fills the comparison.
#include "app/gui/views/compare_view.hpp"

#include <qcustomplot.h>

#include <QApplication>
#include <QCheckBox>
#include <QVBoxLayout>

#include "app/gui/chart_panel.hpp"
#include "app/gui/models/number_text.hpp"
#include "app/gui/models/workbench.hpp"
#include "app/gui/plot_style.hpp"
#include "app/gui/theme.hpp"

namespace mtok::gui {

CompareView::CompareView(Workbench& workbench, QWidget* parent)
    : View(workbench, parent),
      differences_(new QCheckBox(tr("differences only"), this)),
      plot_(new_plot()),
      panel_(new ChartPanel(QStringLiteral("compare"), tr("Scenarios side by side"), plot_, this)) {
  differences_->setObjectName(QStringLiteral("differencesOnly"));
  differences_->setChecked(true);
  auto* const top = new QHBoxLayout;
  top->addWidget(differences_);
  top->addStretch(1);
  auto* const layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->addLayout(top);
  layout->addWidget(panel_, 1);
  plot_->setInteractions(QCP::iNone);
  connect(differences_, &QCheckBox::toggled, this, &CompareView::refresh);
}

void CompareView::refresh() {
  const std::vector<NamedResult> scenarios = workbench().namedResults();
  const std::size_t base = workbench().baseIndex();
  const bool alone = scenarios.size() < 2;  // nothing to differ from
  differences_->setEnabled(!alone);
  panel_->setSheet(comparison_sheet(scenarios, base, differences_->isChecked() && !alone));
  panel_->setSubtitle(tr("Changes are against the base: blue is better, orange is worse"));
  draw();
}

void CompareView::draw() {
  const Theme theme = theme_of(QApplication::palette());
  const std::vector<NamedResult> scenarios = workbench().namedResults();
  plot_->clearItems();
  plot_->clearPlottables();
  style_plot(*plot_, theme);
  const QSharedPointer<QCPAxisTickerText> names(new QCPAxisTickerText);
  constexpr int kLabel = 190;  // pixels of the longest text behind a bar
  keep_rows_apart(*plot_, scenarios.size());
  double most = 0;
  for (std::size_t i = 0; i < scenarios.size(); ++i) {
    const auto at = static_cast<double>(i);
    names->addTick(at, axis_name(scenarios[i].name));
    const auto& result = scenarios[i].result;
    if (!result || result->infeasible || !result->bill.per_token.blended) {
      add_text(*plot_, 0, at, tr("no result"), Qt::AlignLeft | Qt::AlignVCenter, theme);
      continue;
    }
    const double value = (*result->bill.per_token.blended * Tokens(1e6)).base();
    most = std::max(most, value);
    auto* const bars = new QCPBars(plot_->yAxis, plot_->xAxis);
    bars->setWidth(0.6);
    bars->setPen(Qt::NoPen);
    bars->setBrush(i == workbench().baseIndex() ? theme.series[6] : theme.series[0]);
    bars->addData(at, value);
    const QString promise = result->metrics.slo_met ? tr("promises kept") : tr("✗ promises broken");
    add_text(*plot_, value, at, rate_text(result->bill.per_token.blended) + QStringLiteral("   ") + promise,
             Qt::AlignLeft | Qt::AlignVCenter, theme, true);
  }
  plot_->yAxis->setTicker(names);
  plot_->yAxis->setTickLabelColor(theme.text);
  plot_->yAxis->setRangeReversed(true);
  plot_->yAxis->setRange(-0.6, static_cast<double>(scenarios.size()) - 0.4);
  plot_->yAxis->grid()->setVisible(false);
  plot_->xAxis->setLabel(tr("USD per million tokens"));
  panel_->setChartShare(0.34);
  panel_->setDescription(tr("Bars of the cost per million tokens of each scenario; the table says the same"));
  plot_->replot();  // the room beside the names is known from here on
  plot_->xAxis->setRange(0, most > 0 ? most * room_behind(*plot_, kLabel) : 1);
  plot_->replot();
}

}  // namespace mtok::gui
