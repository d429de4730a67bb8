// A GPU: the times of its kernels.
#include "sim/hardware/gpu_device.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <utility>

#include "sim/hardware/attention_padding.hpp"
#include "sim/hardware/interconnect.hpp"
#include "sim/hardware/scan_traffic.hpp"

namespace mtok::hardware {
namespace {

/// Split-K leaves each block at least this depth, and cuts no deeper than this many ways: below, the prologue
/// and the reduction cost more than the idle multiprocessors (CUTLASS, "Efficient GEMM", section on split-K
/// and stream-K).
constexpr double kLeastDepth = 256;
constexpr double kMostSplits = 32;
constexpr double kPartialSumBytes = 4;  // FP32
/// Rows that one warp-level multiply takes; fewer query rows per KV head are padded to it (mma.m16n8k16).
constexpr double kDecodeRows = 16;
/// Queries of one block of FlashAttention (Dao, arXiv 2307.08691).
constexpr double kAttentionBlock = 128;
/// Share of the last-level cache that operands of one kernel can count on.
constexpr double kCacheShare = 0.5;

double real(std::int64_t n) {
  return static_cast<double>(n);
}

double tile_intensity(double rows, double columns) {
  return rows * columns / (rows + columns);
}

}  // namespace

/// A smaller tile loads more bytes per multiply, rows * columns / (rows + columns) = I values per operand
/// value, and hides less of it: its share of the full tile's rate is taken as 2 I / (I + I_full). A plain
/// estimate: 2/3 for half rows and half columns.
GpuDevice::GpuDevice(DeviceProfile profile)
    : profile_(std::move(profile)), rates_(profile_), stream_(profile_) {
  assert(profile_.compute_units > 0 && profile_.tile_m > 0 && profile_.tile_n > 0);
  const double rows = real(profile_.tile_m);
  const double columns = real(profile_.tile_n);
  const double full = tile_intensity(rows, columns);
  const std::array<std::pair<double, double>, 4> shapes{
      {{rows, columns}, {rows, columns / 2}, {rows / 2, columns / 2}, {rows / 4, columns / 2}}};
  for (std::size_t i = 0; i < shapes.size(); ++i) {
    const auto [r, c] = shapes[i];
    const double intensity = tile_intensity(r, c);
    tiles_[i] = {.rows = r, .columns = c, .share = 2 * intensity / (intensity + full)};
  }
  if (!profile_.caches.empty()) {
    cache_ = profile_.caches.back().capacity;
    cache_rate_ = profile_.caches.back().bandwidth;
  }
  cache_rate_ = std::max(cache_rate_, stream_.rate());
}

KernelTime GpuDevice::time_of(const kernel::Kernel& kernel) const {
  return std::visit([this](const auto& k) { return time(k); }, kernel);
}

KernelTime GpuDevice::time(const kernel::Gemm& gemm) const {
  return best_tiling({.groups = real(gemm.batch),
                      .m = real(gemm.m),
                      .n = real(gemm.n),
                      .k = real(gemm.k),
                      .weights = gemm.weights,
                      .activations = gemm.activations,
                      .demand = kernel::bytes_of(gemm)});
}

/// Each touched expert takes its mean number of rows; grouped kernels do not split K, gather their rows and
/// take as many as an expert happens to have, so that they reach only grouped_fraction of the rate of a plain
/// GEMM and grouped_bandwidth of its stream.
KernelTime GpuDevice::time(const kernel::GroupedGemm& gemm) const {
  if (gemm.experts <= 0 || gemm.rows <= 0) {
    return {};
  }
  const Efficiency& efficiency = profile_.efficiency;
  const auto own = efficiency.grouped_fraction_of.find(gemm.weights);
  KernelTime time = best_tiling(
      {.groups = gemm.experts,
       .m = gemm.rows / gemm.experts,
       .n = real(gemm.n),
       .k = real(gemm.k),
       .weights = gemm.weights,
       .activations = gemm.activations,
       .may_split = false,
       .rate_share = own != efficiency.grouped_fraction_of.end() ? own->second : efficiency.grouped_fraction,
       .stream_share = efficiency.grouped_bandwidth,
       .demand = kernel::bytes_of(gemm)});
  if (efficiency.grouped_floor > Seconds{}) {
    time.launch = efficiency.grouped_floor;
  }
  return time;
}

Seconds GpuDevice::floor_of(kernel::NumberFormat activations) const {
  const auto found = profile_.efficiency.kernel_floor_of.find(activations);
  return found != profile_.efficiency.kernel_floor_of.end() ? found->second
                                                            : profile_.efficiency.kernel_floor;
}

KernelTime GpuDevice::best_tiling(const Products& products) const {
  KernelTime best = tiled(products, tiles_[0]);
  for (std::size_t i = 1; i < tiles_.size(); ++i) {
    const KernelTime other = tiled(products, tiles_[i]);
    if (other.total() < best.total()) {
      best = other;
    }
  }
  return best;
}

/// Tiles in the direction of m. The rows of the groups of a grouped product vary, so that the last tile of
/// each is half full on average.
double GpuDevice::row_tiles(const Products& products, const Tile& tile) {
  const double tiles = products.m / tile.rows;
  return products.may_split ? std::ceil(tiles) : std::max(1.0, tiles + 0.5);
}

/// blocks  = groups * ceil(m / rows) * ceil(n / columns) * splits, splits > 1 only where the blocks do not
/// fill the device compute = ceil(blocks / units) * 2 * rows * columns * ceil(k / splits) / (rate * share /
/// units) memory  = stream(demand + rereads) + partial sums of split-K, written and read in the cache
KernelTime GpuDevice::tiled(const Products& products, const Tile& tile) const {
  const double units = real(profile_.compute_units);
  const double tiles = products.groups * row_tiles(products, tile) * std::ceil(products.n / tile.columns);
  double splits = 1;
  if (products.may_split && tiles < units) {
    splits = std::clamp(std::min(std::floor(units / tiles), std::floor(products.k / kLeastDepth)), 1.0,
                        kMostSplits);
  }
  const double waves = std::ceil(tiles * splits / units);
  const double depth = std::ceil(products.k / splits);
  const FlopsPerSecond unit_rate =
      rates_.of(products.weights, products.activations) * (products.rate_share * tile.share / units);
  const Flops block(2 * tile.rows * tile.columns * depth);
  KernelTime time{.compute = waves * block / unit_rate,
                  .memory = stream_.time_of(products.demand + reread(products, tile)) / products.stream_share,
                  .launch = floor_of(products.activations)};
  if (splits > 1) {
    const Bytes partial(2 * splits * products.groups * products.m * products.n * kPartialSumBytes);
    time.memory += partial / cache_rate_;
  }
  return time;
}

/// Bytes beyond the first touch. Operands of which the smaller one stays in the cache are read once.
/// Otherwise one wave covers a square of side R = sqrt(units * rows * columns), and each operand is read once
/// per R of the other side:
///   A * (n / R - 1) + W * (m / R - 1), each at least 0.
Bytes GpuDevice::reread(const Products& products, const Tile& tile) const {
  const Bytes a = products.m * products.k * kernel::bytes_per_value(products.activations);
  const Bytes w = products.n * products.k * kernel::bytes_per_value(products.weights);
  if (cache_ <= Bytes{} || std::min(a, w) <= cache_ * kCacheShare) {
    return {};
  }
  const double side = std::sqrt(real(profile_.compute_units) * tile.rows * tile.columns);
  return products.groups *
         (a * std::max(0.0, products.n / side - 1) + w * std::max(0.0, products.m / side - 1));
}

/// decode:  compute = pairs * per pair * padding / rate
/// memory:  stream(cache / cache_fraction + queries + results), the fraction in decode only
/// caches Decode: padding depends on heads and new tokens, so that compute is linear in query_key_pairs and
/// memory piecewise linear in kv_tokens; splitting the cache over blocks fills the device whatever the batch,
/// at the price of attention_floor.
KernelTime GpuDevice::time(const kernel::Attention& attention) const {
  const bool decode = attention.phase == kernel::Phase::decode;
  const Efficiency& efficiency = profile_.efficiency;
  const Flops per_pair =
      std::max(Flops(2 * real(attention.qk_dim + attention.v_dim)), efficiency.softmax_flops);
  const Bytes bytes = decode ? decode_traffic(attention, efficiency) : kernel::bytes_of(attention);
  const Seconds compute = decode ? per_pair *
                                       (real(attention.q_heads) * attention.query_key_pairs *
                                        decode_padding(attention, kDecodeRows)) /
                                       rates_.of_attention(attention.compute)
                                 : prefill_compute(attention, per_pair);
  return {.compute = compute, .memory = stream_.time_of(bytes), .launch = efficiency.attention_floor};
}

/// One block multiplies kAttentionBlock rows of one head with all keys that the last of them sees. Blocks run
/// side by side on the units, so that the time is that of the longest block when there are few, and all
/// blocks' divided by the units when there are many; with both near each other the tail leaves units idle:
///   t = sqrt((sum / units)^2 + longest^2) * per pair / rate of a unit
/// Beside, each row costs as much as the products with prologue / 2 keys (queries in, results out).
Seconds GpuDevice::prefill_compute(const kernel::Attention& attention, Flops per_pair) const {
  const double sequences = real(std::max<std::int64_t>(attention.sequences, 1));
  const double queries = std::max(attention.query_tokens / sequences, 1.0);
  const double mean_keys = attention.query_key_pairs / std::max(attention.query_tokens, 1.0);
  const double last_keys = std::min(mean_keys + queries / 2, attention.kv_tokens / sequences);
  const double rows =
      sequences * real(attention.q_heads) * std::ceil(queries / kAttentionBlock) * kAttentionBlock;
  const double units = real(profile_.compute_units);
  const Flops products = per_pair * std::hypot(rows * mean_keys, units * kAttentionBlock * last_keys);
  const Flops prologue =
      Flops(real(attention.qk_dim + attention.v_dim)) * (rows * profile_.efficiency.attention_prologue);
  return (products + prologue) / rates_.of_attention(attention.compute);
}

/// One head of one sequence is a chain of chunks, of which each waits for the state that the one before left:
/// its two products with the state run on one unit. As with blocks of attention, few chains take the time of
/// the longest one.
KernelTime GpuDevice::time(const kernel::LinearAttention& linear) const {
  if (linear.phase == kernel::Phase::decode) {
    return {.compute = kernel::flops_of(linear) / rates_.of_elementwise(),
            .memory = stream_.time_of(kernel::bytes_of(linear)),
            .launch = profile_.efficiency.kernel_floor};
  }
  const double tokens = linear.tokens / real(std::max<std::int64_t>(linear.sequences, 1));
  const double chain = tokens * 4 * real(linear.key_dim * linear.value_dim);
  const Flops products(std::hypot(kernel::flops_of(linear).base(), chain * real(profile_.compute_units)));
  return {.compute = products / rates_.of_attention(linear.compute),
          .memory = stream_.time_of(kernel::bytes_of(linear) + scan_traffic(linear)),
          .launch = profile_.efficiency.kernel_floor * kScanKernels};
}

KernelTime GpuDevice::time(const kernel::Elementwise& elementwise) const {
  return {.compute = elementwise.flops / rates_.of_elementwise(),
          .memory = stream_.time_of(kernel::bytes_of(elementwise)),
          .launch = profile_.efficiency.kernel_floor};
}

KernelTime GpuDevice::time(const kernel::Collective& collective) const {
  return time_of_collective(profile_, collective);
}

}  // namespace mtok::hardware
