// The demand of a kernel: flops and bytes from its shape.
#include "sim/kernel/kernel.hpp"

#include <cassert>

namespace mtok::kernel {
namespace {

constexpr double kOutputBytes = 2;  // results leave a kernel in 16 bits

double real(std::int64_t n) {
  return static_cast<double>(n);
}

struct FlopsOf {
  Flops operator()(const Gemm& g) const {
    return Flops(2 * real(g.batch) * real(g.m) * real(g.n) * real(g.k));
  }
  Flops operator()(const GroupedGemm& g) const { return Flops(2 * g.rows * real(g.n) * real(g.k)); }
  Flops operator()(const Attention& a) const {
    return Flops(2 * real(a.qk_dim + a.v_dim) * real(a.q_heads) * a.query_key_pairs);
  }
  // A chunk of C tokens: keys with keys, queries with keys, inverse with keys, 2 C^2 d_k each; inverse with
  // values and scores with values, 2 C^2 d_v each; state read by keys and by queries, and written, 2 C d_k
  // d_v each.
  Flops operator()(const LinearAttention& l) const {
    const double state = real(l.key_dim) * real(l.value_dim);
    const double chunked = 2 * kScanChunk * (3 * real(l.key_dim) + 2 * real(l.value_dim)) + 6 * state;
    return Flops(l.tokens * real(l.value_heads) * (l.phase == Phase::decode ? 7 * state : chunked));
  }
  Flops operator()(const Elementwise& e) const { return e.flops; }
  Flops operator()(const Collective&) const { return Flops{}; }
};

struct BytesOf {
  Bytes operator()(const Gemm& g) const {
    return real(g.batch) * (real(g.n) * real(g.k) * bytes_per_value(g.weights) +
                            real(g.m) * real(g.k) * bytes_per_value(g.activations) +
                            Bytes(real(g.m) * real(g.n) * kOutputBytes));
  }
  Bytes operator()(const GroupedGemm& g) const {
    return g.experts * real(g.n) * real(g.k) * bytes_per_value(g.weights) +
           g.rows * real(g.k) * bytes_per_value(g.activations) + Bytes(g.rows * real(g.n) * kOutputBytes);
  }
  Bytes operator()(const Attention& a) const {
    const Bytes q_and_out(a.query_tokens * real(a.q_heads) * real(a.qk_dim + a.v_dim) * kOutputBytes);
    return a.kv_tokens * a.kv_bytes_per_token + q_and_out;
  }
  Bytes operator()(const LinearAttention& l) const {
    const double queries_and_keys = 2 * real(l.key_heads * l.key_dim);
    const double values_and_results = 2 * real(l.value_heads * l.value_dim);
    return 2 * real(l.sequences) * l.state_bytes +
           Bytes(l.tokens * (queries_and_keys + values_and_results) * kOutputBytes);
  }
  Bytes operator()(const Elementwise& e) const { return e.bytes_read + e.bytes_written; }
  Bytes operator()(const Collective&) const { return Bytes{}; }
};

}  // namespace

Flops flops_of(const Kernel& kernel) {
  return std::visit(FlopsOf{}, kernel);
}
Bytes bytes_of(const Kernel& kernel) {
  return std::visit(BytesOf{}, kernel);
}

std::string_view name_of(CollectiveOp op) {
  switch (op) {
    case CollectiveOp::all_reduce:
      return "all_reduce";
    case CollectiveOp::all_gather:
      return "all_gather";
    case CollectiveOp::reduce_scatter:
      return "reduce_scatter";
    case CollectiveOp::all_to_all:
      return "all_to_all";
    case CollectiveOp::point_to_point:
      return "point_to_point";
  }
  assert(false && "every collective has a name");
  return "";
}

}  // namespace mtok::kernel
