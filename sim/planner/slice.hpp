// A part of a workload, chosen request by request.
#pragma once

#include <memory>

#include "sim/planner/scenario.hpp"
#include "sim/workload/request.hpp"

namespace mtok::planner {

/// The requests of `source` that belong to `slice`, at their own times of arrival. Slices that do not overlap
/// never share a request, and [0, 1) is the whole workload.
[[nodiscard]] std::unique_ptr<workload::RequestSource> slice_of(
    std::unique_ptr<workload::RequestSource> source, const Slice& slice);

}  // namespace mtok::planner
