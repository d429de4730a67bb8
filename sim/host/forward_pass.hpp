// One step of a transformer, all layers, composed of products of the kernel library.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "sim/host/attention.hpp"
#include "sim/host/ffn.hpp"

namespace mtok::host {

/// A decoder with grouped-query attention and gated feed-forward layers, dense (experts = 1) or MoE.
struct NetworkShape {
  std::int64_t hidden = 0;
  std::int64_t layers = 0;
  std::int64_t heads = 0;
  std::int64_t kv_heads = 0;
  std::int64_t head_dim = 0;
  std::int64_t intermediate = 0;  ///< of one expert
  std::int64_t experts = 1;
  std::int64_t top_k = 1;
  std::int64_t vocab = 0;
  bool qk_norm = false;  ///< q and k of each head are normalized before the rotary embedding
  kernel::NumberFormat format = kernel::NumberFormat::bf16;       ///< of weights and activations
  kernel::NumberFormat kv_format = kernel::NumberFormat::bf16;    ///< of the cache and of attention
  kernel::NumberFormat head_format = kernel::NumberFormat::bf16;  ///< of the output matrix; F32 or BF16
};

/// Random weights of all layers, and room for the K and V of some sequences.
class Network {
 public:
  Network(const Library& library, const NetworkShape& shape, std::int64_t sequences, std::int64_t capacity);
  /// Of the weights, without the embedding.
  [[nodiscard]] std::size_t weight_bytes() const { return weights_.size(); }
  [[nodiscard]] const NetworkShape& shape() const { return shape_; }

 private:
  friend class ForwardPass;
  struct Layer {
    std::byte* qkv = nullptr;
    std::byte* output = nullptr;
    std::byte* ffn = nullptr;
  };
  NetworkShape shape_;
  std::int64_t sequences_;
  std::int64_t capacity_;
  Buffer weights_;
  std::vector<Layer> layers_;
  std::byte* head_ = nullptr;
  std::vector<KvCache> caches_;
};

/// A step with the same number of new tokens in every sequence: prefill, or decode with fresh = 1. Norms
/// without weights, rotary embedding over the whole head, residuals in F32; the embedding is left to the
/// caller.
class ForwardPass {
 public:
  /// `context`: tokens of each sequence after the step, at most the capacity of the network's caches.
  ForwardPass(const Library& library, Network& network, std::int64_t fresh, std::int64_t context);

  /// x: [sequences, fresh, hidden] in F32, and is overwritten. Returns the logits of the last token of each
  /// sequence, [sequences, vocab], valid until the next run.
  const float* run(float* x);

 private:
  void norm_to_operand(const float* x);
  void project(const Matmul& product, const std::byte* weights, std::int64_t width, Buffer& results,
               float* values);
  void rotate_and_store(KvCache& cache);
  void read_rows(const Buffer& results, std::int64_t width, float* values) const;

  Network& network_;
  std::int64_t fresh_;
  std::int64_t context_;
  std::int64_t tokens_;
  std::int64_t threads_;
  Operands operands_;
  Matmul qkv_;
  Matmul output_;
  Matmul head_;
  Attention attention_;
  Ffn ffn_;
  Operands head_operands_;
  Buffer inputs_;         ///< operands of a product
  Buffer results_;        ///< of a product
  Buffer narrow_logits_;  ///< as the product gives them
  std::vector<float> logits_;
  std::vector<float> wide_;  ///< q, k and v of all tokens
  std::vector<float> q_;     ///< rotated
  std::vector<float> k_;
  std::vector<float> mixed_;    ///< what attention gave
  std::vector<float> update_;   ///< what is added to x
  std::vector<float> normed_;   ///< what the feed-forward layer reads
  std::vector<float> scales_;   ///< of the rows of inputs_
  std::vector<float> ones_;     ///< scales of columns
  std::vector<float> zeros_;    ///< their sums
  std::vector<float> cosines_;  ///< [fresh, head_dim / 2]
  std::vector<float> sines_;
  std::vector<float> scratch_;
};

}  // namespace mtok::host
