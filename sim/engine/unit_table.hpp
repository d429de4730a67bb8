// Cached units by content id: a hash table without an allocation for each entry.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <vector>

namespace mtok::engine {

/// Open addressing with linear probing; entries are erased by moving later ones of the run up. Units never
/// move. `Unit` has a member `id`.
template <class Unit>
class UnitTable {
 public:
  /// Null when there is none.
  [[nodiscard]] Unit* find(std::uint64_t id) const {
    for (std::size_t i = home_of(id);; i = next(i)) {
      if (slots_[i] == nullptr || slots_[i]->id == id) {
        return slots_[i];
      }
    }
  }
  /// A new unit of this id, all else at its default. Requires that there is none.
  Unit& insert(std::uint64_t id) {
    if (2 * (size_ + 1) > slots_.size()) {
      grow();
    }
    Unit* unit = nullptr;
    if (free_.empty()) {
      unit = &all_.emplace_back();
    } else {
      unit = free_.back();
      free_.pop_back();
      *unit = {};
    }
    unit->id = id;
    place(unit);
    ++size_;
    return *unit;
  }
  void erase(Unit& unit) {
    std::size_t hole = home_of(unit.id);
    while (slots_[hole] != &unit) {
      hole = next(hole);
    }
    // An entry behind the hole moves into it unless its home lies between the two.
    for (std::size_t i = next(hole); slots_[i] != nullptr; i = next(i)) {
      const std::size_t home = home_of(slots_[i]->id);
      if (((i - home) & mask()) >= ((i - hole) & mask())) {
        slots_[hole] = slots_[i];
        hole = i;
      }
    }
    slots_[hole] = nullptr;
    --size_;
    free_.push_back(&unit);
  }

 private:
  [[nodiscard]] std::size_t mask() const { return slots_.size() - 1; }
  [[nodiscard]] std::size_t next(std::size_t i) const { return (i + 1) & mask(); }
  /// Fibonacci hashing (Knuth, TAOCP 3, section 6.4), from the high half.
  [[nodiscard]] std::size_t home_of(std::uint64_t id) const {
    const std::uint64_t product = id * 0x9e3779b97f4a7c15U;
    return static_cast<std::size_t>(product >> 32U) & mask();
  }
  void place(Unit* unit) {
    std::size_t i = home_of(unit->id);
    while (slots_[i] != nullptr) {
      i = next(i);
    }
    slots_[i] = unit;
  }
  void grow() {
    std::vector<Unit*> old(2 * slots_.size(), nullptr);
    old.swap(slots_);
    for (Unit* unit : old) {
      if (unit != nullptr) {
        place(unit);
      }
    }
  }

  std::vector<Unit*> slots_ = std::vector<Unit*>(64, nullptr);
  std::size_t size_ = 0;
  std::deque<Unit> all_;
  std::vector<Unit*> free_;
};

}  // namespace mtok::engine
