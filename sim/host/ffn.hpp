// Gated feed-forward layers, dense and as mixture of experts, composed of products of the kernel library.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "sim/host/buffer.hpp"
#include "sim/host/matmul.hpp"
#include "sim/host/operand.hpp"

namespace mtok::host {

/// hidden -> intermediate (gate and up) -> hidden. experts = 1 and top_k = 1: a dense layer without router.
struct FfnShape {
  std::int64_t tokens = 1;
  std::int64_t hidden = 0;
  std::int64_t intermediate = 0;  ///< of one expert
  std::int64_t experts = 1;
  std::int64_t top_k = 1;
  kernel::NumberFormat format = kernel::NumberFormat::bf16;
};

/// Where the time of one run went, and how many experts saw a token.
struct FfnParts {
  Seconds router{};
  Seconds gather{};  ///< quantization of tokens and their copies, one for each expert chosen
  Seconds products{};
  Seconds activation{};
  Seconds scatter{};
  std::int64_t distinct = 0;

  [[nodiscard]] Seconds total() const { return router + gather + products + activation + scatter; }
};

/// The weights of one expert or dense layer, as a caller may give them to the layer.
struct FfnWeights {
  const float* gate_up = nullptr;  ///< [hidden, 2 intermediate], gate columns first
  const float* down = nullptr;     ///< [intermediate, hidden]
};

/// out = sum over the chosen experts of weight * down(silu(gate(x)) * up(x)), weights by a softmax over the
/// logits of the chosen. The library has no fused kernel for it: one product for each expert that is touched.
class Ffn {
 public:
  /// Weights are whatever lies in `memory`, expert after expert, packed; it holds at least weight_bytes.
  Ffn(const Library& library, const FfnShape& shape, std::byte* memory);
  [[nodiscard]] static std::size_t weight_bytes(const Library& library, const FfnShape& shape);

  /// Quantizes (int8: one scale for each column) and packs the weights of one expert.
  void set_weights(std::int64_t expert, const FfnWeights& weights);
  void set_router(const float* weights);  ///< [hidden, experts]
  /// Uses other weights from now on, in the same layout.
  void use_memory(std::byte* memory) { memory_ = memory; }
  /// x and out: [tokens, hidden] in F32.
  FfnParts run(const float* x, float* out);
  /// Distinct experts that each group of `tokens` rows chooses; rows: a multiple of `tokens`.
  [[nodiscard]] std::vector<std::int64_t> distinct_experts(const float* x, std::int64_t rows);

 private:
  struct Pair {
    std::int64_t token = 0;
    std::int64_t row = 0;  ///< in the buffers of the products
    float weight = 0;
  };

  void choose(const float* logits, Pair* pairs) const;
  void route(const float* x);
  void gather(const float* x);
  void multiply(MatmulSet& products, const Buffer& in, std::size_t in_row, std::size_t weight_offset,
                const Buffer& out, std::size_t out_row) const;
  void activate();
  void scatter(float* out);
  [[nodiscard]] std::byte* expert_memory(std::int64_t expert) const;
  void pack(const Matmul& product, const float* values, std::int64_t rows, std::int64_t columns,
            std::byte* packed, float* scales, float* sums) const;

  const Library& library_;
  FfnShape shape_;
  std::byte* memory_;
  Operands operands_;
  MatmulSet up_;
  MatmulSet down_;
  Matmul router_;
  Buffer router_weights_;
  Buffer logits_;
  std::vector<Pair> pairs_;              ///< top_k of each token
  std::vector<std::int64_t> chosen_;     ///< expert of each pair
  std::vector<std::int64_t> rows_of_;    ///< tokens of each expert
  std::vector<std::int64_t> first_row_;  ///< of each expert
  Buffer tokens_;                        ///< operands of the tokens, before they are copied
  Buffer gathered_;
  Buffer widened_;
  Buffer activated_;
  Buffer narrowed_;
  std::vector<float> token_scales_;
  std::vector<float> row_scales_;     ///< of activated_
  std::vector<float> source_scales_;  ///< of gathered_
  std::vector<float> up_scales_;      ///< [experts, 2 intermediate]
  std::vector<float> up_sums_;
  std::vector<float> down_scales_;  ///< [experts, hidden]
  std::vector<float> down_sums_;
  std::vector<float> scratch_;  ///< two rows for each thread
};

}  // namespace mtok::host
