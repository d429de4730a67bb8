// Uncertain numbers: where their values lie, samples of several at once, and how ranks agree.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace mtok::planner {

/// A distribution as a table of its quantiles, straight between them, nothing beyond the first and the last.
class Spread {
 public:
  /// Every value of [low, high] alike.
  [[nodiscard]] static Spread uniform(double low, double high);
  /// At least one value; shares rise from 0 on to 1 at most, values do not fall.
  [[nodiscard]] static Spread table(std::vector<double> shares, std::vector<double> values);
  /// The values themselves, each alike: from the least at 0 to the largest at 1. At least one.
  [[nodiscard]] static Spread of(std::vector<double> values);

  /// The value below which the share lies.
  [[nodiscard]] double at(double share) const;

 private:
  std::vector<double> shares_;
  std::vector<double> values_;
};

/// Latin hypercube: for each of `names`, one sample from each of `count` equal slices of [0, 1), in an order
/// of its own; [sample][name]. A function of the seed and the names. Source: McKay, Beckman, Conover, "A
/// Comparison of Three Methods for Selecting Values of Input Variables", Technometrics 21(2), 1979.
[[nodiscard]] std::vector<std::vector<double>> latin_hypercube(std::size_t count,
                                                               std::span<const std::string> names,
                                                               std::uint64_t seed);

/// Spearman's rank correlation, ties at their mean rank; nullopt when one list does not vary. Requires lists
/// of equal length.
[[nodiscard]] std::optional<double> rank_correlation(std::span<const double> a, std::span<const double> b);

}  // namespace mtok::planner
