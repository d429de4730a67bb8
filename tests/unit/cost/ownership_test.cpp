// Owning and interruptions: hand-worked annuities, hourly prices, energy and carbon.
#include "sim/cost/ownership.hpp"

#include <gtest/gtest.h>

#include "sim/cost/bill.hpp"
#include "sim/cost/footprint.hpp"

namespace mtok::cost {
namespace {

constexpr double kHoursPerYear = 8760;
constexpr std::int64_t kSecond = 1'000'000'000;

Fact fact(double value) {
  return {.value = value, .source = "made up"};
}

/// Round numbers; two years at 10 %.
CostTerms round_terms() {
  CostTerms terms;
  terms.server_ratio = fact(1.5);
  terms.installation_share = fact(0.05);
  terms.network_share = fact(0.1);
  terms.spares_share = fact(0.02);
  terms.support_share_per_year = fact(0.04);
  terms.residual_share = fact(0.21);
  terms.years = fact(2);
  terms.cost_of_capital = fact(0.1);
  terms.colocation_usd_per_kw_month = fact(146);
  terms.staff_usd_per_device_year = fact(876);
  terms.server_power_ratio = fact(2);
  terms.pue = fact(1.25);
  terms.usd_per_kwh = fact(0.36);
  terms.grid_kg_per_kwh = fact(0.5);
  terms.embodied_kg_per_device = fact(175.2);
  return terms;
}

Price bought(double usd) {
  return {.device = "round", .tier = Tier::owned, .purchase = Usd(usd)};
}

double hourly(const Price& price, Resource resource) {
  for (const RatePart& part : price.made_of) {
    if (part.resource == resource) {
      return part.rate.base() * 3600;
    }
  }
  return -1;
}

// 10 %, two years: 1000 borrowed is paid back by x at the end of each year, 1000 = x/1.1 + x/1.21
//   = x * 2.31/1.331 (as 1.21 + 1.1 = 2.31 over 1.331) -> x = 1331/2.31 = 576.19...
// 1000 after two years: y * 1.1 + y = 1000 -> y = 476.19...
TEST(Ownership, AnAnnuityPaysBackAndASinkingFundSavesUp) {
  EXPECT_NEAR(annuity_factor(0.1, 2), 1.331 / 2.31, 1e-15);
  EXPECT_NEAR(sinking_factor(0.1, 2), 1 / 2.1, 1e-15);
  EXPECT_DOUBLE_EQ(annuity_factor(0, 4), 0.25);
  EXPECT_DOUBLE_EQ(sinking_factor(0, 4), 0.25);
}

// The present value of n payments of the annuity is the sum that was borrowed, at any rate.
TEST(Ownership, PaymentsDiscountedAreTheSum) {
  for (const double interest : {0.01, 0.08, 0.25}) {
    for (const int years : {1, 3, 5, 10}) {
      double present = 0;
      double discount = 1;
      for (int year = 0; year < years; ++year) {
        discount /= 1 + interest;
        present += annuity_factor(interest, years) * discount;
      }
      EXPECT_NEAR(present, 1, 1e-12) << interest << " " << years;
    }
  }
}

// Purchase 17,520 * 1.5 = 26,280 USD. Annuity factor 1.331/2.31, a year has 8,760 h:
//   compute      (26,280 * 1.331/2.31 - 0.21 * 26,280 / 2.1) / 8,760 = 3 * 0.5761904... - 0.3 = 1.428571...
//   installation 0.05 * 26,280 * 1.331/2.31 / 8,760 = 0.15 * 0.5761904... = 0.0864285...
//   support      0.04 * 26,280 / 8,760 = 0.12      staff 876 / 8,760 = 0.1
//   colocation   500 W * 2 = 1 kW at 146 USD a month of 730 h = 0.2 USD/h
TEST(Ownership, AnHourOfAnOwnedDeviceIsItsPartsByTheYear) {
  const Price price = owned_price(bought(17'520), round_terms(), Watts(500), Watts(50));
  const double annuity = 1.331 / 2.31;
  EXPECT_NEAR(hourly(price, Resource::compute), 3 * annuity - 0.3, 1e-12);
  EXPECT_NEAR(hourly(price, Resource::installation), 0.15 * annuity, 1e-12);
  EXPECT_NEAR(hourly(price, Resource::network), 0.3 * annuity, 1e-12);
  EXPECT_NEAR(hourly(price, Resource::spares), 0.06 * annuity, 1e-12);
  EXPECT_NEAR(hourly(price, Resource::support), 0.12, 1e-12);
  EXPECT_NEAR(hourly(price, Resource::staff), 0.1, 1e-12);
  EXPECT_NEAR(hourly(price, Resource::colocation), 0.2, 1e-12);
  EXPECT_NEAR(price.per_device.base() * 3600, 3.51 * annuity - 0.3 + 0.42, 1e-12);
}

TEST(Ownership, AWholeServerIsNotMultipliedAgain) {
  Price server = bought(26'280);
  server.whole_server = true;
  EXPECT_DOUBLE_EQ(owned_price(server, round_terms(), Watts(500), Watts(50)).per_device.base(),
                   owned_price(bought(17'520), round_terms(), Watts(500), Watts(50)).per_device.base());
}

// Two replicas of two devices for 1 h; they draw 0.8 and 0.4 kWh. At the meter 1.2 kWh * 2 * 1.25 = 3 kWh, at
// 0.36 USD = 1.08 USD: 0.72 for the first replica, 0.36 for the second.
// Idle 5,400 s at 2 * 50 W = 0.15 kWh of 1.2: 0.135 USD of idle energy; the rest by busy phases.
TEST(Ownership, EnergyIsChargedAtTheMeterAndIdleDevicesDrawIdlePower) {
  engine::RunRecord run;
  run.makespan = SimTime{3600 * kSecond};
  run.devices_per_replica = 2;
  run.replicas = {
      {.phases = {.prefill_ns = 600 * kSecond, .decode_ns = 1200 * kSecond}, .energy = Joules(0.8 * 3.6e6)},
      {.energy = Joules(0.4 * 3.6e6)}};
  run.totals.prefill_time = Seconds(600);
  run.totals.decode_time = Seconds(1200);
  Price price = owned_price(bought(17'520), round_terms(), Watts(500), Watts(50));
  price.per_device = {};
  price.made_of.clear();
  const Bill bill = make_bill(run, price);
  EXPECT_EQ(bill.total.to_decimal(), "1.08");
  EXPECT_EQ(bill.resources.of(Resource::energy), bill.total);
  EXPECT_EQ(bill.per_replica[0].to_decimal(), "0.72");
  EXPECT_EQ(bill.per_replica[1].to_decimal(), "0.36");
  EXPECT_EQ(bill.parts.idle.to_decimal(), "0.135");
  EXPECT_EQ(bill.parts.input.to_decimal(), "0.315");  // a third of 0.945
  EXPECT_EQ(bill.parts.output.to_decimal(), "0.63");
  EXPECT_NEAR(bill.per_month.base(), 1.08 * 730, 1e-9);
}

// The same run: 3 kWh * 0.5 kg = 1.5 kg; embodied 175.2 kg * 4 devices / (2 * 8,760 h) * 1 h = 0.04 kg.
TEST(Footprint, RunningAndMakingDevicesEmitCarbon) {
  engine::RunRecord run;
  run.makespan = SimTime{3600 * kSecond};
  run.devices_per_replica = 2;
  run.replicas = {{.energy = Joules(0.8 * 3.6e6)}, {.energy = Joules(0.4 * 3.6e6)}};
  const Footprint footprint = footprint_of(run, round_terms());
  EXPECT_NEAR(footprint.facility.base(), 3 * 3.6e6, 1e-6);
  EXPECT_NEAR(footprint.operational.kg, 1.5, 1e-12);
  EXPECT_NEAR(footprint.embodied.kg, 0.04, 1e-12);
}

// 73 interruptions in 730 h, 50 + 10 minutes each: a tenth of all time is wasted, so 9 USD/h become 9 / 0.9
// = 10.
TEST(Spot, InterruptionsMakeAUsefulHourDearer) {
  CostTerms terms;
  terms.interruptions_per_month = fact(73);
  terms.restart_minutes = fact(50);
  terms.lost_minutes = fact(10);
  const Price price = with_interruptions({.tier = Tier::spot, .per_device = usd_per_hour(9)}, terms);
  EXPECT_NEAR(price.per_device.base() * 3600, 10, 1e-12);
  EXPECT_NEAR(hourly(price, Resource::interruptions), 1, 1e-12);
}

TEST(CostTerms, TheShippedOnesAreSourcedAndPlausible) {
  const CostTerms terms =
      load_cost_terms(std::filesystem::path(MTOK_SOURCE_DIR) / "hwprofiles/cost_terms.yaml");
  for (const TermKey& term : term_keys()) {
    EXPECT_FALSE((terms.*term.fact).source.empty()) << term.key;
  }
  // An H100 at 28,750 USD over five years lies between 0.7 and 1.5 USD an hour without energy.
  Price h100 = bought(28'750);
  h100.whole_server = true;
  const double price = owned_price(h100, terms, Watts(700), Watts(70)).per_device.base() * 3600;
  EXPECT_GT(price, 0.7);
  EXPECT_LT(price, 1.5);
  static_assert(kHoursPerYear == 12 * kHoursPerMonth);
}

}  // namespace
}  // namespace mtok::cost
