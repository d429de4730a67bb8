// What a data sheet says about a device, as a plain struct read from hwprofiles/devices/*.yaml.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/kernel/number_format.hpp"
#include "sim/units/quantity.hpp"

namespace mtok::hardware {

enum class DeviceKind { gpu, tpu, cpu };

/// Links among the devices of one node or rack (scale-up) or between nodes (scale-out).
struct Link {
  enum class Topology { none, pcie, switched, mesh, torus };
  std::string name{};  ///< "NVLink4"
  Topology topology = Topology::none;
  BytesPerSecond bandwidth{};         ///< one direction, per device, all its links together
  Seconds latency{};                  ///< alpha: per hop or message
  std::int64_t domain = 1;            ///< devices that are reachable at this rate
  std::int64_t links = 1;             ///< mesh, torus: physical links of one device that `bandwidth` adds up
  double contention = 0;              ///< pcie: n devices get (2/n)^contention of `bandwidth` each, for n > 2
  bool in_network_reduction = false;  ///< NVLS: the switch adds, so an all-reduce moves each byte about once
};

/// One cache level of a CPU, or the last-level cache of a GPU.
struct CacheLevel {
  std::string name{};
  Bytes capacity{};            ///< of the whole device
  BytesPerSecond bandwidth{};  ///< of the whole device
};

/// Achievable shares and fixed times, each documented in docs/formulas.md with its source; the defaults of a
/// kind come from hwprofiles/efficiency.yaml, a device may override them in its `efficiency:` block.
struct Efficiency {
  double peak_fraction = 0;  ///< largest share of the peak that a big GEMM reaches
  std::map<kernel::NumberFormat, double> peak_fraction_of{};  ///< the same for single formats that differ
  /// Weight-only quantization, by the format of the weights: share of the rate of 16-bit products that is
  /// left when weights are widened on the way.
  std::map<kernel::NumberFormat, double> dequantize_fraction_of{};
  double bandwidth_fraction = 0;  ///< largest share of the memory bandwidth that a big stream reaches
  double grouped_fraction = 1;    ///< what a grouped GEMM reaches of the rate of a plain one
  std::map<kernel::NumberFormat, double> grouped_fraction_of{};  ///< the same for weights that differ
  double grouped_bandwidth = 1;  ///< what a grouped GEMM reaches of bandwidth_fraction
  /// CPUs: unpacking the weights takes the time in which so many more rows would be multiplied, by the format
  /// that is multiplied; 0 where none is given.
  std::map<kernel::NumberFormat, double> unpack_rows_of{};
  double elementwise_fraction =
      1;                          ///< CPUs: share of the FP32 rate that norms, activations and the like reach
  double attention_fraction = 0;  ///< largest share of the peak that prefill attention reaches
  std::map<kernel::NumberFormat, double>
      attention_fraction_of{};  ///< the same, of the 16-bit peak too, for formats of the product that differ
  /// Prefill: the work of one new token that is independent of its keys, as a number of keys (start and end
  /// of a block, the diagonal, queries and results).
  double attention_prologue = 0;
  Flops softmax_flops{};          ///< matrix flops in the time of one exponential; it bounds small heads
  double link_fraction = 0;       ///< largest share of a link's bandwidth that a large message reaches
  double reduction_fraction = 0;  ///< the same while the switch adds (NVLS)
  double overlap = 1;             ///< share of the shorter of compute and memory that hides under the longer
  Bytes half_bandwidth{};  ///< bytes at which half of the bandwidth share is reached (latency-bound below)
  double cache_fraction =
      1;  ///< what decode attention reaches of bandwidth_fraction while it reads the cache
  std::map<kernel::NumberFormat, double> cache_fraction_of{};  ///< the same by format of the cache, on CPUs
  Bytes cache_ramp{};      ///< the first bytes of a cache that decode attention reads stream at half the rate
  Seconds kernel_floor{};  ///< shortest time of a kernel inside a captured graph
  /// The same for products with activations of a format that differs: what quantizes them is launched beside.
  std::map<kernel::NumberFormat, Seconds> kernel_floor_of{};
  Seconds grouped_floor{};     ///< shortest time of a grouped GEMM; 0: that of a plain one
  Seconds expert_floor{};      ///< CPUs: added for each expert of a grouped product, a product by itself
  Seconds attention_floor{};   ///< the same for an attention kernel with the merge of its splits
  Seconds collective_floor{};  ///< shortest time of a collective
};

/// How the constants of a device were fitted to measurements of it. Errors are medians of |predicted -
/// measured| / measured.
struct Fit {
  std::string data{};
  std::int64_t rows = 0;
  double error = 0;  ///< of these rows
  /// Of kernels of shapes that the fit has not seen; absent when none were measured.
  std::optional<double> judged_error{};
  Efficiency unfitted{};  ///< what the fit started from
};

/// A device. Peaks are dense, FP32 accumulate where it matters; a format without a peak is not multiplied
/// natively.
struct DeviceProfile {
  std::string name{};
  std::vector<std::string> aliases{};  ///< what others call it: "H100-SXM-80GB"
  std::string vendor{};
  std::string architecture{};
  std::string released{};  ///< ISO date
  DeviceKind kind = DeviceKind::gpu;
  Bytes memory{};
  BytesPerSecond memory_bandwidth{};
  std::map<kernel::NumberFormat, FlopsPerSecond> peak{};
  Watts tdp{};
  double idle_power_fraction = 0;
  Link scale_up{};
  Link scale_out{};
  BytesPerSecond host_link{};  ///< PCIe or the like, one direction
  Efficiency efficiency{};
  std::optional<Fit> fitted{};  ///< absent: uncalibrated, the shares are those of its generation

  std::int64_t compute_units = 0;  ///< SMs, CUs, tensor cores or CPU cores
  std::int64_t tile_m = 0;         ///< GPU: rows of the output tile of one thread block
  std::int64_t tile_n = 0;
  std::int64_t array_rows = 0;  ///< TPU: systolic array
  std::int64_t array_columns = 0;
  std::vector<CacheLevel> caches{};  ///< from the nearest to the farthest
  std::string source{};              ///< where each group of numbers comes from, one group a line
  std::string notes{};               ///< what is doubtful about them; may be empty
};

/// The form in which names of devices are compared: lower case, "(R)", "(TM)" and leading vendor words gone,
/// every run of other signs than letters, digits, '.' and '+' one hyphen. "NVIDIA H100_SXM 80GB" is
/// "h100-sxm-80gb".
[[nodiscard]] std::string comparable_name(std::string_view name);

/// Reads one profile; what its `efficiency:` block leaves out comes from the file `defaults`, by kind and
/// architecture. Throws config::Error.
[[nodiscard]] DeviceProfile load_device(const std::filesystem::path& path,
                                        const std::filesystem::path& defaults);

}  // namespace mtok::hardware
