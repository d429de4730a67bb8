// Measured serving systems against the engine: throughput, TTFT, TPOT of offline, static-batch and
// closed-loop runs.
#pragma once

#include <filesystem>
#include <vector>

#include "sim/planner/catalogue.hpp"
#include "sim/validation/outcome.hpp"

namespace mtok::validation {

/// One outcome for each row of a file with the columns of the serving measurements, in the order of the rows.
/// Each operating point is simulated once for all its metrics. Throws config::Error when the file is not of
/// that kind.
[[nodiscard]] std::vector<Outcome> validate_serving(const std::filesystem::path& file,
                                                    const planner::Catalogue& catalogue);

/// The same for recorded requests of real engines: each bench of the file is replayed with its own arrivals
/// and lengths, and mean and percentiles of TTFT, TPOT and end-to-end latency are compared. One outcome for
/// each bench and metric.
[[nodiscard]] std::vector<Outcome> validate_trace(const std::filesystem::path& file,
                                                  const planner::Catalogue& catalogue);

}  // namespace mtok::validation
