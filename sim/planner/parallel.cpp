// Independent jobs on all cores, one task each.
#include "sim/planner/parallel.hpp"

#include <tbb/parallel_for.h>

namespace mtok::planner {

void for_each_in_parallel(std::size_t count, const std::function<void(std::size_t)>& job) {
  tbb::parallel_for(std::size_t{0}, count, [&](std::size_t i) { job(i); });
}

}  // namespace mtok::planner
