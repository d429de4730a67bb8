// What changed between the bills of two runs, and why.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sim/planner/run.hpp"

namespace mtok::planner {

/// A value that a result depends on and that differs.
struct ChangedInput {
  std::string key{};
  std::string before{};  ///< empty: neither stated nor among the assumptions in force
  std::string after{};
  bool stated = false;  ///< a key of either scenario file; else a default, or a file that was read
};

/// Shares of the difference of two totals. bill = price * devices * time; they add up to the difference
/// exactly, and are their own negatives when the runs change places.
struct BillCauses {
  Money price{};
  Money devices{};
  Money time{};
};

/// Shares of the difference of two blended costs per token.
/// cost per token = price * (busy device time / tokens) / (busy time / paid time).
struct RateCauses {
  UsdPerToken price{};
  UsdPerToken work{};  ///< busy device time per token: model, formats, batches, cache hits
  UsdPerToken utilisation{};
};

/// What a change may cost.
struct Limits {
  std::optional<double> increase{};        ///< share of the total before by which the bill may grow
  std::optional<UsdPerToken> per_token{};  ///< most that a token may cost after, blended
};

struct Diff {
  RunResult before{};
  RunResult after{};
  std::vector<ChangedInput> inputs{};  ///< stated keys first, each kind in the order of the runs
  std::optional<BillCauses> bill{};    ///< absent unless both runs are feasible
  std::optional<RateCauses> rate{};    ///< absent as well when a run has no tokens or no busy time
  std::vector<std::string> broken{};   ///< limits that do not hold, one sentence each
};

/// Busy device time per token that is billed; absent without such tokens or busy time.
[[nodiscard]] std::optional<decltype(Seconds{} / Tokens{})> work_per_token(const RunResult& result);
/// Share of the paid time that is busy; absent when nothing was paid for.
[[nodiscard]] std::optional<double> utilisation(const RunResult& result);

/// Sets two runs against each other. A cause is the mean of its effect over all orders in which the factors
/// could change one after the other (Shapley, "A value for n-person games", 1953), so that no order is
/// favoured. A limit that cannot be judged, since a bill is missing, counts as broken.
[[nodiscard]] Diff diff(RunResult before, RunResult after, const Limits& limits = {});

}  // namespace mtok::planner
