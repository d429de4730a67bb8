// The rate at which a device multiplies each pair of number formats.
#pragma once

#include <array>

#include "sim/hardware/device_profile.hpp"

namespace mtok::hardware {

/// The format in which operands of these formats are multiplied on a device with these peaks: that of the
/// wider operand (weight-only quantization multiplies in the format of the activations), or the next wider
/// one that has a peak. bf16 and fp16 stand in for each other before fp32 does; fp32 needs no entry.
[[nodiscard]] kernel::NumberFormat multiply_format(const std::map<kernel::NumberFormat, FlopsPerSecond>& peak,
                                                   kernel::NumberFormat weights,
                                                   kernel::NumberFormat activations);

/// peak * achievable share for all pairs of formats, computed once so that a look-up costs nothing.
class MultiplyRates {
 public:
  explicit MultiplyRates(const DeviceProfile& profile);

  /// What a big GEMM of these operands reaches.
  [[nodiscard]] FlopsPerSecond of(kernel::NumberFormat weights, kernel::NumberFormat activations) const {
    return gemm_[index(weights)][index(activations)];
  }
  /// What prefill attention reaches: attention_fraction of the peak, but never of more than the 16-bit peak,
  /// since the softmax between the two products runs in wide formats (measured: FP8 attention is no faster,
  /// kernels of TensorRT-LLM on Hopper and Blackwell).
  [[nodiscard]] FlopsPerSecond of_attention(kernel::NumberFormat compute) const {
    return attention_[index(compute)];
  }
  /// What element-wise arithmetic reaches: the FP32 rate.
  [[nodiscard]] FlopsPerSecond of_elementwise() const {
    return of(kernel::NumberFormat::fp32, kernel::NumberFormat::fp32);
  }

 private:
  static constexpr std::size_t kFormats = kernel::kNumberFormats.size();
  static constexpr std::size_t index(kernel::NumberFormat format) { return static_cast<std::size_t>(format); }

  std::array<std::array<FlopsPerSecond, kFormats>, kFormats> gemm_{};
  std::array<FlopsPerSecond, kFormats> attention_{};
};

}  // namespace mtok::hardware
