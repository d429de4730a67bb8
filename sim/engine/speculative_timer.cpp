// Adds up draft steps and the step that verifies them.
#include "sim/engine/speculative_timer.hpp"

#include <algorithm>
#include <utility>

namespace mtok::engine {
namespace {

void add(StepCost& sum, const StepCost& other) {
  sum.duration += other.duration;
  sum.prefill += other.prefill;
  sum.cached += other.cached;
  sum.decode += other.decode;
  sum.energy += other.energy;
  sum.compute_peak += other.compute_peak;
  sum.memory_peak += other.memory_peak;
}

class SpeculativeTimer final : public StepTimer {
 public:
  SpeculativeTimer(std::unique_ptr<StepTimer> target, std::unique_ptr<StepTimer> draft,
                   std::int64_t draft_tokens)
      : target_(std::move(target)), draft_(std::move(draft)), draft_tokens_(draft_tokens) {}

  [[nodiscard]] std::span<const std::int64_t> windows() const override { return target_->windows(); }
  [[nodiscard]] Watts idle_power() const override { return target_->idle_power(); }

  [[nodiscard]] StepCost cost_of(const StepShape& shape) override {
    StepShape verification = shape;
    verification.draft_tokens = shape.decode_sequences > 0 ? draft_tokens_ : 0;
    StepCost cost = target_->cost_of(verification);
    if (!shape.prefill.empty()) {
      add(cost, draft_->cost_of({.prefill = shape.prefill}));
    }
    for (std::int64_t i = 0; i < verification.draft_tokens; ++i) {
      add(cost, draft_step(shape.decode_sequences, shape.decode_context + i * shape.decode_sequences));
    }
    return cost;
  }

 private:
  /// Windows of the draft model are cut from the mean context.
  [[nodiscard]] StepCost draft_step(std::int64_t sequences, std::int64_t context) {
    windowed_.clear();
    for (const std::int64_t window : draft_->windows()) {
      windowed_.push_back(std::min(context, window * sequences));
    }
    return draft_->cost_of(
        {.decode_sequences = sequences, .decode_context = context, .decode_windowed = windowed_});
  }

  std::unique_ptr<StepTimer> target_;
  std::unique_ptr<StepTimer> draft_;
  std::int64_t draft_tokens_;
  std::vector<std::int64_t> windowed_;
};

}  // namespace

std::unique_ptr<StepTimer> with_drafts(std::unique_ptr<StepTimer> target, std::unique_ptr<StepTimer> draft,
                                       std::int64_t draft_tokens) {
  return std::make_unique<SpeculativeTimer>(std::move(target), std::move(draft), draft_tokens);
}

}  // namespace mtok::engine
