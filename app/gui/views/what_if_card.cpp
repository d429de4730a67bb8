// Moves inputs by sliders.
#include "app/gui/views/what_if_card.hpp"

#include <QFormLayout>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QPushButton>
#include <QSignalBlocker>
#include <QSlider>
#include <QVBoxLayout>
#include <cmath>

#include "app/gui/models/sensitivity_sheet.hpp"
#include "app/gui/sheet_table.hpp"

namespace mtok::gui {
namespace {

constexpr int kSteps = 50;  // on each side of where the scenario stands

/// A slider stands at 0 where the scenario does, at -kSteps and kSteps at the ends of its range.
double value_at(const planner::Swing& swing, int position) {
  const planner::InputRange range = slider_range(swing);
  const double end = position < 0 ? range.low : range.high;
  const double value = swing.base + (end - swing.base) * std::abs(position) / kSteps;
  return swing.input == planner::Input::replicas ? std::round(value) : value;
}

}  // namespace

WhatIfCard::WhatIfCard(QWidget* parent)
    : QFrame(parent),
      form_(new QFormLayout),
      empty_(new QLabel(this)),
      promises_(new QLabel(this)),
      reset_(new QPushButton(tr("Back to the scenario"), this)),
      model_(new SheetModel(this)),
      table_(new SheetTable(model_, this)) {
  setObjectName(QStringLiteral("card"));
  constexpr int kTable = 370;  // pixels of its four columns with the card around them
  setMinimumWidth(kTable);
  auto* const title = new QLabel(tr("What if"), this);
  title->setProperty("role", "title");
  empty_->setProperty("role", "muted");
  empty_->setWordWrap(true);
  empty_->setText(tr("Sliders come with the first result."));
  promises_->setProperty("role", "muted");
  promises_->setObjectName(QStringLiteral("whatIfPromises"));
  promises_->setWordWrap(true);
  reset_->setObjectName(QStringLiteral("whatIfReset"));
  reset_->setEnabled(false);
  table_->setObjectName(QStringLiteral("whatIfTable"));
  table_->setAccessibleName(tr("What if: now, moved, and percentiles over all inputs"));
  table_->setFixedHeight(table_->verticalHeader()->defaultSectionSize() * 7 + 18);  // header and six rows
  form_->setHorizontalSpacing(10);
  form_->setVerticalSpacing(6);
  auto* const layout = new QVBoxLayout(this);
  layout->setContentsMargins(14, 10, 14, 12);
  layout->addWidget(title);
  layout->addWidget(empty_);
  layout->addLayout(form_);
  layout->addWidget(reset_, 0, Qt::AlignLeft);
  layout->addSpacing(6);
  layout->addWidget(table_);
  layout->addWidget(promises_);
  layout->addStretch(1);
  connect(reset_, &QPushButton::clicked, this, &WhatIfCard::reset);
  connect(table_, &SheetTable::whyAsked, this, &WhatIfCard::whyAsked);
  connect(&job_, &BackgroundJob::failed, this, &WhatIfCard::message);
}

void WhatIfCard::setStudy(std::shared_ptr<const planner::WhatIf> what_if,
                          std::shared_ptr<const planner::Sensitivity> sensitivity) {
  job_.cancel();
  due_ = false;
  what_if_ = std::move(what_if);
  sensitivity_ = std::move(sensitivity);
  while (form_->rowCount() > 0) {
    form_->removeRow(0);
  }
  rows_.clear();
  empty_->setVisible(sensitivity_ == nullptr);
  reset_->setEnabled(false);
  if (!sensitivity_) {
    model_->setSheet({});
    promises_->clear();
    return;
  }
  for (const planner::Swing& swing : sensitivity_->swings) {
    addRow(swing);
  }
  show(nullptr);
}

void WhatIfCard::addRow(const planner::Swing& swing) {
  const QString title = input_text(swing.input);
  Row row{.swing = swing, .slider = new QSlider(Qt::Horizontal, this), .value = new QLabel(this)};
  row.slider->setRange(slider_range(swing).low < swing.base ? -kSteps : 0,
                       slider_range(swing).high > swing.base ? kSteps : 0);
  row.slider->setPageStep(kSteps / 5);
  row.slider->setObjectName(QStringLiteral("whatIf:") + QLatin1String(planner::name_of(swing.input).data()));
  row.slider->setAccessibleName(title);
  row.slider->setToolTip(tr("%1 to %2; the analysis takes %3 to %4: %5")
                             .arg(input_value_text(swing, slider_range(swing).low),
                                  input_value_text(swing, slider_range(swing).high),
                                  input_value_text(swing, swing.low), input_value_text(swing, swing.high),
                                  QString::fromStdString(swing.source)));
  row.value->setText(input_value_text(swing, swing.base));
  row.value->setMinimumWidth(row.value->fontMetrics().horizontalAdvance(QStringLiteral("00.00 USD/h")));
  row.value->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
  auto* const line = new QHBoxLayout;
  line->addWidget(row.slider, 1);
  line->addWidget(row.value);
  form_->addRow(title, line);
  connect(row.slider, &QSlider::valueChanged, this, &WhatIfCard::moved);
  rows_.push_back(std::move(row));
}

std::vector<planner::Move> WhatIfCard::moves() const {
  std::vector<planner::Move> list;
  for (const Row& row : rows_) {
    if (row.slider->value() != 0) {
      list.push_back({.input = row.swing.input, .value = value_at(row.swing, row.slider->value())});
    }
  }
  return list;
}

void WhatIfCard::moved() {
  for (const Row& row : rows_) {
    row.value->setText(input_value_text(row.swing, value_at(row.swing, row.slider->value())));
  }
  reset_->setEnabled(!moves().empty());
  due_ = true;
  run();
}

void WhatIfCard::run() {
  if (job_.running() || !due_) {
    return;  // the next run begins when this one has ended: a run cannot be stopped
  }
  due_ = false;
  const std::vector<planner::Move> wanted = moves();
  if (wanted.empty()) {
    show(nullptr);
    return;
  }
  job_.start([this, wanted, what_if = what_if_](const BackgroundJob::Progress& /*progress*/) {
    const planner::Outcome outcome = what_if->run(wanted);
    return [this, outcome] {
      show(&outcome);
      run();
    };
  });
}

void WhatIfCard::show(const planner::Outcome* outcome) {
  model_->setSheet(what_if_sheet(*sensitivity_, outcome));
  promises_->setText(promises_text(*sensitivity_, outcome));
}

void WhatIfCard::reset() {
  for (const Row& row : rows_) {
    const QSignalBlocker quiet(row.slider);
    row.slider->setValue(0);
  }
  moved();
}

}  // namespace mtok::gui
