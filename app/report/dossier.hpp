// What a report says: the figures of result files, read once, from which every format is written.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "app/report/dossier_forecast.hpp"
#include "app/report/precision.hpp"
#include "sim/planner/run.hpp"
#include "sim/units/money.hpp"

namespace mtok::report {

/// One way to serve the requests: the run itself, a rung of the ladder, a scenario of a comparison. What is
/// absent was not computed. Rates are dollars per million tokens, exact as the result states them.
struct Case {
  std::string name{};
  std::string change{};
  std::string model{};
  std::string device{};
  std::string formats{};
  std::string quality{};
  std::string quality_source{};
  bool feasible = false;
  std::string reason{};  ///< why not feasible, or which promise is broken
  std::int64_t devices = 0;
  std::int64_t replicas = 0;
  std::optional<double> mean_devices{};   ///< that are paid for, where their number could change; ...
  std::optional<double> mean_replicas{};  ///< ... `devices` and `replicas` are those at the start then
  bool on_terms_of_run = false;           ///< terms of owned devices and energy are those of the run
  std::optional<double> makespan_s{};
  std::optional<Money> device_hour{};  ///< price of one; mean of a fleet with several
  std::int64_t input_tokens = 0;       ///< cached ones included
  std::int64_t cached_input_tokens = 0;
  std::int64_t output_tokens = 0;
  std::int64_t completed = 0;
  std::optional<Money> total{};
  cost::Parts parts{};  ///< of the total
  bool has_parts = false;
  cost::Parts energy_parts{};  ///< of them, energy where it is paid beside the price of devices
  std::optional<Money> blended{};
  std::optional<Money> marginal{};  ///< against the last feasible row before
  std::optional<Money> alone{};
  std::optional<double> saving{};  ///< share of the first row's cost per token
  std::optional<Money> per_month{};
  std::optional<double> ttft_p99_ms{};
  std::optional<double> tpot_p99_ms{};
  std::optional<double> output_tokens_per_s{};
  std::optional<double> busy{};
  std::optional<double> payback_months{};
};

/// A ladder, a comparison or a plan.
struct CaseTable {
  std::string kind{};  ///< "ladder", "compare", "plan"
  std::string name{};
  std::vector<Case> cases{};
  std::optional<Money> interaction{};  ///< ladder: joint saving minus the sum of single ones
};

/// Milliseconds; absent without such a request.
struct LatencyLine {
  std::string key{};  ///< as in JSON
  std::string title{};
  std::array<std::optional<double>, 6> ms{};  ///< mean, p50, p90, p95, p99, max
};
inline constexpr std::array<const char*, 6> kLatencyColumns{"mean", "p50", "p90", "p95", "p99", "max"};

/// One part of the bill.
struct BillLine {
  std::string key{};
  std::string title{};
  std::optional<std::int64_t> tokens{};
  Money amount{};
  std::optional<Money> per_mtok{};            ///< of this part's tokens
  std::optional<Money> per_mtok_with_idle{};  ///< when tokens carry the whole bill
};

/// What a bought device costs: at once, by the hour, and for energy.
struct OwnedFacts {
  Money outlay{};
  Money running_hour{};
  Money per_kwh{};
  double power_overhead = 1;  ///< power of the building / power of the devices
};

/// Devices of one price.
struct PoolLine {
  std::string name{};
  std::string model{};
  std::string device{};
  std::int64_t devices_per_replica = 0;
  std::int64_t replicas = 0;
  std::optional<Money> device_hour{};
  cost::Price price{};  ///< where that is from
  std::optional<OwnedFacts> owned{};
  std::optional<double> kwh{};  ///< that its devices drew
  std::optional<Money> total{};
  std::optional<double> busy{};
  std::optional<std::int64_t> paid_ns{};  ///< of all its replicas, where their number could change
  [[nodiscard]] std::int64_t devices() const { return devices_per_replica * replicas; }
  /// Replicas that are paid for on average.
  [[nodiscard]] double mean_replicas(std::int64_t makespan_ns) const {
    return paid_ns && makespan_ns > 0 ? static_cast<double>(*paid_ns) / static_cast<double>(makespan_ns)
                                      : static_cast<double>(replicas);
  }
  [[nodiscard]] double mean_devices(std::int64_t makespan_ns) const {
    return mean_replicas(makespan_ns) * static_cast<double>(devices_per_replica);
  }
};

/// A labelled number with its unit, for the formats that list everything.
struct Fact {
  std::string key{};    ///< path in the result, "throughput.requests_per_s"
  std::string title{};  ///< for people
  std::string unit{};
  std::string value{};  ///< plain decimal text; empty: does not exist
};

/// What making a distilled model cost.
struct DistillationFacts {
  Money one_time{};
  Money teacher{};
  Money training{};
  std::optional<double> device_hours{};
  std::optional<Money> amortised{};     ///< per million tokens
  std::optional<Money> with_serving{};  ///< per million tokens
};

/// A file that the report was made from.
struct ResultFile {
  std::string name{};    ///< without its folder
  std::string schema{};  ///< "mtok.run/1"
  std::string title{};   ///< of the scenario or table
  std::string hash{};
  std::string sha256{};  ///< of the file itself
  std::string version{};
  bool intact = false;  ///< the hash is that of the content
};

/// One run in full, with what was found beside it.
struct Dossier {
  std::string currency = "USD";
  Precision precision{};  ///< of simulated figures where they are shown
  std::string scenario{};
  std::string hash{};
  std::string version{};  ///< of the program that ran it
  std::int64_t seed = 0;
  std::vector<std::pair<std::string, std::string>>
      options{};  ///< of the command line that the run depends on
  std::string rounding{};
  bool feasible = false;
  bool partial = false;  ///< the run was stopped before its end
  std::string reason{};
  std::vector<std::string> remedies{};

  Case run{};  ///< the run as a case; the first of all_cases()
  std::string framework{};
  std::vector<PoolLine> pools{};
  std::int64_t makespan_ns = 0;
  std::vector<Fact> facts{};  ///< every figure of the run in the order of the result
  std::vector<LatencyLine> latency{};
  std::optional<bool> slo_met{};
  std::vector<BillLine> bill{};
  std::string allocation{};
  std::vector<std::pair<std::string, Money>>
      stated_sums{};  ///< the bill added up by the program that made it
  std::optional<Money> per_request{};
  std::optional<double> idle_share{};
  std::optional<double> kwh{};
  cost::Price price{};
  std::optional<double> tdp_w{};  ///< of an owned device
  bool quality_known = false;
  std::optional<DistillationFacts> distillation{};

  std::vector<Dossier> further_runs{};  ///< other runs that were given
  std::optional<CaseTable> ladder{};
  std::vector<CaseTable> tables{};  ///< comparisons and plans
  std::optional<SensitivityFacts> sensitivity{};
  std::optional<CapacityFacts> capacity{};

  std::vector<ResultFile> results{};
  std::vector<planner::InputFile> inputs{};
  std::vector<planner::Assumption> assumptions{};
  std::vector<std::string> warnings{};
  std::vector<std::string> absent{};  ///< what the report could say and why it does not
};

/// The run, the further runs, the rungs of the ladder and the rows of tables, in this order.
[[nodiscard]] std::vector<Case> all_cases(const Dossier& dossier);
/// The value of a fact, "" when there is none.
[[nodiscard]] std::string fact_of(const Dossier& dossier, const std::string& key);

}  // namespace mtok::report
