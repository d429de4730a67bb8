// A sensitivity and a capacity plan with round numbers, made by hand, that the tests of the reports share.
#pragma once

#include <cmath>

#include "sim/planner/capacity.hpp"
#include "sim/planner/sensitivity.hpp"

namespace mtok::report {

/// 285.71 USD per million tokens; the price from 2 to 3 USD/h moves it by -20 % and +20 %, the rate of hits
/// from 0 to 0.5 by +5 % and -10 %. P10 250, P90 340 USD of 10 samples; the promises hold in 9 of them.
inline planner::Sensitivity made_up_sensitivity() {
  const UsdPerToken rate(1.0 / 3500);
  const auto at = [&](double factor, bool kept) {
    return planner::Outcome{.per_token = rate * factor,
                            .ttft_p99 = Seconds(0.2 * factor),
                            .tpot_p99 = Seconds(0.01),
                            .slo_met = kept,
                            .busy = 0.5};
  };
  planner::Sensitivity result{.name = "round", .base = at(1, true), .samples = 10};
  result.swings = {{.input = planner::Input::price,
                    .unit = "USD/h",
                    .base = 2.5,
                    .low = 2,
                    .high = 3,
                    .source = "offers",
                    .at_low = at(0.8, true),
                    .at_high = at(1.2, true),
                    .rank_usd = 0.9},
                   {.input = planner::Input::hit_rate,
                    .base = 0.25,
                    .low = 0,
                    .high = 0.5,
                    .source = "plain",
                    .at_low = at(1.05, false),
                    .at_high = at(0.9, true)}};
  result.usd_per_mtok = {.p10 = 250, .p50 = 285, .p90 = 340};
  result.ttft_ms = {.p10 = 150, .p50 = 200, .p90 = 300};
  result.tpot_ms = {.p10 = 9, .p50 = 10, .p90 = 12};
  result.slo_probability = 0.9;
  return result;
}

/// Three months of 2, 2 and 3 replicas and a spare one, of 2 devices each. Rented for 100, 110 and 150 USD at
/// their ends; owned for 200 USD at the start, 10 USD at each end, sold for 50 USD; 6 million tokens in all.
inline planner::Capacity made_up_capacity() {
  planner::Capacity result{
      .name = "round", .device = "round-device", .devices_per_replica = 2, .feasible = true};
  result.choice.discount_rate_per_year = 0.08;
  for (const std::int64_t month : {1, 2, 3}) {
    const std::int64_t replicas = month < 3 ? 2 : 3;
    result.months.push_back({.month = month,
                             .mean_requests_per_s = 10.0 * static_cast<double>(month),
                             .peak_requests_per_s = 15.0 * static_cast<double>(month),
                             .tokens = Tokens(1e6 * static_cast<double>(month)),
                             .replicas = replicas,
                             .spares = 1,
                             .devices = (replicas + 1) * 2});
  }
  const auto option = [&](const char* name, std::vector<cost::MonthlyCost> months, Usd resale) {
    planner::CapacityOption made{.name = name, .basis = "made up", .months = std::move(months)};
    for (const cost::MonthlyCost& month : made.months) {
      made.total += month.at_start + month.at_end;
    }
    made.resale = resale;
    made.total = made.total - resale;
    made.present_value = cost::present_value(made.months, 0.08) - resale * std::pow(1.08, -3.0 / 12);
    made.per_token = made.total / Tokens(6e6);
    return made;
  };
  result.options = {
      option("rent", {{.at_end = Usd(100)}, {.at_end = Usd(110)}, {.at_end = Usd(150)}}, Usd{}),
      option("own", {{.at_start = Usd(200), .at_end = Usd(10)}, {.at_end = Usd(10)}, {.at_end = Usd(10)}},
             Usd(50)),
      {.name = "buy tokens", .missing = "no list price"}};
  result.commitments = {{.term = "1 year", .price_ratio = 0.5, .source = "made up"}};
  return result;
}

}  // namespace mtok::report
