// Text eight bytes at a time, in one register.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace mtok::workload {

/// Bytes that can be read behind the end of a text that is read this way.
inline constexpr std::size_t kPadding = 8;

/// The first byte lowest.
[[nodiscard]] inline std::uint64_t eight_bytes(const char* at) {
  std::uint64_t word = 0;
  std::memcpy(&word, at, sizeof word);
  return std::endian::native == std::endian::little ? word : __builtin_bswap64(word);
}

[[nodiscard]] constexpr std::uint64_t each_byte(char c) {
  return 0x0101010101010101U * static_cast<unsigned char>(c);
}

/// The top bit of every byte that is `c`, and nothing else.
[[nodiscard]] constexpr std::uint64_t tops_of(std::uint64_t word, char c) {
  constexpr std::uint64_t kAllButTops = 0x7f7f7f7f7f7f7f7fU;
  const std::uint64_t zero_where_equal = word ^ each_byte(c);
  return ~(((zero_where_equal & kAllButTops) + kAllButTops) | zero_where_equal | kAllButTops);
}

/// Bit i for the top bit of byte i.
[[nodiscard]] constexpr std::uint64_t gathered(std::uint64_t tops) {
  return (tops >> 7U) * 0x0102040810204080U >> 56U;
}

/// The number that the first `count` bytes spell, 1 <= count <= 8; -1 when one of them is no digit. D.
/// Lemire, "Number parsing at a gigabyte per second", Software: Practice and Experience 51 (2021), section 5:
/// pairs, then pairs of pairs.
[[nodiscard]] constexpr std::int64_t number_of(std::uint64_t word, std::size_t count) {
  const std::size_t behind = 8 * (8 - count);
  const std::uint64_t digits = (word << behind) ^ (each_byte('0') << behind);  // leading zeros come first
  if ((((digits + each_byte(0x76)) | digits) & each_byte('\x80')) != 0) {
    return -1;
  }
  const std::uint64_t pairs = digits * (10U * (1U << 8U) + 1) >> 8U & 0x00ff00ff00ff00ffU;
  const std::uint64_t fours = pairs * (100U * (1U << 16U) + 1) >> 16U & 0x0000ffff0000ffffU;
  return static_cast<std::int64_t>(fours * (10000U * (std::uint64_t{1} << 32U) + 1) >> 32U);
}

}  // namespace mtok::workload
