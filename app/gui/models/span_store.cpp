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
                           .kv_cached_pages = note.kv_cached_pages});
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

double SpanStore::busy_until(const Lane& lane, std::size_t kind, std::int64_t at_ns) {
  const auto after = static_cast<std::size_t>(
      std::upper_bound(lane.starts.begin(), lane.starts.end(), at_ns) - lane.starts.begin());
  if (after == 0) {
    return 0;
  }
  const std::size_t last = after - 1;
  const auto before = static_cast<double>(lane.busy_before[last][kind]);
  const auto whole = static_cast<double>(lane.busy_before[after][kind]);
  const std::int64_t length = lane.ends[last] - lane.starts[last];
  const double part =
      length > 0 ? std::min(1.0, static_cast<double>(at_ns - lane.starts[last]) / static_cast<double>(length))
                 : 1.0;
  return before + (whole - before) * part;
}

SpanShares SpanStore::shares(std::size_t lane, std::int64_t from_ns, std::int64_t to_ns) const {
  SpanShares shares;
  const Lane& of = lanes_[lane];
  for (std::size_t kind = 0; kind < shares.of.size() && !of.starts.empty(); ++kind) {
    shares.of[kind] =
        (busy_until(of, kind, to_ns) - busy_until(of, kind, from_ns)) / static_cast<double>(to_ns - from_ns);
  }
  return shares;
}

SpanState SpanStore::state(std::size_t lane, std::int64_t at_ns) const {
  const Lane& of = lanes_[lane];
  const auto ended =
      static_cast<std::size_t>(std::upper_bound(of.ends.begin(), of.ends.end(), at_ns) - of.ends.begin());
  return ended == 0 ? SpanState{} : of.states[ended - 1];
}

}  // namespace mtok::gui
