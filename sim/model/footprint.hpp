// How large a network is: parameters, weight bytes, KV cache bytes.
#pragma once

#include <cstdint>
#include <string>

#include "sim/kernel/number_format.hpp"
#include "sim/model/architecture.hpp"
#include "sim/units/quantity.hpp"

namespace mtok::model {

/// Over how many devices one replica is spread. tp * pp * dp devices; experts are spread over `expert` of the
/// tp * dp devices of a pipeline stage (1: experts are sliced like dense layers). With dp > 1 attention is
/// replicated and each of the dp ranks serves its share of the sequences.
struct Sharding {
  std::int64_t tensor = 1;
  std::int64_t pipeline = 1;
  std::int64_t expert = 1;
  std::int64_t data = 1;

  [[nodiscard]] std::int64_t devices() const { return tensor * pipeline * data; }
  friend bool operator==(const Sharding&, const Sharding&) = default;
};

struct ParameterCount {
  std::int64_t total = 0;
  /// What one token multiplies: attention, norms, router, top-k and shared experts, output matrix; the input
  /// embedding only when it is also the output matrix.
  std::int64_t active = 0;
};
[[nodiscard]] ParameterCount count_parameters(const Architecture& architecture);
/// Of one layer.
[[nodiscard]] ParameterCount count_parameters(const Layer& layer, std::int64_t hidden_size);

/// In what the matrices of the layers are stored when `weights` is asked for: the same for all, but for a
/// checkpoint that quantizes only its routed experts and is served as published.
struct MatrixFormats {
  kernel::NumberFormat dense = kernel::NumberFormat::bf16;  ///< attention, dense FFN, shared experts
  kernel::NumberFormat experts = kernel::NumberFormat::bf16;
  kernel::NumberFormat kept =
      kernel::NumberFormat::bf16;  ///< embedding, output matrix, norms, biases, router
};
[[nodiscard]] MatrixFormats matrix_formats(const Architecture& architecture, kernel::NumberFormat weights);

/// Bytes of all weights. Matrices of the layers are stored as `matrix_formats` says; embedding, output
/// matrix, norms, biases and router stay in 16 bits (32 when `weights` is fp32), as in the published
/// quantized checkpoints.
[[nodiscard]] Bytes weight_bytes(const Architecture& architecture, kernel::NumberFormat weights);
/// Weight bytes on the fullest device. Layers are split over pipeline stages as vLLM does: equal shares, what
/// is left over goes to the stages before the last.
[[nodiscard]] Bytes weight_bytes_per_device(const Architecture& architecture, kernel::NumberFormat weights,
                                            const Sharding& sharding);

/// Cache bytes that one more token of context needs, all layers, all devices together counted once (no
/// replication), windows ignored: the published "KV bytes per token".
[[nodiscard]] BytesPerToken kv_bytes_per_token(const Architecture& architecture,
                                               kernel::NumberFormat kv_cache);
/// The same on one device: KV heads are split over tensor ranks down to one head each, the latent cache is
/// replicated, layers are split over pipeline stages.
[[nodiscard]] BytesPerToken kv_bytes_per_token_per_device(const Architecture& architecture,
                                                          kernel::NumberFormat kv_cache,
                                                          const Sharding& sharding);
/// Of one attention layer, on one device.
[[nodiscard]] BytesPerToken kv_bytes_per_token_of_layer(const AttentionSpec& attention,
                                                        kernel::NumberFormat kv_cache,
                                                        const Sharding& sharding);

/// Why the network cannot be spread so, as serving frameworks require it: "5 tensor ranks do not divide 32
/// heads". Empty when it can.
[[nodiscard]] std::string sharding_obstacle(const Architecture& architecture, const Sharding& sharding);

}  // namespace mtok::model
