// The reference engine does what vLLM's scheduler does, on schedules small enough to work out by hand.
#include <gtest/gtest.h>

#include "tests/unit/engine/fakes.hpp"

namespace mtok::engine {
namespace {

using testing::ListSource;
using testing::request;
using testing::roomy_plan;
using testing::RoundTimer;

constexpr std::int64_t kMs = 1'000'000;

std::int64_t ms(SimTime t) {
  return nanoseconds(t) / kMs;
}

// 10 ms a step, 1 ms a token. Prompt of 5: 15 ms to the first token; then two decodes of 11 ms: 26, 37.
TEST(StepwiseEngine, RunsOneRequest) {
  RoundTimer timer(Seconds(0.010), Seconds(0.001));
  ListSource source({request(0, 5, 3)});
  const RunRecord run = run_stepwise(roomy_plan(), timer, source);
  ASSERT_EQ(run.requests.size(), 1U);
  const RequestRecord& r = run.requests[0];
  EXPECT_EQ(r.outcome, Outcome::completed);
  EXPECT_EQ(ms(r.scheduled), 0);
  EXPECT_EQ(ms(r.first_token), 15);
  EXPECT_EQ(ms(r.last_token), 37);
  EXPECT_EQ(r.output_tokens, 3);
  EXPECT_EQ(ms(run.makespan), 37);
  EXPECT_EQ(run.replicas[0].steps, 3);
  EXPECT_EQ(run.phases().prefill_ns, 15 * kMs);
  EXPECT_EQ(run.phases().decode_ns, 22 * kMs);
}

// Budget 4, prompt 10: chunks 4, 4, 2 take 14, 14, 12 ms: first token at 40.
TEST(StepwiseEngine, SplitsAPromptIntoChunks) {
  RoundTimer timer(Seconds(0.010), Seconds(0.001));
  ListSource source({request(0, 10, 1)});
  RunPlan plan = roomy_plan();
  plan.scheduler.max_num_batched_tokens = 4;
  const RunRecord run = run_stepwise(plan, timer, source);
  EXPECT_EQ(ms(run.requests[0].first_token), 40);
  EXPECT_EQ(run.replicas[0].steps, 3);
}

// A (prompt 2, output 3) decodes while B (prompt 6) is prefilled with what the budget of 4 leaves: decodes
// come first. step 1: A prefill 2, B chunk 2 (budget 4): 14 -> A's first token. step 2: A decode 1, B chunk
// 3: 14 -> 28.   step 3: A decode 1, B chunk 1: 12 -> 40, both emit; A is done.
TEST(StepwiseEngine, DecodesComeFirst) {
  RoundTimer timer(Seconds(0.010), Seconds(0.001));
  ListSource source({request(0, 2, 3), request(0, 6, 1)});
  RunPlan plan = roomy_plan();
  plan.scheduler.max_num_batched_tokens = 4;
  const RunRecord run = run_stepwise(plan, timer, source);
  EXPECT_EQ(ms(run.requests[0].first_token), 14);
  EXPECT_EQ(ms(run.requests[0].last_token), 40);
  EXPECT_EQ(ms(run.requests[1].first_token), 40);
}

// Without chunked prefill B's prompt of 6 waits until the budget of 6 is free of A's decodes: A decodes alone
// in steps 2 and 3 (11 ms each), then B. A: 12, 23, 34. B: 34 + 16 = 50.
TEST(StepwiseEngine, WithoutChunkedPrefillAPromptWaitsForRoom) {
  RoundTimer timer(Seconds(0.010), Seconds(0.001));
  ListSource source({request(0, 2, 3), request(0, 6, 1)});
  RunPlan plan = roomy_plan();
  plan.scheduler.max_num_batched_tokens = 6;
  plan.scheduler.enable_chunked_prefill = false;
  const RunRecord run = run_stepwise(plan, timer, source);
  EXPECT_EQ(ms(run.requests[0].last_token), 34);
  EXPECT_EQ(ms(run.requests[1].first_token), 50);
}

// max_num_seqs 1: the second request starts when the first has ended.
TEST(StepwiseEngine, KeepsMaxNumSeqs) {
  RoundTimer timer(Seconds(0.010), Seconds{});
  ListSource source({request(0, 1, 2), request(0, 1, 1)});
  RunPlan plan = roomy_plan();
  plan.scheduler.max_num_seqs = 1;
  const RunRecord run = run_stepwise(plan, timer, source);
  EXPECT_EQ(ms(run.requests[1].scheduled), 20);
  EXPECT_EQ(ms(run.requests[1].last_token), 30);
}

// Pool of 3 blocks of 16. A and B start with one full block each (prompt 16). Their first tokens need a
// second block each: A takes the last one, B (admitted last) is preempted, loses its block and starts again
// when A (output 3) has ended.
TEST(StepwiseEngine, PreemptsTheLastAdmitted) {
  RoundTimer timer(Seconds(0.010), Seconds{});
  ListSource source({request(0, 16, 3), request(0, 16, 3)});
  RunPlan plan = roomy_plan();
  plan.scheduler.kv_pages = 3;
  const RunRecord run = run_stepwise(plan, timer, source);
  EXPECT_EQ(run.requests[0].preemptions, 0);
  EXPECT_EQ(run.requests[1].preemptions, 1);
  EXPECT_EQ(ms(run.requests[0].last_token), 30);
  // B emitted one token at 10; it is computed anew (17 tokens, 2 blocks) from 30 and emits at 40 and 50.
  EXPECT_EQ(ms(run.requests[1].first_token), 10);
  EXPECT_EQ(ms(run.requests[1].last_token), 50);
  EXPECT_EQ(run.requests[1].output_tokens, 3);
  EXPECT_EQ(run.totals.preemptions, 1);
}

// 3 blocks of 16 hold 48 tokens, the last token is never stored: 48 + 1 fits, 48 + 2 does not.
TEST(StepwiseEngine, RejectsWhatCanNeverFit) {
  RoundTimer timer(Seconds(0.010), Seconds{});
  ListSource source({request(0, 48, 2), request(0, 48, 1)});
  RunPlan plan = roomy_plan();
  plan.scheduler.kv_pages = 3;
  const RunRecord run = run_stepwise(plan, timer, source);
  EXPECT_EQ(run.requests[0].outcome, Outcome::rejected);
  EXPECT_EQ(run.requests[1].outcome, Outcome::completed);
}

// Two equal prompts of 64 tokens under the same ids; the second comes when the first is done: 48 tokens are
// skipped. 10 ms + 16 tokens * 1 ms = 26 ms.
TEST(StepwiseEngine, SkipsWhatThePrefixCacheHas) {
  RoundTimer timer(Seconds(0.010), Seconds(0.001));
  ListSource source({request(0, 64, 1, {1, 2}), request(1, 64, 1, {1, 2})}, 32);
  RunPlan plan = roomy_plan();
  plan.scheduler.prefix_hash_block_size = 32;
  const RunRecord run = run_stepwise(plan, timer, source);
  EXPECT_EQ(run.requests[1].cached_input_tokens, 48);
  EXPECT_EQ(ms(run.requests[1].first_token), 1026);
  EXPECT_EQ(run.prefix_queried_tokens, 128);
  EXPECT_EQ(run.prefix_hit_tokens, 48);
  EXPECT_EQ(run.prefix_hit_blocks, 2);
}

// Two clients, four requests of 10 ms each: two at a time in one batch, so 20 ms.
TEST(StepwiseEngine, ClosedLoadSendsTheNextWhenOneIsDone) {
  RoundTimer timer(Seconds(0.010), Seconds{});
  ListSource source({request(5, 1, 1), request(6, 1, 1), request(7, 1, 1), request(8, 1, 1)});
  RunPlan plan = roomy_plan();
  plan.load = {.kind = Load::Kind::closed, .concurrency = 2};
  const RunRecord run = run_stepwise(plan, timer, source);
  EXPECT_EQ(ms(run.makespan), 20);
  EXPECT_EQ(ms(run.requests[2].arrival), 10);
}

TEST(StepwiseEngine, OfflineLoadQueuesEverythingAtZero) {
  RoundTimer timer(Seconds(0.010), Seconds{});
  ListSource source({request(5, 1, 1), request(6, 1, 1), request(7, 1, 1)});
  RunPlan plan = roomy_plan();
  plan.load.kind = Load::Kind::offline;
  EXPECT_EQ(ms(run_stepwise(plan, timer, source).makespan), 10);
}

// Round robin sends 0, 1, 0, 1; least loaded sends the third request to the replica that is free.
TEST(StepwiseEngine, RoutersChooseAsNamed) {
  const std::vector<workload::Request> requests{request(0, 1, 10), request(0, 1, 1), request(0.05, 1, 1),
                                                request(0.06, 1, 1)};
  RunPlan plan = roomy_plan();
  plan.replicas = 2;
  RoundTimer timer(Seconds(0.010), Seconds{});
  plan.router = Router::round_robin;
  ListSource in_turn(requests);
  const RunRecord round_robin = run_stepwise(plan, timer, in_turn);
  EXPECT_EQ(round_robin.requests[2].replica, 0);
  EXPECT_EQ(round_robin.requests[3].replica, 1);
  plan.router = Router::least_loaded;
  ListSource by_load(requests);
  const RunRecord least_loaded = run_stepwise(plan, timer, by_load);
  EXPECT_EQ(least_loaded.requests[2].replica, 1);
  EXPECT_EQ(least_loaded.requests[3].replica, 1)
      << "free again at 0.06 s, and steps end before requests arrive";
}

// A step that has begun is paid for: stopping after the first 256 requests keeps their rows and marks the
// rest.
TEST(StepwiseEngine, StopsWhenAskedAndKeepsWhatIsDone) {
  RoundTimer timer(Seconds(0.010), Seconds{});
  ListSource source(std::vector<workload::Request>(1000, request(0, 1, 1)));
  RunPlan plan = roomy_plan();
  plan.load.kind = Load::Kind::offline;
  const RunRecord run = run_stepwise(plan, timer, source, [](std::int64_t, SimTime) { return false; });
  EXPECT_TRUE(run.cancelled);
  EXPECT_EQ(run.requests.front().outcome, Outcome::completed);
  EXPECT_EQ(run.requests.back().outcome, Outcome::unfinished);
}

// Pool of 4 blocks of 16; each request grows to 16 + 20 - 1 = 35 tokens, 3 blocks. With the whole output
// reserved (16 + 20 tokens, 3 blocks) only one runs at a time: the second starts when the first ends, after
// 20 steps, and nobody is preempted.
TEST(StepwiseEngine, ReservesRoomForOutputsWhenAsked) {
  RoundTimer timer(Seconds(0.010), Seconds{});
  ListSource source({request(0, 16, 20), request(0, 16, 20)});
  RunPlan plan = roomy_plan();
  plan.scheduler.kv_pages = 4;
  plan.scheduler.output_reserve = 1;
  const RunRecord run = run_stepwise(plan, timer, source);
  EXPECT_EQ(run.totals.preemptions, 0);
  EXPECT_EQ(ms(run.requests[0].last_token), 200);
  EXPECT_EQ(ms(run.requests[1].scheduled), 200);
}

// The second request arrives during the first step of 10 ms. Mixed, its prompt joins the second step, and the
// first request has its three tokens at 10, 20 and 30 ms. Not mixed, the second step holds the prompt alone.
TEST(StepwiseEngine, PromptsGoAloneWhenBatchesAreNotMixed) {
  for (const bool mixed : {true, false}) {
    RoundTimer timer(Seconds(0.010), Seconds{});
    ListSource source({request(0, 1, 3), request(0.005, 1, 1)});
    RunPlan plan = roomy_plan();
    plan.scheduler.mixed_batches = mixed;
    const RunRecord run = run_stepwise(plan, timer, source);
    EXPECT_EQ(ms(run.requests[1].first_token), 20);
    EXPECT_EQ(ms(run.requests[0].last_token), mixed ? 30 : 40);
  }
}

// A prompt of two chunks is computed to its end before anybody decodes.
TEST(StepwiseEngine, ABegunPromptGoesOnBeforeDecodesWhenBatchesAreNotMixed) {
  RoundTimer timer(Seconds(0.010), Seconds{});
  ListSource source({request(0, 1, 2), request(0.005, 20, 1)});
  RunPlan plan = roomy_plan();
  plan.scheduler.mixed_batches = false;
  plan.scheduler.max_num_batched_tokens = 10;
  const RunRecord run = run_stepwise(plan, timer, source);
  EXPECT_EQ(ms(run.requests[1].first_token), 30);
  EXPECT_EQ(ms(run.requests[0].last_token), 40);
}

// 5 ms from arrival to the scheduler, then one step of 10 ms; the wait counts.
TEST(StepwiseEngine, ARequestIsSeenAfterItsOverhead) {
  RoundTimer timer(Seconds(0.010), Seconds{});
  ListSource source({request(0, 1, 1), request(0.001, 1, 1)});
  RunPlan plan = roomy_plan();
  plan.request_overhead = Seconds(0.005);
  const RunRecord run = run_stepwise(plan, timer, source);
  EXPECT_EQ(ms(run.requests[0].scheduled), 5);
  EXPECT_EQ(ms(run.requests[0].first_token), 15);
  EXPECT_EQ(ms(run.requests[1].scheduled), 15);
}

// One step of 10 ms, then idle until the second arrival at 1 s: 990 ms at 100 W and two steps of 1 J.
TEST(StepwiseEngine, IdleTimeTakesIdlePower) {
  RoundTimer timer(Seconds(0.010), Seconds{});
  ListSource source({request(0, 1, 1), request(1, 1, 1)});
  const RunRecord run = run_stepwise(roomy_plan(), timer, source);
  EXPECT_NEAR(run.replicas[0].energy.base(), 99 + 2, 1e-9);
}

}  // namespace
}  // namespace mtok::engine
