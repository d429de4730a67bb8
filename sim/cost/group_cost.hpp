// What groups of requests cost: tenants, or the batch tier beside interactive requests.
#pragma once

#include <array>
#include <optional>
#include <vector>

#include "sim/cost/bill.hpp"

namespace mtok::cost {

/// Shares of a group in the parts for computed input, cached input and output, in the unit of shares_in.
using GroupShares = std::array<double, kTokenKinds>;

/// What the requests of a group pay for the work done for them; idle is nobody's.
struct GroupCost {
  Money input{};
  Money cached_input{};
  Money output{};

  [[nodiscard]] Money sum() const { return input + cached_input + output; }
};

[[nodiscard]] GroupShares group_shares(const AllocationRule& rule, const engine::RequestTotals& totals);

/// Splits each part of a bill but idle among all groups of its requests, by largest remainder: the sums of
/// all groups and parts.idle add up to the total exactly. Requires that shares are >= 0.
[[nodiscard]] std::vector<GroupCost> split_by_group(const Bill& bill, const std::vector<GroupShares>& groups);

/// Input and output of requests that emitted a token.
[[nodiscard]] std::int64_t billed_tokens(const engine::RequestTotals& totals);
/// Per token of those that `totals` bills; absent when there are none.
[[nodiscard]] std::optional<UsdPerToken> per_token_of(Money amount, const engine::RequestTotals& totals);

}  // namespace mtok::cost
