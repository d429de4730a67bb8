// Tokens by blocks, without a division where the block size is a power of two, as it nearly always is.
#pragma once

#include <bit>
#include <cassert>
#include <cstdint>

namespace mtok::engine {

class BlockSize {
 public:
  /// Requires tokens > 0.
  explicit constexpr BlockSize(std::int64_t tokens)
      : tokens_(tokens),
        shift_((tokens & (tokens - 1)) == 0 ? std::countr_zero(static_cast<std::uint64_t>(tokens)) : -1) {
    assert(tokens > 0);
  }
  [[nodiscard]] constexpr std::int64_t tokens() const { return tokens_; }
  /// Full blocks of `tokens` >= 0 tokens.
  [[nodiscard]] constexpr std::int64_t full(std::int64_t tokens) const {
    return shift_ >= 0 ? tokens >> shift_ : tokens / tokens_;
  }
  /// Blocks that `tokens` >= 0 tokens need.
  [[nodiscard]] constexpr std::int64_t needed(std::int64_t tokens) const {
    return full(tokens + tokens_ - 1);
  }
  /// The tokens of the full blocks.
  [[nodiscard]] constexpr std::int64_t floor(std::int64_t tokens) const { return full(tokens) * tokens_; }
  /// Tokens behind the full blocks, at least 0; also for negative numbers.
  [[nodiscard]] constexpr std::int64_t rest(std::int64_t tokens) const {
    if (shift_ >= 0) {
      return tokens & (tokens_ - 1);
    }
    const std::int64_t rest = tokens % tokens_;
    return rest < 0 ? rest + tokens_ : rest;
  }

 private:
  std::int64_t tokens_;
  int shift_;  ///< -1: no power of two
};

}  // namespace mtok::engine
