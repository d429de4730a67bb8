// Multiplies the parts of each step.
#include "sim/engine/scaled_timer.hpp"

#include <utility>

namespace mtok::engine {
namespace {

class ScaledTimer final : public StepTimer {
 public:
  ScaledTimer(std::unique_ptr<StepTimer> timer, const TimeScale& scale)
      : timer_(std::move(timer)), scale_(scale) {}

  [[nodiscard]] std::span<const std::int64_t> windows() const override { return timer_->windows(); }
  [[nodiscard]] Watts idle_power() const override { return timer_->idle_power(); }

  [[nodiscard]] StepCost cost_of(const StepShape& shape) override {
    StepCost cost = timer_->cost_of(shape);
    const Seconds before = cost.duration;
    cost.prefill = cost.prefill * scale_.prefill;
    cost.cached = cost.cached * scale_.prefill;
    cost.decode = cost.decode * scale_.decode;
    cost.duration = cost.prefill + cost.cached + cost.decode;
    cost.energy = before > Seconds{} ? cost.energy * (cost.duration / before) : cost.energy;
    return cost;
  }

 private:
  std::unique_ptr<StepTimer> timer_;
  TimeScale scale_;
};

}  // namespace

std::unique_ptr<StepTimer> scaled(std::unique_ptr<StepTimer> timer, const TimeScale& scale) {
  if (scale == TimeScale{}) {
    return timer;
  }
  return std::make_unique<ScaledTimer>(std::move(timer), scale);
}

}  // namespace mtok::engine
