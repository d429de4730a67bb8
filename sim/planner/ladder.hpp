// The ladder of techniques: what each saves on top of the ones below.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sim/planner/compare.hpp"

namespace mtok::planner {

/// The techniques by the words that name them in an order, in the order that a ladder has by itself.
[[nodiscard]] std::span<const std::string_view> ladder_techniques();

/// The seed story on one scenario: from a naive baseline one technique after the other, each rung on top of
/// the last feasible one, under the same requests and the same SLO. On every rung the cheapest fleet that
/// keeps the SLO is sought: devices per replica among 1, 2, 4, 8 and the fewest replicas. Rungs run in
/// parallel; the result does not depend on it. `order`: the techniques to climb, by ladder_techniques(), each
/// at most once; empty: all.
[[nodiscard]] Comparison ladder(const Scenario& scenario, const Catalogue& catalogue,
                                const Progress& progress = {}, const std::vector<std::string>& order = {});

}  // namespace mtok::planner
