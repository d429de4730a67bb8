// The events of a roster after the last request.
#include "sim/engine/idle_on.hpp"

#include <cassert>
#include <memory>

#include "sim/engine/roster.hpp"

namespace mtok::engine {

void idle_on(RunRecord& run, SimTime end, RunObserver* observer) {
  assert(end >= run.makespan);
  run.makespan = end;
  if (!run.roster) {
    return;
  }
  auto roster = std::make_shared<Roster>(*run.roster);
  const auto announce = [&](std::size_t replica, ReplicaState state, SimTime now) {
    if (observer != nullptr) {
      observer->replica_changed(replica, state, now);
    }
  };
  while (roster->next() < end) {
    const SimTime now = roster->next();
    for (const Roster::Change change : roster->handle(now, {})) {
      announce(change.replica, change.state, now);
      if (change.state == ReplicaState::draining) {
        roster->release(change.replica, now);
        announce(change.replica, ReplicaState::absent, now);
      }
    }
  }
  roster->book_times(run.replicas, end);
  const ElasticRecord before = *run.elastic;
  run.elastic = roster->record();
  run.elastic->requeued = before.requeued;
  run.elastic->lost_tokens = before.lost_tokens;
  run.roster = std::move(roster);
}

}  // namespace mtok::engine
