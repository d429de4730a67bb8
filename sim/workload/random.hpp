// Our own random numbers: the same on every machine and standard library.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

namespace mtok::workload {

/// xoshiro256** seeded by SplitMix64 (Blackman and Vigna, 2018). One stream per entity: `stream(seed,
/// "arrivals")`.
class Random {
 public:
  explicit Random(std::uint64_t seed);
  /// An independent stream for a named entity of a seeded run.
  [[nodiscard]] static Random stream(std::uint64_t seed, std::string_view entity);

  [[nodiscard]] std::uint64_t next();
  [[nodiscard]] double uniform();                      ///< in (0, 1)
  [[nodiscard]] std::uint64_t below(std::uint64_t n);  ///< in [0, n), without bias; requires n > 0
  [[nodiscard]] double exponential(double mean);
  [[nodiscard]] double normal();                           ///< mean 0, variance 1
  [[nodiscard]] double gamma(double shape, double scale);  ///< mean shape * scale; requires shape > 0
  [[nodiscard]] double lognormal(double mean, double cv);  ///< of this mean and coefficient of variation

 private:
  std::array<std::uint64_t, 4> state_{};
};

/// Random::lognormal of one mean and coefficient of variation, for many draws.
class Lognormal {
 public:
  Lognormal(double mean, double cv);  ///< requires mean > 0, cv >= 0
  [[nodiscard]] double draw(Random& random) const;

 private:
  double mean_;
  double variance_;  ///< of the logarithm
  double deviation_;
};

/// Zipf's law: the weight of rank k, from 1 to n, is k^-exponent. Exponent 0: all weights 1.
[[nodiscard]] std::vector<double> zipf_weights(std::int64_t n, double exponent);

/// Draws from a table of values with weights.
class Empirical {
 public:
  /// Requires as many weights as values, at least one, none negative, not all 0.
  Empirical(std::vector<std::int64_t> values, const std::vector<double>& weights);
  [[nodiscard]] std::int64_t draw(Random& random) const;

 private:
  std::vector<std::int64_t> values_;
  std::vector<double> cumulative_;
};

}  // namespace mtok::workload
