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
  const Price* price = nullptr;
  std::int64_t wall_ns = 0;  ///< of all its replicas together
  PoolUse use{};

  [[nodiscard]] Joules energy() const {
    Joules sum;
    for (const engine::ReplicaRecord& replica : replicas) {
      sum += replica.energy;
    }
    return sum;
  }
};

void add_use(Pool& pool) {
  for (const engine::ReplicaRecord& replica : pool.replicas) {
    pool.use.phases += replica.phases;
  }
  pool.use.idle_ns = pool.wall_ns - pool.use.phases.busy_ns();
  assert(pool.use.phases.prefill_ns >= 0 && pool.use.phases.cached_ns >= 0 &&
         pool.use.phases.decode_ns >= 0 && pool.use.idle_ns >= 0);
}

std::vector<Pool> pools_of(const RunRecord& run, const BillTerms& terms) {
  const std::span<const engine::ReplicaRecord> all = run.replicas;
  const auto decode = run.decode_pool ? static_cast<std::size_t>(run.decode_pool->replicas) : 0;
  const std::size_t others = all.size() - decode;
  std::vector<Pool> pools{{.replicas = all.first(others),
                           .devices_per_replica = run.devices_per_replica,
                           .price = &terms.price,
                           .wall_ns = run.wall_ns_of(all.first(others)),
                           .use = {.decodes = !run.decode_pool, .marginal = terms.marginal}}};
  if (run.decode_pool) {
    pools.push_back({.replicas = all.last(decode),
                     .devices_per_replica = run.decode_pool->devices_per_replica,
                     .price = terms.decode_price ? &*terms.decode_price : &terms.price,
                     .wall_ns = run.wall_ns_of(all.last(decode)),
                     .use = {.prefills = false, .marginal = terms.decode_marginal}});
  }
  std::for_each(pools.begin(), pools.end(), add_use);
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

/// What a pool draws costs; energy in the rent costs nothing.
Money energy_cost(const Pool& pool) {
  const std::optional<EnergyPrice>& price = pool.price->energy;
  return price ? Money::from_usd(pool.energy() * price->overhead * price->tariff) : Money{};
}

void add_kinds(Parts& parts, const std::vector<Money>& shares) {
  parts.input += shares[0];
  parts.cached_input += shares[1];
  parts.output += shares[2];
  parts.idle += shares[3];
}

/// Divides what was busy among the kinds of tokens; what no token is charged for is idle.
void add_busy(Parts& parts, Money busy, const KindWeights& weights) {
  const std::array<std::uint64_t, 4> four{weights.kinds[0], weights.kinds[1], weights.kinds[2], weights.rest};
  add_kinds(parts, allocate(busy, four));
}

/// The time of a pool by phases and idle in one split, or busy and idle first and then by the method.
void add_rent(Parts& parts, Money rent, const Pool& pool, const AllocationRule& rule,
              const KindWeights& weights) {
  const auto idle = static_cast<std::uint64_t>(pool.use.idle_ns);
  if (rule.method == Allocation::phase_time) {
    const std::array<std::uint64_t, 4> four{weights.kinds[0], weights.kinds[1], weights.kinds[2], idle};
    add_kinds(parts, allocate(rent, four));
    return;
  }
  const std::array<std::uint64_t, 2> busy_and_idle{static_cast<std::uint64_t>(pool.use.phases.busy_ns()),
                                                   idle};
  const std::vector<Money> shares = allocate(rent, busy_and_idle);
  add_busy(parts, shares[0], weights);
  parts.idle += shares[1];
}

/// Idle devices draw their idle power; the rest of the energy was for work.
void add_energy(Parts& parts, Money cost, const Pool& pool, const KindWeights& weights) {
  if (cost == Money{}) {
    return;
  }
  const Joules all = pool.energy();
  const Seconds idle_time(static_cast<double>(pool.use.idle_ns) * 1e-9);
  const Joules idle =
      std::min(all, pool.price->energy->idle * static_cast<double>(pool.devices_per_replica) * idle_time);
  const std::vector<Money> shares = allocate(cost, whole_weights({(all - idle).base(), idle.base()}, 1e6));
  add_busy(parts, shares[0], weights);
  parts.idle += shares[1];
}

/// By what was bought: the rates are whole numbers of 1e-12 USD per device-hour.
void add_resources(ResourceCosts& resources, Money rent, const Price& price) {
  if (price.made_of.empty()) {
    resources.of(Resource::compute) += rent;
    return;
  }
  std::vector<std::uint64_t> rates;
  for (const RatePart& part : price.made_of) {
    rates.push_back(static_cast<std::uint64_t>(Money::from_usd(part.rate * kHour).pico_usd()));
  }
  const std::vector<Money> shares = allocate(rent, rates);
  for (std::size_t i = 0; i < shares.size(); ++i) {
    resources.of(price.made_of[i].resource) += shares[i];
  }
}

/// By the time for which each replica was paid for, and the energy that it drew.
void add_replicas(std::vector<Money>& per_replica, Money rent, Money energy, const Pool& pool,
                  SimTime makespan) {
  if (pool.replicas.empty()) {
    return;
  }
  std::vector<double> joules;
  std::vector<std::uint64_t> paid_ns;
  for (const engine::ReplicaRecord& replica : pool.replicas) {
    paid_ns.push_back(static_cast<std::uint64_t>(nanoseconds(makespan) - replica.unpaid_ns));
    joules.push_back(replica.energy.base());
  }
  const std::vector<Money> times = allocate(rent, paid_ns);
  const std::vector<Money> energies = allocate(energy, whole_weights(joules, 1e6));
  for (std::size_t i = 0; i < times.size(); ++i) {
    per_replica.push_back(times[i] + energies[i]);
  }
}

/// The fleet as long as a month, drawing what it drew in the run.
Usd month_of(const Pool& pool, Money energy, SimTime makespan) {
  const Seconds month = kHour * kHoursPerMonth;
  const auto devices = static_cast<double>(pool.devices_per_replica) * mean_replicas(pool, makespan);
  const Seconds ran = between(SimTime{}, makespan);
  const Usd power = ran > Seconds{} ? energy.usd() * (month / ran) : Usd{};
  return pool.price->per_device * devices * month + power;
}

/// Moves parts without an owner to idle, and splits the others among the requests where these are known.
void charge_requests(const RunRecord& run, const AllocationRule& rule, Bill& bill) {
  constexpr double kPicoseconds = 1e12;
  constexpr std::array<Money Parts::*, kTokenKinds> kParts{&Parts::input, &Parts::cached_input,
                                                           &Parts::output};
  bill.per_request.resize(run.requests.size());
  for (std::size_t kind = 0; kind < kTokenKinds; ++kind) {
    Money& part = bill.parts.*kParts.at(kind);
    if (shares_in(rule, run.totals, kind) == 0) {
      bill.parts.idle += part;
      part = Money{};
      Money& energy = bill.energy_parts.*kParts.at(kind);
      bill.energy_parts.idle += energy;
      energy = Money{};
      continue;
    }
    if (part == Money{} || run.requests.empty()) {
      continue;
    }
    std::vector<double> shares(run.requests.size());
    std::transform(run.requests.begin(), run.requests.end(), shares.begin(),
                   [&](const RequestRecord& request) { return share_of(rule, request, kind); });
    const std::vector<Money> owed = allocate(part, whole_weights(shares, kPicoseconds));
    for (std::size_t i = 0; i < owed.size(); ++i) {
      bill.per_request[i] += owed[i];
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
    sum.parts += bill.parts;
    sum.energy_parts += bill.energy_parts;
    sum.resources += bill.resources;
    sum.per_replica.insert(sum.per_replica.end(), bill.per_replica.begin(), bill.per_replica.end());
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
  return make_bill(run, BillTerms{.price = price});
}

Bill make_bill(const RunRecord& run, const Price& price, const Price& decode_price) {
  return make_bill(run, BillTerms{.price = price, .decode_price = decode_price});
}

Bill make_bill(const RunRecord& run, const BillTerms& terms) {
  Bill bill;
  for (const Pool& pool : pools_of(run, terms)) {
    const Money rent = rent_of(pool.price->per_device, Int128{pool.devices_per_replica} * pool.wall_ns);
    const Money energy = energy_cost(pool);
    const KindWeights weights = kind_weights(terms.allocation, pool.use, run.totals);
    bill.total += rent + energy;
    add_rent(bill.parts, rent, pool, terms.allocation, weights);
    add_energy(bill.energy_parts, energy, pool, weights);
    add_resources(bill.resources, rent, *pool.price);
    bill.resources.of(Resource::energy) += energy;
    add_replicas(bill.per_replica, rent, energy, pool, run.makespan);
    bill.per_month += month_of(pool, energy, run.makespan);
  }
  bill.parts += bill.energy_parts;
  charge_requests(run, terms.allocation, bill);
  set_unit_costs(bill, run.totals);
  return bill;
}

}  // namespace mtok::cost
