// Marginal times of tokens: three differences of step times.
#include "sim/planner/marginal_times.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

namespace mtok::planner {
namespace {

std::int64_t rounded(double value) {
  return std::max<std::int64_t>(0, std::llround(value));
}

/// The mean step of a run.
class MeanStep {
 public:
  MeanStep(const engine::RunRecord& run, engine::StepTimer& timer, const engine::SchedulerConfig& scheduler)
      : timer_(timer), draft_tokens_(scheduler.speculation ? scheduler.speculation->draft_tokens() : 0) {
    const engine::RequestTotals& totals = run.totals;
    const double busy = static_cast<double>(run.phases().busy_ns()) * 1e-9;
    if (busy > 0) {
      sequences_ = std::max<std::int64_t>(1, rounded(totals.decoding.base() / busy));
    }
    const engine::KvResidence& kv = totals.kv_residence;
    if (totals.decoding > Seconds{}) {
      const auto held = kv.computed_after + kv.cached_after + kv.output;
      context_ = rounded((held / totals.decoding).base());
    }
    const auto requests = static_cast<double>(std::max<std::int64_t>(1, totals.completed));
    prompt_ = std::clamp<std::int64_t>(rounded(static_cast<double>(totals.billed_computed_tokens) / requests),
                                       1, scheduler.max_num_batched_tokens);
    cached_ = rounded(static_cast<double>(totals.billed_cached_tokens) / requests);
  }

  [[nodiscard]] std::int64_t prompt() const { return prompt_; }
  [[nodiscard]] std::int64_t cached() const { return cached_; }

  [[nodiscard]] Seconds with(std::int64_t more_sequences, std::optional<std::int64_t> prefix) {
    const std::int64_t sequences = sequences_ + more_sequences;
    std::vector<std::int64_t> windowed;
    for (const std::int64_t window : timer_.windows()) {
      windowed.push_back(sequences * std::min(context_ + 1, window));
    }
    std::vector<engine::PrefillChunk> chunks;
    if (prefix) {
      chunks.push_back({.new_tokens = prompt_, .context = *prefix, .prefix_hit = *prefix, .emits = true});
    }
    return timer_
        .cost_of({.decode_sequences = sequences,
                  .decode_context = sequences * (context_ + 1),
                  .decode_windowed = windowed,
                  .prefill = chunks,
                  .draft_tokens = draft_tokens_})
        .duration;
  }

 private:
  engine::StepTimer& timer_;
  std::int64_t draft_tokens_;
  std::int64_t sequences_ = 1;
  std::int64_t context_ = 0;
  std::int64_t prompt_ = 1;
  std::int64_t cached_ = 0;
};

Seconds at_least_nothing(Seconds time) {
  return std::max(Seconds{}, time);
}

}  // namespace

cost::MarginalTimes marginal_times(const engine::RunRecord& run, engine::StepTimer& timer,
                                   const engine::SchedulerConfig& scheduler, double tokens_per_step) {
  MeanStep step(run, timer, scheduler);
  const Seconds base = step.with(0, std::nullopt);
  const Seconds with_prompt = step.with(0, 0);
  cost::MarginalTimes times{
      .input = at_least_nothing(with_prompt - base) / static_cast<double>(step.prompt()),
      .output = at_least_nothing(step.with(1, std::nullopt) - base) / tokens_per_step};
  if (step.cached() > 0) {
    times.cached_input =
        at_least_nothing(step.with(0, step.cached()) - with_prompt) / static_cast<double>(step.cached());
  }
  return times;
}

}  // namespace mtok::planner
