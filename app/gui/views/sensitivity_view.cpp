// Runs the sensitivity of the scenario and draws the tornado.
#include "app/gui/views/sensitivity_view.hpp"

#include <qcustomplot.h>

#include <QApplication>
#include <QHBoxLayout>
#include <algorithm>

#include "app/gui/chart_panel.hpp"
#include "app/gui/models/number_text.hpp"
#include "app/gui/models/sensitivity_sheet.hpp"
#include "app/gui/models/workbench.hpp"
#include "app/gui/plot_style.hpp"
#include "app/gui/theme.hpp"
#include "app/gui/views/what_if_card.hpp"
#include "sim/planner/provenance_studies.hpp"
#include "sim/planner/scenario_text.hpp"

namespace mtok::gui {
namespace {

constexpr double kHalfBar = 0.28;  // of the distance of rows

double usd_per_mtok(UsdPerToken rate) {
  return (rate * Tokens(1e6)).base();
}

QCPItemRect& add_bar(QCustomPlot& plot, double from, double to, double row, const QBrush& brush) {
  auto* const bar = new QCPItemRect(&plot);
  bar->topLeft->setCoords(std::min(from, to), row - kHalfBar);
  bar->bottomRight->setCoords(std::max(from, to), row + kHalfBar);
  bar->setPen(Qt::NoPen);
  bar->setBrush(brush);
  return *bar;
}

void add_vertical(QCustomPlot& plot, double at, Qt::Alignment side, const QString& text, const Theme& theme) {
  auto* const line = new QCPItemStraightLine(&plot);
  line->point1->setCoords(at, 0);
  line->point2->setCoords(at, 1);
  line->setPen(QPen(theme.muted, 1, Qt::DotLine));
  add_text(plot, at, -0.55, text, side | Qt::AlignBottom, theme);
}

}  // namespace

SensitivityView::SensitivityView(Workbench& workbench, QWidget* parent)
    : View(workbench, parent),
      cards_(new QHBoxLayout(this)),
      plot_(new_plot()),
      panel_(new ChartPanel(QStringLiteral("sensitivity"), tr("What the cost depends on"), plot_, this)),
      what_if_(new WhatIfCard(this)) {
  cards_->setContentsMargins(0, 0, 0, 0);
  cards_->addWidget(panel_, 13);
  cards_->addWidget(what_if_, 10);
  panel_->setChartShare(0.6);
  plot_->setInteractions(QCP::iNone);
  connect(plot_, &QCustomPlot::itemClick, this, [this](const QCPAbstractItem* item) {
    if (const QString key = item->property("key").toString(); !key.isEmpty()) {
      emit whyAsked(key, 0);
    }
  });
  connect(what_if_, &WhatIfCard::message, this, &View::message);
  connect(what_if_, &WhatIfCard::whyAsked, this, [this](const QString& key) { emit whyAsked(key, 0); });
  connect(&job_, &BackgroundJob::progressed, this,
          [this](qint64 done, qint64 expected) { emit progressed(tr("Sensitivity"), done, expected); });
  connect(&job_, &BackgroundJob::runningChanged, this, [this](bool running) {
    if (!running) {
      emit idle();
    }
  });
  connect(&job_, &BackgroundJob::failed, this, [this](const QString& text) {
    panel_->setSubtitle(tr("no sensitivities: %1").arg(text.section(u'\n', 0, 0)));
  });
}

std::optional<planner::Explanation> SensitivityView::explanationOf(const QString& key) const {
  return result_ ? planner::StudyProvenance(*result_).explain(key.toStdString()) : std::nullopt;
}

void SensitivityView::setNarrow(bool narrow) {
  cards_->setDirection(narrow ? QBoxLayout::TopToBottom : QBoxLayout::LeftToRight);
}

bool SensitivityView::settled() const {
  return !job_.running() && !shown_yaml_.empty() && what_if_->settled();
}

void SensitivityView::refresh() {
  const std::string yaml = workbench().currentTree().to_yaml();
  if (yaml != shown_yaml_) {
    start(yaml);
  }
  draw();
}

void SensitivityView::start(const std::string& yaml) {
  shown_yaml_ = yaml;
  result_.reset();
  what_if_->setStudy(nullptr, nullptr);
  panel_->setSubtitle(tr("running the scenario with each input moved, and with all of them at once…"));
  job_.start([this, yaml, file = workbench().document().openedFile(),
              catalogue = workbench().catalogue()](const BackgroundJob::Progress& progress) {
    planner::Scenario scenario = planner::scenario_from_text(yaml, file, catalogue);
    scenario.file.clear();
    const auto result =
        std::make_shared<const planner::Sensitivity>(planner::sensitivity(scenario, catalogue, {}, progress));
    std::shared_ptr<const planner::WhatIf> what_if;
    if (!result->infeasible && !result->cancelled) {
      what_if = std::make_shared<const planner::WhatIf>(scenario, catalogue);
    }
    return [this, result, what_if] {
      result_ = result;
      what_if_->setStudy(what_if, what_if ? result : nullptr);
      draw();
    };
  });
}

void SensitivityView::draw() {
  const Theme theme = theme_of(QApplication::palette());
  plot_->clearItems();
  style_plot(*plot_, theme);
  const bool any = result_ && !result_->infeasible && result_->base.per_token;
  plot_->xAxis->setVisible(any);
  plot_->yAxis->setVisible(any);
  if (any) {
    drawBand(theme);
    drawSwings(theme);
    panel_->setSheet(sensitivity_sheet(*result_));
    panel_->setSubtitle(sensitivity_summary(*result_));
    panel_->setDescription(
        tr("Tornado of the cost with each input at the ends of its range; the table says the same"));
  } else {
    panel_->setSheet({});
    if (result_) {
      panel_->setSubtitle(tr("no sensitivities: %1")
                              .arg(result_->infeasible ? QString::fromStdString(result_->infeasible->reason)
                                                       : tr("no tokens, no cost per token")));
    }
  }
  plot_->replot();
}

void SensitivityView::drawBand(const Theme& theme) {
  auto* const band = new QCPItemRect(plot_);
  band->topLeft->setTypeY(QCPItemPosition::ptAxisRectRatio);
  band->bottomRight->setTypeY(QCPItemPosition::ptAxisRectRatio);
  band->topLeft->setCoords(result_->usd_per_mtok.p10, 0);
  band->bottomRight->setCoords(result_->usd_per_mtok.p90, 1);
  band->setPen(Qt::NoPen);
  QColor shade = theme.series[5];
  shade.setAlpha(theme.dark ? 40 : 55);
  band->setBrush(shade);
  add_vertical(*plot_, result_->usd_per_mtok.p10, Qt::AlignRight, tr("P10"), theme);
  add_vertical(*plot_, result_->usd_per_mtok.p50, Qt::AlignLeft, tr("P50"), theme);
  add_vertical(*plot_, result_->usd_per_mtok.p90, Qt::AlignLeft, tr("P90"), theme);
}

void SensitivityView::drawSwings(const Theme& theme) {
  const double base = usd_per_mtok(*result_->base.per_token);
  double least = std::min(base, result_->usd_per_mtok.p10);
  double most = std::max(base, result_->usd_per_mtok.p90);
  keep_rows_apart(*plot_, result_->swings.size() + 1);  // and the names of the percentiles
  const QSharedPointer<QCPAxisTickerText> names(new QCPAxisTickerText);
  double row = 0;
  for (const planner::Swing& swing : result_->swings) {
    names->addTick(row, input_text(swing.input));
    for (const bool high : {false, true}) {
      const auto& rate = high ? swing.at_high.per_token : swing.at_low.per_token;
      if (!rate) {
        continue;
      }
      const double value = usd_per_mtok(*rate);
      least = std::min(least, value);
      most = std::max(most, value);
      add_bar(*plot_, base, value, row,
              high ? QBrush(theme.series[1]) : QBrush(theme.series[0], Qt::Dense2Pattern))
          .setProperty("key", QStringLiteral("swings.%1.at_%2.usd_per_mtok")
                                  .arg(std::lround(row))
                                  .arg(high ? QStringLiteral("high") : QStringLiteral("low")));
      const double nothing = base * 1e-6;
      if (std::abs(value - base) > nothing) {
        add_text(*plot_, value, row, input_value_text(swing, high ? swing.high : swing.low),
                 (value < base ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter, theme);
      }
    }
    row += 1;
  }
  auto* const line = new QCPItemStraightLine(plot_);
  line->point1->setCoords(base, 0);
  line->point2->setCoords(base, 1);
  line->setPen(QPen(theme.text, 1.4));
  plot_->xAxis->setLabel(tr("USD per million tokens"));
  plot_->yAxis->setTicker(names);
  plot_->yAxis->setTickLabelColor(theme.text);
  plot_->yAxis->setRangeReversed(true);
  plot_->yAxis->setRange(-1.1, row - 0.4);
  plot_->yAxis->grid()->setVisible(false);
  plot_->replot();            // the room beside the names is known from here on
  constexpr int kLabel = 74;  // pixels of the longest text beside a bar
  const double room = (most - least) * (room_behind(*plot_, 2 * kLabel) - 1) / 2 + base * 1e-3;
  plot_->xAxis->setRange(least - room, most + room);
}

}  // namespace mtok::gui
