// Attention over a KV cache by batched matrix products of the kernel library.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "sim/host/buffer.hpp"
#include "sim/host/operand.hpp"

namespace mtok::host {

/// Sequences of equal context; the `fresh` newest tokens of each are the queries, causally masked.
struct AttentionShape {
  std::int64_t sequences = 1;
  std::int64_t fresh = 1;     ///< new tokens of each sequence
  std::int64_t context = 1;   ///< tokens of each sequence whose K and V are read, the new ones included
  std::int64_t capacity = 1;  ///< tokens of each sequence that the cache has room for
  std::int64_t heads = 1;
  std::int64_t kv_heads = 1;
  std::int64_t head_dim = 64;
  kernel::NumberFormat format = kernel::NumberFormat::bf16;  ///< of the cache and of the products
};

/// K and V of one layer: [sequence, kv_head, token, head_dim] each, int8 with a scale for each token and
/// head.
class KvCache {
 public:
  explicit KvCache(const AttentionShape& shape);

 private:
  friend class Attention;
  Buffer keys_;
  Buffer values_;
  std::vector<float> key_scales_;
  std::vector<float> key_sums_;
  std::vector<float> value_scales_;
};

/// softmax(Q K^T / sqrt(head_dim)) V. One product for all sequences and heads for the scores, one for the
/// values, row loops between; the scores of one call are kept whole, since the library has no fused kernel.
class Attention {
 public:
  Attention(const Library& library, const AttentionShape& shape);
  Attention(Attention&&) noexcept;
  ~Attention();

  /// Stores K and V of one token: [kv_heads * head_dim] each.
  void store(KvCache& cache, std::int64_t sequence, std::int64_t token, const float* key,
             const float* value) const;
  /// q and out: [sequences, fresh, heads, head_dim] in F32. A head of index h reads KV head h / (heads /
  /// kv_heads).
  void run(const KvCache& cache, const float* q, float* out);
  /// Of the product with K, and of that with V.
  [[nodiscard]] std::string implementation() const;

 private:
  struct Products;
  AttentionShape shape_;
  Operands operands_;
  std::unique_ptr<Products> products_;
  Buffer queries_;
  Buffer scores_;  ///< F32
  Buffer shares_;  ///< the softmax, as operand
  Buffer results_;
  std::vector<float> query_scales_;
  std::vector<float> share_scales_;
};

}  // namespace mtok::host
