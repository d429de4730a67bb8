// Norm, projections, attention and feed-forward of every layer, then the output matrix.
#include "sim/host/forward_pass.hpp"

#include <omp.h>

#include <algorithm>
#include <cmath>

namespace mtok::host {
namespace {

constexpr std::size_t kAlignment = 4096;
constexpr float kWeightScale = 1e-2F;          // keeps int8 sums in a sane range
constexpr std::int64_t kWorthSharing = 16384;  // values; fewer are done by one thread

std::size_t aligned(std::size_t bytes) {
  return (bytes + kAlignment - 1) / kAlignment * kAlignment;
}
std::size_t size(std::int64_t n) {
  return static_cast<std::size_t>(n);
}

std::int64_t qkv_width(const NetworkShape& shape) {
  return (shape.heads + 2 * shape.kv_heads) * shape.head_dim;
}

kernel::Gemm product_of(std::int64_t m, std::int64_t n, std::int64_t k, kernel::NumberFormat format) {
  return {.m = m, .n = n, .k = k, .weights = format, .activations = format};
}

Matmul qkv_product(const Library& library, const NetworkShape& shape) {
  return {library, product_of(16, qkv_width(shape), shape.hidden, shape.format)};
}
Matmul output_product(const Library& library, const NetworkShape& shape) {
  return {library, product_of(16, shape.hidden, shape.heads * shape.head_dim, shape.format)};
}
Matmul head_product(const Library& library, const NetworkShape& shape) {
  return {library, product_of(16, shape.vocab, shape.hidden, shape.head_format)};
}

FfnShape ffn_shape(const NetworkShape& shape, std::int64_t tokens) {
  return {.tokens = tokens,
          .hidden = shape.hidden,
          .intermediate = shape.intermediate,
          .experts = shape.experts,
          .top_k = shape.top_k,
          .format = shape.format};
}

AttentionShape attention_shape(const NetworkShape& shape, std::int64_t sequences, std::int64_t fresh,
                               std::int64_t context, std::int64_t capacity) {
  return {.sequences = sequences,
          .fresh = fresh,
          .context = context,
          .capacity = capacity,
          .heads = shape.heads,
          .kv_heads = shape.kv_heads,
          .head_dim = shape.head_dim,
          .format = shape.kv_format};
}

}  // namespace

Network::Network(const Library& library, const NetworkShape& shape, std::int64_t sequences,
                 std::int64_t capacity)
    : shape_(shape), sequences_(sequences), capacity_(capacity) {
  const std::size_t qkv = aligned(qkv_product(library, shape).weight_bytes());
  const std::size_t output = aligned(output_product(library, shape).weight_bytes());
  const std::size_t ffn = aligned(Ffn::weight_bytes(library, ffn_shape(shape, 1)));
  const std::size_t head = aligned(head_product(library, shape).weight_bytes());
  weights_ = Buffer(size(shape.layers) * (qkv + output + ffn) + head);
  const std::size_t layers = size(shape.layers) * (qkv + output + ffn);
  if (shape.format == kernel::NumberFormat::int8) {  // so that no part common to all tokens drowns the rest
    fill_balanced_s8(weights_.as<std::int8_t>(), layers, 11);
  } else {
    fill_bf16(weights_.as<std::uint16_t>(), layers / 2, 11);
  }
  fill_bf16(weights_.as<std::uint16_t>() + layers / 2, head / 2, 13);
  std::byte* next = weights_.data();
  for (std::int64_t i = 0; i < shape.layers; ++i) {
    layers_.push_back({.qkv = next, .output = next + qkv, .ffn = next + qkv + output});
    next += qkv + output + ffn;
    caches_.emplace_back(attention_shape(shape, sequences, 1, 1, capacity));
  }
  head_ = next;
}

ForwardPass::ForwardPass(const Library& library, Network& network, std::int64_t fresh, std::int64_t context)
    : network_(network),
      fresh_(fresh),
      context_(context),
      tokens_(network.sequences_ * fresh),
      threads_(library.machine().threads),
      operands_(library, network.shape_.format),
      qkv_(qkv_product(library, network.shape_).with_rows(tokens_)),
      output_(output_product(library, network.shape_).with_rows(tokens_)),
      head_(head_product(library, network.shape_).with_rows(network.sequences_)),
      attention_(library,
                 attention_shape(network.shape_, network.sequences_, fresh, context, network.capacity_)),
      ffn_(library, ffn_shape(network.shape_, tokens_), network.layers_.front().ffn),
      head_operands_(library, network.shape_.head_format) {
  const NetworkShape& shape = network.shape_;
  const std::int64_t widest = std::max(qkv_width(shape), shape.hidden);
  inputs_ = Buffer(size(tokens_ * std::max(shape.hidden, shape.heads * shape.head_dim)) * sizeof(float));
  results_ = Buffer(size(tokens_ * widest) * sizeof(float));
  narrow_logits_ = Buffer(size(network.sequences_ * shape.vocab) * sizeof(float));
  logits_.resize(size(network.sequences_ * shape.vocab));
  wide_.resize(size(tokens_ * qkv_width(shape)));
  q_.resize(size(tokens_ * shape.heads * shape.head_dim));
  k_.resize(size(tokens_ * shape.kv_heads * shape.head_dim));
  mixed_.resize(q_.size());
  update_.resize(size(tokens_ * shape.hidden));
  normed_.resize(update_.size());
  scales_.assign(size(tokens_), 1);
  ones_.assign(size(widest), kWeightScale);
  zeros_.assign(size(widest), 0);
  scratch_.resize(size(threads_ * widest));
  constexpr double kTheta = 10000;
  const std::int64_t half = shape.head_dim / 2;
  for (std::int64_t t = 0; t < fresh; ++t) {
    for (std::int64_t i = 0; i < half; ++i) {
      const double angle = static_cast<double>(context - fresh + t) *
                           std::pow(kTheta, -static_cast<double>(i) / static_cast<double>(half));
      cosines_.push_back(static_cast<float>(std::cos(angle)));
      sines_.push_back(static_cast<float>(std::sin(angle)));
    }
  }
}

void ForwardPass::norm_to_operand(const float* x) {
  const std::int64_t width = network_.shape_.hidden;
  const std::size_t row_bytes = size(width) * operands_.input_size();
#pragma omp parallel for if (tokens_ * width >= kWorthSharing)
  for (std::int64_t t = 0; t < tokens_; ++t) {
    float* const row = &scratch_[size(omp_get_thread_num()) * scratch_.size() / size(threads_)];
    operands_.loops().normalize(x + t * width, width, row);
    scales_[size(t)] = operands_.write(row, width, inputs_.data() + size(t) * row_bytes);
  }
}

void ForwardPass::read_rows(const Buffer& results, std::int64_t width, float* values) const {
#pragma omp parallel for if (tokens_ * width >= kWorthSharing)
  for (std::int64_t t = 0; t < tokens_; ++t) {
    operands_.read(results.data() + size(t * width) * operands_.output_size(), width,
                   {.scales = ones_.data(), .sums = zeros_.data()}, scales_[size(t)], values + t * width);
  }
}

void ForwardPass::project(const Matmul& product, const std::byte* weights, std::int64_t width,
                          Buffer& results, float* values) {
  product.run(inputs_.data(), weights, results.data());
  read_rows(results, width, values);
}

void ForwardPass::rotate_and_store(KvCache& cache) {
  const NetworkShape& shape = network_.shape_;
  const std::int64_t dim = shape.head_dim;
  const std::int64_t width = qkv_width(shape);
#pragma omp parallel for if (tokens_ * width >= kWorthSharing)
  for (std::int64_t t = 0; t < tokens_; ++t) {
    float* const row = &wide_[size(t * width)];
    if (shape.qk_norm) {
      for (std::int64_t h = 0; h < shape.heads + shape.kv_heads; ++h) {
        operands_.loops().normalize(row + h * dim, dim, row + h * dim);
      }
    }
    const std::int64_t at = t % fresh_;
    const float* const cosines = &cosines_[size(at * dim / 2)];
    const float* const sines = &sines_[size(at * dim / 2)];
    for (std::int64_t h = 0; h < shape.heads; ++h) {
      operands_.loops().rotate(row + h * dim, cosines, sines, dim, &q_[size((t * shape.heads + h) * dim)]);
    }
    float* const keys = &k_[size(t * shape.kv_heads * dim)];
    for (std::int64_t h = 0; h < shape.kv_heads; ++h) {
      operands_.loops().rotate(row + (shape.heads + h) * dim, cosines, sines, dim, keys + h * dim);
    }
    attention_.store(cache, t / fresh_, context_ - fresh_ + at, keys,
                     row + (shape.heads + shape.kv_heads) * dim);
  }
}

const float* ForwardPass::run(float* x) {
  const NetworkShape& shape = network_.shape_;
  const std::int64_t hidden = shape.hidden;
  const auto add_update = [&] {
#pragma omp parallel for if (tokens_ * hidden >= kWorthSharing)
    for (std::int64_t t = 0; t < tokens_; ++t) {
      operands_.loops().add(&update_[size(t * hidden)], 1, hidden, x + t * hidden);
    }
  };
  for (std::size_t i = 0; i < network_.layers_.size(); ++i) {
    const Network::Layer& layer = network_.layers_[i];
    norm_to_operand(x);
    project(qkv_, layer.qkv, qkv_width(shape), results_, wide_.data());
    rotate_and_store(network_.caches_[i]);
    attention_.run(network_.caches_[i], q_.data(), mixed_.data());
    const std::int64_t attended = shape.heads * shape.head_dim;
#pragma omp parallel for if (tokens_ * attended >= kWorthSharing)
    for (std::int64_t t = 0; t < tokens_; ++t) {
      scales_[size(t)] = operands_.write(&mixed_[size(t * attended)], attended,
                                         inputs_.data() + size(t * attended) * operands_.input_size());
    }
    project(output_, layer.output, hidden, results_, update_.data());
    add_update();
#pragma omp parallel for if (tokens_ * hidden >= kWorthSharing)
    for (std::int64_t t = 0; t < tokens_; ++t) {
      operands_.loops().normalize(x + t * hidden, hidden, &normed_[size(t * hidden)]);
    }
    ffn_.use_memory(layer.ffn);
    ffn_.run(normed_.data(), update_.data());
    add_update();
  }
  for (std::int64_t s = 0; s < network_.sequences_; ++s) {
    operands_.loops().normalize(x + ((s + 1) * fresh_ - 1) * hidden, hidden, scratch_.data());
    (void)head_operands_.write(scratch_.data(), hidden,
                               inputs_.data() + size(s * hidden) * head_operands_.input_size());
  }
  head_.run(inputs_.data(), network_.head_, narrow_logits_.data());
  const std::size_t row_bytes = size(shape.vocab) * head_operands_.output_size();
#pragma omp parallel for
  for (std::int64_t s = 0; s < network_.sequences_; ++s) {
    head_operands_.read(narrow_logits_.data() + size(s) * row_bytes, shape.vocab, {}, 1,
                        &logits_[size(s * shape.vocab)]);
  }
  return logits_.data();
}

}  // namespace mtok::host
