// Predicted against measured: one outcome per measured value, and the errors of many.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace mtok::validation {

/// One measured value of a file and what the models say. Numbers are in the unit of the file: `unit` names
/// it.
struct Outcome {
  std::string row_id{};
  std::string metric{};  ///< "latency_us", "output_tokens_per_s", "ttft_ms", ...
  std::string unit{};
  std::string device{};   ///< as the file names it
  std::string family{};   ///< what is summed up together: load mode, or kernel and format
  std::string quality{};  ///< spec_quality of the file: A, B, C; empty where it has none
  std::string series{};   ///< rows that differ in one setting only, for ranking; may be empty
  double measured = 0;
  std::optional<double> predicted{};  ///< absent: unsupported
  std::string unsupported{};          ///< why

  /// |predicted - measured| / measured; absent when unsupported or nothing was measured.
  [[nodiscard]] std::optional<double> ape() const;
};

/// Errors of a group of outcomes.
struct ErrorSummary {
  std::string metric{};
  std::string family{};
  std::string device{};
  std::string quality{};
  std::int64_t rows = 0;
  std::int64_t unsupported = 0;
  double median_ape = 0;
  double mean_ape = 0;
  double p90_ape = 0;
  double bias = 0;         ///< mean of (predicted - measured) / measured
  double kendall_tau = 0;  ///< tau-b of predicted and measured over all pairs of the group
};

enum class GroupBy { metric, family, device, quality };

/// One summary for each combination of the keys named, in order of first appearance; keys not named are
/// empty.
[[nodiscard]] std::vector<ErrorSummary> summarize(std::span<const Outcome> outcomes,
                                                  std::span<const GroupBy> keys);

/// Kendall's tau-b of two samples of equal size; 0 with fewer than two pairs that differ. O(n log n).
[[nodiscard]] double kendall_tau(std::span<const double> a, std::span<const double> b);

}  // namespace mtok::validation
