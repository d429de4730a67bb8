// What a result depends on: one input at a time, all at once, and backwards from a target.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "sim/planner/what_if.hpp"

namespace mtok::planner {

/// Where an input may lie.
struct InputRange {
  double low = 0;
  double high = 0;
};

struct SensitivityOptions {
  std::size_t samples = 64;
  std::map<Input, InputRange> ranges{};  ///< in place of those below
};

/// One input over its range, all others as they stand.
struct Swing {
  Input input{};
  std::string unit{};  ///< "USD/h"; empty for factors, shares and counts
  double base = 1;
  double low = 0;  ///< ends of the range; of a table of values its 10th and 90th percentile
  double high = 0;
  std::string source{};  ///< of the range
  Outcome at_low{};
  Outcome at_high{};
  bool sampled = true;  ///< false: a decision, not an uncertainty
  /// Spearman's rank correlation of the input with the result over the samples; absent where one of them does
  /// not vary.
  std::optional<double> rank_usd{};
  std::optional<double> rank_ttft{};
  std::optional<double> rank_tpot{};
};

struct Percentiles {
  double p10 = 0;
  double p50 = 0;
  double p90 = 0;
};

struct Sensitivity {
  std::string name{};
  SensitivityOptions options{};            ///< as asked
  std::optional<Infeasible> infeasible{};  ///< when set, there is nothing below
  Outcome base{};
  std::vector<Swing> swings{};  ///< the largest change of dollars per token first, then of TTFT
  std::size_t samples = 0;      ///< that ended with a cost per token
  Percentiles usd_per_mtok{};
  Percentiles ttft_ms{};  ///< of the 99th percentile of TTFT
  Percentiles tpot_ms{};
  std::optional<double>
      slo_probability{};  ///< share of the samples that keep the promises; absent without any
  bool cancelled = false;
  std::vector<InputFile> inputs{};
  std::vector<Assumption> assumptions{};
  std::vector<std::string> warnings{};
};

/// Ranges: price, the offers of the book for the same device and tier, or +-20 % of a price that the scenario
/// states; price of energy, volume and lengths +-20 %; hit rate +-0.1; replicas +-1 (not sampled); errors,
/// the residuals of hwprofiles/model_error.yaml. Samples form a Latin hypercube seeded by the scenario. The
/// result is the same for any number of threads. Throws config::Error.
[[nodiscard]] Sensitivity sensitivity(const Scenario& scenario, const Catalogue& catalogue,
                                      const SensitivityOptions& options = {}, const Progress& progress = {});

/// A value of one input at which the cost per token is what was asked for.
struct Solution {
  Input input{};
  std::string unit{};
  UsdPerToken target{};
  double base = 1;
  Outcome at_base{};
  std::optional<double> value{};  ///< absent: no value between low and high gives the target
  Outcome at_value{};
  double low = 0;  ///< the range that was searched
  double high = 0;
  Outcome at_low{};
  Outcome at_high{};
  std::optional<Infeasible> infeasible{};
};

/// Searches a grid over the whole range of the input for a change of sign of cost - target, nearest to where
/// the scenario stands, then halves it down to 1e-4 of the value; every point is a run. Replicas are whole:
/// the value is the nearest that does not cost more. Requires a movable input; throws config::Error.
[[nodiscard]] Solution solve_for(const Scenario& scenario, const Catalogue& catalogue, Input input,
                                 UsdPerToken target, const Progress& progress = {});

}  // namespace mtok::planner
