// The time that low-rank adapters add to a step, and the memory that they take.
#pragma once

#include <functional>
#include <memory>

#include "sim/engine/demand.hpp"
#include "sim/engine/deployment.hpp"

namespace mtok::engine {

/// What `tokens` tokens add to a step of a batch with so many distinct adapters; energy of all devices.
using AdapterDemand = std::function<Demand(std::int64_t tokens, std::int64_t adapters)>;
/// `timer`, and for steps of batches with adapters the demand of all their tokens on top. Asked once for each
/// pair.
[[nodiscard]] std::unique_ptr<StepTimer> with_adapters(std::unique_ptr<StepTimer> timer,
                                                       AdapterDemand demand);

/// Beside each dense product C[m, n] = A[m, k] W[k, n] of the attention and the feed-forward part stand A[m,
/// k] X[k, r] and (A X)[m, r] Y[r, n], in 16 bits, X and Y of each adapter in the batch; products that
/// serving frameworks merge (q, k, v; gate, up) have an X each. On tensor ranks they are cut as vLLM cuts
/// them by default: with the product that they stand beside, the other factor whole. Source: Hu et al.,
/// "LoRA", ICLR 2022; Sheng et al., "S-LoRA", MLSys 2024 (kernels gathered by adapter), timed as grouped
/// products. Leaves out: adapters on routers, experts, embeddings and the output matrix; rows without an
/// adapter, which count like all others.
[[nodiscard]] AdapterDemand low_rank_demand(const Deployment& deployment, std::int64_t rank);
/// Bytes of one adapter on the device that holds most; pipeline stages share the layers.
[[nodiscard]] Bytes adapter_bytes_per_device(const Deployment& deployment, std::int64_t rank);
/// Takes so many slots of adapters off the KV budget.
void make_room_for_adapters(MemoryPlan& plan, Bytes adapter_per_device, std::int64_t slots,
                            std::int64_t block_size, std::int64_t data_ranks);

}  // namespace mtok::engine
