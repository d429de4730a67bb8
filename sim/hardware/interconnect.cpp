// Alpha-beta times of collectives: ring, tree, in-network reduction, direct exchange, and hierarchies of
// them.
#include "sim/hardware/interconnect.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>

namespace mtok::hardware {
namespace {

using kernel::Collective;
using kernel::CollectiveOp;

/// NCCL's low-latency protocol sends a flag with each word, so it moves half of the bytes; the bulk protocols
/// reach the full rate but pay about twice the latency. Source: E. Erdil, "Inference economics of language
/// models", 2025 (LL at 0.5 and LL128 at 0.95 of the bandwidth, with 6.8 and 14 us).
constexpr double kLowLatencyRate = 0.5;
constexpr double kBulkLatency = 2.0;

/// Many small messages at once reach less than one stream: NCCL all-to-all on NVLink 3 to 5 gets about this
/// share of the rate of its all-gather (ai-dynamo/aiconfigurator@095f58a5, collectives of 2 to 8 ranks).
constexpr double kExchangeRate = 0.85;

/// A link as n ranks see it.
struct Channel {
  BytesPerSecond rate{};       ///< that a large message of one rank reaches
  BytesPerSecond reduction{};  ///< the same while the switch adds; 0 without that
  Seconds hop{};               ///< alpha
  Seconds floor{};
  double ranks = 1;
  double detour = 1;  ///< mean hops of a message between two random ranks
  bool tree = false;  ///< worth it between nodes; within a node NCCL's trees are chains
};

/// The time of one algorithm: `steps` hops, each rank sending `moved` bytes.
KernelTime transfer(const Channel& channel, double steps, Bytes moved) {
  const Seconds latency = channel.floor + steps * channel.hop;
  const KernelTime quick{.network = moved / (channel.rate * kLowLatencyRate), .launch = latency};
  const KernelTime bulk{.network = moved / channel.rate, .launch = kBulkLatency * latency};
  return quick.total() <= bulk.total() ? quick : bulk;
}

KernelTime faster(const KernelTime& a, const KernelTime& b) {
  return b.total() < a.total() ? b : a;
}

KernelTime in_sequence(const KernelTime& a, const KernelTime& b) {
  return {.network = a.network + b.network, .launch = a.launch + b.launch};
}

/// Ring: 2 (n-1) steps, 2 (n-1)/n bytes. Tree: 2 log2 n steps, 2 bytes. In the network (NVLS): every rank
/// sends its bytes once and the sum of its own n-th once, (n+1)/n bytes; its latency is that of the bulk ring
/// (measured).
KernelTime all_reduce(const Channel& channel, Bytes bytes) {
  const double n = channel.ranks;
  KernelTime best = transfer(channel, 2 * (n - 1), bytes * (2 * (n - 1) / n));
  if (channel.tree) {
    best = faster(best, transfer(channel, 2 * std::ceil(std::log2(n)), bytes * 2));
  }
  if (channel.reduction > BytesPerSecond{}) {
    const Seconds latency = kBulkLatency * (channel.floor + 2 * (n - 1) * channel.hop);
    best = faster(best, {.network = bytes * ((n + 1) / n) / channel.reduction, .launch = latency});
  }
  return best;
}

/// Ring: n-1 steps, (n-1)/n of the gathered tensor.
KernelTime gather_or_scatter(const Channel& channel, Bytes bytes) {
  const double n = channel.ranks;
  return transfer(channel, n - 1, bytes * ((n - 1) / n));
}

/// Direct: all peers at once, log2 n hops of latency, (n-1)/n of the bytes, each over `detour` links.
KernelTime all_to_all(const Channel& channel, Bytes bytes) {
  const double n = channel.ranks;
  return transfer(channel, std::ceil(std::log2(n)), bytes * ((n - 1) / n * channel.detour / kExchangeRate));
}

/// The share of a device's links that a collective of n ranks can use at once.
double usable_share(const Link& link, double ranks) {
  const auto links = static_cast<double>(link.links);
  switch (link.topology) {
    case Link::Topology::mesh:  // one link to each peer
      return std::min(1.0, (ranks - 1) / links);
    case Link::Topology::torus:  // 2, 4, 8 ranks span 1, 2, 3 links each; wrap-around links come with the
                                 // larger ones
      return std::min(1.0, std::max(1.0, std::floor(std::log2(ranks))) / links);
    case Link::Topology::pcie:  // the host bridge is shared
      return ranks > 2 ? std::pow(2 / ranks, link.contention) : 1.0;
    case Link::Topology::switched:
    case Link::Topology::none:
      return 1.0;
  }
  assert(false && "every topology has a share");
  return 1.0;
}

/// The mean number of links between two ranks of a torus of `links`/2 dimensions: a quarter of each side.
double mean_hops(const Link& link, double ranks) {
  if (link.topology != Link::Topology::torus) {
    return 1;
  }
  const double dimensions = std::max(1.0, static_cast<double>(link.links) / 2);
  return std::max(1.0, dimensions * std::pow(ranks, 1 / dimensions) / 4);
}

Channel channel_over(const Link& link, const Efficiency& efficiency, std::int64_t ranks, bool between_nodes) {
  const auto n = static_cast<double>(ranks);
  Channel channel{.rate = link.bandwidth * (usable_share(link, n) * efficiency.link_fraction),
                  .hop = link.latency,
                  .floor = efficiency.collective_floor,
                  .ranks = n,
                  .detour = mean_hops(link, n),
                  .tree = between_nodes};
  if (link.in_network_reduction) {
    channel.reduction = link.bandwidth * efficiency.reduction_fraction;
  }
  return channel;
}

KernelTime on_channel(const Channel& channel, CollectiveOp op, Bytes bytes) {
  switch (op) {
    case CollectiveOp::all_reduce:
      return all_reduce(channel, bytes);
    case CollectiveOp::all_gather:
    case CollectiveOp::reduce_scatter:
      return gather_or_scatter(channel, bytes);
    case CollectiveOp::all_to_all:
      return all_to_all(channel, bytes);
    case CollectiveOp::point_to_point:
      return transfer(channel, 1, bytes);
  }
  assert(false && "every collective has an algorithm");
  return {};
}

/// d ranks inside, r/d domains outside. All-reduce: reduce-scatter inside, all-reduce of each rank's share
/// outside, all-gather inside. All-to-all: what stays inside, then what leaves. Point to point: between
/// domains.
KernelTime hierarchical(const Channel& inside, const Channel& outside, const Collective& collective) {
  const double d = inside.ranks;
  const Bytes share = collective.bytes / d;
  switch (collective.op) {
    case CollectiveOp::all_reduce:
      return in_sequence(in_sequence(gather_or_scatter(inside, collective.bytes), all_reduce(outside, share)),
                         gather_or_scatter(inside, collective.bytes));
    case CollectiveOp::all_gather:
    case CollectiveOp::reduce_scatter:
      return in_sequence(gather_or_scatter(outside, share), gather_or_scatter(inside, collective.bytes));
    case CollectiveOp::all_to_all:
      return in_sequence(all_to_all(inside, collective.bytes / outside.ranks),
                         all_to_all(outside, collective.bytes));
    case CollectiveOp::point_to_point:
      return transfer(outside, 1, collective.bytes);
  }
  assert(false && "every collective has a hierarchy");
  return {};
}

/// What a device without a link of its own uses: its host link, each byte crossing it once each way, to any
/// number of peers, with the default latency of a message through host memory.
Link through_host(const DeviceProfile& profile) {
  constexpr Seconds kHostHop = 10.0_us;  // plain estimate: two copies and a synchronisation
  return {
      .name = "host", .topology = Link::Topology::pcie, .bandwidth = profile.host_link, .latency = kHostHop};
}

bool present(const Link& link) {
  return link.topology != Link::Topology::none && link.bandwidth > BytesPerSecond{};
}

}  // namespace

KernelTime time_of_collective(const DeviceProfile& profile, const Collective& collective) {
  const std::int64_t ranks = collective.ranks;
  if (ranks <= 1) {
    return {};
  }
  const Efficiency& efficiency = profile.efficiency;
  const std::int64_t domain = present(profile.scale_up) ? profile.scale_up.domain : 1;
  if (ranks <= domain) {
    return on_channel(channel_over(profile.scale_up, efficiency, ranks, false), collective.op,
                      collective.bytes);
  }
  const std::int64_t domains = (ranks + domain - 1) / domain;
  const Channel outside = present(profile.scale_out)
                              ? channel_over(profile.scale_out, efficiency, domains, true)
                              : channel_over(through_host(profile), efficiency, domains, true);
  if (domain <= 1) {
    return on_channel(outside, collective.op, collective.bytes);
  }
  return hierarchical(channel_over(profile.scale_up, efficiency, domain, false), outside, collective);
}

}  // namespace mtok::hardware
