// Edits one value.
#include "app/gui/field_editor.hpp"

#include <QComboBox>
#include <QFileDialog>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QSignalBlocker>
#include <QSlider>
#include <QStyle>
#include <QTimer>
#include <QToolButton>
#include <cmath>

#include "app/gui/picker.hpp"
#include "sim/units/text.hpp"

namespace mtok::gui {
namespace {

constexpr int kPauseMs = 60;  // of typing, before a value is taken
constexpr int kSliderSteps = 1000;

bool is_list(FieldKind kind) {
  return kind == FieldKind::choice || kind == FieldKind::flag;
}

}  // namespace

FieldEditor::FieldEditor(Field field, const Lists& lists, QWidget* parent)
    : QWidget(parent), field_(std::move(field)), problem_(new QLabel(this)), pause_(new QTimer(this)) {
  const QString name = QString::fromStdString(field_.path);
  setObjectName(QStringLiteral("field:") + name);
  auto* const column = new QVBoxLayout(this);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(1);
  auto* const row = new QHBoxLayout;
  row->setSpacing(6);
  column->addLayout(row);
  QWidget* editor = nullptr;
  if (field_.kind == FieldKind::model || field_.kind == FieldKind::device) {
    picker_ = new Picker(field_.kind == FieldKind::model ? lists.models : lists.devices, lists.fill, this);
    connect(picker_, &Picker::chosen, this, [this](const QString& chosen) { emit edited(chosen); });
    editor = picker_;
  } else if (is_list(field_.kind)) {
    addChoices(field_.kind == FieldKind::flag ? std::vector<QString>{"true", "false"} : field_.choices);
    editor = choices_;
  } else {
    addLine();
    editor = line_;
  }
  const QString example = example_of(field_.kind);
  const QString tip = field_.tip + (example.isEmpty() ? QString() : tr("\nFor example %1").arg(example)) +
                      QStringLiteral("\n") + name;
  editor->setObjectName(name);
  editor->setAccessibleName(field_.title);
  editor->setAccessibleDescription(field_.tip);
  editor->setToolTip(tip);
  setFocusProxy(editor);
  row->addWidget(editor, 1);
  if (field_.slider) {
    addSlider();
    row->addWidget(slider_, 1);
  }
  if (field_.kind == FieldKind::file) {
    auto* const browse = new QToolButton(this);
    browse->setText(QStringLiteral("…"));
    browse->setAccessibleName(tr("Choose a file"));
    row->addWidget(browse);
    connect(browse, &QToolButton::clicked, this, [this] {
      const QString file = QFileDialog::getOpenFileName(
          this, field_.title, {},
          tr("Traces (*.csv *.jsonl *.csv.gz *.jsonl.gz *.csv.zst *.jsonl.zst);;All files (*)"));
      if (!file.isEmpty()) {
        emit edited(file);
      }
    });
  }
  problem_->setProperty("role", "problem");
  problem_->setObjectName(QStringLiteral("problem:") + name);
  problem_->setWordWrap(true);
  problem_->hide();
  column->addWidget(problem_);
  pause_->setSingleShot(true);
  pause_->setInterval(kPauseMs);
  connect(pause_, &QTimer::timeout, this, [this] { take(line_->text()); });
}

void FieldEditor::addLine() {
  line_ = new QLineEdit(this);
  connect(line_, &QLineEdit::textEdited, this, [this] { pause_->start(); });
  connect(line_, &QLineEdit::editingFinished, this, [this] {
    if (pause_->isActive()) {
      pause_->stop();
      take(line_->text());
    }
    if (own_problem_.isEmpty() && line_->isModified()) {
      line_->setModified(false);
      line_->setText(to_screen_text(field_.kind, value_));
    }
  });
}

void FieldEditor::addChoices(const std::vector<QString>& words) {
  choices_ = new QComboBox(this);
  choices_->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
  choices_->setMinimumContentsLength(8);
  choices_->addItem(tr("default"), QString());
  for (const QString& word : words) {
    const bool flag = field_.kind == FieldKind::flag;
    choices_->addItem(flag ? (word == QStringLiteral("true") ? tr("on") : tr("off")) : word, word);
  }
  connect(choices_, &QComboBox::activated, this, [this] { emit edited(choices_->currentData().toString()); });
}

void FieldEditor::addSlider() {
  slider_ = new QSlider(Qt::Horizontal, this);
  slider_->setObjectName(QStringLiteral("slider:") + QString::fromStdString(field_.path));
  slider_->setAccessibleName(field_.title);
  slider_->setToolTip(field_.tip);
  slider_->setRange(0, field_.slider->logarithmic
                           ? kSliderSteps
                           : static_cast<int>(std::lround((field_.slider->most - field_.slider->least) /
                                                          field_.slider->step)));
  slider_->setPageStep(std::max(1, slider_->maximum() / 20));
  connect(slider_, &QSlider::valueChanged, this, [this](int position) {
    const QString text = QString::fromStdString(units::shortest(valueAt(position)));
    line_->setText(to_screen_text(field_.kind, text));
    value_ = text;
    emit edited(text);
  });
}

int FieldEditor::positionOf(double value) const {
  const SliderRange& range = *field_.slider;
  const double inside = std::clamp(value, range.least, range.most);
  return static_cast<int>(std::lround(
      range.logarithmic ? std::log(inside / range.least) / std::log(range.most / range.least) * kSliderSteps
                        : (inside - range.least) / range.step));
}

double FieldEditor::valueAt(int position) const {
  const SliderRange& range = *field_.slider;
  if (!range.logarithmic) {
    const double steps = std::round(1 / range.step);
    return steps > 1 ? std::round((range.least + position * range.step) * steps) / steps
                     : range.least + position * range.step;
  }
  const double exact = range.least * std::pow(range.most / range.least, position / double{kSliderSteps});
  const double unit = std::pow(10, std::floor(std::log10(exact)) - 1);  // two digits are enough for a slider
  return QString::number(std::round(exact / unit) * unit, 'g', 6).toDouble();
}

void FieldEditor::setValue(const QString& file_text) {
  value_ = file_text;
  if (picker_ != nullptr) {
    picker_->setChosen(file_text);
  } else if (choices_ != nullptr) {
    int index = choices_->findData(file_text);
    if (index < 0) {
      choices_->addItem(file_text, file_text);  // a path, say
      index = choices_->count() - 1;
    }
    choices_->setCurrentIndex(index);
  } else if (!(line_->hasFocus() && line_->isModified())) {
    line_->setText(to_screen_text(field_.kind, file_text));
    own_problem_.clear();
    showProblem();
  }
  const auto number = units::parse_number(file_text.toStdString());
  if (slider_ != nullptr && number && !slider_->isSliderDown()) {
    const QSignalBlocker quiet(slider_);
    slider_->setValue(positionOf(*number));
  }
}

void FieldEditor::setDefault(const QString& file_text) {
  const QString shown = file_text.isEmpty() ? tr("default") : to_screen_text(field_.kind, file_text);
  if (line_ != nullptr) {
    line_->setPlaceholderText(shown);
  } else if (choices_ != nullptr) {
    choices_->setItemText(0, file_text.isEmpty() ? tr("default") : tr("default: %1").arg(shown));
  }
}

void FieldEditor::setProblem(const QString& problem) {
  planner_problem_ = problem;
  showProblem();
}

void FieldEditor::take(const QString& entered) {
  const FieldText text = to_file_text(field_.kind, entered);
  own_problem_ = text.problem;
  showProblem();
  if (text.problem.isEmpty() && text.text != value_) {
    value_ = text.text;
    emit edited(text.text);
  }
}

void FieldEditor::showProblem() {
  const QString& problem = own_problem_.isEmpty() ? planner_problem_ : own_problem_;
  problem_->setText(problem.isEmpty() ? QString() : QStringLiteral("⚠ ") + problem);
  problem_->setVisible(!problem.isEmpty());
  if (line_ != nullptr && line_->property("problem").toBool() != !problem.isEmpty()) {
    line_->setProperty("problem", !problem.isEmpty());
    line_->style()->unpolish(line_);
    line_->style()->polish(line_);
  }
}

}  // namespace mtok::gui
