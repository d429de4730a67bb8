// What every replica did over time, as a trace that Perfetto and chrome://tracing show.
#pragma once

#include <cstdint>
#include <iosfwd>
#include <vector>

#include "sim/engine/run_observer.hpp"
#include "sim/planner/run.hpp"

namespace mtok::report {

/// Collects the steps of a run. Of more than `most` stretches of steps, neighbours of one replica that lie in
/// the same interval of time are joined, the interval doubling as often as need be: the file stays below
/// 500 bytes times `most`, 50 MB, however long the run.
class Timeline final : public engine::RunObserver {
 public:
  static constexpr std::size_t kMost = 100'000;
  explicit Timeline(std::size_t most = kMost) : most_(most) {}

  void step_ended(const engine::StepNote& note) override;
  void replica_changed(std::size_t replica, engine::ReplicaState state, SimTime now) override;

  /// One or several steps of a replica in a row. Joined ones may have idle time between them: busy_ns is
  /// without it.
  struct Stretch {
    engine::StepNote last{};  ///< of the last step, but for start, steps and prefill, which are of them all
    std::int64_t busy_ns = 0;
    std::int64_t decode_steps = 0;   ///< steps with decodes, ...
    std::int64_t prefill_steps = 0;  ///< ... and with prefill
  };
  [[nodiscard]] const std::vector<Stretch>& stretches() const { return stretches_; }

  /// Chrome's JSON trace: a process for each replica, its steps as slices `prefill`, `decode` or `mixed`,
  /// counters `kv_blocks` {used, cached} and `requests` {running, waiting} at their ends. Time stamps in
  /// microseconds. Of a fleet that could change, further slices say when a replica was provisioned, served,
  /// drained, stood by or was broken.
  void write(const planner::RunResult& result, std::ostream& out) const;

 private:
  struct Change {
    std::size_t replica = 0;
    engine::ReplicaState state{};
    SimTime at{};
  };
  void thin_out();
  void write_states(const planner::RunResult& result, std::ostream& out) const;

  std::size_t most_;
  std::int64_t interval_ns_ = 1'000;  ///< of the joining that has been done
  std::vector<Stretch> stretches_;
  std::vector<Change> changes_;
};

}  // namespace mtok::report
