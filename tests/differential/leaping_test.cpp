// The leaping engine must give the stepwise engine's run: times, tokens, blocks, preemptions and money.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "sim/cost/bill.hpp"
#include "sim/engine/metrics.hpp"
#include "tests/unit/engine/random_scenario.hpp"

namespace mtok::engine {
namespace {

using testing::draw_scenario_with_adapters;
using testing::RandomScenario;

/// Sums of doubles in another order.
constexpr double kRounding = 1e-9;

void expect_same_requests(const RunRecord& a, const RunRecord& b) {
  ASSERT_EQ(a.requests.size(), b.requests.size());
  for (std::size_t i = 0; i < a.requests.size(); ++i) {
    SCOPED_TRACE("request " + std::to_string(i));
    const RequestRecord& x = a.requests[i];
    const RequestRecord& y = b.requests[i];
    ASSERT_EQ(x.outcome, y.outcome);
    ASSERT_EQ(x.replica, y.replica);
    ASSERT_EQ(x.arrival, y.arrival);
    ASSERT_EQ(x.scheduled, y.scheduled);
    ASSERT_EQ(x.first_token, y.first_token);
    ASSERT_EQ(x.last_token, y.last_token);
    ASSERT_EQ(x.preemptions, y.preemptions);
    ASSERT_EQ(x.cached_input_tokens, y.cached_input_tokens);
    ASSERT_EQ(x.output_tokens, y.output_tokens);
    ASSERT_EQ(x.prefill_time, y.prefill_time);
    ASSERT_EQ(x.cached_time, y.cached_time);
    ASSERT_EQ(x.decode_time, y.decode_time);
  }
}

void expect_same_replicas(const RunRecord& a, const RunRecord& b) {
  ASSERT_EQ(a.replicas.size(), b.replicas.size());
  for (std::size_t i = 0; i < a.replicas.size(); ++i) {
    SCOPED_TRACE("replica " + std::to_string(i));
    const ReplicaRecord& x = a.replicas[i];
    const ReplicaRecord& y = b.replicas[i];
    ASSERT_EQ(x.phases.prefill_ns, y.phases.prefill_ns);
    ASSERT_EQ(x.phases.cached_ns, y.phases.cached_ns);
    ASSERT_EQ(x.phases.decode_ns, y.phases.decode_ns);
    ASSERT_EQ(x.steps, y.steps);
    ASSERT_EQ(x.kv_peak_blocks, y.kv_peak_blocks);
    ASSERT_EQ(x.kv_pages_taken, y.kv_pages_taken);
    ASSERT_EQ(x.kv_pages_freed, y.kv_pages_freed);
    ASSERT_EQ(x.kv_pages_held, y.kv_pages_held);
    ASSERT_EQ(x.unpaid_ns, y.unpaid_ns);
    ASSERT_EQ(x.provisioning_ns, y.provisioning_ns);
    ASSERT_EQ(x.standby_ns, y.standby_ns);
    ASSERT_EQ(x.down_ns, y.down_ns);
    ASSERT_EQ(x.lost_ns, y.lost_ns);
    ASSERT_EQ(x.adapter_loads, y.adapter_loads);
    ASSERT_EQ(x.adapter_fetches, y.adapter_fetches);
    ASSERT_NEAR(x.energy.base(), y.energy.base(), kRounding * x.energy.base());
    ASSERT_NEAR(x.compute_bound.base(), y.compute_bound.base(), kRounding * x.compute_bound.base());
    ASSERT_NEAR(x.memory_bound.base(), y.memory_bound.base(), kRounding * x.memory_bound.base());
  }
}

void expect_same(const RunRecord& a, const RunRecord& b) {
  ASSERT_NO_FATAL_FAILURE(expect_same_requests(a, b));
  ASSERT_NO_FATAL_FAILURE(expect_same_replicas(a, b));
  ASSERT_EQ(a.makespan, b.makespan);
  ASSERT_EQ(a.totals.preemptions, b.totals.preemptions);
  ASSERT_EQ(a.prefix_queried_tokens, b.prefix_queried_tokens);
  ASSERT_EQ(a.prefix_hit_tokens, b.prefix_hit_tokens);
  ASSERT_EQ(a.prefix_hit_blocks, b.prefix_hit_blocks);
  ASSERT_EQ(a.prefix_tier_tokens, b.prefix_tier_tokens);
  ASSERT_EQ(a.inter_token.count(), b.inter_token.count());
  ASSERT_EQ(a.inter_token.mean(), b.inter_token.mean());
  ASSERT_EQ(a.inter_token.max(), b.inter_token.max());
  for (const double q : {0.01, 0.25, 0.5, 0.9, 0.99, 1.0}) {
    ASSERT_EQ(a.inter_token.quantile(q), b.inter_token.quantile(q)) << q;
  }
  ASSERT_EQ(a.decode_pool.has_value(), b.decode_pool.has_value());
  if (a.decode_pool) {
    ASSERT_EQ(a.decode_pool->transfers, b.decode_pool->transfers);
    ASSERT_EQ(a.decode_pool->pages_moved, b.decode_pool->pages_moved);
    ASSERT_EQ(a.decode_pool->transfer_time, b.decode_pool->transfer_time);
  }
  ASSERT_EQ(a.batch.has_value(), b.batch.has_value());
  if (a.batch) {
    ASSERT_EQ(a.batch->completed, b.batch->completed);
    ASSERT_EQ(a.batch->preemptions, b.batch->preemptions);
    ASSERT_EQ(a.batch->ttft.distribution().mean, b.batch->ttft.distribution().mean);
  }
  ASSERT_EQ(a.tenants.size(), b.tenants.size());
  for (std::size_t i = 0; i < a.tenants.size(); ++i) {
    ASSERT_EQ(a.tenants[i].billed_output_tokens, b.tenants[i].billed_output_tokens);
    ASSERT_EQ(a.tenants[i].ttft.distribution().mean, b.tenants[i].ttft.distribution().mean);
  }
  ASSERT_EQ(a.elastic.has_value(), b.elastic.has_value());
  if (a.elastic) {
    ASSERT_EQ(a.elastic->scaled_up, b.elastic->scaled_up);
    ASSERT_EQ(a.elastic->scaled_down, b.elastic->scaled_down);
    ASSERT_EQ(a.elastic->failures, b.elastic->failures);
    ASSERT_EQ(a.elastic->takeovers, b.elastic->takeovers);
    ASSERT_EQ(a.elastic->requeued, b.elastic->requeued);
    ASSERT_EQ(a.elastic->lost_tokens, b.elastic->lost_tokens);
    ASSERT_EQ(a.elastic->most_serving, b.elastic->most_serving);
    ASSERT_EQ(a.elastic->least_serving, b.elastic->least_serving);
  }
  const cost::Price price{.per_device = usd_per_hour(2.5)};
  const cost::Price decode_price{.per_device = usd_per_hour(4)};
  const cost::Bill x = cost::make_bill(a, price, decode_price);
  const cost::Bill y = cost::make_bill(b, price, decode_price);
  ASSERT_EQ(x.total, y.total);
  ASSERT_EQ(x.per_request, y.per_request);
}

/// Interactive requests that began after a later one of another tenant on the same replica.
std::int64_t count_overtaken(const RunRecord& run) {
  std::int64_t count = 0;
  for (std::size_t i = 0; i + 1 < run.requests.size(); ++i) {
    const RequestRecord& x = run.requests[i];
    count += std::any_of(run.requests.begin() + static_cast<std::ptrdiff_t>(i) + 1, run.requests.end(),
                         [&](const RequestRecord& y) {
                           return x.replica == y.replica && x.tenant != y.tenant && !x.batch && !y.batch &&
                                  y.arrival > x.arrival && y.scheduled < x.scheduled;
                         })
                 ? 1
                 : 0;
  }
  return count;
}

constexpr std::uint64_t kScenarios = 10'000;

TEST(LeapingVsStepwise, SameRunOfRandomScenarios) {
  std::int64_t preemptions = 0;
  std::int64_t hits = 0;
  std::int64_t tier_hits = 0;
  std::int64_t transfers = 0;
  std::int64_t scaled = 0;
  std::int64_t requeued = 0;
  std::int64_t yielded = 0;
  std::int64_t yielded_later = 0;
  std::int64_t yielded_to_batches = 0;
  std::int64_t takeovers = 0;
  std::int64_t overtaken = 0;
  std::int64_t fair_transfers = 0;
  std::int64_t loads = 0;
  for (std::uint64_t seed = 1; seed <= kScenarios; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    const RandomScenario s = draw_scenario_with_adapters(seed);
    const RunRecord stepwise = s.run(run_stepwise);
    ASSERT_NO_FATAL_FAILURE(expect_same(stepwise, s.run(run_leaping)));
    preemptions += stepwise.totals.preemptions;
    hits += stepwise.prefix_hit_tokens;
    tier_hits += stepwise.prefix_tier_tokens[0] + stepwise.prefix_tier_tokens[1];
    const ElasticRecord elastic = stepwise.elastic.value_or(ElasticRecord{});
    scaled += elastic.scaled_up + elastic.scaled_down;
    requeued += elastic.requeued;
    const std::int64_t yields = stepwise.batch ? stepwise.batch->preemptions : 0;
    const SchedulerConfig& scheduler = s.plan.scheduler;
    yielded += yields;
    yielded_later += scheduler.scheduler_recv_interval > 1 || scheduler.schedules_ahead ? yields : 0;
    yielded_to_batches += scheduler.batch_wait_timeout_iters > 0 ? yields : 0;
    takeovers += elastic.takeovers;
    for (const ReplicaRecord& replica : stepwise.replicas) {
      loads += replica.adapter_loads;
    }
    overtaken += scheduler.tenant_weights.empty() ? 0 : count_overtaken(stepwise);
    const std::int64_t moved = stepwise.decode_pool ? stepwise.decode_pool->transfers : 0;
    transfers += moved;
    fair_transfers += moved > 0 && !s.plan.decode_pool->scheduler.tenant_weights.empty() ? moved : 0;
  }
  EXPECT_GT(preemptions, 5'000) << "the scenarios are meant to be tight";
  EXPECT_GT(hits, 10'000);
  EXPECT_GT(tier_hits, 10'000);
  EXPECT_GT(transfers, 10'000);
  EXPECT_GT(fair_transfers, 1'000) << "to decode pools in which tenants take turns";
  EXPECT_GT(scaled, 3'000);
  EXPECT_GT(requeued, 5'000);
  EXPECT_GT(takeovers, 500);
  EXPECT_GT(loads, 8'000);
  EXPECT_GT(overtaken, 500) << "by tenants who were served less";
  EXPECT_GT(yielded, 2'000);
  EXPECT_GT(yielded_later, 500) << "to requests that lay in the inbox";
  EXPECT_GT(yielded_to_batches, 100) << "to batches that were waited for";
}

// Stopped after each number of requests: what was begun is paid for, and no further.
TEST(LeapingVsStepwise, SameRunWhenStopped) {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    RandomScenario s = draw_scenario_with_adapters(seed);
    const std::vector<workload::Request> once = s.requests;
    while (s.requests.size() < 400) {
      const std::int64_t shift = s.requests.back().arrival_ns;
      for (workload::Request r : once) {
        r.arrival_ns += shift;
        s.requests.push_back(std::move(r));
      }
    }
    const auto stop = [](std::int64_t, SimTime) { return false; };
    const RunRecord stepwise = s.run(run_stepwise, stop);
    ASSERT_NO_FATAL_FAILURE(expect_same(stepwise, s.run(run_leaping, stop)));
  }
}

}  // namespace
}  // namespace mtok::engine
