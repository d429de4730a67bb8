// Number formats of weights, activations and KV cache: their names and their size in memory.
#pragma once

#include <array>
#include <optional>
#include <string_view>

#include "sim/units/quantity.hpp"

namespace mtok::kernel {

/// A number format in memory and, where a device multiplies it, in the multiplier.
/// `fp8` has one scale per tensor, `fp8_block` one per 128 x 128 block; `int4` groups of 128 with an fp16
/// scale; `nvfp4` groups of 16 with an fp8 scale; `mxfp4` groups of 32 with an 8-bit exponent.
enum class NumberFormat { fp32, tf32, bf16, fp16, fp8, fp8_block, int8, int4, nvfp4, mxfp4 };

struct NamedFormat {
  std::string_view name{};
  NumberFormat format{};
};
/// Every format with the name that files use.
inline constexpr std::array<NamedFormat, 10> kNumberFormats{{{"fp32", NumberFormat::fp32},
                                                             {"tf32", NumberFormat::tf32},
                                                             {"bf16", NumberFormat::bf16},
                                                             {"fp16", NumberFormat::fp16},
                                                             {"fp8", NumberFormat::fp8},
                                                             {"fp8_block", NumberFormat::fp8_block},
                                                             {"int8", NumberFormat::int8},
                                                             {"int4", NumberFormat::int4},
                                                             {"nvfp4", NumberFormat::nvfp4},
                                                             {"mxfp4", NumberFormat::mxfp4}}};

[[nodiscard]] std::string_view name_of(NumberFormat format);
[[nodiscard]] std::optional<NumberFormat> format_named(std::string_view name);

/// Bytes of one stored value, the share of its group's scale included: nvfp4 is 4 + 8/16 bits = 0.5625 B.
[[nodiscard]] Bytes bytes_per_value(NumberFormat format);

/// The three formats of one deployment. Weights narrower than activations are weight-only quantization: they
/// save bytes, not flops, since the multiply runs in the format of the activations.
struct Formats {
  NumberFormat weights = NumberFormat::bf16;
  NumberFormat activations = NumberFormat::bf16;
  NumberFormat kv_cache = NumberFormat::bf16;

  friend bool operator==(const Formats&, const Formats&) = default;
};

}  // namespace mtok::kernel
