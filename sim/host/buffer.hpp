// Memory for operands, aligned and in large pages where the system grants them.
#pragma once

#include <cstddef>
#include <cstdint>

namespace mtok::host {

/// Zeroed memory that the kernel library works on. Every page has been touched.
class Buffer {
 public:
  Buffer() = default;
  explicit Buffer(std::size_t bytes);
  Buffer(Buffer&& other) noexcept;
  Buffer& operator=(Buffer&& other) noexcept;
  ~Buffer();

  [[nodiscard]] std::byte* data() const { return data_; }
  [[nodiscard]] std::size_t size() const { return size_; }
  template <class T>
  [[nodiscard]] T* as() const {
    return reinterpret_cast<T*>(data_);  // NOLINT(cppcoreguidelines-pro-type-reinterpret-cast): raw memory
  }

 private:
  std::byte* data_ = nullptr;
  std::size_t size_ = 0;
};

/// Fills with small numbers of mixed sign: values of F32 in [-1, 1], BF16 in [-1, 1], S8 in
/// [-127, 127]. A fixed sequence.
void fill_f32(float* values, std::size_t count, std::uint32_t seed);
void fill_bf16(std::uint16_t* values, std::size_t count, std::uint32_t seed);
/// S8 in groups of four that add up to 0, as packed weights keep four rows of a column: the sums of the
/// columns are then 0, too. Requires a multiple of 4.
void fill_balanced_s8(std::int8_t* values, std::size_t count, std::uint32_t seed);

/// BF16 is the upper half of an F32, rounded to nearest even.
[[nodiscard]] inline float to_f32(std::uint16_t bf16) {
  const std::uint32_t bits = static_cast<std::uint32_t>(bf16) << 16U;
  return __builtin_bit_cast(float, bits);
}
[[nodiscard]] inline std::uint16_t to_bf16(float value) {
  const auto bits = __builtin_bit_cast(std::uint32_t, value);
  return static_cast<std::uint16_t>((bits + 0x7fffU + ((bits >> 16U) & 1U)) >> 16U);
}

}  // namespace mtok::host
