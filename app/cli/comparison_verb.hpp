// What compare and ladder do alike once they have a comparison.
#pragma once

#include <string>

#include "app/cli/exit_code.hpp"
#include "app/cli/output.hpp"
#include "sim/planner/compare.hpp"

namespace mtok::cli {

/// Writes the report, says the warnings, and tells by the exit code whether any row is feasible.
[[nodiscard]] ExitCode conclude(const planner::Comparison& comparison, const std::string& text,
                                const Output& output);

}  // namespace mtok::cli
