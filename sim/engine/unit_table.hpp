// Cached units by content id: a hash table without an allocation for each entry.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <utility>
#include <vector>

namespace mtok::engine {

/// Units with the same hash hang in a list. Units never move. `Unit` has the members `id` and `chained`, the
/// next of its list.
template <class Unit>
class UnitTable {
 public:
  /// Null when there is none.
  [[nodiscard]] Unit* find(std::uint64_t id) const {
    Unit* unit = slots_[slot_of(id)];
    while (unit != nullptr && unit->id != id) {
      unit = unit->chained;
    }
    return unit;
  }
  /// A new unit of this id, all else at its default; null when there is one already.
  [[nodiscard]] Unit* insert(std::uint64_t id) {
    if (find(id) != nullptr) {
      return nullptr;
    }
    if (2 * (size_ + 1) > slots_.size()) {
      grow();
    }
    Unit* unit = nullptr;
    if (free_ == nullptr) {
      unit = &all_.emplace_back();
    } else {
      unit = std::exchange(free_, free_->chained);
      *unit = {};
    }
    unit->id = id;
    hang(*unit);
    ++size_;
    return unit;
  }
  void erase(Unit& unit) {
    Unit** place = &slots_[slot_of(unit.id)];
    while (*place != &unit) {
      place = &(*place)->chained;
    }
    *place = unit.chained;
    --size_;
    unit.chained = std::exchange(free_, &unit);
  }

 private:
  /// Fibonacci hashing (Knuth, TAOCP 3, section 6.4), from the high half.
  [[nodiscard]] std::size_t slot_of(std::uint64_t id) const {
    const std::uint64_t product = id * 0x9e3779b97f4a7c15U;
    return static_cast<std::size_t>(product >> 32U) & (slots_.size() - 1);
  }
  void hang(Unit& unit) {
    Unit*& first = slots_[slot_of(unit.id)];
    unit.chained = std::exchange(first, &unit);
  }
  void grow() {
    std::vector<Unit*> old(2 * slots_.size(), nullptr);
    old.swap(slots_);
    for (Unit* unit : old) {
      while (unit != nullptr) {
        Unit* const chained = unit->chained;
        hang(*unit);
        unit = chained;
      }
    }
  }

  std::vector<Unit*> slots_ = std::vector<Unit*>(64, nullptr);
  std::size_t size_ = 0;
  std::deque<Unit> all_;
  Unit* free_ = nullptr;  ///< those that were erased, chained
};

}  // namespace mtok::engine
