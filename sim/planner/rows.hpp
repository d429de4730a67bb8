// Turns run results into the rows of a comparison.
#pragma once

#include <vector>

#include "sim/planner/compare.hpp"

namespace mtok::planner {

/// The row of one pool.
[[nodiscard]] Row row_of(const RunResult& result);
/// The row of a fleet of several pools, each with its share of the requests: money, devices and throughput
/// add up, a latency is that of the worst pool, quality is the mix by shares when every pool has a score on
/// the same benchmark. Requires at least one pool.
[[nodiscard]] Row row_of(const std::vector<const RunResult*>& pools);
/// Dollars per token against the last feasible row of `before`.
void set_marginal(Row& row, const std::vector<Row>& before);
/// Adds what a result rests on, each thing once.
void merge_evidence(std::vector<InputFile>& inputs, std::vector<Assumption>& assumptions,
                    std::vector<std::string>& warnings, const RunResult& result);
/// Adds the inputs, assumptions and warnings of a result that are not there yet.
void merge_evidence(Comparison& comparison, const RunResult& result);

}  // namespace mtok::planner
