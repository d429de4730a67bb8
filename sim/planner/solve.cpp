// Works backwards from a cost per token to the value of one input, by bisection on whole runs.
#include <algorithm>
#include <cmath>

#include "sim/planner/parallel.hpp"
#include "sim/planner/sensitivity.hpp"

namespace mtok::planner {
namespace {

/// A run at one value.
struct Tried {
  double value = 0;
  Outcome outcome{};
};

/// Everything that an input can reasonably be.
InputRange whole_range(Input input, double base) {
  constexpr double kFar = 100;
  constexpr double kNear = 10;
  switch (input) {
    case Input::price:
    case Input::energy_price:
    case Input::volume:
      return {.low = base / kFar, .high = base * kFar};
    case Input::hit_rate:
      return {.low = 0, .high = 0.99};
    case Input::replicas:
      return {.low = 1, .high = std::max(kNear, base * kNear)};
    case Input::input_tokens:
    case Input::output_tokens:
    case Input::ttft_error:
    case Input::tpot_error:
    case Input::throughput_error:
      break;
  }
  return {.low = base / kNear, .high = base * kNear};
}

class Solver {
 public:
  Solver(const Scenario& scenario, const Catalogue& catalogue, Input input, UsdPerToken target,
         const Progress& progress)
      : what_if_(scenario, catalogue), input_(input), target_(target), progress_(progress) {}

  Solution solve() {
    const double base = what_if_.base_value(input_);
    const InputRange range = whole_range(input_, base);
    Solution solution{.input = input_,
                      .unit = std::string(unit_of(input_)),
                      .target = target_,
                      .base = base,
                      .at_base = what_if_.base_outcome(),
                      .low = range.low,
                      .high = range.high,
                      .infeasible = what_if_.base().infeasible};
    if (solution.infeasible) {
      return solution;
    }
    std::vector<Tried> grid = run_grid(range);
    solution.at_low = grid.front().outcome;
    solution.at_high = grid.back().outcome;
    const std::optional<std::size_t> gap = nearest_change(grid, base);
    if (gap) {
      const Tried found = halve(grid[*gap], grid[*gap + 1]);
      solution.value = found.value;
      solution.at_value = found.outcome;
    }
    return solution;
  }

 private:
  [[nodiscard]] Tried at(double value) const {
    const Move move{input_, value};
    return {.value = value, .outcome = what_if_.run({&move, 1})};
  }

  [[nodiscard]] bool whole() const { return input_ == Input::replicas; }
  /// Shares are searched evenly, all else by factors.
  [[nodiscard]] bool by_factors() const { return input_ != Input::hit_rate; }

  std::vector<Tried> run_grid(const InputRange& range) const {
    constexpr std::size_t kPoints = 13;
    std::vector<double> values;
    for (std::size_t i = 0; i < kPoints; ++i) {
      const double along = static_cast<double>(i) / (kPoints - 1);
      const double value = by_factors() ? range.low * std::pow(range.high / range.low, along)
                                        : range.low + along * (range.high - range.low);
      const double rounded = whole() ? std::round(value) : value;
      if (values.empty() || rounded > values.back()) {
        values.push_back(rounded);
      }
    }
    std::vector<Tried> grid(values.size());
    for_each_in_parallel(values.size(), [&](std::size_t i) { grid[i] = at(values[i]); });
    return grid;
  }

  [[nodiscard]] bool dearer(const Tried& tried) const {
    return !tried.outcome.per_token || *tried.outcome.per_token > target_;
  }

  /// The gap of the grid with the target in it that lies nearest to the scenario's own value.
  [[nodiscard]] std::optional<std::size_t> nearest_change(const std::vector<Tried>& grid, double base) const {
    std::optional<std::size_t> best;
    const auto distance = [&](std::size_t i) {
      const double middle = (grid[i].value + grid[i + 1].value) / 2;
      return by_factors() ? std::abs(std::log(middle / base)) : std::abs(middle - base);
    };
    for (std::size_t i = 0; i + 1 < grid.size(); ++i) {
      if (dearer(grid[i]) != dearer(grid[i + 1]) && (!best || distance(i) < distance(*best))) {
        best = i;
      }
    }
    return best;
  }

  /// The end that does not cost more than the target, once both ends are near each other.
  [[nodiscard]] Tried halve(Tried one, Tried other) const {
    constexpr double kNear = 1e-4;
    constexpr std::int64_t kMostRuns = 40;
    for (std::int64_t runs = 0; runs < kMostRuns; ++runs) {
      const double gap = std::abs(other.value - one.value);
      const bool near = whole() ? gap <= 1 : gap <= kNear * std::max(std::abs(one.value), kNear);
      if (near || (progress_ && !progress_(runs, 0))) {
        break;
      }
      const double middle = (one.value + other.value) / 2;
      Tried tried = at(whole() ? std::round(middle) : middle);
      (dearer(tried) == dearer(one) ? one : other) = tried;
    }
    return dearer(one) ? other : one;
  }

  WhatIf what_if_;
  Input input_;
  UsdPerToken target_;
  const Progress& progress_;
};

}  // namespace

Solution solve_for(const Scenario& scenario, const Catalogue& catalogue, Input input, UsdPerToken target,
                   const Progress& progress) {
  return Solver(scenario, catalogue, input, target, progress).solve();
}

}  // namespace mtok::planner
