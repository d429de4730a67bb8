// Draws the distributions side by side.
#include "app/gui/views/latency_view.hpp"

#include <qcustomplot.h>

#include <QApplication>
#include <QVBoxLayout>

#include "app/gui/chart_panel.hpp"
#include "app/gui/models/number_text.hpp"
#include "app/gui/models/workbench.hpp"
#include "app/gui/plot_style.hpp"
#include "app/gui/theme.hpp"
#include "app/report/curves.hpp"

namespace mtok::gui {
namespace {

using report::LatencyKind;

void add_curve(QCPAxisRect& rect, const planner::RunResult& result, LatencyKind kind, const QPen& pen,
               const QString& name, double& least, double& most) {
  auto* const graph = new QCPGraph(rect.axis(QCPAxis::atBottom), rect.axis(QCPAxis::atLeft));
  for (const report::SharePoint& point : report::latency_curve(result, kind)) {
    const double value = point.duration.base() * 1e3;
    if (value > 0) {
      graph->addData(value, point.share * 100);
      least = least == 0 ? value : std::min(least, value);
      most = std::max(most, value);
    }
  }
  graph->setLineStyle(QCPGraph::lsStepLeft);
  graph->setPen(pen);
  graph->setName(name);
}

void add_promise(QCustomPlot& plot, QCPAxisRect& rect, Seconds promise, const Theme& theme) {
  QCPAxis* const bottom = rect.axis(QCPAxis::atBottom);
  QCPAxis* const left = rect.axis(QCPAxis::atLeft);
  const double at = promise.base() * 1e3;
  auto* const line = new QCPItemStraightLine(&plot);
  line->setClipAxisRect(&rect);
  for (QCPItemPosition* const position : {line->point1, line->point2}) {
    position->setAxes(bottom, left);
    position->setAxisRect(&rect);
    position->setType(QCPItemPosition::ptPlotCoords);
  }
  line->point1->setCoords(at, 0);
  line->point2->setCoords(at, 100);
  line->setPen(QPen(theme.series[3], 1.6, Qt::DashLine));
  auto* const text = new QCPItemText(&plot);
  text->position->setAxes(bottom, left);
  text->position->setAxisRect(&rect);
  text->position->setType(QCPItemPosition::ptPlotCoords);
  text->position->setCoords(at, 101);
  text->setPositionAlignment(Qt::AlignRight | Qt::AlignBottom);  // clear of the next panel
  text->setText(QObject::tr("promise %1").arg(duration_text(promise)));
  text->setColor(theme.worse);
  text->setPadding(QMargins(2, 0, 2, 1));
  QFont font = QApplication::font();
  font.setPointSizeF(8.5);
  text->setFont(font);
  text->setClipToAxisRect(false);
}

/// One latency and what was promised of it.
struct Kind {
  QString title{};
  LatencyKind kind{};
  std::optional<Seconds> promise{};
};

QFont title_font() {
  QFont font = QApplication::font();
  font.setPointSizeF(10);
  font.setBold(true);
  return font;
}

/// The curves of a scenario and of its base, which may be absent, with the promise.
void draw_kind(QCPAxisRect& rect, const Kind& kind, const planner::RunResult& result,
               const planner::RunResult* base, const Theme& theme) {
  double least = 0;
  double most = 0;
  if (base != nullptr && !base->infeasible) {
    add_curve(rect, *base, kind.kind, QPen(theme.series[6], 1.6, Qt::DashLine), QObject::tr("base"), least,
              most);
  }
  add_curve(rect, result, kind.kind, QPen(theme.series[0], 2.4), QObject::tr("scenario"), least, most);
  if (kind.promise) {
    add_promise(*rect.parentPlot(), rect, *kind.promise, theme);
    most = std::max(most, kind.promise->base() * 1e3);
  }
  constexpr double kOneOfThree = 1.2;  // decades that have room for more than powers of ten
  set_logarithmic(*rect.axis(QCPAxis::atBottom), kOneOfThree);
  rect.axis(QCPAxis::atBottom)->setRange(least > 0 ? least * 0.8 : 1, most > 0 ? most * 1.25 : 10);
  rect.axis(QCPAxis::atLeft)->setRange(0, 101);
}

}  // namespace

LatencyView::LatencyView(Workbench& workbench, QWidget* parent)
    : View(workbench, parent),
      plot_(new_plot()),
      panel_(new ChartPanel(QStringLiteral("latency"), tr("How long requests wait"), plot_, this)) {
  auto* const layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->addWidget(panel_);
  panel_->setChartShare(0.66);
}

void LatencyView::refresh() {
  const Theme theme = theme_of(QApplication::palette());
  const auto result = workbench().result(workbench().current());
  const bool own_base = workbench().document().base() == workbench().current();
  const auto base = own_base ? nullptr : workbench().result(workbench().document().base());
  plot_->clearItems();
  plot_->clearGraphs();
  plot_->plotLayout()->clear();
  if (!result || result->infeasible) {
    panel_->setSheet({});
    panel_->setSubtitle(tr("no latencies yet: the scenario has no feasible result"));
    plot_->replot();
    return;
  }
  const engine::Slo& slo = result->scenario.slo;
  const std::array<Kind, 3> kinds{{{tr("TTFT: arrival to first token"), LatencyKind::ttft, slo.ttft_p99},
                                   {tr("TPOT: per further token"), LatencyKind::tpot, slo.tpot_p99},
                                   {tr("E2E: arrival to last token"), LatencyKind::e2e, slo.e2e_p99}}};
  constexpr int kAir = 30;  // pixels beside a title
  const bool narrow =
      panel_->width() / 3 < QFontMetrics(title_font()).horizontalAdvance(kinds[0].title) + kAir;
  for (std::size_t i = 0; i < kinds.size(); ++i) {
    const int column = static_cast<int>(i);
    auto* const title =
        new QCPTextElement(plot_, narrow ? kinds[i].title.section(u':', 0, 0) : kinds[i].title, title_font());
    title->setTextColor(theme.text);
    plot_->plotLayout()->addElement(0, column, title);
    auto* const rect = new QCPAxisRect(plot_);
    plot_->plotLayout()->addElement(1, column, rect);
    draw_kind(*rect, kinds[i], *result, base.get(), theme);
    rect->axis(QCPAxis::atBottom)->setLabel(narrow ? tr("ms, logarithmic") : tr("milliseconds, logarithmic"));
    rect->axis(QCPAxis::atLeft)->setLabel(i == 0 ? tr("% of requests") : QString());
  }
  plot_->plotLayout()->setRowStretchFactor(0, 0.001);
  style_plot(*plot_, theme);
  plot_->replot();
  panel_->setSheet(latency_sheet(*result));
  const QString against =
      base ? tr(" The dashed curve is the base, %1.").arg(workbench().nameOf(workbench().document().base()))
           : QString();
  panel_->setSubtitle(
      result->run.requests.empty()
          ? tr("This run is too long to keep a row for each request; the table has its percentiles.")
          : tr("Share of the requests that waited at most so long.") + against);
  panel_->setDescription(
      tr("Three cumulative distributions with their promises; the table has the percentiles"));
}

}  // namespace mtok::gui
