// Draft models: their layers, memory and steps.
#include "sim/planner/draft.hpp"

#include <algorithm>
#include <cmath>

#include "sim/engine/speculative_timer.hpp"

namespace mtok::planner {
namespace {

model::Architecture prediction_layer(const model::Architecture& target) {
  model::Architecture layer = target;
  layer.name += " (MTP layer)";
  const std::size_t last = target.layer_order().back();
  layer.groups = {{.layer = target.groups[last].layer, .count = 1}};
  layer.order.clear();
  return layer;
}

Bytes weights_per_device(const Draft& draft, const engine::Deployment& target) {
  const auto bytes = [&](const model::Architecture& architecture) {
    return model::weight_bytes_per_device(architecture, target.formats.weights, target.sharding);
  };
  if (!draft.own_layer) {
    return bytes(draft.architecture);
  }
  model::Architecture two = draft.architecture;
  two.groups.front().count = 2;
  return bytes(two) - bytes(draft.architecture);
}

}  // namespace

Draft draft_of(const SpeculationChoice& choice, const model::Architecture& target,
               const hardware::FrameworkProfile& framework) {
  Draft draft{.own_layer = choice.draft_file.empty(), .framework = framework};
  draft.architecture =
      draft.own_layer ? prediction_layer(target) : model::load_architecture(choice.draft_file);
  draft.framework.step_overhead = Seconds{};
  draft.framework.sequence_overhead = Seconds{};
  return draft;
}

engine::Deployment deployment_of(const Draft& draft, engine::Deployment target) {
  target.architecture = &draft.architecture;
  target.framework = &draft.framework;
  return target;
}

void make_room(engine::MemoryPlan& plan, const Draft& draft, const engine::Deployment& target,
               std::int64_t block_size) {
  const Bytes weights = weights_per_device(draft, target);
  plan.weights_per_device += weights;
  plan.weights_total += weights * static_cast<double>(target.sharding.devices());
  plan.kv_per_device -= weights;
  const kernel::NumberFormat cache = target.formats.kv_cache;
  plan.kv_per_token += model::kv_bytes_per_token(draft.architecture, cache);
  plan.kv_per_token_per_device +=
      model::kv_bytes_per_token_per_device(draft.architecture, cache, target.sharding);
  const Bytes block = plan.kv_per_token_per_device * Tokens(static_cast<double>(block_size));
  const double blocks = std::floor(std::max(Bytes{}, plan.kv_per_device) / block);
  plan.kv_blocks = static_cast<std::int64_t>(blocks) * target.sharding.data;
}

std::unique_ptr<engine::StepTimer> compile_with(const Draft& draft, const engine::Deployment& target,
                                                std::int64_t draft_tokens) {
  return engine::with_drafts(engine::compile(target), engine::compile(deployment_of(draft, target)),
                             draft_tokens);
}

}  // namespace mtok::planner
