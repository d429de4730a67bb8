// Runs of decode steps for timers that know single steps only.
#include "sim/engine/step_timer.hpp"

namespace mtok::engine {

DecodeRun StepTimer::decode_run(const StepShape& shape, std::span<const std::int64_t> /*windowed_growth*/) {
  const StepCost cost = cost_of(shape);
  return {.duration = Ticks::from(cost.duration),
          .energy = cost.energy,
          .compute_peak = cost.compute_peak,
          .memory_peak = cost.memory_peak};
}

}  // namespace mtok::engine
