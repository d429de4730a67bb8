// Sets samples of a host against what the models say of it: kernels, layers, speed-ups, tokens per second.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "sim/hardware/device_profile.hpp"
#include "sim/planner/catalogue.hpp"
#include "sim/validation/host_samples.hpp"
#include "sim/validation/outcome.hpp"

namespace mtok::validation {

/// One sample with its prediction. For forward passes the error is that of the tokens per second.
struct HostRow {
  HostSample sample{};
  Seconds predicted{};          ///< with the memory at the pace that the probe beside the sample found
  Seconds predicted_at_best{};  ///< with the memory at its best pace

  [[nodiscard]] double ape() const;
  /// New tokens of the pass in a second, measured and predicted; forward passes only.
  [[nodiscard]] double measured_tokens_per_s() const;
  [[nodiscard]] double predicted_tokens_per_s() const;
};

/// How many times faster one format is than another, for the same product of the validation shapes.
struct SpeedUp {
  std::string formats{};  ///< "int8/fp32"
  HostWork work{};        ///< of the faster format
  double measured = 0;
  double predicted = 0;
};

/// An MoE layer beside its dense twins.
struct MixtureRow {
  HostRow layer{};
  std::optional<HostRow> dense_active{};  ///< as many parameters as one token passes
  std::optional<HostRow> dense_total{};   ///< as many as the layer has
  double expected_distinct = 0;
};

/// All of one instruction set and number of threads: one device.
struct HostDevice {
  std::string isa{};
  std::int64_t threads = 1;
  hardware::DeviceProfile profile{};
  std::vector<HostRow> rows{};
  std::vector<SpeedUp> speed_ups{};
  std::vector<MixtureRow> mixtures{};

  [[nodiscard]] std::string name() const;  ///< "avx512_core_vnni, 2 threads"
};

/// Devices in the order of the samples. Constants are those of `given`, or else fitted to the calibration
/// samples of each device. Devices without a product to calibrate with are left out.
[[nodiscard]] std::vector<HostDevice> judge_host(std::span<const HostSample> samples,
                                                 const planner::Catalogue& catalogue,
                                                 const hardware::DeviceProfile* given = nullptr);

/// Rows that constants were not fitted to, as outcomes: family "gemm int8 hot", device as HostDevice::name,
/// metric latency_us, or tokens_per_s of forward passes; then the speed-ups and the distinct experts.
[[nodiscard]] std::vector<Outcome> outcomes_of(std::span<const HostDevice> devices);

}  // namespace mtok::validation
