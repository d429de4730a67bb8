// Rates and latency of KV transfers between two pools.
#include "sim/planner/kv_link.hpp"

#include <algorithm>

#include "sim/hardware/interconnect.hpp"

namespace mtok::planner {
namespace {

struct Rate {
  BytesPerSecond bandwidth{};
  Seconds latency{};
};

/// One device sending to one device, as a large message.
Rate one_to_one(const hardware::DeviceProfile& device, bool within_domain) {
  constexpr Bytes kLarge{1e9};
  const hardware::KernelTime time = hardware::time_of_collective(
      device, {.op = kernel::CollectiveOp::point_to_point,
               .bytes = kLarge,
               .ranks = within_domain ? 2 : std::max<std::int64_t>(1, device.scale_up.domain) + 1});
  return {.bandwidth = kLarge / time.network, .latency = time.launch};
}

double devices_of_a_rank(const model::Sharding& sharding) {
  return static_cast<double>(sharding.tensor * sharding.pipeline);
}

}  // namespace

engine::KvLink link_between(const LinkEnd& prefill, const LinkEnd& decode, Bytes page, std::int64_t layers,
                            const KvTransferChoice& choice) {
  const std::int64_t devices =
      prefill.sharding.devices() * prefill.replicas + decode.sharding.devices() * decode.replicas;
  const bool within_domain =
      prefill.device->name == decode.device->name && devices <= prefill.device->scale_up.domain;
  const Rate sends = one_to_one(*prefill.device, within_domain);
  const Rate receives = one_to_one(*decode.device, within_domain);
  const double ratio = devices_of_a_rank(decode.sharding) / devices_of_a_rank(prefill.sharding);
  return {.per_page = std::max(page * ratio / choice.bandwidth.value_or(sends.bandwidth),
                               page / choice.bandwidth.value_or(receives.bandwidth)),
          .latency = choice.latency.value_or(std::max(sends.latency, receives.latency)),
          .send_lanes = prefill.sharding.data,
          .receive_lanes = decode.sharding.data,
          .overlapped_layers = choice.layerwise ? layers : 0};
}

}  // namespace mtok::planner
