// The slower memories behind the KV cache of a replica: what moves where.
#include "sim/engine/kv_tiers.hpp"

#include <algorithm>
#include <cassert>

namespace mtok::engine {

KvTiers::KvTiers(const std::vector<KvTier>& tiers) {
  assert(tiers.size() <= kMostKvTiers);
  for (const KvTier& tier : tiers) {
    tiers_.emplace_back(tier.capacity_tokens);
    load_per_token_.push_back(tier.load_per_token);
  }
}

std::size_t KvTiers::tier_of(std::uint64_t id, std::int64_t tokens) const {
  for (std::size_t t = 0; t < tiers_.size(); ++t) {
    if (tiers_[t].contains(id)) {
      return tiers_[t].weight_of(id) == tokens ? t : kMostKvTiers;
    }
  }
  return kMostKvTiers;
}

void KvTiers::demote(std::uint64_t id, std::int64_t tokens) {
  promote(id);
  use(0, {.id = id, .weight = tokens});
}

void KvTiers::promote(std::uint64_t id) {
  for (LruSet& tier : tiers_) {
    tier.erase(id);
  }
}

void KvTiers::use(std::size_t tier, const LruSet::Entry& entry) {
  if (tier < tiers_.size()) {
    tiers_[tier].use(entry, [&](const LruSet::Entry& dropped) { use(tier + 1, dropped); });
  }
}

Seconds KvTiers::load_time(const TierTokens& tokens) const {
  Seconds longest;
  std::int64_t here_and_behind = 0;
  for (std::size_t t = tiers_.size(); t-- > 0;) {
    here_and_behind += tokens.at(t);
    longest = std::max(longest, load_per_token_[t] * static_cast<double>(here_and_behind));
  }
  return longest;
}

}  // namespace mtok::engine
