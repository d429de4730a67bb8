// The rate at which a device multiplies each pair of number formats: the fallback rules.
#include "sim/hardware/multiply_rates.hpp"

#include <algorithm>
#include <span>

namespace mtok::hardware {
namespace {

using kernel::NumberFormat;

int bits_of(NumberFormat format) {
  switch (format) {
    case NumberFormat::fp32:
      return 32;
    case NumberFormat::tf32:
      return 19;
    case NumberFormat::bf16:
    case NumberFormat::fp16:
      return 16;
    case NumberFormat::fp8:
    case NumberFormat::fp8_block:
    case NumberFormat::int8:
      return 8;
    case NumberFormat::int4:
    case NumberFormat::nvfp4:
    case NumberFormat::mxfp4:
      return 4;
  }
  return 32;
}

/// What may stand in for a format, the best first; every list ends in fp32.
std::span<const NumberFormat> stand_ins(NumberFormat format) {
  using enum NumberFormat;
  static constexpr std::array kFp32{fp32};
  static constexpr std::array kTf32{tf32, fp32};
  static constexpr std::array kBf16{bf16, fp16, tf32, fp32};
  static constexpr std::array kFp16{fp16, bf16, tf32, fp32};
  static constexpr std::array kFp8{fp8, fp8_block, bf16, fp16, tf32, fp32};
  static constexpr std::array kFp8Block{fp8_block, fp8, bf16, fp16, tf32, fp32};
  static constexpr std::array kInt8{int8, bf16, fp16, tf32, fp32};
  static constexpr std::array kInt4{int4, int8, bf16, fp16, tf32, fp32};
  static constexpr std::array kNvfp4{nvfp4, mxfp4, fp8, bf16, fp16, tf32, fp32};
  static constexpr std::array kMxfp4{mxfp4, nvfp4, fp8, bf16, fp16, tf32, fp32};
  switch (format) {
    case fp32:
      return kFp32;
    case tf32:
      return kTf32;
    case bf16:
      return kBf16;
    case fp16:
      return kFp16;
    case fp8:
      return kFp8;
    case fp8_block:
      return kFp8Block;
    case int8:
      return kInt8;
    case int4:
      return kInt4;
    case nvfp4:
      return kNvfp4;
    case mxfp4:
      return kMxfp4;
  }
  return kFp32;
}

/// A device without an FP32 peak in its data sheet (TPUs) does it on the vector unit or by passes of narrower
/// products: six bf16 products make one fp32 product ("bf16x6", Henry, Tang, Heinecke, ARITH 2019).
constexpr double kBf16PassesOfFp32 = 6;

FlopsPerSecond peak_of(const DeviceProfile& profile, NumberFormat format) {
  const auto found = profile.peak.find(format);
  if (found != profile.peak.end()) {
    return found->second;
  }
  const auto bf16 = profile.peak.find(NumberFormat::bf16);
  return bf16 != profile.peak.end() ? bf16->second / kBf16PassesOfFp32 : FlopsPerSecond{};
}

double fraction_of(const Efficiency& efficiency, NumberFormat format) {
  const auto found = efficiency.peak_fraction_of.find(format);
  return found != efficiency.peak_fraction_of.end() ? found->second : efficiency.peak_fraction;
}

/// Weight-only quantization: what is left of the rate of 16-bit activations while weights are widened.
double widening_fraction(const Efficiency& efficiency, NumberFormat weights, NumberFormat activations) {
  const auto found = efficiency.dequantize_fraction_of.find(weights);
  const bool widened = bits_of(activations) == 16 && bits_of(weights) < 16;
  return widened && found != efficiency.dequantize_fraction_of.end() ? found->second : 1;
}

}  // namespace

NumberFormat multiply_format(const std::map<NumberFormat, FlopsPerSecond>& peak, NumberFormat weights,
                             NumberFormat activations) {
  const NumberFormat wider = bits_of(weights) > bits_of(activations) ? weights : activations;
  for (const NumberFormat candidate : stand_ins(wider)) {
    if (peak.contains(candidate)) {
      return candidate;
    }
  }
  return NumberFormat::fp32;
}

MultiplyRates::MultiplyRates(const DeviceProfile& profile) {
  // Where 16-bit products are emulated and slower than FP32 ones, these take their place.
  const FlopsPerSecond sixteen_bit = std::max(
      peak_of(profile, hardware::multiply_format(profile.peak, NumberFormat::bf16, NumberFormat::bf16)),
      peak_of(profile, NumberFormat::fp32));
  for (const auto& [activation_name, activations] : kernel::kNumberFormats) {
    for (const auto& [weight_name, weights] : kernel::kNumberFormats) {
      const NumberFormat format = hardware::multiply_format(profile.peak, weights, activations);
      gemm_[index(weights)][index(activations)] = peak_of(profile, format) *
                                                  fraction_of(profile.efficiency, format) *
                                                  widening_fraction(profile.efficiency, weights, activations);
    }
    const NumberFormat format = hardware::multiply_format(profile.peak, activations, activations);
    const auto own = profile.efficiency.attention_fraction_of.find(activations);
    attention_[index(activations)] =
        own != profile.efficiency.attention_fraction_of.end()
            ? sixteen_bit * own->second
            : std::min(peak_of(profile, format), sixteen_bit) * profile.efficiency.attention_fraction;
  }
}

}  // namespace mtok::hardware
