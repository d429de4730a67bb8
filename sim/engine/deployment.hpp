// The step timer of a real deployment, compiled from a network, a device and a serving framework.
#pragma once

#include <memory>

#include "sim/engine/step_timer.hpp"
#include "sim/hardware/device.hpp"
#include "sim/hardware/framework_profile.hpp"
#include "sim/model/step_graph.hpp"

namespace mtok::engine {

/// One network on the devices of one replica. What it points to must outlive the timers made from it.
struct Deployment {
  const model::Architecture* architecture = nullptr;
  const hardware::Device* device = nullptr;
  const hardware::FrameworkProfile* framework = nullptr;
  model::Sharding sharding{};
  kernel::Formats formats{};
  model::Routing routing{};
};

/// Compiles tables: the kernels of all layers by token count and the head by emitting sequences are walked
/// once and then looked up; attention is timed from its load.
///
/// A step takes sum(layers) + pp * head + attention(prefill) + attention(decode) + host time that does not
/// overlap. With pp pipeline stages the batch runs as pp micro-batches that follow each other, and with dp
/// data ranks it is spread evenly, so each device sees ceil(tokens / (pp * dp)). Where layers run as two half
/// batches, attention over the cache first fills the time in which the devices wait for their exchange.
/// Leaves out: pipeline bubbles when the batch runs dry, uneven data ranks.
///
/// A step with both phases is split in proportion to the times that prefill alone and decode alone would
/// take.
[[nodiscard]] std::unique_ptr<StepTimer> compile(const Deployment& deployment);

/// Memory of one replica, as the framework's rule divides it.
struct MemoryPlan {
  Bytes per_device{};          ///< memory of one device
  Bytes weights_per_device{};  ///< of the fullest device
  Bytes weights_total{};
  Bytes reserved_per_device{};  ///< activations, graphs
  Bytes adapters_per_device{};  ///< slots of low-rank adapters
  Bytes kv_per_device{};        ///< negative when the weights do not fit
  BytesPerToken kv_per_token_per_device{};
  BytesPerToken kv_per_token{};
  Bytes state_per_sequence_per_device{};  ///< what a sequence keeps whatever its length
  std::int64_t kv_blocks = 0;             ///< of the whole replica, data ranks together
};
/// `max_num_batched_tokens`: of one device, which sets the size of the workspace.
[[nodiscard]] MemoryPlan plan_memory(const Deployment& deployment, double memory_fraction,
                                     std::int64_t block_size, std::int64_t max_num_batched_tokens);

}  // namespace mtok::engine
