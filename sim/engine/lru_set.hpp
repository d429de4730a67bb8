// Content ids with weights, of which the least recently used leave when there are too many.
#pragma once

#include <cstdint>

#include "sim/engine/unit_table.hpp"

namespace mtok::engine {

/// Holds ids of together at most `capacity`, in the unit of their weights: blocks, tokens.
class LruSet {
 public:
  struct Entry {
    std::uint64_t id = 0;
    std::int64_t weight = 0;
  };

  explicit LruSet(std::int64_t capacity) : capacity_(capacity) {}
  LruSet(LruSet&&) = default;
  LruSet& operator=(LruSet&&) = default;

  /// The weight of an id; 0 when it is not there.
  [[nodiscard]] std::int64_t weight_of(std::uint64_t id) const {
    const Place* const place = places_.find(id);
    return place == nullptr ? 0 : place->weight;
  }
  [[nodiscard]] bool contains(std::uint64_t id) const { return places_.find(id) != nullptr; }
  [[nodiscard]] std::int64_t held() const { return held_; }

  void erase(std::uint64_t id) {
    if (Place* const place = places_.find(id); place != nullptr) {
      held_ -= place->weight;
      unlink(*place);
      places_.erase(*place);
    }
  }
  /// Makes this the id that was used last; `dropped` is called with each entry that has to go for it, oldest
  /// first, perhaps itself.
  template <class Dropped>
  void use(const Entry& entry, const Dropped& dropped) {
    Place* place = places_.insert(entry.id);
    if (place == nullptr) {
      place = places_.find(entry.id);
      held_ -= place->weight;
      unlink(*place);
    }
    place->weight = entry.weight;
    held_ += entry.weight;
    link(*place);
    while (held_ > capacity_) {
      const Entry oldest{.id = oldest_->id, .weight = oldest_->weight};
      erase(oldest.id);
      dropped(oldest);
    }
  }
  void use(const Entry& entry) {
    use(entry, [](const Entry&) {});
  }

 private:
  struct Place {
    std::uint64_t id = 0;
    Place* chained = nullptr;  ///< of UnitTable
    std::int64_t weight = 0;
    Place* older = nullptr;  ///< its neighbours by last use
    Place* newer = nullptr;
  };

  void link(Place& place) {
    place.older = newest_;
    place.newer = nullptr;
    (newest_ != nullptr ? newest_->newer : oldest_) = &place;
    newest_ = &place;
  }
  void unlink(Place& place) {
    (place.older != nullptr ? place.older->newer : oldest_) = place.newer;
    (place.newer != nullptr ? place.newer->older : newest_) = place.older;
  }

  std::int64_t capacity_;
  std::int64_t held_ = 0;
  UnitTable<Place> places_;
  Place* oldest_ = nullptr;
  Place* newest_ = nullptr;
};

}  // namespace mtok::engine
