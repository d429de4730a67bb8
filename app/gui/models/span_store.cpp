// Sorts spans into lanes and sums them up.
#include "app/gui/models/span_store.hpp"

#include <algorithm>

namespace mtok::gui {
namespace {

SpanKind kind_of(const report::Timeline::Stretch& stretch) {
  if (stretch.prefill_steps == 0) {
    return SpanKind::decode;
  }
  return stretch.decode_steps == 0 ? SpanKind::prefill : SpanKind::mixed;
}

/// How many of the sorted times are at or before `at`, of which `known` are so: in steps that double, so that
/// the next column is found near the one before.
std::size_t count_up_to(const std::vector<std::int64_t>& times, std::int64_t at, std::size_t known) {
  std::size_t step = 1;
  while (known + step <= times.size() && times[known + step - 1] <= at) {
    known += step;
    step *= 2;
  }
  const auto from = times.begin() + static_cast<std::ptrdiff_t>(known);
  const auto to = times.begin() + static_cast<std::ptrdiff_t>(std::min(times.size(), known + step));
  return static_cast<std::size_t>(std::upper_bound(from, to, at) - times.begin());
}

}  // namespace

SpanStore::SpanStore(const report::Timeline& timeline, std::size_t replicas, std::int64_t kv_pages)
    : lanes_(replicas), kv_pages_(kv_pages) {
  for (const report::Timeline::Stretch& stretch : timeline.stretches()) {
    const engine::StepNote& note = stretch.last;
    if (note.replica >= lanes_.size()) {
      lanes_.resize(note.replica + 1);
    }
    Lane& lane = lanes_[note.replica];
    if (lane.busy_before.empty()) {
      lane.busy_before.emplace_back();
    }
    lane.starts.push_back(nanoseconds(note.start));
    lane.ends.push_back(nanoseconds(note.end));
    std::array<std::int64_t, 3> sums = lane.busy_before.back();
    sums[static_cast<std::size_t>(kind_of(stretch))] += stretch.busy_ns;
    lane.busy_before.push_back(sums);
    lane.states.push_back({.running = note.running,
                           .waiting = note.waiting,
                           .kv_used_pages = note.kv_used_pages,
                           .kv_cached_pages = note.kv_cached_pages,
                           .preemptions = note.preemptions});
    end_ns_ = std::max(end_ns_, lane.ends.back());
  }
}

std::size_t SpanStore::spans() const {
  std::size_t sum = 0;
  for (const Lane& lane : lanes_) {
    sum += lane.starts.size();
  }
  return sum;
}

std::array<double, 3> SpanStore::busy_until(const Lane& lane, std::size_t after, std::int64_t at_ns) {
  if (after == 0) {
    return {};
  }
  const std::size_t last = after - 1;
  const std::int64_t length = lane.ends[last] - lane.starts[last];
  const double part =
      length > 0 ? std::min(1.0, static_cast<double>(at_ns - lane.starts[last]) / static_cast<double>(length))
                 : 1.0;
  std::array<double, 3> busy{};
  for (std::size_t kind = 0; kind < busy.size(); ++kind) {
    const auto before = static_cast<double>(lane.busy_before[last][kind]);
    const auto whole = static_cast<double>(lane.busy_before[after][kind]);
    busy[kind] = before + (whole - before) * part;
  }
  return busy;
}

SpanShares SpanStore::shares(std::size_t lane, std::int64_t from_ns, std::int64_t to_ns) const {
  std::vector<SpanShares> one;
  columns(lane, static_cast<double>(from_ns), static_cast<double>(to_ns - from_ns), 1, one);
  return one.front();
}

void SpanStore::columns(std::size_t lane, double from_ns, double step_ns, std::size_t count,
                        std::vector<SpanShares>& out) const {
  const Lane& of = lanes_[lane];
  out.assign(count, {});
  if (of.starts.empty()) {
    return;
  }
  auto at = static_cast<std::int64_t>(from_ns);
  std::size_t after = count_up_to(of.starts, at, 0);
  std::array<double, 3> before = busy_until(of, after, at);
  for (std::size_t i = 0; i < count; ++i) {
    const auto end =
        std::max(at + 1, static_cast<std::int64_t>(from_ns + static_cast<double>(i + 1) * step_ns));
    after = count_up_to(of.starts, end, after);
    const std::array<double, 3> until = busy_until(of, after, end);
    for (std::size_t kind = 0; kind < until.size(); ++kind) {
      out[i].of[kind] = (until[kind] - before[kind]) / static_cast<double>(end - at);
    }
    before = until;
    at = end;
  }
}

void SpanStore::states(std::size_t lane, double from_ns, double step_ns, std::size_t count,
                       std::vector<SpanState>& out) const {
  const Lane& of = lanes_[lane];
  out.assign(count, {});
  std::size_t ended = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const auto at = static_cast<std::int64_t>(from_ns + static_cast<double>(i + 1) * step_ns);
    ended = count_up_to(of.ends, at, ended);
    if (ended > 0) {
      out[i] = of.states[ended - 1];
    }
  }
}

std::int64_t SpanStore::preemptions(std::size_t lane) const {
  return lanes_[lane].states.empty() ? 0 : lanes_[lane].states.back().preemptions;
}

SpanState SpanStore::state(std::size_t lane, std::int64_t at_ns) const {
  const Lane& of = lanes_[lane];
  const auto ended =
      static_cast<std::size_t>(std::upper_bound(of.ends.begin(), of.ends.end(), at_ns) - of.ends.begin());
  return ended == 0 ? SpanState{} : of.states[ended - 1];
}

}  // namespace mtok::gui
