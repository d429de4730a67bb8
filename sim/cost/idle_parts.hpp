// What the idle part of a bill paid for.
#pragma once

#include "sim/cost/bill.hpp"

namespace mtok::cost {

struct IdleParts {
  Money headroom{};  ///< replicas that served and had nothing to do; parts of the bill that belong to nobody
  Money provisioning{};  ///< replicas that were not ready yet
  Money standby{};       ///< spares
  Money down{};          ///< broken replicas
  Money lost{};          ///< steps that a failure cut off

  [[nodiscard]] Money sum() const { return headroom + provisioning + standby + down + lost; }
  IdleParts& operator+=(const IdleParts& other) {
    headroom += other.headroom;
    provisioning += other.provisioning;
    standby += other.standby;
    down += other.down;
    lost += other.lost;
    return *this;
  }
};

/// Splits parts.idle by time; by largest remainder, so that the sum is exact. Requires a run on one pool.
[[nodiscard]] IdleParts split_idle(const Bill& bill, const engine::RunRecord& run);

}  // namespace mtok::cost
