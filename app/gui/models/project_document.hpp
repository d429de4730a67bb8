// The open project: scenarios that are edited, with undo; one base that the others are set against.
#pragma once

#include <QObject>
#include <QUndoStack>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "app/gui/models/project.hpp"

namespace mtok::gui {

struct OpenScenario {
  int id = 0;  ///< stays the same while the project is open
  ScenarioTree tree{};
};

/// Every change is a step of undo(); changes of one field in a row are one step.
class ProjectDocument final : public QObject {
  Q_OBJECT
 public:
  struct State {
    std::vector<OpenScenario> scenarios{};
    int base = 0;  ///< an id
  };

  explicit ProjectDocument(QObject* parent = nullptr);

  /// Replaces everything and forgets the steps of undo. `file`: where it lies, or where relative paths start
  /// when `saved` is false.
  void load(const Project& project, const std::filesystem::path& file, bool saved);
  [[nodiscard]] Project project() const;

  [[nodiscard]] const std::vector<OpenScenario>& scenarios() const { return state_.scenarios; }
  [[nodiscard]] const OpenScenario* find(int id) const;
  [[nodiscard]] int base() const { return state_.base; }
  /// The file that the project is saved to; empty while there is none.
  [[nodiscard]] const std::filesystem::path& file() const { return file_; }
  /// Relative paths of the scenarios start here.
  [[nodiscard]] const std::filesystem::path& folder() const { return folder_; }
  /// The scenario is, to the letter, what the file that was opened says.
  [[nodiscard]] bool isAsOpened(int id) const;
  [[nodiscard]] const std::filesystem::path& openedFile() const { return opened_; }
  /// After saving: paths are rewritten for the new folder.
  void setSaved(const std::filesystem::path& file);

  /// An empty text takes the value away. Returns at once when nothing changes.
  void setValue(int id, const std::string& path, const std::string& text);
  /// Switches an optional block on with its first values, or off.
  void setBlock(int id, const std::string& block, bool on,
                const std::vector<std::pair<std::string, std::string>>& start_values);
  int addScenario(ScenarioTree tree, const QString& step);
  int duplicateScenario(int id);
  void closeScenario(int id);  ///< the last one stays
  void renameScenario(int id, const QString& name);
  void setBase(int id);

  [[nodiscard]] QUndoStack* undo() { return &undo_; }

 signals:
  void scenarioChanged(int id);
  void listChanged();  ///< scenarios came, went, or have another name
  void baseChanged();
  void fileChanged();

 private:
  class Step;
  void change(State after, const QString& text, const std::string& merge_key = {});
  void apply(const State& state);

  State state_;
  State opened_state_;
  std::filesystem::path file_;
  std::filesystem::path opened_;
  std::filesystem::path folder_;
  int next_id_ = 1;
  QUndoStack undo_;
};

}  // namespace mtok::gui
