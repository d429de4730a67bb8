// Memory from the system, and the numbers to fill it with.
#include "sim/host/buffer.hpp"

#include <sys/mman.h>

#include <cstring>
#include <new>
#include <utility>

namespace mtok::host {
namespace {

constexpr std::size_t kLargePage = std::size_t{2} << 20U;

/// xorshift32 (Marsaglia, "Xorshift RNGs", 2003): operands need spread, not quality.
std::uint32_t next(std::uint32_t& state) {
  state ^= state << 13U;
  state ^= state >> 17U;
  state ^= state << 5U;
  return state;
}

float unit_value(std::uint32_t& state) {
  return static_cast<float>(static_cast<std::int32_t>(next(state))) * (1.0F / 2147483648.0F);
}

}  // namespace

Buffer::Buffer(std::size_t bytes) : size_((bytes + kLargePage - 1) / kLargePage * kLargePage) {
  void* const memory = mmap(nullptr, size_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) {  // NOLINT: a macro of the system
    throw std::bad_alloc();
  }
  data_ = static_cast<std::byte*>(memory);
  madvise(data_, size_, MADV_HUGEPAGE);
  std::memset(data_, 0, size_);
}

Buffer::Buffer(Buffer&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}

Buffer& Buffer::operator=(Buffer&& other) noexcept {
  std::swap(data_, other.data_);
  std::swap(size_, other.size_);
  return *this;
}

Buffer::~Buffer() {
  if (data_ != nullptr) {
    munmap(data_, size_);
  }
}

void fill_f32(float* values, std::size_t count, std::uint32_t seed) {
  std::uint32_t state = seed * 2654435761U + 1;
  for (std::size_t i = 0; i < count; ++i) {
    values[i] = unit_value(state);
  }
}

void fill_bf16(std::uint16_t* values, std::size_t count, std::uint32_t seed) {
  std::uint32_t state = seed * 2654435761U + 1;
  for (std::size_t i = 0; i < count; ++i) {
    values[i] = to_bf16(unit_value(state));
  }
}

void fill_balanced_s8(std::int8_t* values, std::size_t count, std::uint32_t seed) {
  std::uint32_t state = seed * 2654435761U + 1;
  for (std::size_t i = 0; i < count; i += 4) {
    const auto first = static_cast<std::int8_t>(static_cast<std::int32_t>(next(state) >> 24U) % 128);
    const auto second = static_cast<std::int8_t>(static_cast<std::int32_t>(next(state) >> 24U) % 128);
    values[i] = first;
    values[i + 1] = static_cast<std::int8_t>(-first);
    values[i + 2] = second;
    values[i + 3] = static_cast<std::int8_t>(-second);
  }
}

}  // namespace mtok::host
