// The slower memories behind the KV cache of a replica: host DRAM, SSD.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "sim/engine/lru_set.hpp"
#include "sim/units/quantity.hpp"

namespace mtok::engine {

/// One memory of a replica behind that of its devices.
struct KvTier {
  std::string name{};  ///< "dram", "ssd"
  std::int64_t capacity_tokens = 0;
  Seconds load_per_token{};  ///< KV bytes of a token in all layers / bandwidth towards the devices
};

inline constexpr std::size_t kMostKvTiers = 4;
using TierTokens = std::array<std::int64_t, kMostKvTiers>;  ///< tokens by tier, nearest first

/// What the device memory evicts goes into the nearest tier, what that evicts into the next, and what the
/// last evicts is gone: each least recently used first. A unit lies in one place; a hit moves it back.
///
/// Loading streams layer by layer under the step that computes the rest of the prompt, tier behind tier:
///   time = max over tiers t of (tokens of tier t and of all behind it) * load_per_token_t
/// so the step takes max(step, time). Source of the overlap: Gao et al., "CachedAttention", USENIX ATC 2024
/// (arXiv 2403.19708), section 3.2.1. Leaves out: the write path (behind the computation), prefetch for
/// requests that still wait, and bandwidth shared between replicas.
class KvTiers {
 public:
  explicit KvTiers(const std::vector<KvTier>& tiers);

  [[nodiscard]] bool empty() const { return tiers_.empty(); }
  /// The tier that holds a unit of exactly so many tokens; kMostKvTiers when none does.
  [[nodiscard]] std::size_t tier_of(std::uint64_t id, std::int64_t tokens) const;
  /// Takes in what the devices evicted.
  void demote(std::uint64_t id, std::int64_t tokens);
  /// Forgets a unit that moves back into the devices.
  void promote(std::uint64_t id);
  [[nodiscard]] Seconds load_time(const TierTokens& tokens) const;

 private:
  void use(std::size_t tier, const LruSet::Entry& entry);

  std::vector<LruSet> tiers_;
  std::vector<Seconds> load_per_token_;
};

}  // namespace mtok::engine
