// Divides tokens by seconds and joules by tokens.
#include "app/report/figures.hpp"

#include <algorithm>

#include "sim/planner/kv_geometry.hpp"

namespace mtok::report {
namespace {

std::optional<double> quotient(double amount, double by) {
  return by > 0 ? std::optional(amount / by) : std::nullopt;
}

Seconds seconds(std::int64_t ns) {
  return Seconds(static_cast<double>(ns) / 1e9);
}

}  // namespace

Figures figures_of(const planner::RunResult& result) {
  const engine::RunRecord& run = result.run;
  const engine::Metrics& metrics = result.metrics;
  const std::int64_t busy_ns = run.phases().busy_ns();
  Figures f;
  f.devices = planner::devices_of(result);
  f.makespan = seconds(nanoseconds(run.makespan));
  f.replica_time = seconds(run.wall_ns());
  f.busy_time = seconds(busy_ns);
  f.idle_time = seconds(run.wall_ns() - busy_ns);
  f.kv_peak_blocks = planner::peak_blocks_of_first_pool(run);
  f.energy = run.energy();

  const auto output = static_cast<double>(metrics.output_tokens);
  const auto input = static_cast<double>(metrics.input_tokens);
  const double wall = f.makespan.base();
  f.requests_per_s = quotient(static_cast<double>(metrics.completed), wall);
  f.output_tokens_per_s = quotient(output, wall);
  f.total_tokens_per_s = quotient(input + output, wall);
  f.output_tokens_per_s_per_device = quotient(output, planner::paid_device_time(result).base());
  f.goodput_requests_per_s = quotient(static_cast<double>(metrics.within_slo), wall);
  if (result.batch) {
    f.batch_output_tokens_per_s = quotient(static_cast<double>(result.batch->metrics.output_tokens), wall);
  }
  f.busy = quotient(f.busy_time.base(), f.replica_time.base());
  f.idle_share = quotient(result.bill.parts.idle.usd().base(), result.bill.total.usd().base());
  f.joules_per_output_token = quotient(f.energy.base(), output);
  f.prefix_hit_rate =
      quotient(static_cast<double>(run.prefix_hit_tokens), static_cast<double>(run.prefix_queried_tokens));
  std::int64_t provisioning_ns = 0;
  std::int64_t standby_ns = 0;
  std::int64_t down_ns = 0;
  std::int64_t lost_ns = 0;
  for (const engine::ReplicaRecord& replica : run.replicas) {
    provisioning_ns += replica.provisioning_ns;
    standby_ns += replica.standby_ns;
    down_ns += replica.down_ns;
    lost_ns += replica.lost_ns;
  }
  f.provisioning_time = seconds(provisioning_ns);
  f.standby_time = seconds(standby_ns);
  f.down_time = seconds(down_ns);
  f.lost_time = seconds(lost_ns);
  f.mean_replicas = quotient(f.replica_time.base(), wall);
  const engine::RequestTotals& totals = run.totals;
  const double mtok = static_cast<double>(totals.billed_computed_tokens + totals.billed_cached_tokens +
                                          totals.billed_output_tokens) /
                      1e6;
  constexpr double kJoulesPerKwh = 3.6e6;
  f.facility_kwh_per_mtok = quotient(result.footprint.facility.base() / kJoulesPerKwh, mtok);
  f.carbon_kg_per_mtok = quotient(result.footprint.total().kg, mtok);
  // The latencies are those of interactive requests.
  const engine::Metrics batch = result.batch ? result.batch->metrics : engine::Metrics{};
  const std::int64_t completed = metrics.completed - batch.completed;
  f.any_completed = completed > 0;
  f.any_gap = metrics.output_tokens - batch.output_tokens > completed;
  return f;
}

std::vector<TierHits> tier_hits_of(const planner::RunResult& result) {
  std::vector<TierHits> list;
  if (result.scheduler.prefix_hash_block_size == 0) {
    return list;
  }
  const engine::RunRecord& run = result.run;
  std::int64_t in_devices = run.prefix_hit_tokens;
  list.push_back({.name = "hbm"});
  const std::vector<engine::KvTier>& tiers = result.scheduler.kv_tiers;
  for (std::size_t t = 0; t < tiers.size(); ++t) {
    list.push_back({.name = tiers[t].name, .tokens = run.prefix_tier_tokens.at(t)});
    in_devices -= run.prefix_tier_tokens.at(t);
  }
  list.front().tokens = in_devices;
  for (TierHits& tier : list) {
    tier.ratio = quotient(static_cast<double>(tier.tokens), static_cast<double>(run.prefix_queried_tokens));
  }
  return list;
}

}  // namespace mtok::report
