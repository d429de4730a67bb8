// Forms variants, runs them off the window's thread, and shows them.
#include "app/gui/views/search_view.hpp"

#include <qcustomplot.h>

#include <QComboBox>
#include <QGridLayout>
#include <QLineEdit>
#include <QPushButton>
#include <QVBoxLayout>
#include <algorithm>

#include "app/gui/chart_panel.hpp"
#include "app/gui/elided_label.hpp"
#include "app/gui/models/input_fields.hpp"
#include "app/gui/models/plan_sheet.hpp"
#include "app/gui/models/workbench.hpp"
#include "app/gui/plot_style.hpp"
#include "app/gui/sheet_table.hpp"
#include "app/gui/views/front_chart.hpp"
#include "sim/config/diagnostic.hpp"
#include "sim/planner/rows.hpp"
#include "sim/planner/scenario_text.hpp"

namespace mtok::gui {
namespace {

constexpr std::size_t kMostVariants = 5000;

/// The scenario of a variant; nullopt when the planner refuses it, with the first reason.
std::optional<planner::Scenario> scenario_of(const ScenarioTree& tree, const std::filesystem::path& file,
                                             const planner::Catalogue& catalogue, std::string& refusal) {
  try {
    planner::Scenario scenario = planner::scenario_from_text(tree.to_yaml(), file, catalogue);
    scenario.file.clear();
    return scenario;
  } catch (const config::Error& error) {
    refusal = error.diagnostics().front().message;
    return std::nullopt;
  }
}

planner::PlanRow refused(const ScenarioTree& tree, const std::string& why) {
  return {.row = {.name = tree.name(), .reason = why}};
}

QString first_values(const std::vector<std::string>& names, std::initializer_list<const char*> wanted,
                     const std::string& own) {
  QStringList list{QString::fromStdString(own)};
  for (const char* const name : wanted) {
    const bool known = std::find(names.begin(), names.end(), name) != names.end();
    if (known && own != name) {
      list << QLatin1String(name);
    }
  }
  return list.join(QStringLiteral(", "));
}

}  // namespace

SearchView::SearchView(Workbench& workbench, Kind kind, QWidget* parent)
    : View(workbench, parent),
      kind_(kind),
      axes_grid_(new QGridLayout),
      against_(new QComboBox(this)),
      run_(new QPushButton(kind == Kind::sweep ? tr("Run the sweep") : tr("Search"), this)),
      stop_(new QPushButton(tr("Stop"), this)),
      count_(new ElidedLabel(this)),
      plot_(new_plot()),
      front_(new FrontChart(plot_)),
      panel_(new ChartPanel(kind == Kind::sweep ? QStringLiteral("sweep") : QStringLiteral("pareto"),
                            kind == Kind::sweep ? tr("Every combination, as it stands")
                                                : tr("The cheapest fleets that keep the promises"),
                            plot_, this)) {
  const QString name = kind == Kind::sweep ? QStringLiteral("sweep") : QStringLiteral("pareto");
  run_->setObjectName(name + QStringLiteral("Run"));
  stop_->setObjectName(name + QStringLiteral("Stop"));
  stop_->setEnabled(false);
  count_->setProperty("role", "muted");
  against_->addItems({tr("against TTFT p99"), tr("against TPOT p99"), tr("against quality")});
  against_->setCurrentIndex(1);
  against_->setAccessibleName(tr("Vertical axis"));
  for (int i = 0; i < 3; ++i) {
    addAxis();
  }
  setNarrow(false);
  auto* const buttons = new QHBoxLayout;
  buttons->addWidget(run_);
  buttons->addWidget(stop_);
  buttons->addWidget(count_, 1);
  buttons->addWidget(against_);
  auto* const layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->addLayout(axes_grid_);
  layout->addLayout(buttons);
  layout->addWidget(panel_, 1);
  panel_->setChartShare(0.6);
  connect(run_, &QPushButton::clicked, this, &SearchView::start);
  connect(stop_, &QPushButton::clicked, &job_, &BackgroundJob::finishEarly);
  connect(against_, &QComboBox::activated, this, &SearchView::draw);
  connect(front_, &FrontChart::picked, this, &SearchView::open);
  connect(front_, &FrontChart::brushed, this, [this](const std::vector<int>& rows) {
    shown_ = rows;
    draw();
  });
  panel_->table().setRowsOpen();
  connect(&panel_->table(), &SheetTable::rowOpened, this, [this](int row) { open(placeOf(row)); });
  connect(&job_, &BackgroundJob::runningChanged, this, [this](bool running) {
    run_->setEnabled(!running);
    stop_->setEnabled(running);
    if (!running) {
      emit idle();
    }
  });
  connect(&job_, &BackgroundJob::progressed, this, [this](qint64 done, qint64 expected) {
    count_->setText(tr("%1 of %2").arg(done).arg(expected));
    emit progressed(tr("Variants"), done, expected);
  });
  connect(&job_, &BackgroundJob::failed, this, &View::message);
}

void SearchView::addAxis() {
  AxisRow row{.field = new QComboBox(this), .values = new QLineEdit(this)};
  row.field->addItem(tr("no field"), QString());
  for (const FieldGroup& group : input_fields(workbench().catalogue())) {
    for (const Field& field : group.fields) {
      row.field->addItem(field.title.trimmed(), QString::fromStdString(field.path));
      row.field->setItemData(row.field->count() - 1, QString::fromStdString(field.path), Qt::ToolTipRole);
    }
  }
  row.field->setAccessibleName(tr("Field"));
  row.field->setMaximumWidth(130);
  row.field->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
  row.field->setMinimumContentsLength(7);
  row.values->setPlaceholderText(tr("values, with commas between them"));
  row.values->setAccessibleName(tr("Values"));
  row.values->setObjectName(QStringLiteral("axisValues%1").arg(axis_rows_.size()));
  connect(row.values, &QLineEdit::textChanged, row.values, &QLineEdit::setToolTip);
  axis_rows_.push_back(row);
}

/// Three fields with their values in one row, or where that is too narrow two and one.
void SearchView::setNarrow(bool narrow) {
  const int in_a_row = narrow ? 2 : 3;
  for (int i = 0; i < static_cast<int>(axis_rows_.size()); ++i) {
    const AxisRow& axis = axis_rows_[static_cast<std::size_t>(i)];
    axes_grid_->addWidget(axis.field, i / in_a_row, i % in_a_row * 2);
    axes_grid_->addWidget(axis.values, i / in_a_row, i % in_a_row * 2 + 1);
  }
}

std::vector<Axis> SearchView::axes() const {
  std::vector<Axis> list;
  for (const AxisRow& row : axis_rows_) {
    const Axis axis{.path = row.field->currentData().toString().toStdString(),
                    .values = values_of(row.values->text())};
    if (!axis.path.empty() && !axis.values.empty()) {
      list.push_back(axis);
    }
  }
  return list;
}

void SearchView::refresh() {
  if (!started_ && !workbench().document().scenarios().empty()) {
    const ScenarioTree& tree = workbench().currentTree();
    const auto choose = [&](std::size_t i, const char* path, const QString& values) {
      axis_rows_[i].field->setCurrentIndex(std::max(0, axis_rows_[i].field->findData(QLatin1String(path))));
      axis_rows_[i].values->setText(values);
      axis_rows_[i].values->setCursorPosition(0);  // a long list shows its beginning
    };
    if (kind_ == Kind::sweep) {
      const QString replicas = QString::fromStdString(tree.get("fleet.replicas").value_or("4"));
      const int now = replicas.toInt();
      QStringList counts;
      for (int count = std::max(1, now - 3); count <= now + 4; ++count) {
        counts << QString::number(count);
      }
      choose(0, "fleet.replicas", counts.join(QStringLiteral(", ")));
      choose(1, "formats.weights", QStringLiteral("bf16, fp8"));
    } else {
      choose(0, "hardware.device",
             first_values(workbench().catalogue().devices(), {"h200-sxm", "b200-sxm", "l40s"},
                          tree.get("hardware.device").value_or("h100-sxm")));
      choose(1, "hardware.count", QStringLiteral("2, 4, 8"));
      choose(2, "formats.weights", QStringLiteral("bf16, fp8"));
    }
    start();
  }
  draw();
}

void SearchView::start() {
  const std::vector<Axis> chosen = axes();
  const std::size_t count = combinations(chosen);
  if (count == 0 || count > kMostVariants) {
    emit message(
        count == 0 ? tr("Choose a field and give it values, with commas between them.")
                   : tr("%1 combinations are more than %2; take values away.").arg(count).arg(kMostVariants));
    return;
  }
  started_ = true;
  shown_.clear();
  const std::vector<ScenarioTree> trees = variants(workbench().currentTree(), chosen);
  count_->setText(tr("%1 variants").arg(trees.size()));
  if (kind_ == Kind::sweep) {
    runSweep(trees);
  } else {
    runSearch(trees);
  }
}

void SearchView::runSweep(const std::vector<ScenarioTree>& trees) {
  job_.start([this, trees, file = workbench().document().openedFile(),
              catalogue = workbench().catalogue()](const BackgroundJob::Progress& progress) {
    std::vector<planner::PlanRow> rows;
    std::vector<ScenarioTree> done;
    for (const ScenarioTree& tree : trees) {
      if (!progress(static_cast<qint64>(rows.size()), static_cast<qint64>(trees.size()))) {
        break;
      }
      std::string refusal;
      const auto scenario = scenario_of(tree, file, catalogue, refusal);
      planner::PlanRow row = refused(tree, refusal);
      if (scenario) {
        const planner::RunResult result = planner::run(*scenario, catalogue);
        row.row = planner::row_of(result);
        row.row.feasible = row.row.feasible && result.metrics.slo_met;
      }
      rows.push_back(std::move(row));
      done.push_back(tree);
    }
    planner::mark_front(rows);
    const QString remark = rows.size() < trees.size()
                               ? tr("Stopped after %1 of %2.").arg(rows.size()).arg(trees.size())
                               : QString();
    return [this, rows, done, remark] { take(rows, done, remark); };
  });
}

void SearchView::runSearch(const std::vector<ScenarioTree>& trees) {
  job_.start([this, trees, file = workbench().document().openedFile(),
              catalogue = workbench().catalogue()](const BackgroundJob::Progress& progress) {
    planner::Plan plan{.file = file};
    std::vector<planner::PlanRow> out;
    for (const ScenarioTree& tree : trees) {
      std::string refusal;
      if (auto scenario = scenario_of(tree, file, catalogue, refusal)) {
        plan.workload = scenario->workload;
        plan.slo = scenario->slo;
        plan.seed = scenario->seed;
        plan.candidates.push_back({.scenario = std::move(*scenario)});
      } else {
        out.push_back(refused(tree, refusal));
      }
    }
    planner::PlanResult result;
    if (!plan.candidates.empty()) {
      result = planner::search(plan, catalogue, {}, progress);
    }
    result.rows.insert(result.rows.end(), out.begin(), out.end());
    std::vector<ScenarioTree> ordered;
    for (const planner::PlanRow& row : result.rows) {
      const auto tree = std::find_if(trees.begin(), trees.end(), [&](const ScenarioTree& candidate) {
        return candidate.name() == row.row.name;
      });
      ordered.push_back(tree == trees.end() ? ScenarioTree() : *tree);
      if (row.row.replicas > 0) {
        ordered.back().set("fleet.replicas", std::to_string(row.row.replicas));
      }
    }
    const QString remark = result.cancelled ? tr("Stopped before all were simulated.") : QString();
    return [this, rows = result.rows, ordered, remark] { take(rows, ordered, remark); };
  });
}

void SearchView::take(std::vector<planner::PlanRow> rows, std::vector<ScenarioTree> trees,
                      const QString& remark) {
  rows_ = std::move(rows);
  trees_ = std::move(trees);
  shown_.clear();
  const auto kept =
      std::count_if(rows_.begin(), rows_.end(), [](const auto& row) { return row.row.feasible; });
  const auto on_front =
      std::count_if(rows_.begin(), rows_.end(), [](const auto& row) { return row.on_front; });
  count_->setText(tr("%1 variants, %2 keep the promises, %3 on the front. %4")
                      .arg(rows_.size())
                      .arg(kept)
                      .arg(on_front)
                      .arg(remark));
  draw();
}

void SearchView::draw() {
  front_->show(rows_, static_cast<FrontAxis>(std::max(0, against_->currentIndex())));
  std::vector<planner::PlanRow> shown = rows_;
  if (!shown_.empty()) {
    shown.clear();
    for (const int row : shown_) {
      shown.push_back(rows_[static_cast<std::size_t>(row)]);
    }
  }
  panel_->setSheet(plan_sheet(shown));
  panel_->setSubtitle(rows_.empty()
                          ? (job_.running() ? tr("running…") : tr("no plan yet: choose fields and values"))
                          : tr("Draw a rectangle to narrow the table; double-click a point or a row to open "
                               "it as a scenario."));
  panel_->setDescription(tr("Scatter of candidates by cost and latency; the table says the same"));
}

/// The place among all rows of a row of the table, which shows some of them; -1 when there is none.
int SearchView::placeOf(int row) const {
  const auto index = static_cast<std::size_t>(row);
  return shown_.empty() ? row : index < shown_.size() ? shown_[index] : -1;
}

std::optional<ScenarioTree> SearchView::variantOfRow(int row) const {
  const auto index = static_cast<std::size_t>(placeOf(row));
  return index < trees_.size() && trees_[index].has("model") ? std::optional(trees_[index]) : std::nullopt;
}

void SearchView::open(int row) {
  const auto index = static_cast<std::size_t>(row);
  if (row >= 0 && index < trees_.size() && trees_[index].has("model")) {
    workbench().setCurrent(workbench().document().addScenario(
        trees_[index], tr("open %1").arg(QString::fromStdString(trees_[index].name()))));
  }
}

}  // namespace mtok::gui
