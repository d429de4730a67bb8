// A serving command as the text of a scenario.
#pragma once

#include <string>

#include "sim/planner/serve_command.hpp"

namespace mtok::report {

/// What the command does not say.
struct ScenarioFrame {
  std::string name{};
  std::string model{};  ///< in models/, or a path
  std::string device{};
  std::string trace{};  ///< empty: a made-up workload with a comment that says so
  std::string draft{};  ///< the draft model in models/, for a command that names one
};

/// YAML that load_scenario reads; keys that the command leaves to vLLM's defaults are left out here too.
[[nodiscard]] std::string scenario_yaml(const planner::ServeCommand& command, const ScenarioFrame& frame);

}  // namespace mtok::report
