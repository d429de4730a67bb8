// Runs what is larger than a product: element-wise passes, attention, feed-forward layers, forward passes.
#pragma once

#include <vector>

#include "sim/host/buffer.hpp"
#include "sim/host/forward_pass.hpp"
#include "sim/host/library.hpp"
#include "sim/model/architecture.hpp"
#include "sim/validation/host_samples.hpp"

namespace mtok::validation {

/// Work of kind elementwise or attention, caches cold.
[[nodiscard]] HostSample measure_kernel(const host::Library& library, const HostWork& work);

/// A MoE layer or a dense twin. Several inputs in turn, so that the experts of one are not in a cache when
/// the next comes, and the time is the mean over the inputs of the least time of each. `weights` holds them;
/// it grows when it is too small.
[[nodiscard]] HostSample measure_layer(const host::Library& library, const HostWork& work,
                                       host::Buffer& weights);

/// The network as the host runs it. Requires grouped-query attention and gated layers that are all equal.
[[nodiscard]] host::NetworkShape shape_of(const model::Architecture& architecture,
                                          kernel::NumberFormat format);
/// One step of work.m sequences: prefill of work.context tokens each, or one token each after as many less 1.
[[nodiscard]] HostSample measure_step(const host::Library& library, host::Network& network,
                                      const HostWork& work);

/// A multi-sequence network needs caches for this.
inline constexpr std::int64_t kLongestContext = 512;

}  // namespace mtok::validation
