// What a distilled model cost to make: two products and a quotient.
#include "sim/cost/distillation.hpp"

namespace mtok::cost {

Distilled distil(const DistillationPlan& plan, const Bill& bill, const engine::RunRecord& run) {
  constexpr double kFlopsPerParameterAndToken = 6;
  const Flops flops(kFlopsPerParameterAndToken * plan.active_parameters * plan.training_tokens.base());
  const Seconds training = flops / plan.training_rate;
  Distilled distilled{.teacher = plan.teacher_tokens * plan.teacher_per_token,
                      .training = training * plan.per_device,
                      .device_hours = training.base() / 3600};
  distilled.one_time = distilled.teacher + distilled.training;
  const Seconds makespan = between(SimTime{}, run.makespan);
  const Tokens served(static_cast<double>(run.totals.billed_computed_tokens +
                                          run.totals.billed_cached_tokens + run.totals.billed_output_tokens));
  if (makespan > Seconds{} && served > Tokens{}) {
    distilled.per_month = served * (Seconds(3600 * kHoursPerMonth) / makespan);
    distilled.per_token = distilled.one_time / (distilled.per_month * plan.months);
    if (bill.per_token.blended) {
      distilled.with_serving = *distilled.per_token + *bill.per_token.blended;
    }
  }
  return distilled;
}

std::optional<double> payback_months(const Distilled& distilled, UsdPerToken saving) {
  if (saving <= UsdPerToken{} || distilled.per_month <= Tokens{}) {
    return std::nullopt;
  }
  return distilled.one_time / (saving * distilled.per_month);
}

}  // namespace mtok::cost
