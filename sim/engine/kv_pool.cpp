// The KV cache of one replica: taking, growing, sharing, evicting.
#include "sim/engine/kv_pool.hpp"

#include <algorithm>
#include <cassert>

namespace mtok::engine {

std::int64_t KvGeometry::pages_per_block() const {
  std::int64_t pages = 0;
  for (const Group& group : groups) {
    pages += group.weight;
  }
  return pages;
}

std::int64_t KvGeometry::pages_for(std::int64_t tokens) const {
  std::int64_t pages = tokens > 0 ? pages_per_sequence : 0;
  const BlockSize block(block_size);
  const std::int64_t all = block.needed(tokens);
  for (const Group& group : groups) {
    // A window that starts inside a block reaches into one block more.
    pages += group.weight * (group.window > 0 ? std::min(all, block.needed(group.window) + 1) : all);
  }
  return pages;
}

std::int64_t KvGeometry::shared_pages_per_block() const {
  std::int64_t pages = 0;
  for (const Group& group : groups) {
    pages += group.window > 0 ? 0 : group.weight;
  }
  return pages;
}

KvPool::KvPool(std::int64_t pages, KvGeometry geometry, std::int64_t hash_block_size,
               const std::vector<KvTier>& tiers)
    : pages_(pages),
      geometry_(std::move(geometry)),
      block_(geometry_.block_size),
      shared_pages_per_block_(geometry_.shared_pages_per_block()),
      hash_block_size_(hash_block_size),
      tiers_(tiers) {
  assert(hash_block_size % geometry_.block_size == 0);
}

std::int64_t KvPool::unit_tokens(std::size_t index, std::int64_t prompt_tokens) const {
  const std::int64_t start = static_cast<std::int64_t>(index) * hash_block_size_;
  const std::int64_t covered = std::min(hash_block_size_, prompt_tokens - start);
  return block_.floor(covered);
}

std::int64_t KvPool::private_pages(std::int64_t shared_tokens, std::int64_t tokens) const {
  const std::int64_t shared = block_.full(shared_tokens) * shared_pages_per_block_;
  return std::max<std::int64_t>(0, geometry_.pages_for(tokens) - shared);
}

void KvPool::use(Unit& unit) {
  if (unit.users == 0) {
    take_from_queue(unit);
    cached_ -= unit.pages;
    used_ += unit.pages;
    taken_ += unit.pages;
    peak_ = std::max(peak_, used_);
  }
  ++unit.users;
}

void KvPool::queue_for_eviction(Unit& unit) {
  unit.older = newest_;
  unit.newer = nullptr;
  (newest_ != nullptr ? newest_->newer : oldest_) = &unit;
  newest_ = &unit;
}

void KvPool::take_from_queue(Unit& unit) {
  (unit.older != nullptr ? unit.older->newer : oldest_) = unit.newer;
  (unit.newer != nullptr ? unit.newer->older : newest_) = unit.older;
}

void KvPool::evict_oldest() {
  Unit& oldest = *oldest_;
  take_from_queue(oldest);
  cached_ -= oldest.pages;
  if (!tiers_.empty()) {
    tiers_.demote(oldest.id, oldest.tokens);
  }
  units_.erase(oldest);
}

KvPool::Match KvPool::match(std::span<const std::uint64_t> ids, std::int64_t prompt_tokens) const {
  Match match;
  if (hash_block_size_ == 0) {
    return match;
  }
  for (std::size_t i = 0; i < ids.size(); ++i) {
    const Unit* const found = units_.find(ids[i]);
    if (found == nullptr || found->tokens != unit_tokens(i, prompt_tokens)) {
      break;
    }
    ++match.units;
    match.shared_tokens += found->tokens;
    match.unused_pages += found->users == 0 ? found->pages : 0;
  }
  const std::int64_t most = block_.floor(prompt_tokens - 1);
  match.skipped_tokens = std::min(match.shared_tokens, most);
  if (!tiers_.empty()) {
    match_tiers(match, ids, prompt_tokens, most);
  }
  return match;
}

/// Goes on behind the units that the devices hold, up to `most` tokens.
void KvPool::match_tiers(Match& match, std::span<const std::uint64_t> ids, std::int64_t prompt_tokens,
                         std::int64_t most) const {
  for (std::size_t i = match.units; i < ids.size() && match.skipped_tokens < most; ++i) {
    const std::int64_t tokens = unit_tokens(i, prompt_tokens);
    const std::size_t tier = tiers_.tier_of(ids[i], tokens);
    if (tier == kMostKvTiers) {
      return;
    }
    const std::int64_t skipped = std::min(tokens, most - match.skipped_tokens);
    ++match.tier_units;
    match.tier_tokens.at(tier) += skipped;
    match.skipped_tokens += skipped;
  }
}

bool KvPool::fits(const Match& match, std::int64_t tokens, std::int64_t spare_pages) const {
  const std::int64_t needed = private_pages(match.shared_tokens, tokens) + spare_pages;
  return needed <= free_pages() + cached_ - match.unused_pages;
}

void KvPool::take_prefix(Holding& holding, std::span<const std::uint64_t> ids, const Match& match) {
  assert(holding.units.empty() && holding.private_pages == 0);
  for (std::size_t i = 0; i < match.units; ++i) {
    Unit& unit = *units_.find(ids[i]);
    use(unit);
    holding.units.push_back(&unit);
  }
  for (const std::uint64_t id : ids.subspan(match.units, match.tier_units)) {
    tiers_.promote(id);
  }
  holding.shared_tokens = match.shared_tokens;
}

bool KvPool::take(std::int64_t pages) {
  if (pages > available_pages()) {
    return false;
  }
  while (pages > free_pages()) {
    evict_oldest();
  }
  used_ += pages;
  taken_ += pages;
  peak_ = std::max(peak_, used_);
  return true;
}

void KvPool::settle(Holding& holding, std::int64_t tokens) const {
  holding.private_pages = private_pages(holding.shared_tokens, tokens);
}

bool KvPool::grow(Holding& holding, std::int64_t tokens) {
  const std::int64_t more = private_pages(holding.shared_tokens, tokens) - holding.private_pages;
  if (more > 0) {
    if (!take(more)) {
      return false;
    }
    holding.private_pages += more;
  }
  return true;
}

void KvPool::share(Holding& holding, std::span<const std::uint64_t> ids, std::int64_t prompt_tokens,
                   std::int64_t tokens) {
  if (hash_block_size_ == 0) {
    return;
  }
  for (std::size_t i = holding.units.size(); i < ids.size(); ++i) {
    const std::int64_t start = static_cast<std::int64_t>(i) * hash_block_size_;
    const std::int64_t covered = unit_tokens(i, prompt_tokens);
    if (covered == 0 || start + covered > tokens || holding.shared_tokens != start) {
      return;
    }
    const std::int64_t pages = block_.full(covered) * shared_pages_per_block_;
    Unit* const unit = units_.insert(ids[i]);
    if (unit == nullptr) {
      return;  // someone else computed the same content at the same time: the later copy stays private
    }
    unit->tokens = covered;
    unit->pages = pages;
    unit->users = 1;
    holding.private_pages -= pages;  // the pages change hands, nothing is taken
    holding.shared_tokens += covered;
    holding.units.push_back(unit);
  }
}

void KvPool::release(Holding& holding) {
  std::int64_t unused = 0;
  for (auto unit = holding.units.rbegin(); unit != holding.units.rend(); ++unit) {
    if (--(*unit)->users == 0) {
      unused += (*unit)->pages;
      queue_for_eviction(**unit);
    }
  }
  used_ -= holding.private_pages + unused;
  given_back_ += holding.private_pages + unused;
  cached_ += unused;
  holding.units.clear();
  holding.private_pages = 0;
  holding.shared_tokens = 0;
}

}  // namespace mtok::engine
