// Reads a scenario that is being written and lies in no file yet.
#pragma once

#include <filesystem>
#include <string>

#include "sim/planner/scenario.hpp"

namespace mtok::planner {

/// Reads and checks the text of a scenario file as if it stood in `file`: relative paths start at its folder,
/// messages name it, and Scenario::file is set to it. The file need not exist; but a run of the scenario
/// hashes it as an input, unless Scenario::file is emptied before. Throws config::Error with every error.
[[nodiscard]] Scenario scenario_from_text(std::string text, const std::filesystem::path& file,
                                          const Catalogue& catalogue);

}  // namespace mtok::planner
