// Router, gather, one product for each touched expert, activation, scatter.
#include "sim/host/ffn.hpp"

#include <omp.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numeric>

#include "sim/host/stopwatch.hpp"

namespace mtok::host {
namespace {

using kernel::NumberFormat;

constexpr std::size_t kAlignment = 4096;
/// Fewer values than this are done by one thread: waking the others takes longer.
constexpr std::int64_t kWorthSharing = 32768;

std::size_t aligned(std::size_t bytes) {
  return (bytes + kAlignment - 1) / kAlignment * kAlignment;
}
std::size_t size(std::int64_t n) {
  return static_cast<std::size_t>(n);
}

MatmulSet up_products(const Library& library, const FfnShape& shape) {
  return {library, 2 * shape.intermediate, shape.hidden, shape.format};
}
MatmulSet down_products(const Library& library, const FfnShape& shape) {
  return {library, shape.hidden, shape.intermediate, shape.format};
}

/// Enough rows for every pair when each touched expert is padded.
std::int64_t most_rows(const FfnShape& shape) {
  const std::int64_t pairs = shape.tokens * shape.top_k;
  return pairs + pairs / 8 + 64 + std::min(shape.experts, pairs);
}

}  // namespace

Ffn::Ffn(const Library& library, const FfnShape& shape, std::byte* memory)
    : library_(library),
      shape_(shape),
      memory_(memory),
      operands_(library, shape.format),
      up_(up_products(library, shape)),
      down_(down_products(library, shape)),
      router_(library, {.m = shape.tokens,
                        .n = shape.experts,
                        .k = shape.hidden,
                        .weights = NumberFormat::fp32,
                        .activations = NumberFormat::fp32}),
      router_weights_(router_.weight_bytes()),
      logits_(router_.output_bytes()),
      pairs_(size(shape.tokens * shape.top_k)),
      chosen_(pairs_.size()),
      rows_of_(size(shape.experts)),
      first_row_(size(shape.experts)),
      tokens_(size(shape.tokens * shape.hidden) * operands_.input_size()),
      gathered_(size(most_rows(shape) * shape.hidden) * operands_.input_size()),
      widened_(size(most_rows(shape) * 2 * shape.intermediate) * operands_.output_size()),
      activated_(size(most_rows(shape) * shape.intermediate) * operands_.input_size()),
      narrowed_(size(most_rows(shape) * shape.hidden) * operands_.output_size()),
      token_scales_(size(shape.tokens), 1),
      row_scales_(size(most_rows(shape)), 1),
      source_scales_(size(most_rows(shape)), 1),
      up_scales_(size(shape.experts * 2 * shape.intermediate), 1e-4F),
      up_sums_(up_scales_.size(), 0),
      down_scales_(size(shape.experts * shape.hidden), 1e-4F),
      down_sums_(down_scales_.size(), 0),
      scratch_(size(library.machine().threads * 2 * std::max(2 * shape.intermediate, shape.hidden))) {
  fill_f32(router_weights_.as<float>(), router_weights_.size() / sizeof(float), 3);
}

std::size_t Ffn::weight_bytes(const Library& library, const FfnShape& shape) {
  return size(shape.experts) * (aligned(up_products(library, shape).any().weight_bytes()) +
                                aligned(down_products(library, shape).any().weight_bytes()));
}

std::byte* Ffn::expert_memory(std::int64_t expert) const {
  return memory_ + size(expert) * (aligned(up_.any().weight_bytes()) + aligned(down_.any().weight_bytes()));
}

void Ffn::pack(const Matmul& product, const float* values, std::int64_t rows, std::int64_t columns,
               std::byte* packed, float* scales, float* sums) const {
  const std::size_t count = size(rows * columns);
  const RowLoops& loops = operands_.loops();
  if (shape_.format == NumberFormat::fp32) {
    product.pack(reinterpret_cast<const std::byte*>(values), packed);  // NOLINT: raw memory
    return;
  }
  if (shape_.format == NumberFormat::bf16) {
    std::vector<std::uint16_t> narrow(count);
    loops.to_bf16(values, rows * columns, narrow.data());
    product.pack(reinterpret_cast<const std::byte*>(narrow.data()), packed);  // NOLINT: raw memory
    return;
  }
  std::vector<std::int8_t> narrow(count);
  std::vector<float> column(size(rows));
  std::vector<std::int8_t> quantized(size(rows));
  for (std::int64_t c = 0; c < columns; ++c) {
    for (std::int64_t r = 0; r < rows; ++r) {
      column[size(r)] = values[r * columns + c];
    }
    scales[c] = loops.to_s8(column.data(), rows, quantized.data(), &sums[c]);
    for (std::int64_t r = 0; r < rows; ++r) {
      narrow[size(r * columns + c)] = quantized[size(r)];
    }
  }
  product.pack(reinterpret_cast<const std::byte*>(narrow.data()), packed);  // NOLINT: raw memory
}

void Ffn::set_weights(std::int64_t expert, const FfnWeights& weights) {
  std::byte* const memory = expert_memory(expert);
  const std::int64_t wide = 2 * shape_.intermediate;
  pack(up_.any(), weights.gate_up, shape_.hidden, wide, memory, &up_scales_[size(expert * wide)],
       &up_sums_[size(expert * wide)]);
  pack(down_.any(), weights.down, shape_.intermediate, shape_.hidden,
       memory + aligned(up_.any().weight_bytes()), &down_scales_[size(expert * shape_.hidden)],
       &down_sums_[size(expert * shape_.hidden)]);
}

void Ffn::set_router(const float* weights) {
  router_.pack(reinterpret_cast<const std::byte*>(weights), router_weights_.data());  // NOLINT: raw memory
}

FfnParts Ffn::run(const float* x, float* out) {
  FfnParts parts;
  const Seconds start = now();
  route(x);
  const Seconds routed = now();
  gather(x);
  const Seconds ready = now();
  multiply(up_, gathered_, size(shape_.hidden) * operands_.input_size(), 0, widened_,
           size(2 * shape_.intermediate) * operands_.output_size());
  const Seconds widened = now();
  activate();
  const Seconds active = now();
  multiply(down_, activated_, size(shape_.intermediate) * operands_.input_size(),
           aligned(up_.any().weight_bytes()), narrowed_, size(shape_.hidden) * operands_.output_size());
  const Seconds narrowed = now();
  scatter(out);
  parts = {.router = routed - start,
           .gather = ready - routed,
           .products = (widened - ready) + (narrowed - active),
           .activation = active - widened,
           .scatter = now() - narrowed};
  parts.distinct = std::count_if(rows_of_.begin(), rows_of_.end(), [](std::int64_t n) { return n > 0; });
  return parts;
}

/// The top_k largest logits of one token, and the softmax over them.
void Ffn::choose(const float* logits, Pair* pairs) const {
  std::vector<std::int64_t> order(size(shape_.experts));
  std::iota(order.begin(), order.end(), 0);
  std::partial_sort(
      order.begin(), order.begin() + shape_.top_k, order.end(),
      [&](std::int64_t a, std::int64_t b) { return logits[a] != logits[b] ? logits[a] > logits[b] : a < b; });
  float sum = 0;
  for (std::int64_t i = 0; i < shape_.top_k; ++i) {
    pairs[i].row = order[size(i)];
    pairs[i].weight = std::exp(logits[order[size(i)]] - logits[order.front()]);
    sum += pairs[i].weight;
  }
  for (std::int64_t i = 0; i < shape_.top_k; ++i) {
    pairs[i].weight /= sum;
  }
}

void Ffn::route(const float* x) {
  const std::int64_t k = shape_.top_k;
  std::fill(rows_of_.begin(), rows_of_.end(), 0);
  if (shape_.experts > 1) {
    router_.run(reinterpret_cast<const std::byte*>(x), router_weights_.data(),  // NOLINT: raw memory
                logits_.data());
  }
  const float* const logits = logits_.as<float>();
#pragma omp parallel for if (shape_.tokens * shape_.experts >= kWorthSharing / 8)
  for (std::int64_t t = 0; t < shape_.tokens; ++t) {
    if (shape_.experts > 1) {
      choose(logits + t * shape_.experts, &pairs_[size(t * k)]);
    } else {
      pairs_[size(t)] = {.weight = 1};
    }
  }
  for (std::size_t i = 0; i < pairs_.size(); ++i) {
    chosen_[i] = pairs_[i].row;
    pairs_[i].token = static_cast<std::int64_t>(i) / k;
    pairs_[i].row = rows_of_[size(chosen_[i])]++;
  }
  std::int64_t next = 0;
  for (std::size_t e = 0; e < rows_of_.size(); ++e) {
    first_row_[e] = next;
    next += rows_of_[e] > 0 ? MatmulSet::padded(rows_of_[e]) : 0;
  }
  for (std::size_t i = 0; i < pairs_.size(); ++i) {
    pairs_[i].row += first_row_[size(chosen_[i])];
  }
}

void Ffn::gather(const float* x) {
  const std::int64_t width = shape_.hidden;
  const std::size_t row_bytes = size(width) * operands_.input_size();
#pragma omp parallel if (shape_.tokens * width >= kWorthSharing)
  {
#pragma omp for
    for (std::int64_t t = 0; t < shape_.tokens; ++t) {
      token_scales_[size(t)] = operands_.write(x + t * width, width, tokens_.data() + size(t) * row_bytes);
    }
#pragma omp for
    for (const Pair& pair : pairs_) {
      std::memcpy(gathered_.data() + size(pair.row) * row_bytes,
                  tokens_.data() + size(pair.token) * row_bytes, row_bytes);
      source_scales_[size(pair.row)] = token_scales_[size(pair.token)];
    }
  }
}

void Ffn::multiply(MatmulSet& products, const Buffer& in, std::size_t in_row, std::size_t weight_offset,
                   const Buffer& out, std::size_t out_row) const {
  for (std::int64_t e = 0; e < shape_.experts; ++e) {
    if (rows_of_[size(e)] > 0) {
      const std::size_t first = size(first_row_[size(e)]);
      products.for_rows(rows_of_[size(e)])
          .run(in.data() + first * in_row, expert_memory(e) + weight_offset, out.data() + first * out_row);
    }
  }
}

void Ffn::activate() {
  const std::int64_t width = shape_.intermediate;
  const std::size_t wide_row = size(2 * width) * operands_.output_size();
  const std::size_t operand_row = size(width) * operands_.input_size();
#pragma omp parallel for if (static_cast <std::int64_t>(pairs_.size()) * width >= kWorthSharing / 2)
  for (std::size_t i = 0; i < pairs_.size(); ++i) {
    const std::size_t row = size(pairs_[i].row);
    const std::size_t columns = size(chosen_[i] * 2 * width);
    float* const wide =
        &scratch_[size(omp_get_thread_num()) * scratch_.size() / size(library_.machine().threads)];
    float* const narrow = wide + 2 * width;
    operands_.read(widened_.data() + row * wide_row, 2 * width,
                   {.scales = &up_scales_[columns], .sums = &up_sums_[columns]}, source_scales_[row], wide);
    operands_.loops().gate(wide, wide + width, width, narrow);
    row_scales_[row] = operands_.write(narrow, width, activated_.data() + row * operand_row);
  }
}

void Ffn::scatter(float* out) {
  const std::int64_t width = shape_.hidden;
  const std::size_t result_row = size(width) * operands_.output_size();
#pragma omp parallel for if (static_cast <std::int64_t>(pairs_.size()) * width >= kWorthSharing)
  for (std::int64_t t = 0; t < shape_.tokens; ++t) {
    float* const sum = out + t * width;
    float* const one =
        &scratch_[size(omp_get_thread_num()) * scratch_.size() / size(library_.machine().threads)];
    for (std::int64_t i = t * shape_.top_k; i < (t + 1) * shape_.top_k; ++i) {
      const Pair& pair = pairs_[size(i)];
      const std::size_t columns = size(chosen_[size(i)] * width);
      operands_.read(narrowed_.data() + size(pair.row) * result_row, width,
                     {.scales = &down_scales_[columns], .sums = &down_sums_[columns]},
                     row_scales_[size(pair.row)], one);
      if (i == t * shape_.top_k) {
        operands_.loops().scale(one, pair.weight, width, sum);
      } else {
        operands_.loops().add(one, pair.weight, width, sum);
      }
    }
  }
}

std::vector<std::int64_t> Ffn::distinct_experts(const float* x, std::int64_t rows) {
  std::vector<std::int64_t> distinct;
  for (std::int64_t first = 0; first < rows; first += shape_.tokens) {
    route(x + first * shape_.hidden);
    distinct.push_back(std::count_if(rows_of_.begin(), rows_of_.end(), [](std::int64_t n) { return n > 0; }));
  }
  return distinct;
}

}  // namespace mtok::host
