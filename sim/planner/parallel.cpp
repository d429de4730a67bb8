// Independent jobs on all cores, one task each.
#include "sim/planner/parallel.hpp"

#include <tbb/blocked_range.h>
#include <tbb/parallel_for.h>

namespace mtok::planner {

void for_each_in_parallel(std::size_t count, const std::function<void(std::size_t)>& job) {
  tbb::parallel_for(
      tbb::blocked_range<std::size_t>(0, count, 1),
      [&](const tbb::blocked_range<std::size_t>& range) {
        for (std::size_t i = range.begin(); i != range.end(); ++i) {
          job(i);
        }
      },
      tbb::simple_partitioner());
}

}  // namespace mtok::planner
