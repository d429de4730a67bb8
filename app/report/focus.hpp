// A dossier as rows of FOCUS 1.2, so that a plan can lie beside real bills.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "app/report/dossier.hpp"

namespace mtok::report {

/// The months that are planned.
struct FocusPeriod {
  int year = 2026;
  int month = 1;  ///< 1 to 12
  int months = 12;
};
/// "2026-01"; nullopt for anything else.
[[nodiscard]] std::optional<FocusPeriod> focus_period(std::string_view start, int months);

/// One row a month, pool and kind of charge: input, cached input, output; idle time is the unused part of
/// the capacity. A month has 730 h. Amounts are exact: price x quantity, quantities to 1e-6 device-hours
/// split by largest remainder. Reserved devices are purchased month by month and owned ones in
/// the first month (ChargeCategory Purchase, EffectiveCost 0); the rows of their use then carry as BilledCost
/// what is not paid by that, and owned ones have a row of energy a month. No savings in any row, x_IsForecast
/// true in all. Empty but for its header when the run has no bill.
[[nodiscard]] std::string focus_csv(const Dossier& dossier, const FocusPeriod& period);

}  // namespace mtok::report
