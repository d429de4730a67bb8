// Errors of many outcomes: medians, bias, rank correlation.
#include "sim/validation/outcome.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <tuple>

namespace mtok::validation {
namespace {

/// Linear interpolation between ranks. Requires sorted, not empty.
double percentile(const std::vector<double>& sorted, double q) {
  const double rank = q * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(rank);
  const std::size_t above = std::min(below + 1, sorted.size() - 1);
  return sorted[below] + (sorted[above] - sorted[below]) * (rank - std::floor(rank));
}

/// Pairs of equal values within runs of a sorted sequence, as `same` defines a run.
template <class Same>
double tied_pairs(std::size_t size, const Same& same) {
  double pairs = 0;
  std::size_t start = 0;
  for (std::size_t i = 1; i <= size; ++i) {
    if (i == size || !same(start, i)) {
      const auto run = static_cast<double>(i - start);
      pairs += run * (run - 1) / 2;
      start = i;
    }
  }
  return pairs;
}

/// Sorts [first, last) and counts the inversions that sorting undoes (merge sort).
double sort_and_count(std::vector<double>& values, std::vector<double>& scratch, std::size_t first,
                      std::size_t last) {
  if (last - first < 2) {
    return 0;
  }
  const std::size_t middle = first + (last - first) / 2;
  double swaps =
      sort_and_count(values, scratch, first, middle) + sort_and_count(values, scratch, middle, last);
  std::size_t left = first;
  std::size_t right = middle;
  for (std::size_t out = first; out < last; ++out) {
    const bool take_left = left < middle && (right == last || values[left] <= values[right]);
    if (!take_left) {
      swaps += static_cast<double>(middle - left);
    }
    scratch[out] = values[take_left ? left++ : right++];
  }
  std::copy(scratch.begin() + static_cast<std::ptrdiff_t>(first),
            scratch.begin() + static_cast<std::ptrdiff_t>(last),
            values.begin() + static_cast<std::ptrdiff_t>(first));
  return swaps;
}

ErrorSummary summary_of(const std::vector<const Outcome*>& group) {
  ErrorSummary summary;
  std::vector<double> apes;
  std::vector<double> measured;
  std::vector<double> predicted;
  double signed_errors = 0;
  for (const Outcome* outcome : group) {
    summary.rows += 1;
    const std::optional<double> ape = outcome->ape();
    if (!ape) {
      summary.unsupported += 1;
      continue;
    }
    apes.push_back(*ape);
    measured.push_back(outcome->measured);
    predicted.push_back(*outcome->predicted);
    signed_errors += (*outcome->predicted - outcome->measured) / outcome->measured;
  }
  if (apes.empty()) {
    return summary;
  }
  std::sort(apes.begin(), apes.end());
  const auto count = static_cast<double>(apes.size());
  summary.median_ape = percentile(apes, 0.5);
  summary.mean_ape = std::accumulate(apes.begin(), apes.end(), 0.0) / count;
  summary.p90_ape = percentile(apes, 0.9);
  summary.bias = signed_errors / count;
  summary.kendall_tau = kendall_tau(measured, predicted);
  return summary;
}

}  // namespace

std::optional<double> Outcome::ape() const {
  if (!predicted || measured <= 0) {
    return std::nullopt;
  }
  return std::abs(*predicted - measured) / measured;
}

// Knight's algorithm: sort by a (then b), count the swaps that sorting by b needs. Source: W. R. Knight, JASA
// 61 (1966).
double kendall_tau(std::span<const double> a, std::span<const double> b) {
  const std::size_t size = a.size();
  std::vector<std::size_t> order(size);
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(),
            [&](std::size_t i, std::size_t j) { return std::tie(a[i], b[i], i) < std::tie(a[j], b[j], j); });
  std::vector<double> by_a(size);
  for (std::size_t i = 0; i < size; ++i) {
    by_a[i] = b[order[i]];
  }
  const double tied_a =
      tied_pairs(size, [&](std::size_t i, std::size_t j) { return a[order[i]] == a[order[j]]; });
  const double tied_both = tied_pairs(
      size, [&](std::size_t i, std::size_t j) { return a[order[i]] == a[order[j]] && by_a[i] == by_a[j]; });
  std::vector<double> scratch(size);
  const double swaps = sort_and_count(by_a, scratch, 0, size);
  const double tied_b = tied_pairs(size, [&](std::size_t i, std::size_t j) { return by_a[i] == by_a[j]; });
  const auto n = static_cast<double>(size);
  const double pairs = n * (n - 1) / 2;
  const double scale = std::sqrt((pairs - tied_a) * (pairs - tied_b));
  return scale > 0 ? (pairs - tied_a - tied_b + tied_both - 2 * swaps) / scale : 0;
}

std::vector<ErrorSummary> summarize(std::span<const Outcome> outcomes, std::span<const GroupBy> keys) {
  const auto key_of = [&](const Outcome& outcome) {
    ErrorSummary key;
    for (const GroupBy by : keys) {
      switch (by) {
        case GroupBy::metric:
          key.metric = outcome.metric;
          break;
        case GroupBy::family:
          key.family = outcome.family;
          break;
        case GroupBy::device:
          key.device = outcome.device;
          break;
        case GroupBy::quality:
          key.quality = outcome.quality;
          break;
      }
    }
    return key;
  };
  std::vector<ErrorSummary> summaries;
  std::vector<std::vector<const Outcome*>> groups;
  for (const Outcome& outcome : outcomes) {
    const ErrorSummary key = key_of(outcome);
    const auto same = [&](const ErrorSummary& other) {
      return std::tie(other.metric, other.family, other.device, other.quality) ==
             std::tie(key.metric, key.family, key.device, key.quality);
    };
    const auto found = std::find_if(summaries.begin(), summaries.end(), same);
    if (found == summaries.end()) {
      summaries.push_back(key);
      groups.push_back({&outcome});
    } else {
      groups[static_cast<std::size_t>(found - summaries.begin())].push_back(&outcome);
    }
  }
  for (std::size_t i = 0; i < summaries.size(); ++i) {
    ErrorSummary filled = summary_of(groups[i]);
    filled.metric = summaries[i].metric;
    filled.family = summaries[i].family;
    filled.device = summaries[i].device;
    filled.quality = summaries[i].quality;
    summaries[i] = std::move(filled);
  }
  return summaries;
}

}  // namespace mtok::validation
