// Sensitivity and capacity beside a run: the same figures on every page, and what is no such document.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "app/report/capacity_report.hpp"
#include "app/report/dossier_data.hpp"
#include "app/report/dossier_page.hpp"
#include "app/report/dossier_reader.hpp"
#include "app/report/run_report.hpp"
#include "app/report/sensitivity_report.hpp"
#include "sim/config/diagnostic.hpp"
#include "tests/unit/report/made_up_forecast.hpp"
#include "tests/unit/report/made_up_result.hpp"

namespace mtok::report {
namespace {

using testing::HasSubstr;

std::string swings() {
  return sensitivity_text(made_up_sensitivity(), {.format = Format::json});
}

std::string months() {
  return capacity_text(made_up_capacity(), {.format = Format::json});
}

Dossier dossier_with_all() {
  return read_dossier({{"run.json", run_json(made_up_result())}, {"s.json", swings()}, {"c.json", months()}});
}

TEST(Forecast, IsReadBesideARun) {
  const Dossier dossier = dossier_with_all();
  ASSERT_TRUE(dossier.sensitivity);
  ASSERT_EQ(dossier.sensitivity->swings.size(), 2U);
  EXPECT_EQ(dossier.sensitivity->swings[0].title, "price of a device");
  EXPECT_EQ(dossier.sensitivity->swings[1].low.promises_kept, false);
  EXPECT_EQ(dossier.sensitivity->slo_probability, 0.9);
  ASSERT_TRUE(dossier.capacity);
  const CapacityFacts& capacity = *dossier.capacity;
  ASSERT_EQ(capacity.months.size(), 3U);
  EXPECT_EQ(capacity.options[0].total, Money::from_decimal("360.0"));
  EXPECT_EQ(capacity.options[1].total, Money::from_decimal("180.0"));
  EXPECT_EQ(capacity.months[0].paid[1], Money::from_decimal("210.0"));
  EXPECT_EQ(capacity.months[0].paid_at_start[1], Money::from_decimal("200.0"));
  EXPECT_FALSE(capacity.options[2].priced());
  EXPECT_EQ(dossier.results.size(), 3U);
  EXPECT_TRUE(dossier.results[1].intact && dossier.results[2].intact);
}

TEST(Forecast, StandsOnThePagesAndInTheData) {
  const Dossier dossier = dossier_with_all();
  const auto sums = control_sums(dossier);
  const Page page = dossier_page(dossier, sums);
  for (const std::string& text : {to_markdown(page), to_html(page)}) {
    EXPECT_THAT(text, HasSubstr("What the answer depends on"));
    EXPECT_THAT(text, HasSubstr("price of a device"));
    EXPECT_THAT(text, HasSubstr("90.0 %"));
    EXPECT_THAT(text, HasSubstr("Rent, commit, own or buy"));
    EXPECT_THAT(text, HasSubstr("From 6 to 8 devices in 3 months; least present value: own"));
    EXPECT_THAT(text, HasSubstr("no list price"));
  }
  EXPECT_THAT(dossier_csv(dossier, sums), HasSubstr("capacity,own,total_usd,180.0,USD"));
  EXPECT_THAT(dossier_csv(dossier, sums), HasSubstr("sensitivity,price low,input,2,USD/h"));
  const std::string json = dossier_json(dossier, sums);
  EXPECT_THAT(json, HasSubstr("\"slo_probability\": 0.9"));
  EXPECT_THAT(json, HasSubstr("\"present_value_usd\""));
}

TEST(Forecast, WhatIsNoneIsRefusedWithItsPlace) {
  const auto error_of = [](const std::string& text) -> std::string {
    try {
      (void)read_dossier({{"run.json", run_json(made_up_result())}, {"other.json", text}});
    } catch (const config::Error& error) {
      return error.what();
    }
    return "";
  };
  EXPECT_THAT(error_of(R"({"schema": "mtok.capacity/1", "scenario": "x", "feasible": true})"),
              HasSubstr("other.json:1:"));
  EXPECT_THAT(error_of(R"({"schema": "mtok.sensitivity/1", "name": "x", "feasible": 1})"),
              HasSubstr("feasible"));
}

}  // namespace
}  // namespace mtok::report
