// One scenario with single inputs moved away from where it has them.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "sim/planner/run.hpp"

namespace mtok::planner {

/// What can be moved. A value is absolute where it has a unit or is a count or a share; else it is a factor,
/// and 1 is the scenario as it stands.
enum class Input {
  price,            ///< dollars per hour of the scenario's devices; other pools move in proportion
  energy_price,     ///< dollars per kWh of owned devices, whose energy is paid beside their hours
  volume,           ///< factor of the rate of arrivals, or of the clients of a closed loop
  input_tokens,     ///< factor of every prompt
  output_tokens,    ///< factor of every output
  hit_rate,         ///< share of every prompt that is one common text, in place of the workload's content ids
  replicas,         ///< of the scenario's own model
  ttft_error,       ///< measured over predicted: TTFT, after the run
  tpot_error,       ///< measured over predicted: the time of decode in every step
  throughput_error  ///< measured over predicted: steps take so many times less
};
inline constexpr std::array<Input, 10> kInputs{
    Input::price,    Input::energy_price, Input::volume,     Input::input_tokens, Input::output_tokens,
    Input::hit_rate, Input::replicas,     Input::ttft_error, Input::tpot_error,   Input::throughput_error};
/// "USD/h"; empty for factors, shares and counts.
[[nodiscard]] std::string_view unit_of(Input input);
/// "price", as flags and results say it.
[[nodiscard]] std::string_view name_of(Input input);
[[nodiscard]] std::optional<Input> input_named(std::string_view name);

/// What a moved scenario comes to.
struct Outcome {
  std::optional<UsdPerToken> per_token{};  ///< blended, idle included; absent without tokens
  Seconds ttft_p99{};
  Seconds tpot_p99{};
  bool slo_met = false;
  double busy = 0;      ///< share of the fleet's time
  double hit_rate = 0;  ///< of the prompt tokens that were looked up in the prefix caches
};

struct Move {
  Input input{};
  double value = 1;
};

/// Runs a scenario as it stands and with inputs moved. Holds its workload in memory: at most the first
/// 200,000 requests, with a warning in the result when there are more.
class WhatIf {
 public:
  /// Runs the scenario once. Throws config::Error.
  WhatIf(const Scenario& scenario, const Catalogue& catalogue, const Progress& progress = {});

  [[nodiscard]] const RunResult& base() const { return base_; }
  [[nodiscard]] Outcome base_outcome() const;
  /// Where the input stands in the scenario; the hit rate that the run found.
  [[nodiscard]] double base_value(Input input) const;
  /// Whether the scenario can be moved that way: an offline load has no rate, for one. Its error is that of
  /// the throughput, that of other loads those of TTFT and TPOT.
  [[nodiscard]] bool movable(Input input) const;
  /// May be called from several threads. Requires movable inputs; prices, factors and replicas above 0.
  [[nodiscard]] Outcome run(std::span<const Move> moves) const;

 private:
  void move_workload(Scenario& scenario, std::span<const Move> moves) const;
  void move_price(Scenario& scenario, double factor) const;
  /// The bill of one pool of owned devices at moved prices: what they cost an hour and a kWh.
  void reprice(RunResult& result, std::span<const Move> moves) const;

  Scenario scenario_;
  Catalogue catalogue_;  ///< cheap to copy
  RunResult base_;
  std::shared_ptr<const std::vector<workload::Request>> requests_;
  std::int64_t hash_block_size_ = 0;
};

}  // namespace mtok::planner
