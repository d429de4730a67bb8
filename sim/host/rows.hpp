// What happens to single rows of numbers between matrix products: conversions, activations, norms, softmax.
#pragma once

#include <cstdint>
#include <string_view>

namespace mtok::host {

/// Loops over one row of n values, compiled for one instruction set.
struct RowLoops {
  /// u8 = round(x / scale) + 128 with scale = max |x| / 127 (1 for a row of zeros). Returns the scale.
  float (*to_u8)(const float* x, std::int64_t n, std::uint8_t* u8) = nullptr;
  /// The same for values that are not negative, without the offset: scale = max x / 255.
  float (*to_u8_from_zero)(const float* x, std::int64_t n, std::uint8_t* u8) = nullptr;
  /// s8 = round(x / scale), scale = max |x| / 127. Returns the scale; sum: of the s8.
  float (*to_s8)(const float* x, std::int64_t n, std::int8_t* s8, float* sum) = nullptr;
  void (*to_bf16)(const float* x, std::int64_t n, std::uint16_t* bf16) = nullptr;
  void (*from_bf16)(const std::uint16_t* bf16, std::int64_t n, float* x) = nullptr;
  /// x[i] = (acc[i] - 128 sums[i]) row_scale scales[i]: what a product of u8 rows meant.
  void (*unscale)(const float* acc, const float* scales, const float* sums, float row_scale, std::int64_t n,
                  float* x) = nullptr;
  /// x[i] = gate[i] / (1 + exp(-gate[i])) * up[i]
  void (*gate)(const float* gate, const float* up, std::int64_t n, float* x) = nullptr;
  /// y[i] += w x[i]
  void (*add)(const float* x, float w, std::int64_t n, float* y) = nullptr;
  /// y[i] = w x[i]
  void (*scale)(const float* x, float w, std::int64_t n, float* y) = nullptr;
  /// y[i] = x[i] w[i]
  void (*multiply)(const float* x, const float* w, std::int64_t n, float* y) = nullptr;
  /// y = x / sqrt(mean x^2 + 1e-6)
  void (*normalize)(const float* x, std::int64_t n, float* y) = nullptr;
  /// In place: exp(factor (x - max)) / sum over the first `seen` values, 0 in the rest.
  void (*softmax)(float* x, std::int64_t seen, std::int64_t n, float factor) = nullptr;
  /// Rotates pairs (i, i + n/2) by angles whose cosines and sines are given, n/2 each.
  void (*rotate)(const float* x, const float* cosines, const float* sines, std::int64_t n,
                 float* y) = nullptr;
};

/// For an instruction set named as by isa_names(); anything else: for every x86-64.
[[nodiscard]] const RowLoops& row_loops(std::string_view isa);

}  // namespace mtok::host
