// How a router spreads tokens over experts, and the busiest device under expert parallelism.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/model/step_graph.hpp"

namespace mtok::model {

/// The probability that a token picks each expert, most popular first; they add up to top_k and none is
/// above 1. Loads are the quantiles of a power law with density x^-skew over [1, r^min(skew, 1)], with r =
/// 0.8 tokens or 200, whichever is more; from skew 1 on this is the distribution from which aiconfigurator
/// draws its benchmark loads (power_law_1.01, power_law_1.2). At skew 0 all are top_k / experts.
[[nodiscard]] std::vector<double> expert_probabilities(std::int64_t experts, std::int64_t top_k,
                                                       double tokens, const Routing& routing);

/// What the busiest of `ranks` devices has to do when whole experts are spread evenly over them.
struct BusiestRank {
  double rows = 0;     ///< token-expert pairs
  double experts = 0;  ///< of its experts, those that see at least one token
};
/// Experts lie on devices regardless of their load, see balanced_rank otherwise. The load of one expert has
/// the relative variance
///   v = cv^2 + (1 - p) / (B p),    p = k / E, B = tokens:
/// popularity (cv: coefficient of variation of the probabilities) and chance (a binomial of B tokens). Of a
/// device with n = E / ranks experts it is v / n * (1 - n / E), and the largest of `ranks` such loads lies z
/// deviations above the mean: rows = B k / ranks * (1 + z sqrt(v / n (1 - n / E))), with z the expected
/// largest of `ranks` standard normal values (Blom, "Statistical Estimates and Transformed Beta-Variables",
/// 1958). Few experts on a device are no sum of many, so it is at least the device that holds the most
/// popular one: B (p_max + (n - 1) (k - p_max) / (E - 1)). Bounded by B tokens at each of its experts. Left
/// out: correlation between tokens of one text.
[[nodiscard]] BusiestRank busiest_rank(std::int64_t experts, std::int64_t top_k, double tokens,
                                       std::int64_t ranks, const Routing& routing);

/// The same when experts are placed by their load. `redundant` copies go, one after the other, to the expert
/// with the highest load a copy, whose tokens its copies share evenly; then, heaviest first, each copy goes
/// to the device with the least load that has a slot left, (E + redundant) / ranks of them. Source:
/// deepseek-ai/EPLB, eplb.py, replicate_experts and balanced_packing; vLLM's
/// eplb_config.num_redundant_experts. What popularity leaves uneven is the load of the fullest device; chance
/// is as in busiest_rank. The placement knows the popularities exactly. Left out: that loads move between two
/// placements, the time of moving weights, copies within nodes only. Requires that ranks divide E +
/// redundant.
[[nodiscard]] BusiestRank balanced_rank(std::int64_t experts, std::int64_t top_k, double tokens,
                                        std::int64_t ranks, std::int64_t redundant, const Routing& routing);

}  // namespace mtok::model
