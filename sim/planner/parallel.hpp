// Independent jobs on all cores.
#pragma once

#include <cstddef>
#include <functional>

namespace mtok::planner {

/// Calls job(0) ... job(count - 1), each once, in any order and on any thread. Rethrows the first exception.
void for_each_in_parallel(std::size_t count, const std::function<void(std::size_t)>& job);

}  // namespace mtok::planner
