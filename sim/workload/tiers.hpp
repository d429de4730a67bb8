// Interactive requests and those of a batch tier as one stream.
#pragma once

#include <memory>

#include "sim/workload/request.hpp"

namespace mtok::workload {

/// Merges by arrival, at equal times interactive requests first; those of `batch` are marked so, and with
/// `at_once` all come at time zero. Both must have the same hash_block_size, or one of them none. Equal
/// content ids of the two mean different content.
[[nodiscard]] std::unique_ptr<RequestSource> with_batch(std::unique_ptr<RequestSource> interactive,
                                                        std::unique_ptr<RequestSource> batch, bool at_once);

}  // namespace mtok::workload
