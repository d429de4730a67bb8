// FOCUS files: what we write conforms, and what is broken is caught.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "app/report/dossier_reader.hpp"
#include "app/report/focus.hpp"
#include "app/report/focus_check.hpp"
#include "app/report/focus_columns.hpp"
#include "app/report/run_report.hpp"
#include "tests/unit/report/made_up_result.hpp"

namespace mtok::report {
namespace {

using testing::HasSubstr;

Dossier made_up_dossier() {
  return read_dossier({{.name = "run.json", .text = run_json(made_up_result())}});
}

std::string replaced(std::string text, const std::string& before, const std::string& after) {
  const std::size_t at = text.find(before);
  EXPECT_NE(at, std::string::npos) << before << " is not in the file";
  return at == std::string::npos ? text : text.replace(at, before.size(), after);
}

TEST(Focus, TheTableHasAllColumnsOfTheVersion) {
  EXPECT_EQ(focus_columns().size(), 57U);
  int mandatory = 0;
  for (const FocusColumn& column : focus_columns()) {
    mandatory += column.level == FocusLevel::mandatory ? 1 : 0;
  }
  EXPECT_EQ(mandatory, 21);
}

// 2 devices x 730 h x 2.5 USD = 3,650 USD a month. Of the bill of 1 USD idle is 0.5: 730 h, 1,825 USD;
// input 0.2: 292 h, 730 USD; cached 0.05: 73 h, 182.5 USD; output 0.25: 365 h, 912.5 USD.
TEST(Focus, WritesOneRowForEachMonthAndKindOfCharge) {
  const std::string text = focus_csv(made_up_dossier(), {.year = 2026, .month = 12, .months = 2});
  const FocusVerdict verdict = check_focus(text, "plan.csv");
  EXPECT_TRUE(verdict.errors.empty()) << config::to_text(verdict.errors);
  EXPECT_EQ(verdict.rows, 8);
  for (const char* row : {"730,round", "182.5,round", "912.5,round", "1825,round"}) {
    EXPECT_THAT(text, HasSubstr("\n" + std::string(row)));
  }
  EXPECT_THAT(text, HasSubstr("2027-01-01T00:00:00Z,2026-12-01T00:00:00Z"));  // the end is exclusive
  EXPECT_THAT(text, HasSubstr("2027-02-01T00:00:00Z,2027-01-01T00:00:00Z"));
  EXPECT_THAT(text, HasSubstr(",Unused,"));
}

/// Sums of a column over the rows of a category.
double sum_of(const std::string& text, std::string_view column, const std::string& category) {
  std::vector<std::vector<std::string>> rows(1, std::vector<std::string>(1));
  bool quoted = false;
  for (const char c : text) {
    if (c == '"') {
      quoted = !quoted;
    } else if (c == ',' && !quoted) {
      rows.back().emplace_back();
    } else if (c == '\n') {
      rows.emplace_back(1);
    } else {
      rows.back().back() += c;
    }
  }
  const auto at = [&](std::string_view name) {
    return static_cast<std::size_t>(std::find(rows[0].begin(), rows[0].end(), name) - rows[0].begin());
  };
  double sum = 0;
  for (std::size_t i = 1; i < rows.size(); ++i) {
    if (rows[i].size() > 1 && rows[i][at("ChargeCategory")] == category && !rows[i][at(column)].empty()) {
      sum += std::stod(rows[i][at(column)]);
    }
  }
  return sum;
}

// The month's 1,460 reserved hours at 2.5 USD are billed as a purchase and used up where they are used.
TEST(Focus, ReservedDevicesAreBilledAsPurchases) {
  planner::RunResult result = made_up_result();
  result.price.tier = cost::Tier::reserved_1y;
  const std::string text =
      focus_csv(read_dossier({{.name = "run.json", .text = run_json(result)}}), {.months = 2});
  const FocusVerdict verdict = check_focus(text, "plan.csv");
  EXPECT_TRUE(verdict.errors.empty()) << config::to_text(verdict.errors);
  EXPECT_EQ(verdict.rows, 10);
  EXPECT_DOUBLE_EQ(sum_of(text, "BilledCost", "Purchase"), 7300);
  EXPECT_EQ(sum_of(text, "EffectiveCost", "Purchase"), 0);
  EXPECT_EQ(sum_of(text, "BilledCost", "Usage"), 0);
  EXPECT_DOUBLE_EQ(sum_of(text, "EffectiveCost", "Usage"), 7300);
  const FocusVerdict broken = check_focus(replaced(text, ",2.5,0,", ",2.5,3650,"), "bad.csv");
  ASSERT_FALSE(broken.errors.empty());
  EXPECT_THAT(broken.errors.front().message, HasSubstr("covers charges of other rows"));
}

/// 30,000 USD and 15 % beside that for installation, network and spares; 0.9375 USD an hour as it runs;
/// energy at 0.1 USD, a quarter more of it than devices draw.
void buy(cost::Price& price) {
  price.tier = cost::Tier::owned;
  price.purchase = Usd(30'000);
  price.owned = cost::OwnedDevice{.server = Usd(30'000),
                                  .installation = Usd(900),
                                  .network = Usd(3'000),
                                  .spares = Usd(600),
                                  .support = usd_per_hour(0.9375)};
  price.energy = cost::EnergyPrice{.overhead = 1.25, .tariff = Usd(0.1) / Joules(3.6e6)};
}

// Two devices: 69,000 USD at once. Of 3,650 USD a month 1,460 h * 0.9375 USD = 1,368.75 are paid as they go.
// 1 kWh in 10 s is 262,800 kWh a month, 328,500 at the meter.
TEST(Focus, OwnedDevicesAreBoughtOnceAndPayForEnergy) {
  planner::RunResult result = made_up_result();
  buy(result.price);
  const std::string text =
      focus_csv(read_dossier({{.name = "run.json", .text = run_json(result)}}), {.months = 2});
  const FocusVerdict verdict = check_focus(text, "plan.csv");
  EXPECT_TRUE(verdict.errors.empty()) << config::to_text(verdict.errors);
  EXPECT_EQ(verdict.rows, 11);  // 2 x (4 kinds + energy) and the purchase
  EXPECT_NEAR(sum_of(text, "BilledCost", "Purchase"), 69'000, 1e-6);
  EXPECT_EQ(sum_of(text, "EffectiveCost", "Purchase"), 0);
  EXPECT_NEAR(sum_of(text, "EffectiveCost", "Usage"), 2 * (3650 + 32'850), 1e-6);
  EXPECT_NEAR(sum_of(text, "BilledCost", "Usage"), 2 * (1368.75 + 32'850), 1e-6);
  EXPECT_NEAR(sum_of(text, "x_EnergyKwh", "Usage"), 2 * 262'800, 1e-2);
}

// One pool is bought, the other rented at 5 USD an hour: each is paid as its own price says.
TEST(Focus, EachPoolIsPaidAtItsOwnPrice) {
  planner::RunResult result = made_up_result();
  result.pools = {made_up_result(), made_up_result()};
  result.pools[0].scenario.replicas = 1;
  result.pools[0].architecture.name = "small";
  buy(result.pools[0].price);
  result.pools[1].price.per_device = usd_per_hour(5);
  result.pools[1].price.provider = "Lender";
  const Dossier dossier = read_dossier({{.name = "run.json", .text = run_json(result)}});
  const std::string text = focus_csv(dossier, {.months = 1});
  const FocusVerdict verdict = check_focus(text, "plan.csv");
  EXPECT_TRUE(verdict.errors.empty()) << config::to_text(verdict.errors);
  EXPECT_EQ(verdict.rows, 10);  // 4 kinds each; purchase and energy
  EXPECT_NEAR(sum_of(text, "BilledCost", "Purchase"), 34'500, 1e-6);
  EXPECT_NEAR(sum_of(text, "BilledCost", "Usage"), 730 * 0.9375 + 32'850 + 2 * 730 * 5.0, 1e-6);
  EXPECT_NEAR(sum_of(text, "EffectiveCost", "Usage"), 730 * 2.5 + 32'850 + 2 * 730 * 5.0, 1e-6);
  EXPECT_THAT(text, HasSubstr("Lender"));
}

TEST(Focus, StartsAreMonths) {
  EXPECT_EQ(focus_period("2026-12", 3)->month, 12);
  EXPECT_EQ(focus_period("2026-07", 3)->year, 2026);
  for (const char* bad : {"2026-13", "2026-00", "2026-1", "26-01", "2026/01", "", "2026-0x"}) {
    EXPECT_FALSE(focus_period(bad, 3)) << bad;
  }
}

struct Broken {
  const char* before;
  const char* after;
  const char* message;
};

TEST(Focus, EveryBrokenFileIsCaught) {
  const std::string good = focus_csv(made_up_dossier(), {.months = 1});
  const std::vector<Broken> cases{
      {"BilledCost,", "", "the mandatory column BilledCost is missing"},
      {"ChargeCategory,", "ChargeKategory,", "'ChargeKategory' is no column"},
      {"BillingCurrency,", "BillingAccountId,", "stands twice"},
      {",Usage,", ",Use,", "not among the allowed values"},
      {"AI and Machine Learning", "AI", "not among the allowed values"},
      {",USD,", ",usd,", "ISO 4217"},
      {",USD,", ",,", "BillingCurrency: must not be null"},
      {"\n730,", "\n\"\",", "null is an empty cell without quotes"},
      {"\n730,", "\n+730,", "expected a number"},
      {"\n730,", "\n7.3E+2,", "expected a number"},
      {"\n730,", "\n$730,", "expected a number"},
      {"2026-02-01T00:00:00Z,", "2026-02-30T00:00:00Z,", "expected a time"},
      {"2026-02-01T00:00:00Z,", "5/1/25,", "expected a time"},
      {"2026-02-01T00:00:00Z,2026-01-01", "2025-12-01T00:00:00Z,2026-01-01",
       "is not after BillingPeriodStart"},
      {",730,2.5,Standard", ",731,2.5,Standard", "is not ListUnitPrice x PricingQuantity"},
      {",Standard,", ",Normal,", "not among the allowed values"},
      {",Device-Hours,", ",,", "must not be null beside"},
      {",Tokens,", ",,", "must not be null beside"},
      {",Used,", ",,", "CapacityReservationStatus"},
      {",Usage-Based,", ",One-Time,", "no one-time charge"},
      {"\"{\"\"GpuCount\"\":", "\"{\"\"GpuCount\"\":[1],\"\"x\"\":", "flat JSON"},
      {",true,", ",false,", "a plan must say true"},
      {"x_Accelerator,", "x_Accelerator,Tags,", "before the own columns"},
      {"\n730,", "\n730,1,", "expected 54 cells, got 55"}};
  for (const Broken& one : cases) {
    const FocusVerdict verdict = check_focus(replaced(good, one.before, one.after), "bad.csv");
    ASSERT_FALSE(verdict.errors.empty()) << one.before << " -> " << one.after;
    std::string all;
    for (const config::Diagnostic& error : verdict.errors) {
      EXPECT_GT(error.at.line, 0);
      all += error.message + "\n";
    }
    EXPECT_THAT(all, HasSubstr(one.message));
  }
  EXPECT_FALSE(check_focus("", "empty.csv").errors.empty());
  EXPECT_FALSE(check_focus(good + "\"open", "open.csv").errors.empty());
}

}  // namespace
}  // namespace mtok::report
