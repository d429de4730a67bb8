// The bill: one rounding of the total, then splits by largest remainder down to the request.
#include "sim/cost/bill.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <cstdint>
#include <span>

namespace mtok::cost {
namespace {

using engine::RequestRecord;
using engine::RunRecord;

constexpr Seconds kHour{3600};

/// Replicas with devices of one kind.
struct Pool {
  std::span<const engine::ReplicaRecord> replicas{};
  std::int64_t devices_per_replica = 1;
  UsdPerSecond per_device{};
  std::int64_t wall_ns = 0;  ///< of all its replicas together
};

std::vector<Pool> pools_of(const RunRecord& run, const Price& price, const Price& decode_price) {
  const std::span<const engine::ReplicaRecord> all = run.replicas;
  const auto decode = run.decode_pool ? static_cast<std::size_t>(run.decode_pool->replicas) : 0;
  const std::size_t others = all.size() - decode;
  std::vector<Pool> pools{{.replicas = all.first(others),
                           .devices_per_replica = run.devices_per_replica,
                           .per_device = price.per_device,
                           .wall_ns = run.wall_ns_of(all.first(others))}};
  if (run.decode_pool) {
    pools.push_back({.replicas = all.last(decode),
                     .devices_per_replica = run.decode_pool->devices_per_replica,
                     .per_device = decode_price.per_device,
                     .wall_ns = run.wall_ns_of(all.last(decode))});
  }
  return pools;
}

/// Paid for on average; the number of replicas when all were paid for throughout.
double mean_replicas(const Pool& pool, SimTime makespan) {
  std::int64_t unpaid_ns = 0;
  for (const engine::ReplicaRecord& replica : pool.replicas) {
    unpaid_ns += replica.unpaid_ns;
  }
  const auto all = static_cast<double>(pool.replicas.size());
  return unpaid_ns == 0 ? all : all - between(SimTime{}, SimTime{unpaid_ns}) / between(SimTime{}, makespan);
}

Parts split_by_phase(Money total, const Pool& pool) {
  engine::PhaseTime phases;
  for (const engine::ReplicaRecord& replica : pool.replicas) {
    phases += replica.phases;
  }
  const std::int64_t idle_ns = pool.wall_ns - phases.busy_ns();
  assert(phases.prefill_ns >= 0 && phases.cached_ns >= 0 && phases.decode_ns >= 0 && idle_ns >= 0);
  const std::array<std::uint64_t, 4> nanoseconds_of_phase{
      static_cast<std::uint64_t>(phases.prefill_ns), static_cast<std::uint64_t>(phases.cached_ns),
      static_cast<std::uint64_t>(phases.decode_ns), static_cast<std::uint64_t>(idle_ns)};
  const std::vector<Money> shares = allocate(total, nanoseconds_of_phase);
  return {.input = shares[0], .cached_input = shares[1], .output = shares[2], .idle = shares[3]};
}

/// The shares of one phase as whole picoseconds; coarser by a power of two when their sum would pass 2^62 ps,
/// which is 53 days of device time. Rounding adds at most half a unit per request, so the sum stays below
/// 2^64.
std::vector<std::uint64_t> weights_of(const std::vector<RequestRecord>& requests,
                                      Seconds RequestRecord::*time) {
  Seconds sum;
  for (const RequestRecord& request : requests) {
    assert(std::isfinite((request.*time).base()) && (request.*time).base() >= 0);
    sum += request.*time;
  }
  double units_per_second = 1e12;
  while (sum.base() * units_per_second > 0x1p62) {
    units_per_second /= 2;
  }
  std::vector<std::uint64_t> weights(requests.size());
  std::transform(requests.begin(), requests.end(), weights.begin(), [&](const RequestRecord& request) {
    return static_cast<std::uint64_t>(std::llround((request.*time).base() * units_per_second));
  });
  return weights;
}

/// Adds one part of the bill to what its requests owe.
void charge(Money part, Seconds RequestRecord::*time, const std::vector<RequestRecord>& requests,
            std::vector<Money>& owed) {
  const std::vector<Money> shares = allocate(part, weights_of(requests, time));
  for (std::size_t i = 0; i < shares.size(); ++i) {
    owed[i] += shares[i];
  }
}

/// Moves parts without an owner to idle, and splits the others among the requests where these are known.
void charge_requests(const RunRecord& run, Bill& bill) {
  struct Phase {
    Money Parts::*part;
    Seconds engine::RequestTotals::*sum;
    Seconds RequestRecord::*time;
  };
  using engine::RequestTotals;
  constexpr std::array<Phase, 3> kPhases{
      {{&Parts::input, &RequestTotals::prefill_time, &RequestRecord::prefill_time},
       {&Parts::cached_input, &RequestTotals::cached_time, &RequestRecord::cached_time},
       {&Parts::output, &RequestTotals::decode_time, &RequestRecord::decode_time}}};
  bill.per_request.resize(run.requests.size());
  for (const Phase& phase : kPhases) {
    Money& part = bill.parts.*phase.part;
    if (run.totals.*phase.sum == Seconds{}) {
      bill.parts.idle += part;
      part = Money{};
    } else if (part > Money{} && !run.requests.empty()) {
      charge(part, phase.time, run.requests, bill.per_request);
    }
  }
}

struct TokenCounts {
  Tokens computed{};  ///< input tokens that were not in the prefix cache
  Tokens cached{};
  Tokens output{};

  [[nodiscard]] Tokens all() const { return computed + cached + output; }
};

TokenCounts count_tokens(const engine::RequestTotals& totals) {
  return {.computed = Tokens(static_cast<double>(totals.billed_computed_tokens)),
          .cached = Tokens(static_cast<double>(totals.billed_cached_tokens)),
          .output = Tokens(static_cast<double>(totals.billed_output_tokens))};
}

std::optional<UsdPerToken> per_token(Usd amount, Tokens tokens) {
  return tokens > Tokens{} ? std::optional(amount / tokens) : std::nullopt;
}

UnitCosts unit_costs(const Bill& bill, const TokenCounts& tokens) {
  return {.input = per_token(bill.parts.input.usd(), tokens.computed),
          .cached_input = per_token(bill.parts.cached_input.usd(), tokens.cached),
          .output = per_token(bill.parts.output.usd(), tokens.output),
          .idle = per_token(bill.parts.idle.usd(), tokens.all()),
          .blended = per_token(bill.total.usd(), tokens.all())};
}

/// Every part that has tokens grows by the same factor, total / (sum of those parts).
UnitCosts unit_costs_with_idle(const Bill& bill, const TokenCounts& tokens) {
  const auto carried = [](Money part, Tokens count) { return count > Tokens{} ? part.usd() : Usd{}; };
  const Usd carriers = carried(bill.parts.input, tokens.computed) +
                       carried(bill.parts.cached_input, tokens.cached) +
                       carried(bill.parts.output, tokens.output);
  UnitCosts costs{.blended = per_token(bill.total.usd(), tokens.all())};
  if (carriers > Usd{}) {
    const double growth = bill.total.usd() / carriers;
    costs.input = per_token(bill.parts.input.usd() * growth, tokens.computed);
    costs.cached_input = per_token(bill.parts.cached_input.usd() * growth, tokens.cached);
    costs.output = per_token(bill.parts.output.usd() * growth, tokens.output);
  }
  return costs;
}

void set_unit_costs(Bill& bill, const engine::RequestTotals& totals) {
  if (bill.total == Money{}) {
    return;
  }
  const TokenCounts tokens = count_tokens(totals);
  bill.per_token = unit_costs(bill, tokens);
  bill.per_token_with_idle = unit_costs_with_idle(bill, tokens);
  if (totals.completed > 0) {
    bill.per_completed_request = bill.total.usd() / static_cast<double>(totals.completed);
  }
}

}  // namespace

Bill sum_of(const std::vector<Bill>& bills, const engine::RequestTotals& totals) {
  Bill sum;
  for (const Bill& bill : bills) {
    sum.total += bill.total;
    sum.parts.input += bill.parts.input;
    sum.parts.cached_input += bill.parts.cached_input;
    sum.parts.output += bill.parts.output;
    sum.parts.idle += bill.parts.idle;
    sum.per_month += bill.per_month;
  }
  set_unit_costs(sum, totals);
  return sum;
}

/// rate [1e-12 USD per device-hour] * device time [ns] / 3.6e12 [ns per hour], in integers.
Money rent_of(UsdPerSecond per_device, Int128 device_ns) {
  constexpr Int128 kNanosecondsPerHour = 3'600'000'000'000;
  const Int128 rate = Money::from_usd(per_device * kHour).pico_usd();
  assert(rate >= 0 && rate <= Int128{10'000'000'000'000'000});  // 1e16
  assert(device_ns >= 0 &&
         device_ns <= Int128{10'000'000'000'000} * 1'000'000'000);  // 1e22: the product fits
  return Money::from_pico_usd((rate * device_ns + kNanosecondsPerHour / 2) / kNanosecondsPerHour);
}

Bill make_bill(const RunRecord& run, const Price& price) {
  return make_bill(run, price, price);
}

Bill make_bill(const RunRecord& run, const Price& price, const Price& decode_price) {
  Bill bill;
  for (const Pool& pool : pools_of(run, price, decode_price)) {
    const Money total = rent_of(pool.per_device, Int128{pool.devices_per_replica} * pool.wall_ns);
    const Parts parts = split_by_phase(total, pool);
    bill.total += total;
    bill.parts.input += parts.input;
    bill.parts.cached_input += parts.cached_input;
    bill.parts.output += parts.output;
    bill.parts.idle += parts.idle;
    const auto devices = static_cast<double>(pool.devices_per_replica) * mean_replicas(pool, run.makespan);
    bill.per_month += pool.per_device * devices * (kHour * kHoursPerMonth);
  }
  charge_requests(run, bill);

  set_unit_costs(bill, run.totals);
  return bill;
}

}  // namespace mtok::cost
