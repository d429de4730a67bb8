// Which replicas of a fleet serve, come, go, stand by or are broken, and for how long.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <vector>

#include "sim/engine/elastic.hpp"
#include "sim/engine/min_tree.hpp"
#include "sim/engine/run_record.hpp"
#include "sim/units/sim_time.hpp"
#include "sim/workload/random.hpp"

namespace mtok::engine {

struct RunPlan;

/// Replicas have numbers, from 0 to slots(); a number that was given back is given out again, the lowest
/// first. Events of one time come in this order: failures, replicas that are ready or repaired, the scrape;
/// among equals the lower number first.
class Roster {
 public:
  explicit Roster(const RunPlan& plan);
  /// The most replicas that the first pool of this plan can have at a time, spares included.
  [[nodiscard]] static std::int64_t slots(const RunPlan& plan);

  struct Change {
    std::size_t replica = 0;
    ReplicaState state{};  ///< from now on
  };
  /// What the autoscaler sees of the first pool, of interactive requests: the batch tier takes what is there.
  struct Demand {
    std::int64_t requests = 0;  ///< queued or running where it serves, or waiting for a replica
    std::int64_t queued = 0;    ///< of them
    bool stranded = false;      ///< somebody waits for a replica, of whatever tier: one is wanted at least
  };

  [[nodiscard]] SimTime next() const { return std::min({breaks_.least(), ready_.least(), next_scrape_}); }
  /// True when the event at next() needs the Demand.
  [[nodiscard]] bool scrapes_next() const;
  /// Handles the event at next(), which is `now`. Returns what changed, in order; valid until the next call.
  [[nodiscard]] const std::vector<Change>& handle(SimTime now, const Demand& demand);
  /// A replica that drains has no request left: it is given back.
  void release(std::size_t replica, SimTime now) { enter(replica, ReplicaState::absent, now); }

  [[nodiscard]] ReplicaState state(std::size_t replica) const { return slots_[replica].state; }
  [[nodiscard]] bool serves(std::size_t replica) const { return state(replica) == ReplicaState::serving; }
  /// Writes the times in all states but serving and draining until `end` into the records, by number.
  void book_times(std::span<ReplicaRecord> replicas, SimTime end) const;
  /// Absent when nothing can change.
  [[nodiscard]] std::optional<ElasticRecord> record() const;

 private:
  static constexpr std::size_t kStates = 6;
  struct Slot {
    ReplicaState state = ReplicaState::absent;
    SimTime since{};
    std::array<std::int64_t, kStates> spent{};  ///< nanoseconds in each state that has ended
  };
  struct Wanted {
    SimTime at{};
    std::int64_t replicas = 0;
  };

  /// How long the replica was in a state until `end`, which is no earlier than the last change.
  [[nodiscard]] std::int64_t nanoseconds_in(std::size_t replica, ReplicaState state, SimTime end) const;
  void enter(std::size_t replica, ReplicaState state, SimTime now);
  void change(std::size_t replica, ReplicaState state, SimTime now);
  void fail(std::size_t replica, SimTime now);
  void come(std::size_t replica, SimTime now);
  void scrape(SimTime now, const Demand& demand);
  [[nodiscard]] std::int64_t wanted_for(const Demand& demand) const;
  void order(std::int64_t more, SimTime now);
  void dismiss(std::int64_t fewer, SimTime now);
  [[nodiscard]] std::int64_t ordered() const { return serving_ + provisioning_ + owed_; }
  [[nodiscard]] std::size_t lowest(ReplicaState state) const;
  [[nodiscard]] std::size_t highest(ReplicaState state) const;

  std::optional<Autoscaler> autoscaler_;
  std::optional<Failures> failures_;
  std::int64_t devices_per_replica_;
  std::int64_t max_num_seqs_;
  std::vector<Slot> slots_;
  std::vector<workload::Random> luck_;  ///< one stream a replica; empty without failures
  MinTree<SimTime> breaks_;             ///< when each fails
  MinTree<SimTime> ready_;              ///< when each is provisioned or repaired
  SimTime next_scrape_ = kNever;
  std::deque<Wanted> window_;  ///< what the scrapes of the last cooldown wanted
  std::vector<Change> changes_;
  std::int64_t serving_ = 0;
  std::int64_t provisioning_ = 0;
  std::int64_t standby_ = 0;
  std::int64_t owed_ = 0;  ///< that should serve and are broken, with no spare in their place
  ElasticRecord record_{};
};

}  // namespace mtok::engine
