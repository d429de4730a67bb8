// A GPU: output tiles in waves over its multiprocessors, memory with a last-level cache, a launch floor.
#pragma once

#include <array>

#include "sim/hardware/device.hpp"
#include "sim/hardware/memory_stream.hpp"
#include "sim/hardware/multiply_rates.hpp"

namespace mtok::hardware {

/// Formulas in docs/formulas.md. Models GEMMs by the best of a few tile shapes and split-K factors, grouped
/// GEMMs, attention split over query blocks (prefill) or over the cache (decode). Leaves out: cache hits
/// between kernels, throttling by power and temperature, kernels of single libraries that are much worse than
/// the architecture allows, the quantization of activations (a kernel of its own where it is not fused).
class GpuDevice final : public Device {
 public:
  /// Requires compute_units, tile_m and tile_n > 0, and positive rates.
  explicit GpuDevice(DeviceProfile profile);
  [[nodiscard]] const DeviceProfile& profile() const override { return profile_; }
  [[nodiscard]] KernelTime time_of(const kernel::Kernel& kernel) const override;

 private:
  /// Output rows and columns that one thread block computes, and its share of the rate of the full tile.
  struct Tile {
    double rows = 0;
    double columns = 0;
    double share = 0;
  };
  /// `groups` products C[m, n] = A[m, k] * W[k, n] in one launch.
  struct Products {
    double groups = 1;
    double m = 0;
    double n = 0;
    double k = 0;
    kernel::NumberFormat weights = kernel::NumberFormat::bf16;
    kernel::NumberFormat activations = kernel::NumberFormat::bf16;
    bool may_split = true;    ///< split-K
    double rate_share = 1;    ///< of what plain products reach
    double stream_share = 1;  ///< the same of the memory stream
    Bytes demand{};           ///< each operand and the result once
  };

  [[nodiscard]] KernelTime time(const kernel::Gemm& gemm) const;
  [[nodiscard]] KernelTime time(const kernel::GroupedGemm& gemm) const;
  [[nodiscard]] KernelTime time(const kernel::Attention& attention) const;
  [[nodiscard]] KernelTime time(const kernel::LinearAttention& linear) const;
  [[nodiscard]] KernelTime time(const kernel::Elementwise& elementwise) const;
  [[nodiscard]] KernelTime time(const kernel::Collective& collective) const;

  [[nodiscard]] Seconds floor_of(kernel::NumberFormat activations) const;
  [[nodiscard]] KernelTime best_tiling(const Products& products) const;
  [[nodiscard]] KernelTime tiled(const Products& products, const Tile& tile) const;
  [[nodiscard]] static double row_tiles(const Products& products, const Tile& tile);
  [[nodiscard]] Bytes reread(const Products& products, const Tile& tile) const;
  [[nodiscard]] Seconds prefill_compute(const kernel::Attention& attention, Flops per_pair) const;

  DeviceProfile profile_;
  MultiplyRates rates_;
  MemoryStream stream_;
  std::array<Tile, 4> tiles_{};
  Bytes cache_{};  ///< last level
  BytesPerSecond cache_rate_{};
};

}  // namespace mtok::hardware
