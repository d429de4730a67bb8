// Speculative decoding, on numbers worked out by hand.
#include "sim/engine/speculation.hpp"

#include <gtest/gtest.h>

#include "sim/engine/speculative_timer.hpp"
#include "tests/unit/engine/fakes.hpp"

namespace mtok::engine {
namespace {

using testing::ListSource;
using testing::request;
using testing::roomy_plan;
using testing::RoundTimer;

constexpr std::int64_t kMs = 1'000'000;

// 1 + 0.8 + 0.8 * 0.5 + 0.8 * 0.5 * 0.5 = 2.4; (1 - 0.7^4) / (1 - 0.7) = 2.533.
TEST(Speculation, ExpectsTheSumOfPrefixProducts) {
  EXPECT_DOUBLE_EQ((Speculation{.acceptance = {0.8, 0.5, 0.5}}.tokens_per_step()), 2.4);
  EXPECT_NEAR((Speculation{.acceptance = {0.7, 0.7, 0.7}}.tokens_per_step()),
              (1 - 0.7 * 0.7 * 0.7 * 0.7) / (1 - 0.7), 1e-12);
  EXPECT_EQ((Speculation{.acceptance = {0, 1, 1}}.tokens_per_step()), 1);
}

TEST(TokenPattern, IsWholeBoundedAndExactOnAverage) {
  const Speculation speculation{.acceptance = {0.9, 0.6, 0.3}};
  const TokenPattern pattern(speculation);
  for (std::int64_t id = 0; id < 50; ++id) {
    std::int64_t sum = 0;
    for (std::int64_t step = 0; step < 1000; ++step) {
      const std::int64_t tokens = pattern.tokens(id, step);
      ASSERT_GE(tokens, 2);
      ASSERT_LE(tokens, 3);
      sum += tokens;
      ASSERT_NEAR(double(sum), double(step + 1) * speculation.tokens_per_step(), 1);
    }
  }
}

TEST(TokenPattern, AllOrNothing) {
  const TokenPattern all({.acceptance = {1, 1, 1}});
  const TokenPattern none({.acceptance = {0, 0, 0}});
  for (std::int64_t step = 0; step < 100; ++step) {
    EXPECT_EQ(all.tokens(7, step), 4);
    EXPECT_EQ(none.tokens(7, step), 1);
  }
}

// Sequences do not move in step: at any step about half of them get the extra token.
TEST(TokenPattern, SpreadsTheSequences) {
  const TokenPattern pattern({.acceptance = {0.5}});
  int extra = 0;
  for (std::int64_t id = 0; id < 1000; ++id) {
    extra += pattern.tokens(id, 0) == 2 ? 1 : 0;
  }
  EXPECT_NEAR(extra, 500, 5);
}

// 10 ms a step; prompt of 5, outputs of 8. All drafts accepted: the first token at 10, then 3 + 1 a step: 20,
// and what is left, 3, at 30.
TEST(SpeculativeRun, EmitsAllAcceptedTokensAtOnce) {
  RoundTimer timer(Seconds(0.010), Seconds{});
  RunPlan plan = roomy_plan();
  plan.scheduler.speculation = Speculation{.acceptance = {1, 1, 1}};
  ListSource source({request(0, 5, 8)});
  const RunRecord run = run_leaping(plan, timer, source);
  EXPECT_EQ(nanoseconds(run.requests[0].first_token), 10 * kMs);
  EXPECT_EQ(nanoseconds(run.requests[0].last_token), 30 * kMs);
  EXPECT_EQ(run.requests[0].output_tokens, 8);
  EXPECT_EQ(run.replicas[0].steps, 3);
  EXPECT_EQ(run.inter_token.count(), 7);
}

// Pages for the drafts ahead: 16 tokens in one page, prompt 10, output 5: 14 stored, and 3 drafts need a
// second page.
TEST(SpeculativeRun, NeedsPagesForDrafts) {
  RoundTimer timer(Seconds(0.010), Seconds{});
  RunPlan plan = roomy_plan();
  plan.scheduler.speculation = Speculation{.acceptance = {0, 0, 0}};
  plan.scheduler.kv_pages = 1;
  ListSource one({request(0, 10, 5)});
  EXPECT_EQ(run_leaping(plan, timer, one).totals.rejected, 1);
  plan.scheduler.kv_pages = 2;
  ListSource two({request(0, 10, 5)});
  const RunRecord run = run_leaping(plan, timer, two);
  EXPECT_EQ(run.totals.completed, 1);
  EXPECT_EQ(run.replicas[0].kv_peak_blocks, 2);
}

// Target 10 ms a step and 1 ms a token, draft 2 ms and 0.5 ms. A prompt of 6: 16 + 5 = 21 ms. Two sequences
// with 3 drafts: the target as it counts them (this timer: 12 ms) and three draft steps of 3 ms.
TEST(SpeculativeTimer, AddsDraftStepsToTheVerification) {
  const auto timer = with_drafts(std::make_unique<RoundTimer>(Seconds(0.010), Seconds(0.001)),
                                 std::make_unique<RoundTimer>(Seconds(0.002), Seconds(0.0005)), 3);
  const std::vector<PrefillChunk> prompt{{.new_tokens = 6, .emits = true}};
  const StepCost prefill = timer->cost_of({.prefill = prompt});
  EXPECT_DOUBLE_EQ(prefill.duration.base(), 0.021);
  EXPECT_DOUBLE_EQ(prefill.prefill.base(), 0.021);
  const StepCost decode = timer->cost_of({.decode_sequences = 2, .decode_context = 40});
  EXPECT_DOUBLE_EQ(decode.duration.base(), 0.012 + 3 * 0.003);
  EXPECT_DOUBLE_EQ(decode.decode.base(), 0.021);
  EXPECT_DOUBLE_EQ(decode.energy.base(), 4);
}

}  // namespace
}  // namespace mtok::engine
