// Ends the verbs compare and ladder.
#include "app/cli/comparison_verb.hpp"

#include <algorithm>

#include "app/cli/interrupt.hpp"

namespace mtok::cli {

ExitCode conclude(const planner::Comparison& comparison, const std::string& text, const Output& output) {
  output.write(text);
  output.say("warning", comparison.warnings);
  if (interrupted()) {
    return ExitCode::interrupted;
  }
  const bool any = std::any_of(comparison.rows.begin(), comparison.rows.end(),
                               [](const planner::Row& row) { return row.feasible; });
  return any ? ExitCode::ok : ExitCode::nothing_feasible;
}

}  // namespace mtok::cli
