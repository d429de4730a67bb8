// The batch tier yields: laws on random scenarios.
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/unit/engine/random_scenario.hpp"

namespace mtok::engine {
namespace {

using testing::draw_scenario;
using testing::RandomScenario;

constexpr std::uint64_t kScenarios = 3000;

/// The longest step of a run.
class LongestStep final : public RunObserver {
 public:
  void step_ended(const StepNote& note) override {
    longest_ns = std::max(longest_ns, nanoseconds(note.end) - nanoseconds(note.start));
  }
  std::int64_t longest_ns = 0;
};

/// Room for all interactive requests at once, none for all of the batch tier.
RandomScenario crowded_by_batch(std::uint64_t seed) {
  RandomScenario s = draw_scenario(seed);
  workload::Random random(seed + (1ULL << 40U));
  SchedulerConfig& c = s.plan.scheduler;
  std::int64_t interactive = 0;
  std::int64_t tokens = 0;
  std::int64_t longest = 0;
  for (workload::Request& r : s.requests) {
    r.batch = random.below(4) != 0;
    r.input_tokens = std::min<std::int64_t>(r.input_tokens, 60);
    r.output_tokens = std::min<std::int64_t>(r.output_tokens, 60);
    r.hash_ids.clear();
    interactive += r.batch ? 0 : 1;
    tokens += r.batch ? 0 : r.input_tokens + r.output_tokens;
    longest = std::max(longest, r.input_tokens + r.output_tokens);
  }
  s.plan.decode_pool.reset();
  s.plan.autoscaler.reset();
  s.plan.failures.reset();
  s.plan.replicas = 1;
  s.plan.request_overhead = {};
  s.plan.load = {};
  c.speculation.reset();
  c.output_reserve = 0;
  c.mixed_batches = true;
  c.scheduler_recv_interval = 1;
  c.schedules_ahead = false;
  c.batch_wait_timeout_iters = 0;
  c.max_model_len = 200;
  c.max_num_seqs = interactive + 1;
  c.max_num_batched_tokens = tokens + 2 * interactive + 60;
  // A block more for each sequence, once for what it has and once for what must be left for its next token.
  c.kv_pages =
      (tokens / c.kv_geometry.block_size + 3 * (interactive + 1) + longest) * c.kv_geometry.pages_per_block();
  return s;
}

// While there is room for every interactive request, each is admitted when the step ends in which it comes,
// whatever the batch tier has taken.
TEST(BatchTierProperty, NeverDelaysAnInteractiveRequestBeyondOneStep) {
  std::int64_t yielded = 0;
  for (std::uint64_t seed = 1; seed <= kScenarios; ++seed) {
    RandomScenario s = crowded_by_batch(seed);
    LongestStep observer;
    s.plan.observer = &observer;
    const RunRecord run = s.run(run_stepwise);
    for (const RequestRecord& r : run.requests) {
      if (!r.batch) {
        ASSERT_EQ(r.outcome, Outcome::completed) << "seed " << seed;
        ASSERT_LE(nanoseconds(r.scheduled) - nanoseconds(r.arrival), observer.longest_ns)
            << "seed " << seed << " request " << r.id;
        ASSERT_EQ(r.preemptions, 0) << "seed " << seed << " request " << r.id;
      }
    }
    yielded += run.batch ? run.batch->preemptions : 0;
  }
  EXPECT_GT(yielded, 100);
}

// A workload of the batch tier alone runs as if it were interactive.
TEST(BatchTierProperty, AloneItIsAnOrdinaryWorkload) {
  for (std::uint64_t seed = 1; seed <= kScenarios; ++seed) {
    RandomScenario s = draw_scenario(seed);
    s.plan.autoscaler.reset();
    s.plan.replicas = std::max<std::int64_t>(1, s.plan.replicas);
    for (workload::Request& r : s.requests) {
      r.batch = false;
    }
    const RunRecord interactive = s.run(run_leaping);
    for (workload::Request& r : s.requests) {
      r.batch = true;
    }
    const RunRecord batch = s.run(run_leaping);
    ASSERT_EQ(interactive.makespan, batch.makespan) << "seed " << seed;
    for (std::size_t i = 0; i < batch.requests.size(); ++i) {
      ASSERT_EQ(interactive.requests[i].last_token, batch.requests[i].last_token) << "seed " << seed;
      ASSERT_EQ(interactive.requests[i].preemptions, batch.requests[i].preemptions) << "seed " << seed;
    }
    ASSERT_EQ(batch.inter_token.count(), 0);
  }
}

}  // namespace
}  // namespace mtok::engine
