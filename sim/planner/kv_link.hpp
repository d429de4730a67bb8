// The link between a prefill pool and a decode pool, from the interconnects of their devices.
#pragma once

#include "sim/engine/deployment.hpp"
#include "sim/engine/kv_transfer.hpp"
#include "sim/planner/scenario.hpp"

namespace mtok::planner {

/// One of the two pools as the link sees it.
struct LinkEnd {
  const hardware::DeviceProfile* device = nullptr;
  model::Sharding sharding{};
  std::int64_t replicas = 1;
};

/// What crosses is what the ranks of the decode replica keep (with latent attention each tensor rank keeps,
/// and fetches, all of it). The devices of one data rank share the work at each end; the slower end counts.
/// When both pools are of one device and fit its scale-up domain together, that link is taken, else the
/// scale-out link, else the host's; achievable rate and latency as for point-to-point collectives.
/// `page`: bytes of one KV page on one device of the decode pool. `layers`: of the network.
[[nodiscard]] engine::KvLink link_between(const LinkEnd& prefill, const LinkEnd& decode, Bytes page,
                                          std::int64_t layers, const KvTransferChoice& choice);

}  // namespace mtok::planner
