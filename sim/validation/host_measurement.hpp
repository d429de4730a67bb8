// Runs kernels of the kernel library on this machine, calibration and validation shapes in turn.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "sim/host/library.hpp"
#include "sim/planner/catalogue.hpp"
#include "sim/validation/host_samples.hpp"

namespace mtok::validation {

/// A forward pass to run.
struct HostModel {
  std::string name{};                                        ///< in models/
  std::int64_t layers = 0;                                   ///< the first so many; 0: all
  kernel::NumberFormat format = kernel::NumberFormat::bf16;  ///< of weights and activations
};

struct HostPlan {
  std::vector<std::int64_t> threads{1};
  bool quick = false;             ///< fewer shapes, one round
  bool calibration_only = false;  ///< what `mtok calibrate host` needs
  std::vector<HostModel> models{};
};

/// What `mtok validate host` does: 1 thread and all cores, and forward passes of two small networks and of
/// two layers of a mixture of experts.
[[nodiscard]] HostPlan full_plan(bool quick);

struct HostMeasurement {
  host::Machine machine{};
  std::vector<HostSample> samples{};
  bool stopped = false;         ///< early, at the wish of the caller; the samples are not all
  double disturbed_blocks = 0;  ///< share of the blocks that were still disturbed after the repeats
};

/// More disturbed blocks than this, and the measurement says little about the models.
inline constexpr double kTolerable = 0.10;

/// Called now and then with what is done next; false ends the measurement early.
using HostProgress = std::function<bool(const std::string& what)>;

/// Takes minutes; `quick` half a minute. Nothing else may run beside it.
[[nodiscard]] HostMeasurement measure_host(const HostPlan& plan, const planner::Catalogue& catalogue,
                                           const HostProgress& progress);

}  // namespace mtok::validation
