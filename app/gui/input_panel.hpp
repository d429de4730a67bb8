// The inputs of the scenario that is looked at, in groups that fold.
#pragma once

#include <QScrollArea>
#include <vector>

#include "app/gui/models/input_fields.hpp"

class QCheckBox;
class QLabel;
class QToolButton;

namespace mtok::gui {

class FieldEditor;
class SheetModel;
class Workbench;

class InputPanel final : public QScrollArea {
  Q_OBJECT
 public:
  explicit InputPanel(Workbench& workbench, QWidget* parent = nullptr);
  /// Shows the scenario, the defaults in force and the problems of its newest outcome.
  void refresh();
  /// Puts the cursor into a field; false when there is none at the path.
  bool focusField(const std::string& path);
  /// Paths and titles of all fields, for the command palette.
  [[nodiscard]] std::vector<std::pair<std::string, QString>> fields() const;

 protected:
  void showEvent(QShowEvent* event) override;

 private:
  struct Group {
    FieldGroup group{};
    QToolButton* header = nullptr;
    QCheckBox* present = nullptr;  ///< of an optional block
    QWidget* body = nullptr;
    std::vector<FieldEditor*> editors{};
    std::vector<QLabel*> labels{};
  };
  void addGroup(const FieldGroup& source);
  void refreshGroup(Group& group);
  void fold(Group& group, bool open);
  void fillLists();

  Workbench& workbench_;
  QWidget* content_;
  SheetModel* models_;
  SheetModel* devices_;
  std::vector<Group> groups_;
};

}  // namespace mtok::gui
