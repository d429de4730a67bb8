// A step timer whose steps take longer or shorter by stated factors.
#pragma once

#include <memory>

#include "sim/engine/step_timer.hpp"

namespace mtok::engine {

/// How much longer prompts and output take than the models of the devices say: for the error of these models.
struct TimeScale {
  double prefill = 1;  ///< cached prompts included
  double decode = 1;

  friend bool operator==(const TimeScale&, const TimeScale&) = default;
};

/// The timer itself where both factors are 1. Otherwise its steps are taken one at a time; energy grows with
/// the duration.
[[nodiscard]] std::unique_ptr<StepTimer> scaled(std::unique_ptr<StepTimer> timer, const TimeScale& scale);

}  // namespace mtok::engine
