// Expert popularity, coverage and imbalance in closed form: no random numbers.
#include "sim/model/expert_routing.hpp"

#include <algorithm>
#include <boost/math/distributions/normal.hpp>
#include <cassert>
#include <cmath>
#include <functional>
#include <numeric>

namespace mtok::model {
namespace {

/// Quantiles of the density x^-a over [1, top].
class PowerLaw {
 public:
  PowerLaw(double a, double top) : b_(1 - a), top_(top), span_(std::pow(top, b_) - 1) {}

  [[nodiscard]] double quantile(double u) const {
    return std::abs(b_) < 1e-9 ? std::pow(top_, u) : std::pow(span_ * u + 1, 1 / b_);
  }

 private:
  double b_;
  double top_;
  double span_;  ///< top^b - 1
};

/// Scales loads to the sum `target` with none above 1: those that would be are held at 1, the rest takes what
/// is left. `loads` descend.
void scale_capped(std::vector<double>& loads, double target) {
  double rest = std::accumulate(loads.begin(), loads.end(), 0.0);
  for (double& load : loads) {
    const double scaled = rest > 0 ? load * target / rest : 0;
    rest -= load;
    load = std::min(1.0, scaled);
    target -= load;
  }
}

/// Expected largest of n standard normal values; Blom's approximation, 0 for n = 1.
double expected_maximum_of_normals(std::int64_t n) {
  const double count = static_cast<double>(n);
  return boost::math::quantile(boost::math::normal_distribution<double>(), (count - 0.375) / (count + 0.25));
}

double covered(const std::vector<double>& probabilities, double tokens) {
  double sum = 0;
  for (const double p : probabilities) {
    sum += p >= 1 ? 1.0 : -std::expm1(tokens * std::log1p(-p));
  }
  return sum;
}

struct Device {
  double load = 0;  ///< rows a token
  double touched = 0;
  std::size_t copies = 0;
};

/// The loads of all copies of experts, heaviest first: each of the `redundant` ones is of the expert whose
/// copies have the highest load then.
std::vector<double> copies_by_load(const std::vector<double>& probabilities, std::int64_t redundant) {
  std::vector<double> counts(probabilities.size(), 1);
  for (std::int64_t i = 0; i < redundant; ++i) {
    std::size_t heaviest = 0;
    for (std::size_t e = 1; e < counts.size(); ++e) {
      if (probabilities[e] / counts[e] > probabilities[heaviest] / counts[heaviest]) {
        heaviest = e;
      }
    }
    counts[heaviest] += 1;
  }
  std::vector<double> copies;
  for (std::size_t e = 0; e < counts.size(); ++e) {
    copies.insert(copies.end(), static_cast<std::size_t>(counts[e]), probabilities[e] / counts[e]);
  }
  std::sort(copies.begin(), copies.end(), std::greater<>());
  return copies;
}

}  // namespace

std::vector<double> expert_probabilities(std::int64_t experts, std::int64_t top_k, double tokens,
                                         const Routing& routing) {
  assert(experts >= 1 && top_k >= 1 && top_k <= experts && routing.skew >= 0 && routing.skew <= kMaxSkew);
  constexpr double kLeastRange = 200;  // aiconfigurator's 0.01 to 2, for few tokens
  const double range = std::max(kLeastRange, 0.8 * tokens);
  const PowerLaw law(routing.skew, std::pow(range, std::min(routing.skew, 1.0)));
  const double count = static_cast<double>(experts);
  std::vector<double> loads(static_cast<std::size_t>(experts));
  for (std::size_t i = 0; i < loads.size(); ++i) {
    const double u = 1 - (static_cast<double>(i) + 0.5) / count;
    loads[i] = law.quantile(u);
  }
  scale_capped(loads, static_cast<double>(top_k));
  return loads;
}

double expected_experts(std::int64_t experts, std::int64_t top_k, double tokens, const Routing& routing) {
  if (routing.skew == 0) {
    const double p = static_cast<double>(top_k) / static_cast<double>(experts);
    return static_cast<double>(experts) * covered({p}, tokens);
  }
  return covered(expert_probabilities(experts, top_k, tokens, routing), tokens);
}

BusiestRank busiest_rank(std::int64_t experts, std::int64_t top_k, double tokens, std::int64_t ranks,
                         const Routing& routing) {
  const double count = static_cast<double>(experts);
  const double per_rank = count / static_cast<double>(ranks);
  const double mean = static_cast<double>(top_k) / count;
  const std::vector<double> probabilities = expert_probabilities(experts, top_k, tokens, routing);
  double squares = 0;
  for (const double p : probabilities) {
    squares += (p - mean) * (p - mean);
  }
  const double popularity = squares / count / (mean * mean);
  const double chance = (1 - mean) / (tokens * mean);
  const double deviation = std::sqrt((popularity + chance) / per_rank * (1 - per_rank / count));
  const double imbalance = 1 + (ranks > 1 ? expected_maximum_of_normals(ranks) * deviation : 0);
  const double mean_rows = tokens * static_cast<double>(top_k) / static_cast<double>(ranks);
  const double mean_experts = covered(probabilities, tokens) / static_cast<double>(ranks);
  BusiestRank busiest;
  const double chosen = static_cast<double>(top_k);
  const double popular = probabilities.front();
  const double others = count > 1 ? (per_rank - 1) * (chosen - popular) / (count - 1) : 0;
  busiest.rows = std::min(std::max(mean_rows * imbalance, ranks > 1 ? tokens * (popular + others) : 0.0),
                          tokens * std::min(per_rank, chosen));
  busiest.experts = std::min({mean_experts * imbalance, per_rank, busiest.rows});
  return busiest;
}

BusiestRank balanced_rank(std::int64_t experts, std::int64_t top_k, double tokens, std::int64_t ranks,
                          std::int64_t redundant, const Routing& routing) {
  assert((experts + redundant) % ranks == 0);
  const auto slots = static_cast<std::size_t>((experts + redundant) / ranks);
  const std::vector<double> copies =
      copies_by_load(expert_probabilities(experts, top_k, tokens, routing), redundant);
  std::vector<Device> devices(static_cast<std::size_t>(ranks));
  for (const double share : copies) {
    Device* lightest = nullptr;
    for (Device& device : devices) {
      if (device.copies < slots && (lightest == nullptr || device.load < lightest->load)) {
        lightest = &device;
      }
    }
    lightest->load += share;
    lightest->touched += covered({share}, tokens);
    lightest->copies += 1;
  }
  const auto fullest = std::max_element(devices.begin(), devices.end(),
                                        [](const Device& a, const Device& b) { return a.load < b.load; });
  const double mean = static_cast<double>(top_k) / static_cast<double>(experts);
  const double mean_rows = tokens * static_cast<double>(top_k) / static_cast<double>(ranks);
  // (1 - p) / (B p) / n * (1 - n / E) with n = E / ranks
  const double chance = (1 - mean) / mean_rows * (1 - 1 / static_cast<double>(ranks));
  const double imbalance = 1 + (ranks > 1 ? expected_maximum_of_normals(ranks) * std::sqrt(chance) : 0);
  BusiestRank busiest;
  busiest.rows = std::min(tokens * fullest->load * imbalance,
                          tokens * static_cast<double>(std::min<std::int64_t>(top_k, std::int64_t(slots))));
  busiest.experts = std::min({fullest->touched * imbalance, static_cast<double>(slots), busiest.rows});
  return busiest;
}

double typical_skew(const Architecture& architecture) {
  const bool mixture = std::any_of(architecture.groups.begin(), architecture.groups.end(),
                                   [](const LayerGroup& group) { return group.layer.ffn.experts > 0; });
  if (!mixture) {
    return 0;
  }
  constexpr double kBalancedRouter = 1.01;
  constexpr double kOther = 1.2;
  const std::string& type = architecture.model_type;
  return type.starts_with("deepseek") || type.starts_with("kimi") ? kBalancedRouter : kOther;
}

}  // namespace mtok::model
