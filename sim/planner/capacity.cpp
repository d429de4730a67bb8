// Capacity over months: levels of demand, their fleets, and what each way to pay for them costs.
#include "sim/planner/capacity.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include "sim/config/diagnostic.hpp"
#include "sim/planner/capacity_prices.hpp"
#include "sim/planner/staircase.hpp"
#include "sim/planner/workload_facts.hpp"

namespace mtok::planner {
namespace {

constexpr std::size_t kHoursOfWeek = 168;
constexpr std::size_t kHoursOfDay = 24;
constexpr std::size_t kWeekdays = 5;
constexpr double kHoursPerMonth = cost::kHoursPerMonth;
constexpr Seconds kMonth{kHoursPerMonth * 3600};

/// Rate of each hour of a week / mean rate of the week: the rhythm of generated `weekly` arrivals, by hours.
std::array<double, kHoursOfWeek> rhythm_of(const CapacityChoice& choice) {
  std::array<double, kHoursOfWeek> rates{};
  const double week = (static_cast<double>(kWeekdays) + 2 * choice.weekend) / 7;
  for (std::size_t hour = 0; hour < kHoursOfWeek; ++hour) {
    const double of_day = static_cast<double>(hour % kHoursOfDay);
    const double swing = std::cos(2 * std::numbers::pi * (of_day - 15) / static_cast<double>(kHoursOfDay));
    const double day = hour / kHoursOfDay < kWeekdays ? 1 : choice.weekend;
    rates.at(hour) = (1 + choice.daily_swing * swing) * day / week;
  }
  return rates;
}

class CapacityPlan {
 public:
  CapacityPlan(const Scenario& scenario, const Catalogue& catalogue)
      : scenario_(scenario), catalogue_(catalogue), choice_(scenario.capacity.value_or(CapacityChoice{})) {
    refuse_what_is_not_sized();
    rhythm_ = rhythm_of(choice_);
    peak_ = *std::max_element(rhythm_.begin(), rhythm_.end());
    trough_ = *std::min_element(rhythm_.begin(), rhythm_.end());
  }

  Capacity make(const Progress& progress) {
    look_at_first_month();
    if (!plan_.reason.empty()) {
      return std::move(plan_);
    }
    size(progress);
    if (!plan_.reason.empty()) {
      return std::move(plan_);
    }
    list_months();
    climb_stairs();
    price();
    plan_.feasible = true;
    return std::move(plan_);
  }

 private:
  void refuse_what_is_not_sized() const {
    const auto refuse = [&](const std::string& what) {
      throw config::Error(
          {.file = scenario_.file.string(), .at = {1, 1}, .message = "mtok capacity: " + what});
    };
    if (scenario_.workload.load.kind != engine::Load::Kind::open) {
      refuse("the load must be open, since a demand has times of arrival");
    }
    if (scenario_.disaggregation || !scenario_.models.empty()) {
      refuse("one pool of one model is sized; the scenario has several");
    }
    const engine::Slo& slo = scenario_.slo;
    if (!slo.ttft_p99 && !slo.tpot_p99 && !slo.e2e_p99) {
      refuse("without 'slo' any fleet is large enough");
    }
  }

  /// One run of the scenario as it stands: files, defaults, tokens, and how far its fleet is from enough.
  void look_at_first_month() {
    first_ = run(scenario_, catalogue_);
    plan_ = {.name = scenario_.name,
             .choice = choice_,
             .device = first_.device.name,
             .devices_per_replica = scenario_.device_count,
             .inputs = first_.inputs,
             .assumptions = first_.assumptions};
    for (const Assumption& assumption : capacity_assumptions(choice_, scenario_)) {
      plan_.assumptions.push_back(assumption);
    }
    if (first_.infeasible) {
      plan_.reason = first_.infeasible->reason;
      return;
    }
    const Seconds arrivals = between(SimTime{}, first_.run.totals.last_arrival);
    if (arrivals <= Seconds{}) {
      plan_.reason = "all requests of the workload arrive at once, so there is no rate to grow";
      return;
    }
    rate_ = static_cast<double>(first_.metrics.offered) / arrivals.base();
  }

  [[nodiscard]] double growth(std::int64_t month) const {
    return std::pow(1 + choice_.demand_growth_per_month, static_cast<double>(month - 1));
  }

  /// The peak of every month, and between the quietest hour and the lowest peak as many levels as keep them
  /// apart by a sixth.
  void size(const Progress& progress) {
    constexpr double kApart = 1.167;
    std::vector<double> factors;
    for (std::int64_t month = 1; month <= choice_.months; ++month) {
      factors.push_back(growth(month) * peak_);
    }
    const double lowest_peak = *std::min_element(factors.begin(), factors.end());
    const double quietest = lowest_peak * std::max(trough_ / peak_, 1.0 / kMostSteps);
    for (double factor = lowest_peak / kApart; factor * kApart > quietest; factor /= kApart) {
      factors.push_back(factor);
    }
    std::sort(factors.begin(), factors.end());
    factors.erase(std::unique(factors.begin(), factors.end()), factors.end());
    for (const double factor : factors) {
      levels_.push_back({.factor = factor});
    }
    size_levels(levels_, scenario_, catalogue_, guess(), progress);
    for (const DemandLevel& level : levels_) {
      if (!level.feasible) {
        plan_.cancelled = level.reason == "stopped";
        plan_.reason = "at " + units::fixed(level.factor * rate_, 2) + " requests/s: " + level.reason;
        return;
      }
    }
  }

  /// The scenario's own replicas, or where these are far from busy the share of them that is.
  [[nodiscard]] std::int64_t guess() const {
    const double wall = static_cast<double>(first_.run.wall_ns());
    const double busy = wall > 0 ? static_cast<double>(first_.run.phases().busy_ns()) / wall : 1;
    const double load = first_.metrics.slo_met ? std::min(1.0, busy * 1.25) : 1;
    return std::max<std::int64_t>(1, std::llround(static_cast<double>(scenario_.replicas) * load));
  }

  [[nodiscard]] const DemandLevel& level_at(double factor) const {
    const auto found = std::find_if(levels_.begin(), levels_.end(),
                                    [&](const DemandLevel& level) { return level.factor >= factor; });
    return found == levels_.end() ? levels_.back() : *found;
  }

  void list_months() {
    const engine::RequestTotals& totals = first_.run.totals;
    const double per_request =
        static_cast<double>(totals.billed_computed_tokens + totals.billed_cached_tokens +
                            totals.billed_output_tokens) /
        static_cast<double>(std::max<std::int64_t>(1, totals.completed));
    for (std::int64_t month = 1; month <= choice_.months; ++month) {
      const double mean = growth(month);
      const DemandLevel& level = level_at(mean * peak_);
      CapacityMonth row{.month = month,
                        .mean_requests_per_s = mean * rate_,
                        .peak_requests_per_s = mean * peak_ * rate_,
                        .tokens = Tokens(mean * rate_ * kMonth.base() * per_request),
                        .replicas = replicas_for(levels_, mean * peak_),
                        .spares = choice_.spare_replicas};
      row.devices = (row.replicas + row.spares) * scenario_.device_count;
      // From idle to the power at the peak in proportion to the load; spares are idle.
      const auto idle = level.idle_power * static_cast<double>(level.replicas);
      row.power = idle + (level.power - idle) * (1 / peak_) +
                  level.idle_power * static_cast<double>(row.replicas + row.spares - level.replicas);
      plan_.months.push_back(row);
    }
  }

  /// One step for each number of replicas that occurs, at the highest demand that it was enough for.
  void climb_stairs() {
    for (const DemandLevel& level : levels_) {
      const std::int64_t replicas = replicas_for(levels_, level.factor);
      if (plan_.staircase.empty() || plan_.staircase.back().replicas != replicas) {
        plan_.staircase.push_back(
            {.replicas = replicas, .devices = (replicas + choice_.spare_replicas) * scenario_.device_count});
      }
      plan_.staircase.back().requests_per_s = level.factor * rate_;
    }
  }

  void price() {
    CapacityPrices prices(first_, catalogue_, choice_, rate_);
    std::vector<HourlyNeed> needs;
    for (const CapacityMonth& month : plan_.months) {
      HourlyNeed need{.hours = kHoursPerMonth / static_cast<double>(kHoursOfWeek)};
      for (const double hour : rhythm_) {
        need.replicas.push_back(replicas_for(levels_, growth(month.month) * hour) + choice_.spare_replicas);
      }
      needs.push_back(std::move(need));
    }
    prices.add_options(plan_, needs);
  }

  static constexpr double kMostSteps = 40;  ///< the quietest level is no lower than such a part of the peak

  const Scenario& scenario_;
  const Catalogue& catalogue_;
  CapacityChoice choice_;
  std::array<double, kHoursOfWeek> rhythm_{};
  double peak_ = 1;  ///< of the week / its mean
  double trough_ = 1;
  double rate_ = 0;  ///< requests per second of the scenario, the mean of the first month
  RunResult first_{};
  std::vector<DemandLevel> levels_{};  ///< in rising order
  Capacity plan_{};
};

}  // namespace

std::int64_t Commitment::worth_reserving() const {
  return std::count_if(rungs.begin(), rungs.end(),
                       [](const cost::CommitmentRung& rung) { return rung.worth_reserving(); });
}

Capacity plan_capacity(const Scenario& scenario, const Catalogue& catalogue, const Progress& progress) {
  return CapacityPlan(scenario, catalogue).make(progress);
}

}  // namespace mtok::planner
