// What a run of one scenario brought: a result, or what is wrong with the inputs.
#pragma once

#include <QMetaType>
#include <QString>
#include <memory>
#include <string>
#include <vector>

#include "app/report/timeline.hpp"
#include "sim/planner/run.hpp"

namespace mtok::gui {

/// What is wrong with one field.
struct FieldProblem {
  std::string path{};  ///< of the field; empty: of the scenario as a whole
  QString message{};
  QString hint{};
};

/// Shared with the planner's thread, hence const.
struct Outcome {
  std::shared_ptr<const planner::RunResult> result{};  ///< null when there are problems
  std::shared_ptr<const report::Timeline> timeline{};  ///< of the same run
  std::vector<FieldProblem> problems{};
  double milliseconds = 0;  ///< from the text of the scenario to the result

  [[nodiscard]] bool feasible() const { return result != nullptr && !result->infeasible; }
};

}  // namespace mtok::gui
