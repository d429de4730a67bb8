// A result that mtok has written: what it ran on, found again and run again.
#pragma once

#include <filesystem>

#include "sim/planner/run.hpp"

namespace mtok::cli {

/// Runs the scenario of a result (`mtok run --format json`) again. Its files are looked for where the result
/// names them: under the data root, beside the result, in the current folder. Throws Refusal when the file is
/// no such result, when a file it depends on is missing or has changed, and when the run gives another
/// result.
[[nodiscard]] planner::RunResult run_again(const std::filesystem::path& result,
                                           const planner::Catalogue& catalogue, bool quiet);

}  // namespace mtok::cli
