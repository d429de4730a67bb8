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
  /// Experts are placed by their load (EPLB), popular ones `redundant_experts` times more in all. Needs
  /// expert > 1.
  bool balanced_experts = false;
  std::int64_t redundant_experts = 0;
  /// Layers that exchange tokens run as two half batches, one computing while the other is under way.
  bool two_batch_overlap = false;

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

/// In what the matrices of the layers are stored when `weights` is asked for: the same for all, but for
/// - a checkpoint that quantizes only its routed experts and is served as published;
/// - NVFP4 of a network with latent attention: NVIDIA's checkpoints leave the projections of queries and
/// latents in 16
///   bits (DeepSeek-R1, V3.1 and V3.2), and the output projection too where the vendor's checkpoint already
///   left attention alone (Kimi-K2.5). Source: quantization configs of these checkpoints, as distributed with
///   and discussed in ai-dynamo/aiconfigurator (model_configs, pull request 1423).
struct MatrixFormats {
  kernel::NumberFormat attention = kernel::NumberFormat::bf16;  ///< all projections but that of the output
  kernel::NumberFormat attention_output = kernel::NumberFormat::bf16;
  kernel::NumberFormat dense = kernel::NumberFormat::bf16;  ///< dense FFN, shared experts
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

/// What a sequence keeps in one layer whatever its length, on one device: the recurrent state of linear
/// attention, heads
/// * key_dim * value_dim values, and the inputs of its short convolution, (conv_kernel - 1) 16-bit values a
/// channel. 0 for other forms of attention.
[[nodiscard]] Bytes state_bytes_of_layer(const AttentionSpec& attention, const Sharding& sharding);
/// Of all layers of the fullest device.
[[nodiscard]] Bytes state_bytes_per_sequence_per_device(const Architecture& architecture,
                                                        const Sharding& sharding);

/// What the indexer of sparse attention keeps of one token in one layer, on every device: an FP8 key of
/// index_head_dim values with a 32-bit scale for each 128 of them. 0 without an indexer.
[[nodiscard]] BytesPerToken index_bytes_per_token_of_layer(const AttentionSpec& attention);

/// Why the network cannot be spread so, as serving frameworks require it: "5 tensor ranks do not divide 32
/// heads". Empty when it can.
[[nodiscard]] std::string sharding_obstacle(const Architecture& architecture, const Sharding& sharding);

}  // namespace mtok::model
