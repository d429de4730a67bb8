// The one-time cost of a student is teacher tokens and training flops; it pays back by what serving saves.
#include "sim/cost/distillation.hpp"

#include <gtest/gtest.h>

namespace mtok::cost {
namespace {

/// 1e9 tokens in 730 h, for 200 USD.
engine::RunRecord month() {
  engine::RunRecord run{.makespan = SimTime{730LL * 3600 * 1'000'000'000}};
  run.totals.billed_computed_tokens = 600'000'000;
  run.totals.billed_cached_tokens = 100'000'000;
  run.totals.billed_output_tokens = 300'000'000;
  return run;
}

// Teacher: 1e9 tokens at 1 USD/Mtok = 1000 USD. Training: 6 * 1e9 * 1e9 = 6e18 flops at 1e15 flop/s = 6000 s
// = 1.667 h at 3.6 USD/h = 6 USD. 1006 USD over 10 months of 1e9 tokens = 0.1006 USD/Mtok, on top of 0.2.
// Saving 0.1 USD/Mtok is 100 USD a month: 10.06 months.
TEST(Distillation, SpreadsTeacherAndTraining) {
  Bill bill;
  bill.per_token.blended = Usd(200) / Tokens(1e9);
  const Distilled d = distil({.teacher_tokens = Tokens(1e9),
                              .teacher_per_token = Usd(1) / Tokens(1e6),
                              .active_parameters = 1e9,
                              .training_tokens = Tokens(1e9),
                              .training_rate = FlopsPerSecond(1e15),
                              .per_device = usd_per_hour(3.6),
                              .months = 10},
                             bill, month());
  EXPECT_DOUBLE_EQ(d.teacher.base(), 1000);
  EXPECT_DOUBLE_EQ(d.training.base(), 6);
  EXPECT_DOUBLE_EQ(d.device_hours, 6000.0 / 3600);
  EXPECT_DOUBLE_EQ(d.per_month.base(), 1e9);
  EXPECT_DOUBLE_EQ(d.per_token->base(), 0.1006e-6);
  EXPECT_DOUBLE_EQ(d.with_serving->base(), 0.3006e-6);
  EXPECT_DOUBLE_EQ(payback_months(d, Usd(0.1) / Tokens(1e6)).value(), 10.06);
  EXPECT_FALSE(payback_months(d, Usd(-0.1) / Tokens(1e6)));
}

TEST(Distillation, OfAFleetThatServesNothingHasNoCostPerToken) {
  const Distilled d =
      distil({.teacher_tokens = Tokens(1), .training_tokens = Tokens(1), .training_rate = FlopsPerSecond(1)},
             {}, {});
  EXPECT_FALSE(d.per_token);
  EXPECT_FALSE(payback_months(d, Usd(1) / Tokens(1)));
}

}  // namespace
}  // namespace mtok::cost
