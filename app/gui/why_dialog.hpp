// Why this number: the formula tree of a figure, down to the lines of the files.
#pragma once

#include <QDialog>
#include <functional>
#include <memory>
#include <optional>

#include "app/gui/models/background_job.hpp"
#include "app/gui/models/scenario_runs.hpp"
#include "sim/planner/provenance.hpp"

class QLabel;
class QTreeView;

namespace mtok::gui {

class ExplanationModel;

/// Stays open beside the work; another question replaces what it shows.
class WhyDialog final : public QDialog {
  Q_OBJECT
 public:
  explicit WhyDialog(QWidget* parent);
  /// Reads the files of the result off the window's thread, then shows the tree of `key`.
  void ask(const std::shared_ptr<const planner::RunResult>& result, const planner::Catalogue& catalogue,
           const QString& key);
  /// Runs the scenario first.
  void askOf(const RunRequest& request, const planner::Catalogue& catalogue, const QString& key);
  /// Shows a tree that is known already.
  void showExplanation(const QString& key, const planner::Explanation& explanation);
  [[nodiscard]] bool answered() const { return !job_.running(); }

 private:
  using Source =
      std::function<std::shared_ptr<const planner::RunResult>(const BackgroundJob::Progress& progress)>;
  void start(const QString& key, const planner::Catalogue& catalogue, const Source& source);
  void tell(const QString& key, const std::optional<planner::Explanation>& explanation);
  void copyFormula();

  QLabel* title_;
  QTreeView* tree_;
  ExplanationModel* model_;
  BackgroundJob job_;
};

}  // namespace mtok::gui
