// Builds the groups and keeps them up to date.
#include "app/gui/input_panel.hpp"

#include <QCheckBox>
#include <QGridLayout>
#include <QLabel>
#include <QTimer>
#include <QToolButton>
#include <algorithm>

#include "app/gui/field_editor.hpp"
#include "app/gui/models/catalogue_sheets.hpp"
#include "app/gui/models/workbench.hpp"

namespace mtok::gui {
namespace {

/// The value in force of a field that the scenario leaves out.
QString default_of(const planner::RunResult& result, const std::string& path) {
  for (const planner::Assumption& assumption : result.assumptions) {
    if (assumption.key == path) {
      return QString::fromStdString(assumption.value);
    }
  }
  return {};
}

QString problem_of(const Outcome& outcome, const std::string& path) {
  for (const FieldProblem& problem : outcome.problems) {
    if (problem.path == path) {
      return problem.message + (problem.hint.isEmpty() ? QString() : QStringLiteral("; ") + problem.hint);
    }
  }
  return {};
}

}  // namespace

InputPanel::InputPanel(Workbench& workbench, QWidget* parent)
    : QScrollArea(parent),
      workbench_(workbench),
      content_(new QWidget(this)),
      models_(new SheetModel(this)),
      devices_(new SheetModel(this)) {
  setObjectName(QStringLiteral("inputs"));
  setAccessibleName(tr("Inputs"));
  setWidgetResizable(true);
  setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  auto* const layout = new QVBoxLayout(content_);
  layout->setContentsMargins(4, 0, 10, 8);
  layout->setSpacing(2);
  for (const FieldGroup& group : input_fields(workbench.catalogue())) {
    addGroup(group);
  }
  layout->addStretch(1);
  setWidget(content_);
}

void InputPanel::showEvent(QShowEvent* event) {
  QScrollArea::showEvent(event);
  if (models_->rowCount() == 0) {
    constexpr int kAfterFirstResultMs = 1500;
    QTimer::singleShot(kAfterFirstResultMs, this, &InputPanel::fillLists);
  }
}

void InputPanel::fillLists() {
  if (models_->rowCount() == 0) {
    models_->setSheet(models_sheet(workbench_.catalogue()));
    devices_->setSheet(devices_sheet(workbench_.catalogue()));
  }
}

void InputPanel::addGroup(const FieldGroup& source) {
  Group group{.group = source, .header = new QToolButton(content_), .body = new QWidget(content_)};
  group.header->setObjectName(QStringLiteral("groupHeader"));
  group.header->setText(source.title);
  group.header->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
  group.header->setArrowType(Qt::DownArrow);
  group.header->setCheckable(true);
  group.header->setChecked(true);
  group.header->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
  auto* const head = new QHBoxLayout;
  head->addWidget(group.header, 1);
  if (!source.block.empty()) {
    group.present = new QCheckBox(content_);
    group.present->setObjectName(QStringLiteral("block:") + QString::fromStdString(source.block));
    group.present->setAccessibleName(source.title);
    group.present->setToolTip(tr("Add or remove this part of the scenario"));
    head->addWidget(group.present);
    const std::size_t index = groups_.size();
    connect(group.present, &QCheckBox::clicked, this, [this, index](bool on) {
      const FieldGroup& from = groups_[index].group;
      workbench_.document().setBlock(workbench_.current(), from.block, on, from.start_values);
    });
  }
  auto* const grid = new QGridLayout(group.body);
  grid->setContentsMargins(6, 0, 0, 6);
  grid->setHorizontalSpacing(8);
  grid->setVerticalSpacing(4);
  grid->setColumnMinimumWidth(0, 104);
  grid->setColumnStretch(1, 1);
  for (const Field& field : source.fields) {
    auto* const editor = new FieldEditor(
        field, {.models = models_, .devices = devices_, .fill = [this] { fillLists(); }}, group.body);
    auto* const label = new QLabel(field.title, group.body);
    label->setProperty("role", "muted");
    label->setBuddy(editor);
    label->setToolTip(field.tip);
    const int row = grid->rowCount();
    grid->addWidget(label, row, 0, Qt::AlignTop);
    label->setMinimumHeight(26);
    grid->addWidget(editor, row, 1);
    group.editors.push_back(editor);
    group.labels.push_back(label);
    connect(editor, &FieldEditor::edited, this, [this, path = field.path](const QString& text) {
      workbench_.document().setValue(workbench_.current(), path, text.toStdString());
    });
  }
  auto* const column = static_cast<QVBoxLayout*>(content_->layout());
  column->addLayout(head);
  column->addWidget(group.body);
  const std::size_t index = groups_.size();
  connect(group.header, &QToolButton::toggled, this,
          [this, index](bool open) { fold(groups_[index], open); });
  groups_.push_back(group);
}

void InputPanel::fold(Group& group, bool open) {
  const bool present = group.present == nullptr || group.present->isChecked();
  group.header->setArrowType(open && present ? Qt::DownArrow : Qt::RightArrow);
  group.body->setVisible(open && present);
}

void InputPanel::refresh() {
  for (Group& group : groups_) {
    refreshGroup(group);
  }
}

void InputPanel::refreshGroup(Group& group) {
  const ScenarioTree& tree = workbench_.currentTree();
  const auto outcome = workbench_.outcome(workbench_.current());
  if (group.present != nullptr) {
    group.present->setChecked(tree.has(group.group.block));
  }
  fold(group, group.header->isChecked());
  for (std::size_t i = 0; i < group.editors.size(); ++i) {
    FieldEditor& editor = *group.editors[i];
    const Field& field = editor.field();
    const bool shown = field.only_with.empty() || tree.has(field.only_with);
    const bool replaced = field.path == "workload.trace" && tree.has("workload.synthetic");
    editor.setVisible(shown && !replaced);
    group.labels[i]->setVisible(shown && !replaced);
    editor.setValue(QString::fromStdString(tree.get(field.path).value_or("")));
    if (outcome) {
      editor.setProblem(problem_of(*outcome, field.path));
      if (outcome->result) {
        editor.setDefault(default_of(*outcome->result, field.path));
      }
    }
  }
}

bool InputPanel::focusField(const std::string& path) {
  for (Group& group : groups_) {
    for (FieldEditor* const editor : group.editors) {
      if (editor->field().path == path && !editor->isHidden()) {
        group.header->setChecked(true);
        ensureWidgetVisible(editor);
        editor->setFocus(Qt::ShortcutFocusReason);
        return true;
      }
    }
  }
  return false;
}

std::vector<std::pair<std::string, QString>> InputPanel::fields() const {
  std::vector<std::pair<std::string, QString>> list;
  for (const Group& group : groups_) {
    for (const Field& field : group.group.fields) {
      list.emplace_back(field.path, group.group.title + QStringLiteral(": ") + field.title.trimmed());
    }
  }
  return list;
}

}  // namespace mtok::gui
