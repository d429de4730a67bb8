// Scores, softmax and weighted values, each by one batched product or one pass over rows.
#include "sim/host/attention.hpp"

#include <fmt/format.h>
#include <omp.h>
#include <oneapi/dnnl/dnnl.hpp>

#include <cmath>
#include <unordered_map>

#include "sim/host/onednn.hpp"

namespace mtok::host {
namespace {

using dnnl::memory;
using kernel::NumberFormat;

std::size_t count(std::int64_t n) {
  return static_cast<std::size_t>(n);
}

std::size_t value_bytes(NumberFormat format) {
  return static_cast<std::size_t>(kernel::bytes_per_value(format).base());
}

memory::data_type input_type(NumberFormat format) {
  if (format == NumberFormat::int8) {
    return memory::data_type::u8;
  }
  return format == NumberFormat::bf16 ? memory::data_type::bf16 : memory::data_type::f32;
}
memory::data_type cache_type(NumberFormat format) {
  return format == NumberFormat::int8 ? memory::data_type::s8 : input_type(format);
}

/// C[batch, m, n] = A[batch, m, k] B[batch, k, n], the second operand with the strides given, C in F32.
class BatchedProduct {
 public:
  BatchedProduct(Library::Engine& engine, const memory::dims& sizes, NumberFormat format,
                 const memory::dims& strides)
      : engine_(engine),
        description_(dnnl::matmul::desc(
                         {{sizes[0], sizes[1], sizes[3]}, input_type(format), memory::format_tag::abc},
                         {{sizes[0], sizes[3], sizes[2]}, cache_type(format), strides},
                         {{sizes[0], sizes[1], sizes[2]}, memory::data_type::f32, memory::format_tag::abc}),
                     *engine.engine),
        product_(description_) {}

  void run(const Buffer& a, const Buffer& b, const Buffer& c) const {
    const auto at = [&](const memory::desc& desc, const Buffer& buffer) {
      return memory(desc, *engine_.engine, buffer.data());
    };
    product_.execute(*engine_.stream, {{DNNL_ARG_SRC, at(description_.src_desc(), a)},
                                       {DNNL_ARG_WEIGHTS, at(description_.weights_desc(), b)},
                                       {DNNL_ARG_DST, at(description_.dst_desc(), c)}});
    engine_.stream->wait();
  }
  [[nodiscard]] std::string implementation() const { return description_.impl_info_str(); }

 private:
  Library::Engine& engine_;
  dnnl::matmul::primitive_desc description_;
  dnnl::matmul product_;
};

}  // namespace

struct Attention::Products {
  BatchedProduct scores;
  BatchedProduct values;
};

KvCache::KvCache(const AttentionShape& shape)
    : keys_(count(shape.sequences * shape.kv_heads * shape.capacity * shape.head_dim) *
            value_bytes(shape.format)),
      values_(keys_.size()),
      key_scales_(count(shape.sequences * shape.kv_heads * shape.capacity), 1),
      key_sums_(key_scales_.size(), 0),
      value_scales_(key_scales_.size(), 1) {}

Attention::Attention(const Library& library, const AttentionShape& shape)
    : shape_(shape), operands_(library, shape.format) {
  const std::int64_t batch = shape.sequences * shape.kv_heads;
  const std::int64_t rows = shape.heads / shape.kv_heads * shape.fresh;
  const std::int64_t dim = shape.head_dim;
  const std::int64_t context = shape.context;
  products_ = std::make_unique<Products>(
      Products{.scores = BatchedProduct(library.engine(), {batch, rows, context, dim}, shape.format,
                                        {shape.capacity * dim, 1, dim}),
               .values = BatchedProduct(library.engine(), {batch, rows, dim, context}, shape.format,
                                        {shape.capacity * dim, dim, 1})});
  const std::size_t all_rows = count(batch * rows);
  queries_ = Buffer(all_rows * count(dim) * operands_.input_size());
  scores_ = Buffer(all_rows * count(context) * sizeof(float));
  shares_ = Buffer(all_rows * count(context) * operands_.input_size());
  results_ = Buffer(all_rows * count(dim) * sizeof(float));
  query_scales_.assign(all_rows, 1);
  share_scales_.assign(all_rows, 1);
}

Attention::Attention(Attention&&) noexcept = default;
Attention::~Attention() = default;

std::string Attention::implementation() const {
  return fmt::format("{} and {}", products_->scores.implementation(), products_->values.implementation());
}

void Attention::store(KvCache& cache, std::int64_t sequence, std::int64_t token, const float* key,
                      const float* value) const {
  const std::int64_t dim = shape_.head_dim;
  for (std::int64_t h = 0; h < shape_.kv_heads; ++h) {
    const std::size_t place = count((sequence * shape_.kv_heads + h) * shape_.capacity + token);
    std::byte* const k = cache.keys_.data() + place * count(dim) * value_bytes(shape_.format);
    std::byte* const v = cache.values_.data() + place * count(dim) * value_bytes(shape_.format);
    if (shape_.format == NumberFormat::int8) {
      float unused = 0;
      cache.key_scales_[place] = operands_.loops().to_s8(
          key + h * dim, dim, reinterpret_cast<std::int8_t*>(k), &cache.key_sums_[place]);  // NOLINT
      cache.value_scales_[place] = operands_.loops().to_s8(
          value + h * dim, dim, reinterpret_cast<std::int8_t*>(v), &unused);  // NOLINT: raw memory
    } else {
      (void)operands_.write(key + h * dim, dim, k);
      (void)operands_.write(value + h * dim, dim, v);
    }
  }
}

void Attention::run(const KvCache& cache, const float* q, float* out) {
  const std::int64_t dim = shape_.head_dim;
  const std::int64_t context = shape_.context;
  const std::int64_t group = shape_.heads / shape_.kv_heads;
  const std::int64_t rows = group * shape_.fresh;
  const std::int64_t all_rows = shape_.sequences * shape_.kv_heads * rows;
  const bool narrow = shape_.format == NumberFormat::int8;
  const RowLoops& loops = operands_.loops();
  constexpr std::int64_t kWorthSharing = 16384;
  // Row r of the products is (sequence, kv head, new token, head of the group).
  const auto place_in_q = [&](std::int64_t r) {
    const std::int64_t in_group = r % group;
    const std::int64_t token = r / group % shape_.fresh;
    const std::int64_t kv_head = r / rows % shape_.kv_heads;
    const std::int64_t sequence = r / rows / shape_.kv_heads;
    return ((sequence * shape_.fresh + token) * shape_.heads + kv_head * group + in_group) * dim;
  };
#pragma omp parallel for if (all_rows * dim >= kWorthSharing)
  for (std::int64_t r = 0; r < all_rows; ++r) {
    query_scales_[count(r)] =
        operands_.write(q + place_in_q(r), dim, queries_.data() + count(r * dim) * operands_.input_size());
  }
  products_->scores.run(queries_, cache.keys_, scores_);
  const float factor = 1 / std::sqrt(static_cast<float>(dim));
#pragma omp parallel for if (all_rows * context >= kWorthSharing)
  for (std::int64_t r = 0; r < all_rows; ++r) {
    float* const row = scores_.as<float>() + r * context;
    std::byte* const operand = shares_.data() + count(r * context) * operands_.input_size();
    const std::size_t keys = count(r / rows * shape_.capacity);
    const std::int64_t seen = context - shape_.fresh + 1 + r / group % shape_.fresh;
    if (narrow) {
      loops.unscale(row, &cache.key_scales_[keys], &cache.key_sums_[keys], query_scales_[count(r)], context,
                    row);
    }
    loops.softmax(row, seen, context, factor);
    if (narrow) {
      loops.multiply(row, &cache.value_scales_[keys], context, row);
      share_scales_[count(r)] =
          loops.to_u8_from_zero(row, context, reinterpret_cast<std::uint8_t*>(operand));  // NOLINT: raw
    } else {
      (void)operands_.write(row, context, operand);
    }
  }
  products_->values.run(shares_, cache.values_, results_);
#pragma omp parallel for if (all_rows * dim >= kWorthSharing)
  for (std::int64_t r = 0; r < all_rows; ++r) {
    loops.scale(results_.as<float>() + r * dim, share_scales_[count(r)], dim, out + place_in_q(r));
  }
}

}  // namespace mtok::host
