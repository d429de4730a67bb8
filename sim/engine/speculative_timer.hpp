// Steps of a target model that verifies what a draft model proposes.
#pragma once

#include <memory>

#include "sim/engine/step_timer.hpp"

namespace mtok::engine {

/// A step is the target's with 1 + draft_tokens queries for each decoding sequence, after draft_tokens steps
/// of the draft model for one token each; prompts run through both. The draft model shares the devices, so
/// its times add up; its own host time is what its timer says. Leaves out: the tokens just accepted that the
/// draft catches up with (they ride along in its first step), sampling of drafts.
[[nodiscard]] std::unique_ptr<StepTimer> with_drafts(std::unique_ptr<StepTimer> target,
                                                     std::unique_ptr<StepTimer> draft,
                                                     std::int64_t draft_tokens);

}  // namespace mtok::engine
