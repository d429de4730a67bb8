// Books transfers of KV caches on the lanes of both ends.
#include "sim/engine/kv_transfer.hpp"

#include <algorithm>

namespace mtok::engine {
namespace {

std::size_t lanes_of(std::int64_t each, std::int64_t replicas) {
  return static_cast<std::size_t>(each * replicas);
}

}  // namespace

KvTransfers::KvTransfers(const KvLink& link, std::int64_t senders, std::int64_t receivers)
    : link_(link),
      senders_{.each = link.send_lanes, .free = std::vector<SimTime>(lanes_of(link.send_lanes, senders))},
      receivers_{.each = link.receive_lanes,
                 .free = std::vector<SimTime>(lanes_of(link.receive_lanes, receivers))} {}

SimTime& KvTransfers::Lanes::earliest(std::size_t replica) {
  const auto first = free.begin() + each * static_cast<std::ptrdiff_t>(replica);
  return *std::min_element(first, first + each);
}

/// Layer l of L is ready when (l / L) of the prefill has passed. Either the link keeps up, and the last layer
/// remains, or it is busy from the end of the first layer on.
Seconds KvTransfers::shown(std::int64_t pages, Seconds since_start) const {
  const Seconds whole = link_.per_page * static_cast<double>(pages);
  if (link_.overlapped_layers == 0) {
    return whole;
  }
  const auto layers = static_cast<double>(link_.overlapped_layers);
  return std::max(whole / layers, whole - since_start * ((layers - 1) / layers));
}

SimTime KvTransfers::send(std::size_t sender, std::size_t receiver, std::int64_t pages, SimTime prefill_start,
                          SimTime now) {
  SimTime& from = senders_.earliest(sender);
  SimTime& to = receivers_.earliest(receiver);
  const SimTime start = std::max({now, from, to});
  const SimTime end = after(start, shown(pages, between(prefill_start, now)));
  from = end;
  to = end;
  return after(end, link_.latency);
}

}  // namespace mtok::engine
