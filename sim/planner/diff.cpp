// Sets two runs against each other: changed inputs, causes of the difference, limits.
#include "sim/planner/diff.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <iterator>
#include <map>
#include <utility>

#include "sim/units/text.hpp"

namespace mtok::planner {
namespace {

constexpr std::size_t kFactors = 3;
constexpr std::size_t kCorners = 1U << kFactors;

/// A quantity for every choice of factors: bit i of the index is set where factor i has its value after.
template <class T>
using Corners = std::array<T, kCorners>;

/// Six times each factor's mean effect over the 3! orders: a factor that moves after k others does so in
/// k! (2 - k)! of them.
template <class T>
std::array<T, kFactors> sixfold_causes(const Corners<T>& corners) {
  constexpr std::array<int, kCorners> kOrders{2, 1, 1, 2, 1, 2, 2, 0};  // by the set of those that moved
  std::array<T, kFactors> causes{};
  for (std::size_t factor = 0; factor < kFactors; ++factor) {
    const std::size_t bit = 1U << factor;
    for (std::size_t moved = 0; moved < kCorners; ++moved) {
      if ((moved & bit) == 0) {
        causes[factor] = causes[factor] + (corners[moved | bit] - corners[moved]) * kOrders[moved];
      }
    }
  }
  return causes;
}

/// A sixth of each, cut towards zero; what that leaves of the difference goes to the largest.
BillCauses sixths_of(const std::array<Money, kFactors>& sixfold, Money difference) {
  const auto size = [](Money m) { return m < Money{} ? Money{} - m : m; };
  std::array<Money, kFactors> causes{};
  Money rest = difference;
  for (std::size_t i = 0; i < kFactors; ++i) {
    causes[i] = Money::from_pico_usd(sixfold[i].pico_usd() / 6);
    rest = rest - causes[i];
  }
  const auto largest =
      std::max_element(sixfold.begin(), sixfold.end(), [&](Money a, Money b) { return size(a) < size(b); });
  causes[static_cast<std::size_t>(largest - sixfold.begin())] += rest;
  return {.price = causes[0], .devices = causes[1], .time = causes[2]};
}

/// What a device costs; of pools and models on several kinds of devices the mean.
UsdPerSecond price_of(const RunResult& result) {
  const Seconds rented = between(SimTime{}, result.run.makespan) * static_cast<double>(devices_of(result));
  const bool one_kind = result.pools.empty() && !result.run.decode_pool && !result.price.energy;
  return one_kind || rented <= Seconds{} ? result.price.per_device : result.bill.total.usd() / rented;
}

BillCauses bill_causes(const RunResult& before, const RunResult& after) {
  const std::array<const RunResult*, 2> sides{&before, &after};
  Corners<Money> corners{};
  for (std::size_t moved = 0; moved < kCorners; ++moved) {
    corners[moved] =
        cost::rent_of(price_of(*sides[moved & 1U]), Int128{devices_of(*sides[moved >> 1U & 1U])} *
                                                        nanoseconds(sides[moved >> 2U & 1U]->run.makespan));
  }
  corners.front() = before.bill.total;
  corners.back() = after.bill.total;
  return sixths_of(sixfold_causes(corners), after.bill.total - before.bill.total);
}

std::optional<RateCauses> rate_causes(const RunResult& before, const RunResult& after) {
  const std::array<const RunResult*, 2> sides{&before, &after};
  for (const RunResult* side : sides) {
    if (!side->bill.per_token.blended || !work_per_token(*side)) {
      return std::nullopt;
    }
  }
  Corners<UsdPerToken> corners{};
  for (std::size_t moved = 0; moved < kCorners; ++moved) {
    corners[moved] = price_of(*sides[moved & 1U]) * *work_per_token(*sides[moved >> 1U & 1U]) /
                     *utilisation(*sides[moved >> 2U & 1U]);
  }
  corners.front() = *before.bill.per_token.blended;
  corners.back() = *after.bill.per_token.blended;
  const std::array<UsdPerToken, kFactors> sixfold = sixfold_causes(corners);
  return RateCauses{.price = sixfold[0] / 6, .work = sixfold[1] / 6, .utilisation = sixfold[2] / 6};
}

struct Stated {
  std::string value{};
  bool stated = false;
};

/// Keys in order, with where to find them.
class Values {
 public:
  explicit Values(const RunResult& result) {
    for (const auto& [key, value] : result.scenario.stated) {
      add(key, {.value = value, .stated = true});
    }
    for (const Assumption& assumption : result.assumptions) {
      add(assumption.key, {.value = assumption.value});
    }
    const std::string own = result.scenario.file.filename().string();
    for (const InputFile& input : result.inputs) {
      const std::string name = std::filesystem::path(input.path).filename().string();
      if (name != own) {
        add("sha256 of " + name, {.value = input.sha256.substr(0, kDigits)});
      }
    }
  }

  [[nodiscard]] const std::vector<std::string>& keys() const { return keys_; }
  [[nodiscard]] Stated at(const std::string& key) const {
    const auto found = values_.find(key);
    return found == values_.end() ? Stated{} : found->second;
  }

 private:
  static constexpr std::size_t kDigits = 12;  ///< of a checksum: enough to tell two files apart

  void add(const std::string& key, const Stated& value) {
    if (values_.emplace(key, value).second) {
      keys_.push_back(key);
    }
  }

  std::vector<std::string> keys_{};
  std::map<std::string, Stated> values_{};
};

/// The same text, or the same number.
bool same_value(const std::string& a, const std::string& b) {
  const std::optional<double> left = units::parse_number(a);
  return a == b || (left && left == units::parse_number(b));
}

/// A file that only one side reads is named by the key that names it.
bool is_checksum(const std::string& key) {
  return key.starts_with("sha256 of ");
}

std::vector<ChangedInput> changed_inputs(const RunResult& before, const RunResult& after) {
  const Values left(before);
  const Values right(after);
  std::vector<std::string> keys = left.keys();
  std::copy_if(right.keys().begin(), right.keys().end(), std::back_inserter(keys),
               [&](const std::string& key) { return left.at(key).value.empty(); });
  std::vector<ChangedInput> changes;
  for (const std::string& key : keys) {
    const Stated a = left.at(key);
    const Stated b = right.at(key);
    const bool other_file = is_checksum(key) && (a.value.empty() || b.value.empty());
    if (!same_value(a.value, b.value) && !other_file) {
      changes.push_back({.key = key, .before = a.value, .after = b.value, .stated = a.stated || b.stated});
    }
  }
  std::stable_partition(changes.begin(), changes.end(), [](const ChangedInput& c) { return c.stated; });
  return changes;
}

std::vector<std::string> broken_limits(const RunResult& before, const RunResult& after,
                                       const Limits& limits) {
  std::vector<std::string> broken;
  if (limits.increase) {
    const Money most = before.bill.total + Money::from_usd(before.bill.total.usd() * *limits.increase);
    const std::string allowed = units::shortest(*limits.increase * 100) + " %";
    if (before.infeasible || after.infeasible) {
      broken.push_back("no bill on one side, so an increase by at most " + allowed + " cannot be shown");
    } else if (after.bill.total > most) {
      broken.push_back("the bill grows by more than " + allowed);
    }
  }
  if (limits.per_token) {
    const std::string most = units::shortest(limits.per_token->base() * 1e6) + " USD";
    const std::optional<UsdPerToken>& rate = after.bill.per_token.blended;
    if (after.infeasible || !rate) {
      broken.push_back("no cost per token, so at most " + most + " per million cannot be shown");
    } else if (*rate > *limits.per_token) {
      broken.push_back("a million tokens costs more than " + most);
    }
  }
  return broken;
}

}  // namespace

std::optional<decltype(Seconds{} / Tokens{})> work_per_token(const RunResult& result) {
  const engine::RequestTotals& totals = result.run.totals;
  const std::int64_t tokens =
      totals.billed_computed_tokens + totals.billed_cached_tokens + totals.billed_output_tokens;
  const std::int64_t busy_ns = result.run.phases().busy_ns();
  if (tokens == 0 || busy_ns == 0) {
    return std::nullopt;
  }
  const double devices_per_replica =
      static_cast<double>(devices_of(result)) / static_cast<double>(result.run.replicas.size());
  return Seconds(static_cast<double>(busy_ns) * devices_per_replica / 1e9) /
         Tokens(static_cast<double>(tokens));
}

std::optional<double> utilisation(const RunResult& result) {
  const std::int64_t paid_ns = result.run.wall_ns();
  return paid_ns == 0 ? std::nullopt
                      : std::optional(static_cast<double>(result.run.phases().busy_ns()) /
                                      static_cast<double>(paid_ns));
}

Diff diff(RunResult before, RunResult after, const Limits& limits) {
  Diff diff{.inputs = changed_inputs(before, after), .broken = broken_limits(before, after, limits)};
  if (!before.infeasible && !after.infeasible) {
    diff.bill = bill_causes(before, after);
    diff.rate = rate_causes(before, after);
  }
  diff.before = std::move(before);
  diff.after = std::move(after);
  return diff;
}

}  // namespace mtok::planner
