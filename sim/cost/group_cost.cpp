// Splits the parts of a bill among groups of requests.
#include "sim/cost/group_cost.hpp"

#include <algorithm>

namespace mtok::cost {

GroupShares group_shares(const AllocationRule& rule, const engine::RequestTotals& totals) {
  GroupShares shares{};
  for (std::size_t kind = 0; kind < kTokenKinds; ++kind) {
    shares.at(kind) = shares_in(rule, totals, kind);
  }
  return shares;
}

std::vector<GroupCost> split_by_group(const Bill& bill, const std::vector<GroupShares>& groups) {
  constexpr double kPicoseconds = 1e12;
  constexpr std::array<Money Parts::*, kTokenKinds> kFrom{&Parts::input, &Parts::cached_input,
                                                          &Parts::output};
  constexpr std::array<Money GroupCost::*, kTokenKinds> kTo{&GroupCost::input, &GroupCost::cached_input,
                                                            &GroupCost::output};
  std::vector<GroupCost> costs(groups.size());
  for (std::size_t kind = 0; kind < kTokenKinds; ++kind) {
    const Money part = bill.parts.*kFrom.at(kind);
    if (part == Money{}) {
      continue;
    }
    std::vector<double> shares(groups.size());
    std::transform(groups.begin(), groups.end(), shares.begin(),
                   [&](const GroupShares& group) { return group.at(kind); });
    const std::vector<Money> owed = allocate(part, whole_weights(shares, kPicoseconds));
    for (std::size_t i = 0; i < owed.size(); ++i) {
      costs[i].*kTo.at(kind) = owed[i];
    }
  }
  return costs;
}

std::int64_t billed_tokens(const engine::RequestTotals& totals) {
  return totals.billed_computed_tokens + totals.billed_cached_tokens + totals.billed_output_tokens;
}

std::optional<UsdPerToken> per_token_of(Money amount, const engine::RequestTotals& totals) {
  const std::int64_t tokens = billed_tokens(totals);
  return tokens > 0 ? std::optional(amount.usd() / Tokens(static_cast<double>(tokens))) : std::nullopt;
}

}  // namespace mtok::cost
