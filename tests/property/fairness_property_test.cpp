// Fairness between tenants: laws on random scenarios.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "sim/cost/group_cost.hpp"
#include "sim/engine/fair_lanes.hpp"
#include "tests/unit/engine/random_scenario.hpp"

namespace mtok::engine {
namespace {

using testing::between_inclusive;
using testing::draw_scenario;
using testing::draw_scenario_with_tenants;
using testing::ListSource;
using testing::RandomScenario;
using testing::request;
using testing::roomy_plan;
using testing::RoundTimer;

constexpr std::uint64_t kScenarios = 1000;

double service_of(const RequestRecord& r) {
  return static_cast<double>(r.input_tokens * FairLanes::kInputToken +
                             r.output_tokens * FairLanes::kOutputToken);
}

// Two tenants who both have requests waiting, one seat: whenever a request begins, the service that each has
// had by its weight differs by no more than one request's, and so do tokens in the end.
TEST(FairnessProperty, BackloggedTenantsAreServedByWeight) {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    workload::Random random(seed);
    RoundTimer timer{Seconds(0.010), Seconds(0.001)};
    RunPlan plan = roomy_plan();
    plan.scheduler.max_num_seqs = 1;
    plan.tenants = {"light", "heavy"};
    plan.scheduler.tenant_weights = {1, 3, 1};
    std::vector<workload::Request> requests;
    for (int i = 0; i < 200; ++i) {
      requests.push_back(request(0, between_inclusive(random, 1, 60), between_inclusive(random, 1, 60)));
      requests.back().tenant = plan.tenants[static_cast<std::size_t>(i % 2)];
    }
    ListSource source(requests);
    RunRecord run = run_leaping(plan, timer, source);
    std::sort(run.requests.begin(), run.requests.end(),
              [](const RequestRecord& x, const RequestRecord& y) { return x.scheduled < y.scheduled; });
    std::array<double, 2> served{};
    std::array<int, 2> left{100, 100};
    constexpr double kLargest = 60 + 2 * 60;
    constexpr double kOfWeights = 1e-4;  // weights are whole numbers of 2^-20 inside
    for (const RequestRecord& r : run.requests) {
      const auto tenant = static_cast<std::size_t>(r.tenant);
      served.at(tenant) += service_of(r);
      left.at(tenant) -= 1;
      if (left[0] == 0 || left[1] == 0) {
        break;
      }
      ASSERT_LE(std::abs(served[0] / 1 - served[1] / 3), kLargest * (1 + kOfWeights)) << "seed " << seed;
    }
    EXPECT_EQ(left[1], 0) << "the heavy one is through first";
  }
}

// With one tenant, and with nobody named, the schedule is that of first come, first served.
TEST(FairnessProperty, OneTenantIsFirstComeFirstServed) {
  for (std::uint64_t seed = 1; seed <= kScenarios; ++seed) {
    RandomScenario s = draw_scenario(seed);
    s.plan.scheduler.batch_wait_timeout_iters = 0;
    const RunRecord fcfs = s.run(run_leaping);
    s.plan.tenants = {"a"};
    s.plan.scheduler.tenant_weights = {seed % 2 == 0 ? 1.0 : 7.0, 1.0};
    for (workload::Request& r : s.requests) {
      r.tenant = seed % 3 == 0 ? "" : "a";
    }
    const RunRecord fair = s.run(run_leaping);
    ASSERT_EQ(fcfs.makespan, fair.makespan) << "seed " << seed;
    for (std::size_t i = 0; i < fcfs.requests.size(); ++i) {
      ASSERT_EQ(fcfs.requests[i].scheduled, fair.requests[i].scheduled) << "seed " << seed;
      ASSERT_EQ(fcfs.requests[i].last_token, fair.requests[i].last_token) << "seed " << seed;
    }
  }
}

// Whoever is next, everybody is served in the end; tenants add up to the whole, what they pay and idle to the
// bill.
TEST(FairnessProperty, TenantsAddUp) {
  for (std::uint64_t seed = 1; seed <= kScenarios; ++seed) {
    const RandomScenario s = draw_scenario_with_tenants(seed);
    const RunRecord run = s.run(run_leaping);
    if (run.tenants.empty()) {
      continue;
    }
    const cost::Bill bill =
        cost::make_bill(run, {.per_device = usd_per_hour(2.5)}, {.per_device = usd_per_hour(4)});
    std::vector<cost::GroupShares> shares;
    RequestTotals sum;
    for (const RequestTotals& tenant : run.tenants) {
      shares.push_back(cost::group_shares({}, tenant));
      sum.merge(tenant);
    }
    Money paid = bill.parts.idle;
    for (const cost::GroupCost& group : cost::split_by_group(bill, shares)) {
      paid += group.sum();
    }
    ASSERT_EQ(paid, bill.total) << "seed " << seed;
    ASSERT_EQ(sum.completed, run.totals.completed) << "seed " << seed;
    ASSERT_EQ(sum.output_tokens, run.totals.output_tokens) << "seed " << seed;
    ASSERT_EQ(run.totals.completed + run.totals.rejected, run.totals.offered) << "seed " << seed;
  }
}

}  // namespace
}  // namespace mtok::engine
