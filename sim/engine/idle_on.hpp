// What a fleet does that has no request left but is not given back yet.
#pragma once

#include "sim/engine/run_observer.hpp"
#include "sim/engine/run_record.hpp"

namespace mtok::engine {

/// Moves the end of a run, whose requests have all ended, to `end`, which is no earlier. A fleet that can
/// change goes on doing so meanwhile: its autoscaler sees no requests, its devices break and are repaired. Of
/// the records of the replicas only the times in states change: what they draw is up to the caller.
/// `observer`, when given, is told of the changes.
void idle_on(RunRecord& run, SimTime end, RunObserver* observer = nullptr);

}  // namespace mtok::engine
