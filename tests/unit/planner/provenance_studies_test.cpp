// Formula trees of studies: their figures are those of the study, and follow from their parts.
#include "sim/planner/provenance_studies.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "tests/unit/planner/shipped.hpp"

namespace mtok::planner {
namespace {

using testing::catalogue;
using testing::small_scenario;

Capacity small_plan() {
  Scenario scenario = small_scenario(300, 60);
  scenario.slo = {.ttft_p99 = 500.0_ms, .tpot_p99 = 20.0_ms};
  scenario.capacity = CapacityChoice{.months = 13,
                                     .demand_growth_per_month = 0.05,
                                     .daily_swing = 0.4,
                                     .weekend = 0.6,
                                     .spare_replicas = 1,
                                     .reserved_1y_ratio = 0.5};
  return plan_capacity(scenario, catalogue());
}

/// Every figure by arithmetic is what its parts make, and every other one says where it comes from.
void expect_consistent(const StudyProvenance& provenance) {
  for (const std::string& key : provenance.keys()) {
    const auto explanation = provenance.explain(key);
    ASSERT_TRUE(explanation) << key;
    const Figure& figure = explanation->figures.front();
    EXPECT_EQ(figure.key, key);
    if (const std::optional<double> again = worked_out(*explanation, 0)) {
      ASSERT_TRUE(figure.value) << key;
      EXPECT_NEAR(*again, *figure.value, 1e-9 * std::abs(*figure.value) + 1e-9) << key;
    } else {
      EXPECT_FALSE(figure.source.empty()) << key;
    }
  }
}

double value_of(const StudyProvenance& provenance, const std::string& key) {
  const auto explanation = provenance.explain(key);
  return explanation ? explanation->figures.front().value.value_or(std::nan("")) : std::nan("");
}

TEST(StudyProvenance, TheFiguresOfACapacityPlanFollowFromTheirParts) {
  const Capacity plan = small_plan();
  ASSERT_TRUE(plan.feasible) << plan.reason;
  const StudyProvenance provenance(plan);
  expect_consistent(provenance);
  for (std::size_t i = 0; i < plan.months.size(); ++i) {
    const std::string row = "rows." + std::to_string(i) + ".";
    const CapacityMonth& month = plan.months[i];
    EXPECT_NEAR(value_of(provenance, row + "mean_requests_per_s") / month.mean_requests_per_s, 1, 1e-9);
    EXPECT_NEAR(value_of(provenance, row + "peak_requests_per_s") / month.peak_requests_per_s, 1, 1e-9);
    EXPECT_NEAR(value_of(provenance, row + "mtok") / (month.tokens / Tokens(1e6)), 1, 1e-9);
    EXPECT_EQ(value_of(provenance, row + "devices"), static_cast<double>(month.devices));
  }
}

// The sums are worked out from the months alone, so that they check those of the plan.
TEST(StudyProvenance, TotalsAndPresentValuesAreThoseOfThePlan) {
  const Capacity plan = small_plan();
  const StudyProvenance provenance(plan);
  std::set<std::string> priced;
  for (std::size_t i = 0; i < plan.options.size(); ++i) {
    const CapacityOption& option = plan.options[i];
    const std::string prefix = "options." + std::to_string(i) + ".";
    if (!option.missing.empty()) {
      EXPECT_FALSE(provenance.explain(prefix + "total_usd"));
      continue;
    }
    priced.insert(option.name);
    EXPECT_NEAR(value_of(provenance, prefix + "total_usd") / option.total.base(), 1, 1e-9) << option.name;
    EXPECT_NEAR(value_of(provenance, prefix + "present_value_usd") / option.present_value.base(), 1, 1e-9)
        << option.name;
    EXPECT_NEAR(value_of(provenance, prefix + "usd_per_mtok") / (*option.per_token * Tokens(1e6)).base(), 1,
                1e-9)
        << option.name;
    EXPECT_EQ(provenance.explain(prefix + "payback_months").has_value(), option.payback_months.has_value());
  }
  EXPECT_GE(priced.size(), 3U);
  EXPECT_EQ(value_of(provenance, "commitments.0.price_ratio"), 0.5);
}

TEST(StudyProvenance, APlanThatFailsHasNoFigures) {
  Capacity plan;
  plan.reason = "nothing fits";
  const StudyProvenance provenance(plan);
  EXPECT_FALSE(provenance.explain("rows.0.devices"));
}

TEST(StudyProvenance, TheFiguresOfASensitivityNameTheirRanges) {
  const Sensitivity study = sensitivity(small_scenario(100, 60), catalogue(), {.samples = 8});
  ASSERT_FALSE(study.infeasible);
  const StudyProvenance provenance(study);
  expect_consistent(provenance);
  EXPECT_EQ(value_of(provenance, "base.usd_per_mtok"), (*study.base.per_token * Tokens(1e6)).base());
  EXPECT_EQ(value_of(provenance, "uncertainty.usd_per_mtok.p90"), study.usd_per_mtok.p90);
  const auto swing = provenance.explain("swings.0.at_high.usd_per_mtok");
  ASSERT_TRUE(swing);
  ASSERT_FALSE(swing->figures.front().parts.empty());
  const Figure& high = swing->figures[swing->figures.front().parts.front()];
  EXPECT_EQ(high.key, "swings.0.high");
  EXPECT_EQ(high.source, study.swings.front().source);
  EXPECT_EQ(high.value, study.swings.front().high);
}

}  // namespace
}  // namespace mtok::planner
