// The draft model of speculative decoding: what it is, what memory it takes, how long it takes.
#pragma once

#include <memory>

#include "sim/engine/deployment.hpp"
#include "sim/planner/scenario.hpp"

namespace mtok::planner {

/// A draft model beside its target, on the same devices with the same ranks.
struct Draft {
  model::Architecture architecture{};
  bool own_layer = false;  ///< a layer of the target itself, with its embedding and output matrix
  hardware::FrameworkProfile framework{};  ///< without host time: a step of the target carries that of both
};

/// The draft model of the choice, or the multi-token-prediction layer of `target`: one more layer like its
/// last one, used once for each drafted token. Source: DeepSeek-AI, "DeepSeek-V3 Technical Report", arXiv
/// 2412.19437, section 2.2. Leaves out the product that joins two hidden states before that layer. Throws
/// config::Error.
[[nodiscard]] Draft draft_of(const SpeculationChoice& choice, const model::Architecture& target,
                             const hardware::FrameworkProfile& framework);

/// `target` with the draft model in its place; what both point to must outlive it. Weights, activations and
/// cache have the formats of the target.
[[nodiscard]] engine::Deployment deployment_of(const Draft& draft, engine::Deployment target);

/// Takes the draft's weights off the KV budget and makes room for its keys and values beside those of the
/// target.
void make_room(engine::MemoryPlan& plan, const Draft& draft, const engine::Deployment& target,
               std::int64_t block_size);

/// The timer of the target with the draft's steps.
[[nodiscard]] std::unique_ptr<engine::StepTimer> compile_with(const Draft& draft,
                                                              const engine::Deployment& target,
                                                              std::int64_t draft_tokens);

}  // namespace mtok::planner
