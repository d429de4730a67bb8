// Price keys of a scenario: owned devices, spot, allocation, and the age of prices.
#include "sim/planner/pricing.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/unit/planner/shipped.hpp"

namespace mtok::planner {
namespace {

using cost::Allocation;
using cost::Resource;
using cost::Tier;
using testing::catalogue;
using testing::ScenarioFile;
using testing::small_scenario;

cost::Date day(int year, unsigned month, unsigned number) {
  return std::chrono::year(year) / std::chrono::month(month) / std::chrono::day(number);
}

Scenario at_book_price(Tier tier) {
  Scenario scenario = small_scenario(200, 10);
  scenario.prices = {.tier = tier};
  return scenario;
}

std::string refusal(const std::string& prices) {
  const ScenarioFile file(
      "mtok: 1\nmodel: llama-3.1-8b\nhardware: {device: h100-sxm}\n"
      "workload: {synthetic: {requests: 10, arrivals: {poisson: {rate_per_s: 4}}, input_tokens: {fixed: 8}, "
      "output_tokens: {fixed: 2}}}\nprices: " +
      prices + "\n");
  try {
    static_cast<void>(load_scenario(file.path(), catalogue()));
    return "";
  } catch (const config::Error& error) {
    return error.what();
  }
}

// What the devices drew * 1.82 of the server * 1.25 of the building, at 0.0826 USD/kWh.
TEST(Pricing, OwnedDevicesPayTheirEnergyAtTheMeter) {
  const RunResult result = run(at_book_price(Tier::owned), catalogue());
  const double kwh = result.run.energy().base() / 3.6e6 * 1.82 * 1.25;
  EXPECT_NEAR(result.bill.resources.of(Resource::energy).usd().base(), kwh * 0.0826, 1e-9);
  EXPECT_NEAR(result.footprint.facility.base() / 3.6e6, kwh, 1e-12);
  EXPECT_GT(result.bill.resources.of(Resource::compute), result.bill.resources.of(Resource::energy));
  EXPECT_EQ(result.bill.resources.of(Resource::interruptions), Money{});
  EXPECT_EQ(result.bill.resources.sum(), result.bill.total);
}

// 0.2 interruptions a month of 730 h, 11 minutes each: 2.2 / 43,800 of the time is lost.
TEST(Pricing, SpotPaysForInterruptions) {
  const RunResult result = run(at_book_price(Tier::spot), catalogue());
  const double wasted = result.bill.resources.of(Resource::interruptions).usd() / result.bill.total.usd();
  EXPECT_NEAR(wasted, 2.2 / 43'800, 1e-9);
}

TEST(Pricing, OwnNumbersTakeThePlaceOfTerms) {
  Scenario scenario = at_book_price(Tier::owned);
  for (const cost::TermKey& term : cost::term_keys()) {
    if (term.key == "usd_per_kwh") {
      scenario.prices.terms.push_back({.term = &term, .value = 0});
    }
  }
  const RunResult result = run(scenario, catalogue());
  EXPECT_EQ(result.bill.resources.of(Resource::energy), Money{});
  EXPECT_TRUE(std::any_of(result.assumptions.begin(), result.assumptions.end(), [](const Assumption& a) {
    return a.key == "prices.energy.usd_per_kwh" && a.source == "scenario";
  }));
}

// Whatever the method, the same total; under the marginal one tokens pay less than under phase time, since
// what steps cost at any load is charged to none.
TEST(Pricing, EveryMethodOfAllocationAddsUpOnARealRun) {
  Scenario scenario = small_scenario(200, 10);
  const RunResult base = run(scenario, catalogue());
  for (const cost::NamedAllocation& method : cost::kAllocations) {
    scenario.prices.allocation.method = method.allocation;
    const RunResult result = run(scenario, catalogue());
    EXPECT_EQ(result.bill.total, base.bill.total) << method.name;
    EXPECT_EQ(result.bill.parts.sum(), base.bill.total) << method.name;
    EXPECT_GT(result.bill.parts.input, Money{}) << method.name;
    EXPECT_GT(result.bill.parts.output, Money{}) << method.name;
    if (method.allocation == Allocation::marginal) {
      EXPECT_GT(result.bill.parts.idle, base.bill.parts.idle);
    } else {
      EXPECT_EQ(result.bill.parts.idle, base.bill.parts.idle) << method.name;
    }
  }
}

TEST(Pricing, OldPricesAreToldOnTheDayThatIsStated) {
  Scenario scenario = at_book_price(Tier::owned);  // of 2025-03-03
  EXPECT_EQ(old_prices(run(scenario, catalogue()), day(2025, 8, 30)).size(), 0U);
  EXPECT_EQ(old_prices(run(scenario, catalogue()), day(2025, 8, 31)).size(), 1U);
  scenario.prices.as_of = day(2026, 11, 23);
  const RunResult result = run(scenario, catalogue());
  ASSERT_EQ(result.warnings.size(), 1U);
  EXPECT_NE(result.warnings[0].find("630 days old"), std::string::npos) << result.warnings[0];
}

TEST(Pricing, KeysThatDoNotFitTogetherAreErrors) {
  EXPECT_EQ(refusal("{tier: owned, usd_per_device: 20000, owned: {years: 4}, energy: {pue: 1.1}}"), "");
  EXPECT_EQ(refusal("{allocation: fixed_ratio, output_ratio: 5, as_of: 2026-01-31}"), "");
  EXPECT_NE(refusal("{usd_per_device: 20000}").find("needs tier: owned"), std::string::npos);
  EXPECT_NE(refusal("{tier: owned, usd_per_device_hour: 2}").find("purchase price"), std::string::npos);
  EXPECT_NE(refusal("{output_ratio: 5}").find("needs allocation: fixed_ratio"), std::string::npos);
  EXPECT_NE(refusal("{as_of: yesterday}").find("expected a day"), std::string::npos);
  EXPECT_NE(refusal("{owned: {yaers: 4}}").find("years"), std::string::npos);
  EXPECT_NE(refusal("{tier: owned, owned: {years: 0}}").find("years"), std::string::npos);
}

}  // namespace
}  // namespace mtok::planner
