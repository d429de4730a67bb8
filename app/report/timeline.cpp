// What every replica did over time: collecting, thinning out, writing.
#include "app/report/timeline.hpp"

#include <fmt/format.h>

#include <ostream>
#include <unordered_map>

#include "app/report/json.hpp"

namespace mtok::report {
namespace {

const char* name_of(const Timeline::Stretch& stretch) {
  if (stretch.prefill_steps == 0) {
    return "decode";
  }
  return stretch.decode_steps == 0 ? "prefill" : "mixed";
}

void join(Timeline::Stretch& first, const Timeline::Stretch& second) {
  engine::StepNote joined = second.last;
  joined.start = first.last.start;
  joined.steps += first.last.steps;
  joined.prefill_tokens += first.last.prefill_tokens;
  joined.prefill_sequences += first.last.prefill_sequences;
  first.last = joined;
  first.busy_ns += second.busy_ns;
  first.decode_steps += second.decode_steps;
  first.prefill_steps += second.prefill_steps;
}

const char* name_of(engine::ReplicaState state) {
  switch (state) {
    case engine::ReplicaState::provisioning:
      return "provisioning";
    case engine::ReplicaState::serving:
      return "serving";
    case engine::ReplicaState::draining:
      return "draining";
    case engine::ReplicaState::standby:
      return "standby";
    case engine::ReplicaState::down:
      return "broken";
    case engine::ReplicaState::absent:
      break;
  }
  return "absent";
}

/// Nanoseconds as microseconds, exactly.
std::string microseconds(SimTime time) {
  return fmt::format("{}.{:03}", nanoseconds(time) / 1000, nanoseconds(time) % 1000);
}

/// Appends the names of the replicas of one model in their order: those that decode alone are the last ones.
void name_replicas(const engine::RunRecord& run, const std::string& prefix, std::vector<std::string>& names) {
  const std::size_t decoding = run.decode_pool ? static_cast<std::size_t>(run.decode_pool->replicas) : 0;
  const std::size_t others = run.replicas.size() - decoding;
  for (std::size_t i = 0; i < others; ++i) {
    names.push_back(fmt::format("{}{} {}", prefix, run.decode_pool ? "prefill" : "replica", i));
  }
  for (std::size_t i = 0; i < decoding; ++i) {
    names.push_back(fmt::format("{}decode {}", prefix, i));
  }
}

std::vector<std::string> replica_names(const planner::RunResult& result) {
  std::vector<std::string> names;
  for (const planner::RunResult& pool : result.pools) {
    name_replicas(pool.run, pool.architecture.name + " ", names);
  }
  if (result.pools.empty()) {
    name_replicas(result.run, "", names);
  }
  return names;
}

/// By replica of one pool; those that decode alone stay as they are, and come last.
std::vector<engine::ReplicaState> states_at_start(const planner::RunResult& pool) {
  const planner::Scenario& scenario = pool.scenario;
  const std::size_t all = pool.run.replicas.size();
  std::vector<engine::ReplicaState> states(all, engine::ReplicaState::absent);
  const auto decoding = static_cast<std::size_t>(pool.run.decode_pool ? pool.run.decode_pool->replicas : 0);
  const auto spares = static_cast<std::size_t>(scenario.failures ? scenario.failures->spares : 0);
  const auto serving = static_cast<std::size_t>(scenario.replicas);
  for (std::size_t i = 0; i < all; ++i) {
    if (i < serving || i >= all - decoding) {
      states[i] = engine::ReplicaState::serving;
    } else if (i >= all - decoding - spares) {
      states[i] = engine::ReplicaState::standby;
    }
  }
  return states;
}

}  // namespace

void Timeline::step_ended(const engine::StepNote& note) {
  stretches_.push_back({.last = note,
                        .busy_ns = nanoseconds(note.end) - nanoseconds(note.start),
                        .decode_steps = note.decode_sequences > 0 ? note.steps : 0,
                        .prefill_steps = note.prefill_sequences > 0 ? note.steps : 0});
  while (stretches_.size() > most_) {
    thin_out();
  }
}

void Timeline::replica_changed(std::size_t replica, engine::ReplicaState state, SimTime now) {
  if (changes_.size() < most_) {  // a scaler that changed its mind more often has made its point
    changes_.push_back({.replica = replica, .state = state, .at = now});
  }
}

void Timeline::thin_out() {
  interval_ns_ *= 2;
  std::vector<Stretch> kept;
  std::unordered_map<std::size_t, std::size_t> last_of;  // replica -> its last entry in `kept`; never walked
  for (const Stretch& stretch : stretches_) {
    const auto found = last_of.find(stretch.last.replica);
    const bool same_interval =
        found != last_of.end() && nanoseconds(kept[found->second].last.start) / interval_ns_ ==
                                      nanoseconds(stretch.last.start) / interval_ns_;
    if (same_interval) {
      join(kept[found->second], stretch);
    } else {
      last_of[stretch.last.replica] = kept.size();
      kept.push_back(stretch);
    }
  }
  stretches_ = std::move(kept);
}

/// A slice for each state that a replica was in, on a line of its own.
void Timeline::write_states(const planner::RunResult& result, std::ostream& out) const {
  if (!result.run.elastic) {
    return;
  }
  std::vector<Change> open;  // by replica
  const auto begin = [&open](const planner::RunResult& pool) {
    for (const engine::ReplicaState state : states_at_start(pool)) {
      open.push_back({.replica = open.size(), .state = state});
    }
  };
  std::for_each(result.pools.begin(), result.pools.end(), begin);
  if (result.pools.empty()) {
    begin(result);
  }
  const auto close = [&](const Change& past, SimTime end) {
    if (past.state != engine::ReplicaState::absent && end > past.at) {
      const SimTime span{nanoseconds(end) - nanoseconds(past.at)};
      out << fmt::format(R"({{"ph":"X","pid":{},"tid":1,"ts":{},"dur":{},"name":"{}"}},)", past.replica,
                         microseconds(past.at), microseconds(span), name_of(past.state))
          << '\n';
    }
  };
  for (const Change& change : changes_) {
    close(open[change.replica], change.at);
    open[change.replica] = change;
  }
  for (const Change& last : open) {
    close(last, result.run.makespan);
  }
}

void Timeline::write(const planner::RunResult& result, std::ostream& out) const {
  const std::int64_t pages_per_block = result.scheduler.kv_geometry.pages_per_block();
  out << "{\"displayTimeUnit\":\"ms\",\"traceEvents\":[\n";
  std::size_t process = 0;
  for (const std::string& name : replica_names(result)) {
    out << fmt::format(R"({{"ph":"M","pid":{},"name":"process_name","args":{{"name":{}}}}},)", process++,
                       Json(name).dump())
        << '\n';
  }
  for (const Stretch& stretch : stretches_) {
    const engine::StepNote& note = stretch.last;
    const std::string end = microseconds(note.end);
    const SimTime span{nanoseconds(note.end) - nanoseconds(note.start)};
    out << fmt::format(
               R"({{"ph":"X","pid":{},"tid":0,"ts":{},"dur":{},"name":"{}","args":{{"steps":{},"prefill_tokens":{},)"
               R"("prefill_sequences":{},"decode_sequences":{},"busy_us":{}}}}},)",
               note.replica, microseconds(note.start), microseconds(span), name_of(stretch), note.steps,
               note.prefill_tokens, note.prefill_sequences, note.decode_sequences,
               microseconds(SimTime{stretch.busy_ns}))
        << '\n'
        << fmt::format(
               R"({{"ph":"C","pid":{},"ts":{},"name":"kv_blocks","args":{{"used":{},"cached":{}}}}},)",
               note.replica, end, note.kv_used_pages / pages_per_block,
               note.kv_cached_pages / pages_per_block)
        << '\n'
        << fmt::format(
               R"({{"ph":"C","pid":{},"ts":{},"name":"requests","args":{{"running":{},"waiting":{}}}}},)",
               note.replica, end, note.running, note.waiting)
        << '\n';
  }
  write_states(result, out);
  // The list ends without a comma: its last entry names the run.
  out << R"({"ph":"M","pid":0,"name":"process_labels","args":{"labels":)" << Json(result.scenario.name).dump()
      << "}}\n]}\n";
}

}  // namespace mtok::report
