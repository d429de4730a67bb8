// The row loops as templates, so that each instruction set gets its own copy and none of another's.
#pragma once

#include <cstdint>

#include "sim/host/rows.hpp"

namespace mtok::host {

/// Calls nothing that the linker could merge with a copy for another instruction set: no function of the
/// standard library. `Set` tells the copies apart.
template <int Set>
struct Loops {
  static constexpr std::int64_t kLanes = 16;
  static constexpr float kOffset = 128;

  // Running maxima and sums in lanes, which the compiler splits over as many registers as the set needs.
  using Floats = float __attribute__((vector_size(kLanes * sizeof(float))));
  using Bits = std::int32_t __attribute__((vector_size(kLanes * sizeof(std::int32_t))));

  /// Magnitudes compare as their bits do.
  static float largest_magnitude(const float* x, std::int64_t n) {
    constexpr std::int32_t kNoSign = 0x7fffffff;
    Bits most{};
    std::int64_t i = 0;
    for (; i + kLanes <= n; i += kLanes) {
      Bits value;
      __builtin_memcpy(&value, x + i, sizeof value);
      value &= kNoSign;
      most = value > most ? value : most;
    }
    std::int32_t largest_bits = 0;
    for (std::int64_t j = 0; j < kLanes; ++j) {
      largest_bits = most[j] > largest_bits ? most[j] : largest_bits;
    }
    for (; i < n; ++i) {
      const std::int32_t bits = __builtin_bit_cast(std::int32_t, x[i]) & kNoSign;
      largest_bits = bits > largest_bits ? bits : largest_bits;
    }
    return __builtin_bit_cast(float, largest_bits);
  }

  static float largest(const float* x, std::int64_t n) {
    Floats most = Floats{} + x[0];
    std::int64_t i = 0;
    for (; i + kLanes <= n; i += kLanes) {
      Floats value;
      __builtin_memcpy(&value, x + i, sizeof value);
      most = value > most ? value : most;
    }
    float result = x[0];
    for (std::int64_t j = 0; j < kLanes; ++j) {
      result = most[j] > result ? most[j] : result;
    }
    for (; i < n; ++i) {
      result = x[i] > result ? x[i] : result;
    }
    return result;
  }

  /// Sum of x, or of x^2.
  template <bool Squares>
  static float sum_of(const float* x, std::int64_t n) {
    Floats lanes{};
    std::int64_t i = 0;
    for (; i + kLanes <= n; i += kLanes) {
      Floats value;
      __builtin_memcpy(&value, x + i, sizeof value);
      lanes += Squares ? value * value : value;
    }
    float sum = 0;
    for (std::int64_t j = 0; j < kLanes; ++j) {
      sum += lanes[j];
    }
    for (; i < n; ++i) {
      sum += Squares ? x[i] * x[i] : x[i];
    }
    return sum;
  }

  /// exp(x) to 2e-7 relative for |x| < 87: 2^k times a polynomial on half a binade either side (Taylor).
  static float exponential(float x) {
    x = x < -87.0F ? -87.0F : x;
    x = x > 87.0F ? 87.0F : x;
    const float binades = x * 1.44269504F;
    const auto whole = static_cast<std::int32_t>(binades + (binades < 0 ? -0.5F : 0.5F));
    const float rest =
        x - static_cast<float>(whole) * 0.693359375F + static_cast<float>(whole) * 2.12194440e-4F;
    float sum = 1.0F / 5040;
    sum = sum * rest + 1.0F / 720;
    sum = sum * rest + 1.0F / 120;
    sum = sum * rest + 1.0F / 24;
    sum = sum * rest + 1.0F / 6;
    sum = sum * rest + 0.5F;
    sum = sum * rest + 1.0F;
    sum = sum * rest + 1.0F;
    const std::int32_t bits = __builtin_bit_cast(std::int32_t, sum) + whole * (1 << 23);
    return __builtin_bit_cast(float, bits);
  }

  static float to_u8(const float* x, std::int64_t n, std::uint8_t* u8) {
    const float most = largest_magnitude(x, n);
    const float scale = most > 0 ? most / 127 : 1;
    const float inverse = 1 / scale;
    for (std::int64_t i = 0; i < n; ++i) {
      u8[i] = static_cast<std::uint8_t>(static_cast<std::int32_t>(x[i] * inverse + (kOffset + 0.5F)));
    }
    return scale;
  }

  static float to_u8_from_zero(const float* x, std::int64_t n, std::uint8_t* u8) {
    const float most = largest_magnitude(x, n);
    const float scale = most > 0 ? most / 255 : 1;
    const float inverse = 1 / scale;
    for (std::int64_t i = 0; i < n; ++i) {
      // NOLINTNEXTLINE(bugprone-incorrect-roundings): lround is a function of a library
      u8[i] = static_cast<std::uint8_t>(static_cast<std::int32_t>(x[i] * inverse + 0.5F));
    }
    return scale;
  }

  static float to_s8(const float* x, std::int64_t n, std::int8_t* s8, float* sum) {
    const float most = largest_magnitude(x, n);
    const float scale = most > 0 ? most / 127 : 1;
    const float inverse = 1 / scale;
    std::int32_t total = 0;
    for (std::int64_t i = 0; i < n; ++i) {
      const std::int32_t value = static_cast<std::int32_t>(x[i] * inverse + (kOffset + 0.5F)) - 128;
      s8[i] = static_cast<std::int8_t>(value);
      total += value;
    }
    *sum = static_cast<float>(total);
    return scale;
  }

  static void to_bf16(const float* x, std::int64_t n, std::uint16_t* bf16) {
    for (std::int64_t i = 0; i < n; ++i) {
      const auto bits = __builtin_bit_cast(std::uint32_t, x[i]);
      bf16[i] = static_cast<std::uint16_t>((bits + 0x7fffU + ((bits >> 16U) & 1U)) >> 16U);
    }
  }

  static void from_bf16(const std::uint16_t* bf16, std::int64_t n, float* x) {
    for (std::int64_t i = 0; i < n; ++i) {
      x[i] = __builtin_bit_cast(float, static_cast<std::uint32_t>(bf16[i]) << 16U);
    }
  }

  static void unscale(const float* acc, const float* scales, const float* sums, float row_scale,
                      std::int64_t n, float* x) {
    for (std::int64_t i = 0; i < n; ++i) {
      x[i] = (acc[i] - kOffset * sums[i]) * (row_scale * scales[i]);
    }
  }

  static void gate(const float* gate_values, const float* up, std::int64_t n, float* x) {
    for (std::int64_t i = 0; i < n; ++i) {
      x[i] = gate_values[i] / (1 + exponential(-gate_values[i])) * up[i];
    }
  }

  static void add(const float* x, float w, std::int64_t n, float* y) {
    for (std::int64_t i = 0; i < n; ++i) {
      y[i] += w * x[i];
    }
  }

  static void scale(const float* x, float w, std::int64_t n, float* y) {
    for (std::int64_t i = 0; i < n; ++i) {
      y[i] = w * x[i];
    }
  }

  static void multiply(const float* x, const float* w, std::int64_t n, float* y) {
    for (std::int64_t i = 0; i < n; ++i) {
      y[i] = x[i] * w[i];
    }
  }

  static void normalize(const float* x, std::int64_t n, float* y) {
    scale(x, 1 / __builtin_sqrtf(sum_of<true>(x, n) / static_cast<float>(n) + 1e-6F), n, y);
  }

  static void softmax(float* x, std::int64_t seen, std::int64_t n, float factor) {
    const float most = largest(x, seen);
    for (std::int64_t i = 0; i < seen; ++i) {
      x[i] = exponential(factor * (x[i] - most));
    }
    scale(x, 1 / sum_of<false>(x, seen), seen, x);
    for (std::int64_t i = seen; i < n; ++i) {
      x[i] = 0;
    }
  }

  static void rotate(const float* x, const float* cosines, const float* sines, std::int64_t n, float* y) {
    const std::int64_t half = n / 2;
    for (std::int64_t i = 0; i < half; ++i) {
      const float first = x[i];
      const float second = x[i + half];
      y[i] = first * cosines[i] - second * sines[i];
      y[i + half] = second * cosines[i] + first * sines[i];
    }
  }

  static constexpr RowLoops table() {
    return {.to_u8 = to_u8,
            .to_u8_from_zero = to_u8_from_zero,
            .to_s8 = to_s8,
            .to_bf16 = to_bf16,
            .from_bf16 = from_bf16,
            .unscale = unscale,
            .gate = gate,
            .add = add,
            .scale = scale,
            .multiply = multiply,
            .normalize = normalize,
            .softmax = softmax,
            .rotate = rotate};
  }
};

/// Each in a file of its own, compiled for the set that it is named after.
[[nodiscard]] RowLoops plain_loops();
[[nodiscard]] RowLoops avx2_loops();
[[nodiscard]] RowLoops avx512_loops();

}  // namespace mtok::host
