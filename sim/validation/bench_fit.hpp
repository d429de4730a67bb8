// Fits a framework's host time and a device's efficiency to a user's own benchmarks.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "sim/planner/run.hpp"
#include "sim/validation/bench_file.hpp"

namespace mtok::validation {

/// What the simulator says of one point.
struct BenchPrediction {
  Seconds ttft{};
  Seconds tpot{};
  double output_tokens_per_s = 0;
};

struct FittedPoint {
  BenchPoint measured{};
  BenchPrediction before{};
  BenchPrediction after{};                    ///< fitted to all points
  std::optional<BenchPrediction> left_out{};  ///< fitted to all but this one; absent with a single point
};

/// A constant with its value before and after, as profiles write them.
struct BenchConstant {
  std::string name{};  ///< "host_time.step", "efficiency.bandwidth_fraction"
  std::string before{};
  std::string after{};
};

struct BenchFit {
  planner::RunResult deployment{};         ///< of the scenario, not simulated
  hardware::FrameworkProfile framework{};  ///< fitted
  hardware::DeviceProfile device{};
  std::vector<FittedPoint> points{};
  std::vector<BenchConstant> constants{};
  double error_before = 0;  ///< median |predicted - measured| / measured over all measurements of all points
  double error_after = 0;
  std::optional<double> error_left_out{};
  std::vector<std::string> warnings{};
};

/// Repeats each point on the deployment of the scenario (model, devices, formats, layout, engine; its
/// workload and prices do not matter) and moves host time of a step, of a sequence and of a request, and the
/// achieved shares of bandwidth and of multiply peak, so that the mean of |ln(predicted / measured)| is
/// least; leaving the start costs a little, so that what the points say nothing about stays. Requests have
/// the mean lengths of their point; at most 300 are sent. Pattern search, so the result is a function of
/// points and scenario. A scenario that does not fit gives deployment.infeasible and nothing else. Requires
/// points, and a scenario without disaggregation, speculation or several models.
[[nodiscard]] BenchFit fit_bench(const planner::Scenario& scenario, std::span<const BenchPoint> points,
                                 const planner::Catalogue& catalogue);

/// Why a scenario cannot be calibrated; empty when it can.
[[nodiscard]] std::string calibration_obstacle(const planner::Scenario& scenario);

/// The text of a framework's profile with the fitted host time and a `fitted:` block; `data` names the
/// benchmarks.
[[nodiscard]] std::string fitted_framework_text(const std::string& profile_text, const BenchFit& fit,
                                                const std::string& data);
/// The text of a device's profile with the fitted shares in its `fitted:` block; other constants stay.
[[nodiscard]] std::string fitted_device_text(const std::string& profile_text, const BenchFit& fit,
                                             const std::string& data);

}  // namespace mtok::validation
