// What a window works on: the project, the runs of its scenarios, and which of them is looked at.
#pragma once

#include <QObject>
#include <memory>
#include <vector>

#include "app/gui/models/project_document.hpp"
#include "app/gui/models/result_sheets.hpp"
#include "app/gui/models/scenario_runs.hpp"

namespace mtok::gui {

/// Runs every scenario when it comes or changes: the one that is looked at at once, the others one after the
/// other.
class Workbench final : public QObject {
  Q_OBJECT
 public:
  explicit Workbench(const planner::Catalogue& catalogue, QObject* parent = nullptr);

  [[nodiscard]] ProjectDocument& document() { return document_; }
  [[nodiscard]] const ProjectDocument& document() const { return document_; }
  [[nodiscard]] ScenarioRuns& runs() { return runs_; }
  [[nodiscard]] const planner::Catalogue& catalogue() const { return runs_.catalogue(); }

  [[nodiscard]] int current() const { return current_; }
  void setCurrent(int id);
  [[nodiscard]] const ScenarioTree& currentTree() const;
  [[nodiscard]] QString nameOf(int id) const;
  /// The newest result, feasible or not; null while there is none.
  [[nodiscard]] std::shared_ptr<const planner::RunResult> result(int id) const;
  [[nodiscard]] std::shared_ptr<const Outcome> outcome(int id) const { return runs_.outcome(id); }
  /// All scenarios in the order of their tabs, and where the base stands among them.
  [[nodiscard]] std::vector<NamedResult> namedResults() const;
  [[nodiscard]] std::size_t baseIndex() const;
  [[nodiscard]] RunRequest requestOf(int id) const;
  /// Every scenario has an outcome, and nothing runs.
  [[nodiscard]] bool settled() const;
  void runAgain(int id);

 signals:
  void currentChanged();
  void outcomeChanged(int id);

 private:
  /// Starts what may start now.
  void pump();

  ProjectDocument document_;
  ScenarioRuns runs_;
  ScenarioTree empty_;
  int current_ = 0;
  std::vector<int> waiting_;  ///< ids to run, oldest first
  bool pump_due_ = false;
};

}  // namespace mtok::gui
