// What a report says beyond the run itself: what the answer depends on, and the fleet of coming months.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/units/money.hpp"

namespace mtok::report {

/// What the run becomes with one input at one end of its range. Rates are per million tokens.
struct SwingEnd {
  double input = 0;
  std::optional<Money> rate{};
  std::optional<double> ttft_p99_ms{};
  std::optional<double> tpot_p99_ms{};
  bool promises_kept = false;
};

/// One input over its range, all others as they stand.
struct SwingLine {
  std::string key{};
  std::string title{};  ///< for people
  std::string unit{};
  double base = 0;
  SwingEnd low{};
  SwingEnd high{};
  std::optional<double> rank{};  ///< correlation with the cost per token over the samples
  std::string source{};          ///< of the range
};

struct SpreadLine {
  std::string key{};  ///< "usd_per_mtok"
  double p10 = 0;
  double p50 = 0;
  double p90 = 0;
};

/// Of a document mtok.sensitivity/1.
struct SensitivityFacts {
  std::string name{};
  std::string hash{};
  bool feasible = false;
  std::optional<Money> base_rate{};
  std::vector<SwingLine> swings{};
  std::int64_t samples = 0;
  std::vector<SpreadLine> spreads{};
  std::optional<double> slo_probability{};
};

/// One way to pay for the months; what is absent was not priced or does not come about.
struct CapacityOptionLine {
  std::string name{};
  std::string basis{};
  std::string missing{};  ///< why it could not be priced
  std::optional<Money> total{};
  std::optional<Money> resale{};
  std::optional<Money> present_value{};
  std::optional<Money> rate{};
  std::optional<double> payback_months{};
  std::optional<double> break_even_requests_per_s{};
  [[nodiscard]] bool priced() const { return missing.empty() && total.has_value(); }
};

struct CapacityMonthLine {
  std::int64_t month = 0;
  double mean_requests_per_s = 0;
  double peak_requests_per_s = 0;
  double mtok = 0;
  std::int64_t replicas = 0;
  std::int64_t spares = 0;
  std::int64_t devices = 0;
  /// As CapacityFacts::options, empty for those without a price: paid in the month, and what of it is paid at
  /// its start.
  std::vector<Money> paid{};
  std::vector<Money> paid_at_start{};
};

struct CommitmentLine {
  std::string term{};
  double price_ratio = 0;
  std::int64_t reserve = 0;  ///< replicas worth reserving
  std::int64_t of = 0;
  std::string source{};
};

/// Of a document mtok.capacity/1.
struct CapacityFacts {
  std::string name{};
  std::string hash{};
  std::string device{};
  std::int64_t devices_per_replica = 1;
  double discount_per_year = 0;
  bool feasible = false;
  std::string reason{};
  std::vector<CapacityOptionLine> options{};
  std::vector<CapacityMonthLine> months{};
  std::vector<CommitmentLine> commitments{};
};

}  // namespace mtok::report
