// The KV cache of one replica: blocks for running sequences and a prefix cache with least-recently-used
// eviction.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "sim/engine/block_size.hpp"
#include "sim/engine/kv_tiers.hpp"
#include "sim/engine/unit_table.hpp"

namespace mtok::engine {

/// How many pages a sequence of some length holds. A page is one block of `block_size` tokens in one unit of
/// layers; layers that see everything hold a page for each block, layers with a window only for the blocks in
/// reach. For a network without windows a page is a block.
struct KvGeometry {
  struct Group {
    std::int64_t window = 0;  ///< tokens; 0: all
    std::int64_t weight = 1;  ///< layers of this kind, divided by the common divisor of all kinds
  };
  std::int64_t block_size = 16;
  std::vector<Group> groups{{}};
  /// Held from the first token on, whatever the length: the state of layers with linear attention, which vLLM
  /// too keeps in pages of the one pool.
  std::int64_t pages_per_sequence = 0;

  [[nodiscard]] std::int64_t pages_per_block() const;  ///< of a block in all layers
  [[nodiscard]] std::int64_t pages_for(
      std::int64_t tokens) const;  ///< private pages of a sequence; never decreases
  [[nodiscard]] std::int64_t shared_pages_per_block() const;  ///< of a cached block: layers without a window
};

/// Blocks are handed out page by page and never moved. Prompts whose content ids are known can share: a
/// *unit* is the run of full blocks under one content id. A unit that no running sequence uses stays cached
/// until its pages are needed; the least recently used goes first, and of one sequence the last unit first.
/// Follows vLLM V1: units enter the cache when they are scheduled, and at least one token of a prompt is
/// always computed. Leaves out: sharing of generated tokens, and window layers of cached prefixes.
class KvPool {
 public:
  struct Unit;  // one cached run of blocks

  /// What one running sequence holds.
  struct Holding {
    std::int64_t private_pages = 0;
    std::int64_t shared_tokens = 0;  ///< covered by `units`
    std::vector<Unit*> units{};      ///< the leading ones of its prompt, in order
  };

  /// `hash_block_size`: tokens under one content id, a multiple of the block size; 0 switches the prefix
  /// cache off. Evicted units go into `tiers`.
  KvPool(std::int64_t pages, KvGeometry geometry, std::int64_t hash_block_size,
         const std::vector<KvTier>& tiers = {});
  KvPool(const KvPool&) = delete;
  KvPool& operator=(const KvPool&) = delete;

  /// What the cache has of a prompt, without touching it.
  struct Match {
    std::int64_t shared_tokens = 0;   ///< of the leading cached units
    std::int64_t skipped_tokens = 0;  ///< need not be computed: whole blocks, at most prompt - 1
    std::int64_t unused_pages = 0;    ///< of those units, pages that nobody uses now
    std::size_t units = 0;
    std::size_t tier_units = 0;  ///< the units behind those that lie in slower tiers
    TierTokens tier_tokens{};    ///< their tokens: skipped_tokens counts them too, their pages are new
  };
  [[nodiscard]] Match match(std::span<const std::uint64_t> ids, std::int64_t prompt_tokens) const;
  /// Would the first `tokens` tokens of a new sequence fit after taking this match, and `spare_pages` beside
  /// them?
  [[nodiscard]] bool fits(const Match& match, std::int64_t tokens, std::int64_t spare_pages = 0) const;
  /// Takes the units of a match just made; those of slower tiers leave these and become private pages. The
  /// holding must be empty.
  void take_prefix(Holding& holding, std::span<const std::uint64_t> ids, const Match& match);
  /// Makes room for the first `tokens` tokens of the sequence, evicting unused units if need be.
  /// False, and nothing changed, when the pool is too full.
  [[nodiscard]] bool grow(Holding& holding, std::int64_t tokens);
  /// Makes room for `pages` more pages of running sequences, evicting unused units if need be. False, and
  /// nothing changed, when the pool is too full. Whose pages they are is told by settle().
  [[nodiscard]] bool take(std::int64_t pages);
  /// Writes into the holding what it has of the pages taken for it, now that it holds `tokens` tokens.
  void settle(Holding& holding, std::int64_t tokens) const;
  /// Puts the units of the prompt that are covered by its first `tokens` tokens into the cache.
  void share(Holding& holding, std::span<const std::uint64_t> ids, std::int64_t prompt_tokens,
             std::int64_t tokens);
  /// Gives everything back; shared units stay cached.
  void release(Holding& holding);

  [[nodiscard]] std::int64_t pages() const { return pages_; }
  [[nodiscard]] std::int64_t free_pages() const { return pages_ - used_ - cached_; }
  [[nodiscard]] std::int64_t available_pages() const { return pages_ - used_; }  ///< free, or cached unused
  [[nodiscard]] std::int64_t used_pages() const { return used_; }                ///< by running sequences
  [[nodiscard]] std::int64_t cached_pages() const { return cached_; }  ///< by units that nobody uses
  [[nodiscard]] std::int64_t peak_pages() const { return peak_; }
  [[nodiscard]] std::int64_t taken() const { return taken_; }  ///< pages ever taken by sequences
  [[nodiscard]] std::int64_t given_back() const { return given_back_; }
  [[nodiscard]] const KvTiers& tiers() const { return tiers_; }
  [[nodiscard]] const KvGeometry& geometry() const { return geometry_; }

  struct Unit {
    std::uint64_t id = 0;
    Unit* chained = nullptr;  ///< of UnitTable
    std::int64_t tokens = 0;  ///< whole blocks
    std::int64_t pages = 0;
    std::int64_t users = 0;
    Unit* older = nullptr;  ///< its neighbours in the queue of eviction while users == 0
    Unit* newer = nullptr;
  };

 private:
  void use(Unit& unit);
  void queue_for_eviction(Unit& unit);
  void take_from_queue(Unit& unit);
  void evict_oldest();
  void match_tiers(Match& match, std::span<const std::uint64_t> ids, std::int64_t prompt_tokens,
                   std::int64_t most) const;
  [[nodiscard]] std::int64_t unit_tokens(std::size_t index, std::int64_t prompt_tokens) const;
  [[nodiscard]] std::int64_t private_pages(std::int64_t shared_tokens, std::int64_t tokens) const;

  std::int64_t pages_;
  KvGeometry geometry_;
  BlockSize block_;
  std::int64_t shared_pages_per_block_;
  std::int64_t hash_block_size_;
  KvTiers tiers_;
  UnitTable<Unit> units_;
  Unit* oldest_ = nullptr;  // of the units that nobody uses, by their last use
  Unit* newest_ = nullptr;
  std::int64_t used_ = 0;
  std::int64_t cached_ = 0;
  std::int64_t peak_ = 0;
  std::int64_t taken_ = 0;
  std::int64_t given_back_ = 0;
};

}  // namespace mtok::engine
