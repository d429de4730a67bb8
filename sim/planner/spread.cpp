// Interpolates quantiles, shuffles slices, correlates ranks.
#include "sim/planner/spread.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <numeric>

#include "sim/workload/random.hpp"

namespace mtok::planner {
namespace {

std::vector<double> ranks_of(std::span<const double> values) {
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return values[a] < values[b]; });
  std::vector<double> ranks(values.size());
  for (std::size_t first = 0; first < order.size();) {
    std::size_t last = first;
    while (last + 1 < order.size() && values[order[last + 1]] == values[order[first]]) {
      ++last;
    }
    for (std::size_t i = first; i <= last; ++i) {
      ranks[order[i]] = static_cast<double>(first + last) / 2;
    }
    first = last + 1;
  }
  return ranks;
}

}  // namespace

Spread Spread::uniform(double low, double high) {
  return table({0, 1}, {low, high});
}

Spread Spread::table(std::vector<double> shares, std::vector<double> values) {
  assert(!values.empty() && shares.size() == values.size());
  Spread spread;
  spread.shares_ = std::move(shares);
  spread.values_ = std::move(values);
  return spread;
}

Spread Spread::of(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  std::vector<double> shares(values.size());
  for (std::size_t i = 1; i < shares.size(); ++i) {
    shares[i] = static_cast<double>(i) / static_cast<double>(shares.size() - 1);
  }
  return table(std::move(shares), std::move(values));
}

double Spread::at(double share) const {
  const auto above = std::upper_bound(shares_.begin(), shares_.end(), share);
  if (above == shares_.begin()) {
    return values_.front();
  }
  if (above == shares_.end()) {
    return values_.back();
  }
  const auto i = static_cast<std::size_t>(above - shares_.begin());
  const double along = (share - shares_[i - 1]) / (shares_[i] - shares_[i - 1]);
  return values_[i - 1] + along * (values_[i] - values_[i - 1]);
}

std::vector<std::vector<double>> latin_hypercube(std::size_t count, std::span<const std::string> names,
                                                 std::uint64_t seed) {
  std::vector<std::vector<double>> samples(count, std::vector<double>(names.size()));
  for (std::size_t column = 0; column < names.size(); ++column) {
    workload::Random random = workload::Random::stream(seed, "latin hypercube of " + names[column]);
    std::vector<std::size_t> slices(count);
    std::iota(slices.begin(), slices.end(), std::size_t{0});
    for (std::size_t i = count; i > 1; --i) {  // Fisher and Yates
      std::swap(slices[i - 1], slices[random.below(i)]);
    }
    for (std::size_t i = 0; i < count; ++i) {
      samples[i][column] = (static_cast<double>(slices[i]) + random.uniform()) / static_cast<double>(count);
    }
  }
  return samples;
}

std::optional<double> rank_correlation(std::span<const double> a, std::span<const double> b) {
  assert(a.size() == b.size());
  const std::vector<double> ranks_a = ranks_of(a);
  const std::vector<double> ranks_b = ranks_of(b);
  const double mean = (static_cast<double>(a.size()) - 1) / 2;
  double both = 0;
  double of_a = 0;
  double of_b = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    both += (ranks_a[i] - mean) * (ranks_b[i] - mean);
    of_a += (ranks_a[i] - mean) * (ranks_a[i] - mean);
    of_b += (ranks_b[i] - mean) * (ranks_b[i] - mean);
  }
  if (of_a <= 0 || of_b <= 0) {
    return std::nullopt;
  }
  return both / std::sqrt(of_a * of_b);
}

}  // namespace mtok::planner
