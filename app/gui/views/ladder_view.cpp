// Runs the ladder and draws it.
#include "app/gui/views/ladder_view.hpp"

#include <qcustomplot.h>

#include <QApplication>
#include <QVBoxLayout>
#include <algorithm>
#include <cmath>

#include "app/gui/chart_panel.hpp"
#include "app/gui/models/number_text.hpp"
#include "app/gui/models/rung_scenario.hpp"
#include "app/gui/models/workbench.hpp"
#include "app/gui/plot_style.hpp"
#include "app/gui/sheet_table.hpp"
#include "app/gui/theme.hpp"
#include "sim/planner/ladder.hpp"
#include "sim/planner/scenario_text.hpp"

namespace mtok::gui {
namespace {

double usd_per_mtok(UsdPerToken rate) {
  return (rate * Tokens(1e6)).base();
}

/// A bar between two values in a row of the plot.
void add_bar(QCustomPlot& plot, double from, double to, double row, const QColor& colour) {
  constexpr double kHalf = 0.3;
  auto* const bar = new QCPItemRect(&plot);
  bar->topLeft->setCoords(std::min(from, to), row - kHalf);
  bar->bottomRight->setCoords(std::max(from, to), row + kHalf);
  bar->setPen(Qt::NoPen);
  bar->setBrush(colour);
}

void add_link(QCustomPlot& plot, double value, double row, const QColor& colour) {
  auto* const line = new QCPItemLine(&plot);
  line->start->setCoords(value, row + 0.3);
  line->end->setCoords(value, row + 0.7);
  line->setPen(QPen(colour, 1, Qt::DotLine));
}

/// What bars of costs stand on.
struct CostAxis {
  double left = 0;  ///< where they begin
  double most = 0;
  bool logarithmic = false;
};

CostAxis cost_axis(const std::vector<planner::Row>& rows) {
  CostAxis axis;
  double least = 0;
  for (const planner::Row& row : rows) {
    if (row.per_token) {
      const double value = usd_per_mtok(*row.per_token);
      least = least == 0 ? value : std::min(least, value);
      axis.most = std::max(axis.most, value);
    }
  }
  constexpr double kWide = 8;  // beyond this ratio a linear axis hides the last rungs
  axis.logarithmic = least > 0 && axis.most / least > kWide;
  if (axis.logarithmic) {
    axis.left = std::pow(10, std::floor(std::log10(least) * 2) / 2);
    axis.left = axis.left > least * 0.75 ? axis.left / 2 : axis.left;
  }
  return axis;
}

/// A bar from rung to rung with what it costs. Returns the cost of the last one.
double add_rungs(QCustomPlot& plot, const std::vector<planner::Row>& rows, const CostAxis& axis,
                 const Theme& theme) {
  double before = 0;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto at = static_cast<double>(i);
    const planner::Row& row = rows[i];
    if (!row.per_token) {
      add_text(plot, axis.logarithmic ? axis.left * 1.05 : axis.left, at,
               QObject::tr("not possible: %1").arg(QString::fromStdString(row.reason)),
               Qt::AlignLeft | Qt::AlignVCenter, theme);
      continue;
    }
    const double value = usd_per_mtok(*row.per_token);
    const bool first = before == 0;
    const double from = first ? axis.left : before;
    const QColor colour = first ? theme.series[6] : value <= before ? theme.series[0] : theme.series[3];
    add_bar(plot, from, value, at, colour);
    QString label = rate_text(row.per_token);
    if (row.marginal_per_token && !first) {
      label += QStringLiteral("   ") + change_text(row.marginal_per_token->base() / (before * 1e-6));
    }
    add_text(plot, std::max(from, value), at, label, Qt::AlignLeft | Qt::AlignVCenter, theme, true);
    if (i + 1 < rows.size()) {
      add_link(plot, value, at, theme.muted);
    }
    before = value;
  }
  return before;
}

/// One row a rung, the first on top.
void name_rows(QCPAxis& axis, const std::vector<planner::Row>& rows, const Theme& theme) {
  const QSharedPointer<QCPAxisTickerText> names(new QCPAxisTickerText);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    names->addTick(static_cast<double>(i), QString::fromStdString(rows[i].name));
  }
  axis.setTicker(names);
  axis.setRangeReversed(true);
  axis.setRange(-0.6, static_cast<double>(rows.size()) - 0.4);
  axis.setTickLabelColor(theme.text);
  axis.grid()->setVisible(false);
}

}  // namespace

LadderView::LadderView(Workbench& workbench, QWidget* parent)
    : View(workbench, parent),
      plot_(new_plot()),
      panel_(new ChartPanel(QStringLiteral("ladder"), tr("What each technique saves"), plot_, this)) {
  auto* const layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->addWidget(panel_);
  panel_->setChartShare(0.56);
  plot_->setInteractions(QCP::iNone);
  plot_->xAxis2->setVisible(false);
  connect(&job_, &BackgroundJob::progressed, this,
          [this](qint64 done, qint64 expected) { emit progressed(tr("Ladder: fleets"), done, expected); });
  connect(&job_, &BackgroundJob::runningChanged, this, [this](bool running) {
    if (!running) {
      emit idle();
    }
  });
  connect(&job_, &BackgroundJob::failed, this, [this](const QString& text) {
    ladder_.reset();
    draw();
    panel_->setSubtitle(tr("no ladder: %1").arg(text.section(u'\n', 0, 0)));
  });
  connect(plot_, &QCustomPlot::mouseDoubleClick, this, [this](QMouseEvent* event) {
    openRung(static_cast<int>(std::lround(plot_->yAxis->pixelToCoord(event->pos().y()))));
  });
  panel_->table().setRowsOpen();
  connect(&panel_->table(), &SheetTable::rowOpened, this, &LadderView::openRung);
}

bool LadderView::settled() const {
  return !job_.running() && !shown_yaml_.empty();
}

void LadderView::refresh() {
  const std::string yaml = workbench().currentTree().to_yaml();
  if (yaml != shown_yaml_) {
    shown_yaml_ = yaml;
    climb(yaml);
  }
  draw();
}

void LadderView::climb(const std::string& yaml) {
  panel_->setSubtitle(tr("sizing the cheapest fleet of every rung…"));
  job_.start([this, yaml, file = workbench().document().openedFile(),
              catalogue = workbench().catalogue()](const BackgroundJob::Progress& progress) {
    const planner::Scenario scenario = planner::scenario_from_text(yaml, file, catalogue);
    auto ladder = std::make_shared<const planner::Comparison>(planner::ladder(scenario, catalogue, progress));
    return [this, ladder] {
      ladder_ = ladder;
      draw();
    };
  });
}

void LadderView::draw() {
  const Theme theme = theme_of(QApplication::palette());
  plot_->clearItems();
  style_plot(*plot_, theme);
  if (!ladder_) {
    panel_->setSheet({});
    plot_->xAxis->setVisible(false);
    plot_->yAxis->setVisible(false);
    plot_->replot();
    return;
  }
  panel_->setSheet(ladder_sheet(*ladder_));
  const std::vector<planner::Row>& rows = ladder_->rows;
  keep_rows_apart(*plot_, rows.size());
  const CostAxis costs = cost_axis(rows);
  QCPAxis& across = *plot_->xAxis;
  across.setVisible(true);
  plot_->yAxis->setVisible(true);
  if (costs.logarithmic) {
    set_logarithmic(across);
  } else {
    across.setScaleType(QCPAxis::stLinear);
    across.setTicker(QSharedPointer<QCPAxisTicker>(new QCPAxisTicker));
  }
  across.setLabel(costs.logarithmic ? tr("USD per million tokens, logarithmic")
                                    : tr("USD per million tokens"));
  name_rows(*plot_->yAxis, rows, theme);
  const double last = add_rungs(*plot_, rows, costs, theme);
  plot_->replot();             // the room beside the names is known from here on
  constexpr int kLabel = 140;  // pixels of the longest text behind a bar
  const double room = room_behind(*plot_, kLabel);
  across.setRange(costs.left, costs.logarithmic ? costs.left * std::pow(costs.most / costs.left, room)
                                                : costs.most * room);
  plot_->replot();
  panel_->setSubtitle(
      tr("Each rung stands on the one before, every fleet sized to keep the promises. "
         "Double-click a bar to open its scenario; F1 in the table explains a figure."));
  panel_->setDescription(
      tr("Waterfall of %1 rungs, from %2 to %3 USD per million tokens; the table says the same")
          .arg(rows.size())
          .arg(costs.most)
          .arg(last));
}

std::optional<ScenarioTree> LadderView::variantOfRow(int row) const {
  const auto index = static_cast<std::size_t>(row);
  if (!ladder_ || index >= ladder_->rows.size()) {
    return std::nullopt;
  }
  return rung_scenario(workbench().currentTree(), ladder_->rows[index], workbench().catalogue()).tree;
}

void LadderView::openRung(int number) {
  if (!ladder_ || number < 0 || static_cast<std::size_t>(number) >= ladder_->rows.size()) {
    return;
  }
  const planner::Row& row = ladder_->rows[static_cast<std::size_t>(number)];
  const RungScenario rung = rung_scenario(workbench().currentTree(), row, workbench().catalogue());
  if (!rung.tree) {
    emit message(rung.why_not);
    return;
  }
  workbench().setCurrent(workbench().document().addScenario(
      *rung.tree, tr("open rung %1").arg(QString::fromStdString(row.name))));
}

}  // namespace mtok::gui
