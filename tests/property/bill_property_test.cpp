// Laws of the bill: whatever the run, the price and the method, all ways of splitting it add up to the total.
#include "sim/cost/bill.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <numeric>
#include <random>

namespace mtok::cost {
namespace {

using engine::Outcome;
using engine::RequestRecord;
using engine::RunRecord;

constexpr int kReports = 100'000;

double uniform(std::mt19937_64& random) {
  return static_cast<double>(random() >> 11U) * 0x1p-53;
}

RequestRecord random_request(std::mt19937_64& random, std::int64_t id, std::int64_t makespan_ns) {
  std::array<std::int64_t, 4> times{};
  for (std::int64_t& time : times) {
    time = static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(makespan_ns));
  }
  std::sort(times.begin(), times.end());
  RequestRecord request{.id = id,
                        .outcome = random() % 8 == 0 ? Outcome::unfinished : Outcome::completed,
                        .arrival = SimTime{times[0]},
                        .scheduled = SimTime{times[1]},
                        .first_token = SimTime{times[2]},
                        .last_token = SimTime{times[3]},
                        .input_tokens = 1 + static_cast<std::int64_t>(random() % 5000)};
  request.cached_input_tokens =
      static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(request.input_tokens));
  request.output_tokens =
      request.outcome == Outcome::completed ? 1 + static_cast<std::int64_t>(random() % 900) : 0;
  request.prefill_time = Seconds(uniform(random));
  request.cached_time = Seconds(random() % 3 == 0 ? 0 : uniform(random) / 10);
  request.decode_time = Seconds(uniform(random) * 30);
  return request;
}

RunRecord random_run(std::mt19937_64& random) {
  RunRecord run;
  const auto makespan = static_cast<std::int64_t>(1'000'000'000 + random() % 3'600'000'000'000);
  run.makespan = SimTime{makespan};
  run.devices_per_replica = std::int64_t{1} << (random() % 4);
  run.replicas.resize(1 + random() % 5);
  for (engine::ReplicaRecord& replica : run.replicas) {
    std::int64_t left = makespan;
    for (std::int64_t* phase :
         {&replica.phases.prefill_ns, &replica.phases.cached_ns, &replica.phases.decode_ns}) {
      *phase =
          random() % 6 == 0 ? 0 : static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(left + 1));
      left -= *phase;
    }
    replica.energy = Joules(uniform(random) * 700 * static_cast<double>(makespan) * 1e-9);
  }
  const std::size_t requests = random() % 6;
  for (std::size_t i = 0; i < requests; ++i) {
    run.requests.push_back(random_request(random, static_cast<std::int64_t>(i), makespan));
  }
  run.totals = engine::totals_of(run.requests, {});
  if (run.replicas.size() > 1 && random() % 4 == 0) {
    run.decode_pool = engine::DecodePoolRecord{.replicas = 1, .devices_per_replica = 2};
  }
  return run;
}

BillTerms random_terms(std::mt19937_64& random) {
  BillTerms terms{.price = {.per_device = usd_per_hour(uniform(random) * 12)},
                  .allocation = {.method = kAllocations.at(random() % kAllocations.size()).allocation}};
  terms.marginal = {.input = Seconds(uniform(random) * 1e-3), .output = Seconds(uniform(random) * 1e-2)};
  terms.decode_marginal = terms.marginal;
  if (random() % 2 == 0) {
    const UsdPerSecond rate = terms.price.per_device;
    terms.price.made_of = {
        {Resource::compute, rate * 0.7}, {Resource::network, rate * 0.2}, {Resource::staff, rate * 0.1}};
    terms.price.energy = EnergyPrice{.idle = Watts(70), .overhead = 2.2, .tariff = Usd(0.08) / Joules(3.6e6)};
  }
  return terms;
}

Money sum_of(const std::vector<Money>& amounts) {
  return std::accumulate(amounts.begin(), amounts.end(), Money{});
}

// Requests and idle, devices, kinds of tokens and resources: four ways to the same total, to the last 1e-12
// USD.
TEST(BillProperty, RequestsDevicesKindsAndResourcesAddUpToTheTotal) {
  std::mt19937_64 random(11);
  for (int report = 0; report < kReports; ++report) {
    const RunRecord run = random_run(random);
    const BillTerms terms = random_terms(random);
    const Bill bill = make_bill(run, terms);
    ASSERT_EQ(bill.parts.sum(), bill.total) << "report " << report;
    ASSERT_EQ(bill.resources.sum(), bill.total) << "report " << report;
    ASSERT_EQ(sum_of(bill.per_replica), bill.total) << "report " << report;
    ASSERT_EQ(sum_of(bill.per_request) + bill.parts.idle, bill.total) << "report " << report;
    for (const Money part : {bill.parts.input, bill.parts.cached_input, bill.parts.output, bill.parts.idle}) {
      ASSERT_GE(part, Money{}) << "report " << report;
    }
  }
}

/// Every amount of a bill that is an exact integer: total, kinds, resources, replicas, requests.
std::vector<Money> amounts_of(const Bill& bill) {
  std::vector<Money> list{bill.total, bill.parts.input, bill.parts.cached_input, bill.parts.output,
                          bill.parts.idle};
  for (const NamedResource& known : kResources) {
    list.push_back(bill.resources.of(known.resource));
  }
  list.insert(list.end(), bill.per_replica.begin(), bill.per_replica.end());
  list.insert(list.end(), bill.per_request.begin(), bill.per_request.end());
  return list;
}

// A price of 3.6 USD/h is 1e-12 USD a nanosecond: the total and the kinds are whole numbers, nothing is
// rounded, so every whole k scales them exactly.
TEST(BillProperty, WholeMultiplesOfAPriceScaleTheBillExactlyWhereNothingIsRounded) {
  std::mt19937_64 random(12);
  for (int trial = 0; trial < 2'000; ++trial) {
    const RunRecord run = random_run(random);
    const auto k = static_cast<std::int64_t>(1 + random() % 1000);
    const Bill one = make_bill(run, {.price = {.per_device = usd_per_hour(3.6)}});
    const Bill many = make_bill(run, {.price = {.per_device = usd_per_hour(3.6 * static_cast<double>(k))}});
    ASSERT_EQ(many.total, one.total * k);
    ASSERT_EQ(many.parts.input, one.parts.input * k);
    ASSERT_EQ(many.parts.cached_input, one.parts.cached_input * k);
    ASSERT_EQ(many.parts.output, one.parts.output * k);
    ASSERT_EQ(many.parts.idle, one.parts.idle * k);
  }
}

// Any other price: an amount is rounded at most three times on its way (total, kind, request), each time by
// less than one unit, and k amounts by less than k units: |cost(k p) - k cost(p)| <= 3 (k + 1) * 1e-12 USD.
TEST(BillProperty, ScalingThePriceScalesEveryAmountUpToItsRounding) {
  std::mt19937_64 random(13);
  for (int trial = 0; trial < 5'000; ++trial) {
    const RunRecord run = random_run(random);
    BillTerms terms = random_terms(random);
    terms.price.per_device = Money::from_usd(terms.price.per_device * Seconds(3600)).usd() / Seconds(3600);
    terms.price.made_of.clear();
    terms.price.energy.reset();
    const auto k = static_cast<std::int64_t>(2 + random() % 100);
    BillTerms dearer = terms;
    const Money rate = Money::from_usd(terms.price.per_device * Seconds(3600)) * k;
    dearer.price.per_device = rate.usd() / Seconds(3600);
    const std::vector<Money> one = amounts_of(make_bill(run, terms));
    const std::vector<Money> many = amounts_of(make_bill(run, dearer));
    ASSERT_EQ(one.size(), many.size());
    for (std::size_t i = 0; i < one.size(); ++i) {
      const Int128 off = (many[i] - one[i] * k).pico_usd();
      ASSERT_LE(off < 0 ? -off : off, 3 * (k + 1)) << "trial " << trial << " amount " << i;
    }
  }
}

// Only the line of the energy goes, by all that it was, and with it all that it had added to a replica.
TEST(BillProperty, AnEnergyPriceOfZeroRemovesExactlyTheEnergyLine) {
  std::mt19937_64 random(15);
  for (int trial = 0; trial < 2'000; ++trial) {
    const RunRecord run = random_run(random);
    BillTerms terms = random_terms(random);
    terms.price.energy = EnergyPrice{.idle = Watts(70), .overhead = 2.2, .tariff = Usd(0.08) / Joules(3.6e6)};
    const Bill paid = make_bill(run, terms);
    terms.price.energy->tariff = UsdPerJoule{};
    const Bill free_energy = make_bill(run, terms);
    ASSERT_EQ(free_energy.resources.of(Resource::energy), Money{}) << "trial " << trial;
    ASSERT_EQ(free_energy.total, paid.total - paid.resources.of(Resource::energy)) << "trial " << trial;
    for (const NamedResource& known : kResources) {
      if (known.resource != Resource::energy) {
        ASSERT_EQ(free_energy.resources.of(known.resource), paid.resources.of(known.resource)) << known.name;
      }
    }
    ASSERT_EQ(free_energy.parts.sum(), free_energy.total);
    terms.price.energy.reset();
    ASSERT_EQ(amounts_of(make_bill(run, terms)), amounts_of(free_energy)) << "as if it were in the rent";
  }
}

// The method moves money between kinds; it never changes what was paid, nor what devices and resources cost.
TEST(BillProperty, TheMethodOfAllocationChangesNoTotal) {
  std::mt19937_64 random(14);
  for (int trial = 0; trial < 2'000; ++trial) {
    const RunRecord run = random_run(random);
    BillTerms terms = random_terms(random);
    const Bill base = make_bill(run, terms);
    for (const NamedAllocation& method : kAllocations) {
      terms.allocation.method = method.allocation;
      const Bill bill = make_bill(run, terms);
      ASSERT_EQ(bill.total, base.total) << method.name;
      ASSERT_EQ(bill.per_replica, base.per_replica) << method.name;
      for (const NamedResource& known : kResources) {
        ASSERT_EQ(bill.resources.of(known.resource), base.resources.of(known.resource)) << method.name;
      }
    }
  }
}

}  // namespace
}  // namespace mtok::cost
