// Curves that charts draw: cumulative shares of the latencies of a run.
#pragma once

#include <vector>

#include "sim/planner/run.hpp"

namespace mtok::report {

enum class LatencyKind { ttft, tpot, e2e };

/// A share of the requests took at most so long.
struct SharePoint {
  Seconds duration{};
  double share = 0;
};

/// The empirical distribution of a latency over the requests that have one, as at most `most` points evenly
/// spread over the ranks, the smallest and the largest among them. Empty when the run kept no rows or has no
/// such requests. Words as in engine::Metrics.
[[nodiscard]] std::vector<SharePoint> latency_curve(const planner::RunResult& result, LatencyKind kind,
                                                    std::size_t most = 1000);

}  // namespace mtok::report
