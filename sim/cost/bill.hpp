// The whole bill of a run, split so that the parts add up to it exactly.
#pragma once

#include <optional>
#include <vector>

#include "sim/cost/allocation.hpp"
#include "sim/cost/price_book.hpp"
#include "sim/cost/resource.hpp"
#include "sim/engine/run_record.hpp"
#include "sim/units/money.hpp"

namespace mtok::cost {

/// Where the money of the fleet's time went.
struct Parts {
  Money input{};         ///< prefill of tokens that were computed
  Money cached_input{};  ///< attention over tokens that came from the prefix cache
  Money output{};        ///< decode
  Money idle{};          ///< paid for and not used; with marginal allocation also what no token adds

  [[nodiscard]] Money sum() const { return input + cached_input + output + idle; }
  Parts& operator+=(const Parts& other) {
    input += other.input;
    cached_input += other.cached_input;
    output += other.output;
    idle += other.idle;
    return *this;
  }
};

/// Dollars per token; absent when there were no such tokens, or no time was paid for (never infinity).
struct UnitCosts {
  std::optional<UsdPerToken> input{};         ///< parts.input / computed input tokens
  std::optional<UsdPerToken> cached_input{};  ///< parts.cached_input / cached input tokens
  std::optional<UsdPerToken> output{};        ///< parts.output / output tokens
  std::optional<UsdPerToken> idle{};          ///< parts.idle / all tokens
  std::optional<UsdPerToken> blended{};       ///< total / all tokens
};

/// The bill of a fleet: devices * price * the time for which each replica was paid for, which is the makespan
/// unless the fleet changed (ReplicaRecord::unpaid_ns), idle included, and the energy where it is paid beside
/// that. The price counts as a whole number of 1e-12 USD per
/// device-hour, so that the product is exact; it is rounded once, and so is the cost of the energy.
///
/// Three splits of the same total, each exact, each by largest remainder: `parts` by kind of token under a
/// method of allocation, `resources` by what was bought, `per_replica` by who used it. Time splits into busy
/// and idle as it passed, energy as it was drawn; the method divides what was busy. Within a part requests
/// pay in proportion to their shares. A part of which no request has a share belongs to nobody: it is moved
/// to idle. Input tokens count when their request emitted a token, that is, when its prompt was processed to
/// the end.
struct Bill {
  Money total{};
  Parts parts{};
  Parts energy_parts{};  ///< of them, what is paid for energy beside the hours of devices
  ResourceCosts resources{};
  std::vector<Money> per_replica{};  ///< in the order of RunRecord::replicas; their sum = total
  UnitCosts per_token{};
  /// What a token costs when tokens carry the whole bill: the parts that have tokens are scaled up to the
  /// total, `idle` is absent. input * computed + cached_input * cached + output * emitted = total, up to
  /// rounding of doubles.
  UnitCosts per_token_with_idle{};
  /// In the order of RunRecord::requests, empty when the run kept none; their sum + parts.idle = total.
  std::vector<Money> per_request{};
  std::optional<Usd> per_completed_request{};
  Usd per_month{};  ///< the fleet for 730 h at the power of the run, an elastic one at its mean size
};
/// per_device * device_ns, what renting devices costs for a time of all devices together in nanoseconds. The
/// price counts as a whole number of 1e-12 USD per device-hour; the product is rounded once, halves up.
/// Requires a price below 10,000 USD/h, and less than 300,000 device-years.
[[nodiscard]] Money rent_of(UsdPerSecond per_device, Int128 device_ns);

/// What a bill is made by.
struct BillTerms {
  Price price{};
  std::optional<Price> decode_price{};  ///< of the devices of a decode pool; absent: as the others
  AllocationRule allocation{};
  MarginalTimes marginal{};  ///< for that method alone
  MarginalTimes decode_marginal{};
};

/// Requires busy time <= wall time, a price below 10,000 USD/h, and less than 300,000 device-years. Each
/// pool's own time is split; a phase that occurs in both (prompts computed anew where they decode) is shared
/// by the requests as one part.
[[nodiscard]] Bill make_bill(const engine::RunRecord& run, const BillTerms& terms);
/// By phase time.
[[nodiscard]] Bill make_bill(const engine::RunRecord& run, const Price& price);
[[nodiscard]] Bill make_bill(const engine::RunRecord& run, const Price& price, const Price& decode_price);

/// The bill of several fleets that serve the requests of `totals` together: amounts are added, unit costs are
/// per token of the whole; per_request stays empty.
[[nodiscard]] Bill sum_of(const std::vector<Bill>& bills, const engine::RequestTotals& totals);

}  // namespace mtok::cost
