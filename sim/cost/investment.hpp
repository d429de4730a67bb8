// Money over months: present value, payback, resale, and what share of a fleet is worth committing to.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "sim/units/quantity.hpp"

namespace mtok::cost {

/// What is paid in one month.
struct MonthlyCost {
  Usd at_start{};  ///< purchases
  Usd at_end{};    ///< rent, energy, staff
};

/// The sum that today is worth the payments: each divided by (1 + discount)^(months until it / 12).
/// `discount`: a year, >= 0.
[[nodiscard]] Usd present_value(std::span<const MonthlyCost> months, double discount);

/// The time in months after which what `dear` has cost so far is no less than what `cheap_later` has, counted
/// at month ends with equal flow within a month, and stays so until the end; 2.3: in the third month.
/// nullopt: never within these months. Both have as many months.
[[nodiscard]] std::optional<double> payback_months(std::span<const MonthlyCost> dear,
                                                   std::span<const MonthlyCost> cheap_later);

/// What a device bought for `price` is sold for after `months`: price * share^(months / life), so that each
/// month takes the same part of what is left. `share`: of the price after `life` months.
[[nodiscard]] Usd resale_value(Usd price, double share, double months, double life);

/// Yearly fall of a price, spread over months: (1 - fall)^(months / 12).
[[nodiscard]] double price_factor(double fall_per_year, double months);

/// Each hour of a term, how many units of capacity are needed in it.
struct NeededHours {
  std::int64_t units = 0;
  double hours = 0;
  double on_demand_factor = 1;  ///< price of that hour / price of the first hour
};

/// One unit of a fleet: the r-th is needed whenever at least r are.
struct CommitmentRung {
  std::int64_t unit = 0;    ///< from 1
  double needed_share = 0;  ///< of the hours of the term
  Usd on_demand{};          ///< paid for the hours in which it is needed
  Usd reserved{};           ///< paid for all hours
  [[nodiscard]] bool worth_reserving() const { return reserved < on_demand; }
};

/// The ladder of commitment of one term, the always needed first. A unit is worth reserving where the share
/// of hours in which it is needed, weighted by the on-demand price of these hours, exceeds reserved /
/// on-demand price. Prices per hour of a unit.
[[nodiscard]] std::vector<CommitmentRung> commitment_ladder(std::span<const NeededHours> term,
                                                            Usd on_demand_hour, Usd reserved_hour);

}  // namespace mtok::cost
