// Measures groups of the requests of a run, and what they pay.
#include "sim/planner/run.hpp"

#include <algorithm>

#include "sim/cost/group_cost.hpp"

namespace mtok::planner {
namespace {

/// What was spent on the group, and with its share of what is nobody's.
void set_cost(RequestGroup& group, const cost::GroupCost& cost, const engine::RequestTotals& totals,
              const cost::Bill& bill) {
  group.cost = cost;
  group.per_token = cost::per_token_of(cost.sum(), totals);
  const Money work = bill.total - bill.parts.idle;
  if (group.per_token && work > Money{}) {
    group.per_token_with_idle = *group.per_token * (bill.total.usd() / work.usd());
  }
}

}  // namespace

void measure_groups(RunResult& result) {
  if (!result.run.batch) {
    return;
  }
  const cost::AllocationRule& rule = result.scenario.prices.allocation;
  const engine::RequestTotals& batch = *result.run.batch;
  const cost::GroupShares of_batch = cost::group_shares(rule, batch);
  cost::GroupShares others = cost::group_shares(rule, result.run.totals);
  for (std::size_t kind = 0; kind < others.size(); ++kind) {
    others.at(kind) = std::max(0.0, others.at(kind) - of_batch.at(kind));
  }
  const std::vector<cost::GroupCost> costs = cost::split_by_group(result.bill, {others, of_batch});
  result.batch = {.name = "batch", .metrics = engine::measure(batch, {})};
  set_cost(*result.batch, costs[1], batch, result.bill);
}

}  // namespace mtok::planner
