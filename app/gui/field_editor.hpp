// One field of the inputs panel: an editor for its kind, a slider where it helps, what is wrong below.
#pragma once

#include <QWidget>
#include <functional>

#include "app/gui/models/input_fields.hpp"

class QComboBox;
class QLabel;
class QLineEdit;
class QSlider;
class QTimer;

namespace mtok::gui {

class Picker;
class SheetModel;

/// Speaks the language of scenario files: texts as they stand there, empty for the default.
class FieldEditor final : public QWidget {
  Q_OBJECT
 public:
  struct Lists {
    SheetModel* models = nullptr;
    SheetModel* devices = nullptr;
    std::function<void()> fill{};  ///< fills both
  };
  FieldEditor(Field field, const Lists& lists, QWidget* parent = nullptr);

  [[nodiscard]] const Field& field() const { return field_; }
  /// Shows a value of the scenario; the text that somebody types just now stays.
  void setValue(const QString& file_text);
  /// What is in force while the field is empty.
  void setDefault(const QString& file_text);
  /// What the planner has against the value; empty: nothing.
  void setProblem(const QString& problem);

 signals:
  void edited(const QString& file_text);

 private:
  void addLine();
  void addChoices(const std::vector<QString>& words);
  void addSlider();
  void showProblem();
  void take(const QString& entered);
  [[nodiscard]] int positionOf(double value) const;
  [[nodiscard]] double valueAt(int position) const;

  Field field_;
  QLineEdit* line_ = nullptr;
  QComboBox* choices_ = nullptr;
  Picker* picker_ = nullptr;
  QSlider* slider_ = nullptr;
  QLabel* problem_ = nullptr;
  QTimer* pause_ = nullptr;
  QString value_;        ///< in force, as the file says it
  QString own_problem_;  ///< of what is typed
  QString planner_problem_;
};

}  // namespace mtok::gui
