// Idle money by the time that it paid for.
#include "sim/cost/idle_parts.hpp"

#include <array>
#include <cassert>
#include <cstdint>

namespace mtok::cost {
namespace {

/// Phases of which no request has a share: make_bill moves them to idle.
std::int64_t ownerless_ns(const engine::RunRecord& run) {
  const engine::PhaseTime phases = run.phases();
  const auto without_owner = [](Seconds shares, std::int64_t ns) { return shares == Seconds{} ? ns : 0; };
  return without_owner(run.totals.prefill_time, phases.prefill_ns) +
         without_owner(run.totals.cached_time, phases.cached_ns) +
         without_owner(run.totals.decode_time, phases.decode_ns);
}

}  // namespace

IdleParts split_idle(const Bill& bill, const engine::RunRecord& run) {
  assert(!run.decode_pool);
  engine::ReplicaRecord sum;
  std::int64_t idle_ns = 0;
  for (const engine::ReplicaRecord& replica : run.replicas) {
    sum.provisioning_ns += replica.provisioning_ns;
    sum.standby_ns += replica.standby_ns;
    sum.down_ns += replica.down_ns;
    sum.lost_ns += replica.lost_ns;
    idle_ns += replica.idle_ns(run.makespan);
  }
  const std::int64_t known = sum.provisioning_ns + sum.standby_ns + sum.down_ns + sum.lost_ns;
  const std::int64_t headroom_ns = idle_ns + ownerless_ns(run) - known;
  if (headroom_ns + known == 0) {
    return {.headroom = bill.parts.idle};
  }
  const std::array<std::uint64_t, 5> weights{
      static_cast<std::uint64_t>(headroom_ns), static_cast<std::uint64_t>(sum.provisioning_ns),
      static_cast<std::uint64_t>(sum.standby_ns), static_cast<std::uint64_t>(sum.down_ns),
      static_cast<std::uint64_t>(sum.lost_ns)};
  const std::vector<Money> shares = allocate(bill.parts.idle, weights);
  return {.headroom = shares[0],
          .provisioning = shares[1],
          .standby = shares[2],
          .down = shares[3],
          .lost = shares[4]};
}

}  // namespace mtok::cost
