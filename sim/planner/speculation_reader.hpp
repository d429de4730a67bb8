// Reads the block speculative_config of a scenario.
#pragma once

#include <filesystem>

#include "sim/config/reader.hpp"
#include "sim/planner/scenario.hpp"

namespace mtok::planner {

/// Errors are noted in the reader's document: unknown models, rates that are no probabilities or not one for
/// each token, and ranks that the draft model cannot be spread over.
[[nodiscard]] SpeculationChoice read_speculation(config::Reader& reader, const Catalogue& catalogue,
                                                 const std::filesystem::path& folder,
                                                 const model::Sharding& sharding);

}  // namespace mtok::planner
