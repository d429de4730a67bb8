// What a run tells about its steps to somebody who watches.
#pragma once

#include <cstdint>

#include "sim/engine/elastic.hpp"
#include "sim/units/sim_time.hpp"

namespace mtok::engine {

/// One step of a replica, or several in a row that differ in nothing but the context, as it ends.
struct StepNote {
  std::size_t replica = 0;
  SimTime start{};
  SimTime end{};
  std::int64_t steps = 1;
  std::int64_t prefill_tokens = 0;     ///< new prompt tokens
  std::int64_t prefill_sequences = 0;  ///< that they belong to
  std::int64_t decode_sequences = 0;
  std::int64_t kv_used_pages = 0;    ///< by running sequences
  std::int64_t kv_cached_pages = 0;  ///< of cached prefixes that nobody uses now
  std::int64_t waiting = 0;          ///< requests in the queue
  std::int64_t running = 0;
  std::int64_t preemptions = 0;  ///< of the replica since the start of the run
};

/// Watches and changes nothing: a run is the same with and without it.
class RunObserver {
 public:
  virtual ~RunObserver() = default;
  /// Called for each replica in order of time.
  virtual void step_ended(const StepNote& note) = 0;
  /// Called in order of time. Those that serve from the start are not announced.
  virtual void replica_changed(std::size_t /*replica*/, ReplicaState /*state*/, SimTime /*now*/) {}
};

}  // namespace mtok::engine
