// What one more token of each kind adds to the time of a replica, at the load that a run had.
#pragma once

#include "sim/cost/allocation.hpp"
#include "sim/engine/engine.hpp"
#include "sim/engine/run_record.hpp"
#include "sim/engine/step_timer.hpp"

namespace mtok::planner {

/// Differences of step times around the mean step of the run: with B sequences decoding over a mean context
/// of c tokens each, one more sequence (output), and a prompt of the mean length with and without its mean
/// cached prefix (input, cached input), each divided by its tokens. B = time from first to last tokens / busy
/// time. What steps cost at any load, reading the weights above all, is in none of them. `tokens_per_step`:
/// that a decoding sequence gets, 1 without speculation.
[[nodiscard]] cost::MarginalTimes marginal_times(const engine::RunRecord& run, engine::StepTimer& timer,
                                                 const engine::SchedulerConfig& scheduler,
                                                 double tokens_per_step);

}  // namespace mtok::planner
