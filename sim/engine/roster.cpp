// The states of replicas: failures and repairs, orders and dismissals.
#include "sim/engine/roster.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <string>

#include "sim/engine/engine.hpp"

namespace mtok::engine {
namespace {

/// A time that no run reaches is never.
SimTime after_or_never(SimTime start, Seconds duration) {
  constexpr Seconds kHorizon(4e9);  // 126 years
  return duration < kHorizon ? after(start, duration) : kNever;
}

}  // namespace

std::int64_t Roster::slots(const RunPlan& plan) {
  const std::int64_t most = plan.autoscaler ? plan.autoscaler->max_replicas : plan.replicas;
  return most + (plan.failures ? plan.failures->spares : 0);
}

Roster::Roster(const RunPlan& plan)
    : autoscaler_(plan.autoscaler),
      failures_(plan.failures),
      devices_per_replica_(plan.devices_per_replica),
      max_num_seqs_(plan.scheduler.max_num_seqs),
      slots_(static_cast<std::size_t>(slots(plan))),
      breaks_(slots_.size(), kNever, kNever),
      ready_(slots_.size(), kNever, kNever) {
  assert(!autoscaler_ ||
         (autoscaler_->target_utilization.has_value() != autoscaler_->target_queue.has_value() &&
          plan.replicas <= autoscaler_->max_replicas));
  for (std::size_t i = 0; failures_ && i < slots_.size(); ++i) {
    luck_.push_back(workload::Random::stream(plan.seed, "failures of replica " + std::to_string(i)));
  }
  for (std::size_t i = 0; i < static_cast<std::size_t>(plan.replicas); ++i) {
    enter(i, ReplicaState::serving, SimTime{});
  }
  for (std::int64_t i = 0; failures_ && i < failures_->spares; ++i) {
    enter(slots_.size() - 1 - static_cast<std::size_t>(i), ReplicaState::standby, SimTime{});
  }
  record_.most_serving = serving_;
  record_.least_serving = serving_;
  if (autoscaler_) {
    next_scrape_ = after(SimTime{}, autoscaler_->scrape_interval);
    window_.push_back({.at = SimTime{}, .replicas = plan.replicas});
  }
}

bool Roster::scrapes_next() const {
  return next_scrape_ < std::min(breaks_.least(), ready_.least());
}

const std::vector<Roster::Change>& Roster::handle(SimTime now, const Demand& demand) {
  changes_.clear();
  if (breaks_.least() == now) {
    fail(breaks_.index_of_least(), now);
  } else if (ready_.least() == now) {
    come(ready_.index_of_least(), now);
  } else {
    scrape(now, demand);
  }
  return changes_;
}

/// Books the time in the old state, starts the clocks of the new one.
void Roster::enter(std::size_t replica, ReplicaState state, SimTime now) {
  Slot& slot = slots_[replica];
  const auto count = [this](ReplicaState of, std::int64_t by) {
    serving_ += of == ReplicaState::serving ? by : 0;
    provisioning_ += of == ReplicaState::provisioning ? by : 0;
    standby_ += of == ReplicaState::standby ? by : 0;
  };
  slot.spent.at(static_cast<std::size_t>(slot.state)) += nanoseconds(now) - nanoseconds(slot.since);
  count(slot.state, -1);
  const bool was_up = slot.state == ReplicaState::serving || slot.state == ReplicaState::standby;
  slot.state = state;
  slot.since = now;
  count(state, 1);
  const bool up =
      state == ReplicaState::serving || state == ReplicaState::standby || state == ReplicaState::draining;
  if (!up) {
    breaks_.set(replica, kNever);
  } else if (!was_up && failures_) {
    const double mean = failures_->mtbf.base() / static_cast<double>(devices_per_replica_);
    breaks_.set(replica, after_or_never(now, Seconds(luck_[replica].exponential(mean))));
  }
  const bool comes = state == ReplicaState::provisioning || state == ReplicaState::down;
  const SimTime ready = state == ReplicaState::provisioning ? after(now, autoscaler_->provisioning_delay)
                        : comes                             ? after_or_never(now, failures_->mttr)
                                                            : kNever;
  ready_.set(replica, ready);
}

void Roster::change(std::size_t replica, ReplicaState state, SimTime now) {
  enter(replica, state, now);
  changes_.push_back({.replica = replica, .state = state});
  record_.most_serving = std::max(record_.most_serving, serving_);
}

void Roster::fail(std::size_t replica, SimTime now) {
  const ReplicaState before = slots_[replica].state;
  record_.failures += 1;
  if (before == ReplicaState::draining) {
    change(replica, ReplicaState::absent, now);  // it was to go anyway
    return;
  }
  change(replica, ReplicaState::down, now);
  if (before != ReplicaState::serving) {
    return;
  }
  if (standby_ > 0) {
    record_.takeovers += 1;
    change(lowest(ReplicaState::standby), ReplicaState::serving, now);
  } else {
    owed_ += 1;
  }
  record_.least_serving = std::min(record_.least_serving, serving_);
}

/// Provisioned, or repaired.
void Roster::come(std::size_t replica, SimTime now) {
  const bool repaired = slots_[replica].state == ReplicaState::down;
  if (!repaired || owed_ > 0) {
    owed_ -= repaired ? 1 : 0;
    change(replica, ReplicaState::serving, now);
  } else {
    const bool spare = standby_ < failures_->spares;
    change(replica, spare ? ReplicaState::standby : ReplicaState::absent, now);
  }
}

/// Replicas that the demand calls for, within the tolerance those that there are.
std::int64_t Roster::wanted_for(const Demand& demand) const {
  const double amount = static_cast<double>(autoscaler_->target_queue ? demand.queued : demand.requests);
  const double target = autoscaler_->target_queue
                            ? *autoscaler_->target_queue
                            : *autoscaler_->target_utilization * static_cast<double>(max_num_seqs_);
  const double exact = amount / target;
  const auto current = static_cast<double>(ordered());
  const bool near = current > 0 && std::abs(exact / current - 1) <= Autoscaler::kTolerance;
  const double least = demand.stranded ? 1 : 0;
  const double replicas = std::max(least, near ? current : std::ceil(exact));
  return static_cast<std::int64_t>(std::clamp(replicas, static_cast<double>(autoscaler_->min_replicas),
                                              static_cast<double>(autoscaler_->max_replicas)));
}

void Roster::scrape(SimTime now, const Demand& demand) {
  next_scrape_ = after(now, autoscaler_->scrape_interval);
  const std::int64_t wanted = wanted_for(demand);
  window_.push_back({.at = now, .replicas = wanted});
  while (after(window_.front().at, autoscaler_->cooldown) < now) {
    window_.pop_front();
  }
  const std::int64_t most =
      std::max_element(window_.begin(), window_.end(), [](const Wanted& a, const Wanted& b) {
        return a.replicas < b.replicas;
      })->replicas;
  if (wanted > ordered()) {
    order(wanted - ordered(), now);
  } else if (most < ordered()) {
    dismiss(ordered() - most, now);
  }
}

void Roster::order(std::int64_t more, SimTime now) {
  for (; more > 0; --more) {
    const std::size_t free = lowest(ReplicaState::absent);
    if (free == slots_.size()) {
      return;  // all others still drain or are being repaired; the next scrape asks again
    }
    change(free, ReplicaState::provisioning, now);
    record_.scaled_up += 1;
  }
}

void Roster::dismiss(std::int64_t fewer, SimTime now) {
  record_.scaled_down += fewer;
  for (; fewer > 0 && provisioning_ > 0; --fewer) {
    change(highest(ReplicaState::provisioning), ReplicaState::absent, now);
  }
  const std::int64_t forgiven = std::min(fewer, owed_);
  owed_ -= forgiven;
  for (fewer -= forgiven; fewer > 0; --fewer) {
    change(highest(ReplicaState::serving), ReplicaState::draining, now);
  }
  record_.least_serving = std::min(record_.least_serving, serving_);
}

std::size_t Roster::lowest(ReplicaState state) const {
  const auto found =
      std::find_if(slots_.begin(), slots_.end(), [&](const Slot& slot) { return slot.state == state; });
  return static_cast<std::size_t>(found - slots_.begin());
}

std::size_t Roster::highest(ReplicaState state) const {
  std::size_t i = slots_.size();
  while (slots_[i - 1].state != state) {
    --i;
  }
  return i - 1;
}

std::int64_t Roster::nanoseconds_in(std::size_t replica, ReplicaState state, SimTime end) const {
  const Slot& slot = slots_[replica];
  const std::int64_t open = slot.state == state ? nanoseconds(end) - nanoseconds(slot.since) : 0;
  return slot.spent.at(static_cast<std::size_t>(state)) + open;
}

void Roster::book_times(std::span<ReplicaRecord> replicas, SimTime end) const {
  for (std::size_t i = 0; i < slots_.size(); ++i) {
    ReplicaRecord& record = replicas[i];
    record.unpaid_ns = nanoseconds_in(i, ReplicaState::absent, end);
    record.provisioning_ns = nanoseconds_in(i, ReplicaState::provisioning, end);
    record.standby_ns = nanoseconds_in(i, ReplicaState::standby, end);
    record.down_ns = nanoseconds_in(i, ReplicaState::down, end);
  }
}

std::optional<ElasticRecord> Roster::record() const {
  return autoscaler_ || failures_ ? std::optional(record_) : std::nullopt;
}

}  // namespace mtok::engine
