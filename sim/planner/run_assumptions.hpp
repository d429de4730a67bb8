// What a reader of a run must know: every default in force with its source, and warnings.
#pragma once

#include <vector>

#include "sim/cost/cost_terms.hpp"
#include "sim/hardware/device.hpp"
#include "sim/planner/run.hpp"

namespace mtok::planner {

/// Of a run whose files are loaded and whose scheduler and memory are planned. `routing_skew`: exponent of
/// the experts' loads; `terms`: those of the scenario's prices.
[[nodiscard]] std::vector<Assumption> assumptions_of(const RunResult& result, Seconds request_overhead,
                                                     double routing_skew, const cost::CostTerms& terms);
/// Adds the warnings about formats that the device does not multiply and about the trace.
void warn_of(RunResult& result, const hardware::Device& device);

}  // namespace mtok::planner
