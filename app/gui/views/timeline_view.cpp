// Gives the chart the spans of the current run, and the table its replicas.
#include "app/gui/views/timeline_view.hpp"

#include <QVBoxLayout>

#include "app/gui/chart_panel.hpp"
#include "app/gui/models/number_text.hpp"
#include "app/gui/models/workbench.hpp"
#include "app/gui/views/timeline_chart.hpp"

namespace mtok::gui {

TimelineView::TimelineView(Workbench& workbench, QWidget* parent)
    : View(workbench, parent),
      chart_(new TimelineChart),
      panel_(new ChartPanel(QStringLiteral("timeline"), tr("What every replica does when"), chart_, this)) {
  auto* const layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->addWidget(panel_);
  panel_->setChartShare(0.72);
}

void TimelineView::refresh() {
  const auto outcome = workbench().outcome(workbench().current());
  if (!outcome || !outcome->feasible()) {
    shown_.reset();
    chart_->setSpans(nullptr);
    panel_->setSheet({});
    panel_->setSubtitle(tr("no timeline yet: the scenario has no feasible result"));
    return;
  }
  const planner::RunResult& result = *outcome->result;
  if (outcome->timeline != shown_) {
    shown_ = outcome->timeline;
    chart_->setSpans(
        std::make_shared<const SpanStore>(*shown_, result.run.replicas.size(), result.scheduler.kv_pages));
  }
  panel_->setSheet(replicas_sheet(result));
  panel_->setSubtitle(
      tr("%1 stretches of steps on %2 replicas, %3 preemptions. Wheel zooms, dragging moves, a double "
         "click shows everything.")
          .arg(count_text(static_cast<qint64>(shown_->stretches().size())),
               count_text(static_cast<qint64>(result.run.replicas.size())),
               count_text(result.run.totals.preemptions)));
  panel_->setDescription(
      tr("A lane for each replica with prefill, decode and idle time; the table has the sums"));
}

}  // namespace mtok::gui
