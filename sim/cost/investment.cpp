// Sums over months and hours.
#include "sim/cost/investment.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>

namespace mtok::cost {
namespace {

constexpr double kMonthsPerYear = 12;

}  // namespace

Usd present_value(std::span<const MonthlyCost> months, double discount) {
  const double month = std::pow(1 + discount, -1 / kMonthsPerYear);
  double worth = 1;
  Usd sum;
  for (const MonthlyCost& cost : months) {
    sum += cost.at_start * worth;
    worth *= month;
    sum += cost.at_end * worth;
  }
  return sum;
}

std::optional<double> payback_months(std::span<const MonthlyCost> dear,
                                     std::span<const MonthlyCost> cheap_later) {
  assert(dear.size() == cheap_later.size());
  std::optional<double> paid_back;
  Usd ahead;  // what `dear` has cost more so far
  for (std::size_t month = 0; month < dear.size(); ++month) {
    const Usd start = ahead + dear[month].at_start - cheap_later[month].at_start;
    ahead = start + dear[month].at_end - cheap_later[month].at_end;
    if (ahead < Usd{}) {
      paid_back.reset();
    } else if (!paid_back) {
      const double share = start < Usd{} ? (start / (start - ahead)).base() : 0;
      paid_back = static_cast<double>(month) + share;
    }
  }
  return paid_back;
}

Usd resale_value(Usd price, double share, double months, double life) {
  return price * std::pow(share, months / life);
}

double price_factor(double fall_per_year, double months) {
  return std::pow(1 - fall_per_year, months / kMonthsPerYear);
}

std::vector<CommitmentRung> commitment_ladder(std::span<const NeededHours> term, Usd on_demand_hour,
                                              Usd reserved_hour) {
  std::int64_t most = 0;
  double hours = 0;
  for (const NeededHours& entry : term) {
    most = std::max(most, entry.units);
    hours += entry.hours;
  }
  std::vector<CommitmentRung> rungs;
  for (std::int64_t unit = 1; unit <= most; ++unit) {
    CommitmentRung rung{.unit = unit, .reserved = reserved_hour * hours};
    double needed = 0;
    for (const NeededHours& entry : term) {
      if (entry.units >= unit) {
        needed += entry.hours;
        rung.on_demand += on_demand_hour * (entry.hours * entry.on_demand_factor);
      }
    }
    rung.needed_share = needed / hours;
    rungs.push_back(rung);
  }
  return rungs;
}

}  // namespace mtok::cost
