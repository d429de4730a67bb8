// A fixed number of values of which the smallest is known at once.
#pragma once

#include <bit>
#include <cstddef>
#include <utility>
#include <vector>

namespace mtok::engine {

/// A tournament over `size` values, all `start` at first. Of equal values the one of the lowest index wins.
template <class T>
class MinTree {
 public:
  MinTree(std::size_t size, T start, T most) : leaves_(std::bit_ceil(size)), nodes_(2 * leaves_, most) {
    for (std::size_t i = 0; i < size; ++i) {
      set(i, start);
    }
  }

  void set(std::size_t index, T value) {
    std::size_t node = leaves_ + index;
    nodes_[node] = value;
    while (node > 1) {
      node /= 2;
      const T least = nodes_[2 * node + 1] < nodes_[2 * node] ? nodes_[2 * node + 1] : nodes_[2 * node];
      if (nodes_[node] == least) {
        return;
      }
      nodes_[node] = least;
    }
  }
  [[nodiscard]] T least() const { return nodes_[1]; }
  [[nodiscard]] T at(std::size_t index) const { return nodes_[leaves_ + index]; }
  /// The lowest index that holds least().
  [[nodiscard]] std::size_t index_of_least() const {
    std::size_t node = 1;
    while (node < leaves_) {
      node = 2 * node + (nodes_[2 * node] == nodes_[1] ? 0 : 1);
    }
    return node - leaves_;
  }

 private:
  std::size_t leaves_;
  std::vector<T> nodes_;  ///< [1] is the root, the children of i are 2 i and 2 i + 1
};

}  // namespace mtok::engine
