// Content ids with weights, of which the least recently used leave when there are too many.
#pragma once

#include <cstdint>
#include <list>
#include <unordered_map>

namespace mtok::engine {

/// Holds ids of together at most `capacity`, in the unit of their weights: blocks, tokens.
class LruSet {
 public:
  struct Entry {
    std::uint64_t id = 0;
    std::int64_t weight = 0;
  };

  explicit LruSet(std::int64_t capacity) : capacity_(capacity) {}

  /// The weight of an id; 0 when it is not there.
  [[nodiscard]] std::int64_t weight_of(std::uint64_t id) const {
    const auto found = places_.find(id);
    return found == places_.end() ? 0 : found->second->weight;
  }
  [[nodiscard]] bool contains(std::uint64_t id) const { return places_.contains(id); }
  [[nodiscard]] std::int64_t held() const { return held_; }

  void erase(std::uint64_t id) {
    const auto found = places_.find(id);
    if (found != places_.end()) {
      held_ -= found->second->weight;
      order_.erase(found->second);
      places_.erase(found);
    }
  }
  /// Makes this the id that was used last; `dropped` is called with each entry that has to go for it, oldest
  /// first, perhaps itself.
  template <class Dropped>
  void use(const Entry& entry, const Dropped& dropped) {
    erase(entry.id);
    places_[entry.id] = order_.insert(order_.end(), entry);
    held_ += entry.weight;
    while (held_ > capacity_) {
      const Entry oldest = order_.front();
      erase(oldest.id);
      dropped(oldest);
    }
  }
  void use(const Entry& entry) {
    use(entry, [](const Entry&) {});
  }

 private:
  std::int64_t capacity_;
  std::int64_t held_ = 0;
  std::list<Entry> order_;                                                // oldest use first
  std::unordered_map<std::uint64_t, std::list<Entry>::iterator> places_;  // looked up only, never walked
};

}  // namespace mtok::engine
