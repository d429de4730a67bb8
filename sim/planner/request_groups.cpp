// Measures groups of the requests of a run, and what they pay.
#include "sim/planner/run.hpp"

#include <algorithm>

#include "sim/cost/group_cost.hpp"

namespace mtok::planner {
namespace {

/// What was spent on the group, and with its share of what is nobody's.
void set_cost(RequestGroup& group, const cost::GroupCost& cost, const engine::RequestTotals& totals,
              const RunResult& result) {
  const cost::Bill& bill = result.bill;
  const engine::RequestTotals& whole = result.run.totals;
  group.cost = cost;
  const auto all = static_cast<double>(cost::billed_tokens(whole));
  group.token_share = all > 0 ? static_cast<double>(cost::billed_tokens(totals)) / all : 0;
  group.per_token = cost::per_token_of(cost.sum(), totals);
  const Money work = bill.total - bill.parts.idle;
  if (group.per_token && work > Money{}) {
    group.per_token_with_idle = *group.per_token * (bill.total.usd() / work.usd());
  }
}

void measure_batch(RunResult& result) {
  const cost::AllocationRule& rule = result.scenario.prices.allocation;
  const engine::RequestTotals& batch = *result.run.batch;
  const cost::GroupShares of_batch = cost::group_shares(rule, batch);
  cost::GroupShares others = cost::group_shares(rule, result.run.totals);
  for (std::size_t kind = 0; kind < others.size(); ++kind) {
    others.at(kind) = std::max(0.0, others.at(kind) - of_batch.at(kind));
  }
  const std::vector<cost::GroupCost> costs = cost::split_by_group(result.bill, {others, of_batch});
  result.batch = {.name = "batch", .metrics = engine::measure(batch, {})};
  set_cost(*result.batch, costs[1], batch, result);
}

std::vector<cost::GroupCost> costs_of_tenants(const RunResult& result) {
  std::vector<cost::GroupShares> shares;
  for (const engine::RequestTotals& totals : result.run.tenants) {
    shares.push_back(cost::group_shares(result.scenario.prices.allocation, totals));
  }
  return cost::split_by_group(result.bill, shares);
}

/// What they pay in all pools together.
std::vector<cost::GroupCost> costs_of_tenants_in(const std::vector<RunResult>& pools) {
  std::vector<cost::GroupCost> costs(pools.front().tenants.size());
  for (const RunResult& pool : pools) {
    for (std::size_t i = 0; i < costs.size(); ++i) {
      const cost::GroupCost& more = pool.tenants[i].cost;
      costs[i] = {.input = costs[i].input + more.input,
                  .cached_input = costs[i].cached_input + more.cached_input,
                  .output = costs[i].output + more.output};
    }
  }
  return costs;
}

void measure_tenants(RunResult& result) {
  const std::vector<cost::GroupCost> costs =
      result.pools.empty() ? costs_of_tenants(result) : costs_of_tenants_in(result.pools);
  result.tenants.clear();
  for (std::size_t i = 0; i < costs.size(); ++i) {
    const engine::RequestTotals& totals = result.run.tenants[i];
    const bool named = i < result.scenario.tenants.size();
    RequestGroup group{.name = named ? result.scenario.tenants[i].name : "others",
                       .weight = named ? result.scenario.tenants[i].weight : kWeightOfOthers,
                       .metrics = engine::measure(totals, {})};
    set_cost(group, costs[i], totals, result);
    result.tenants.push_back(std::move(group));
  }
}

}  // namespace

void measure_groups(RunResult& result) {
  if (result.run.batch) {
    measure_batch(result);
  }
  if (!result.run.tenants.empty()) {
    measure_tenants(result);
  }
}

}  // namespace mtok::planner
