// The capacity plan of a file, a scenario or a plan.
#pragma once

#include <filesystem>

#include "sim/planner/capacity.hpp"

namespace mtok::cli {

/// What `mtok capacity` computes of a scenario or plan file with a block `capacity`, with a progress bar.
/// Throws config::Error.
[[nodiscard]] planner::Capacity capacity_of(const std::filesystem::path& file,
                                            const planner::Catalogue& catalogue, bool quiet);

}  // namespace mtok::cli
