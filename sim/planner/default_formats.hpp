// The number formats in which a device runs weights of a format when nobody says otherwise.
#pragma once

#include <string>

#include "sim/hardware/device_profile.hpp"
#include "sim/kernel/number_format.hpp"

namespace mtok::planner {

/// A format and why it is the default, in words for the list of assumptions.
struct DefaultFormat {
  kernel::NumberFormat format{};
  std::string reason{};
};

/// bf16; fp16 on devices that multiply it and not bf16 (Turing, Apple), as vLLM's `dtype: half` there.
[[nodiscard]] kernel::NumberFormat sixteen_bits_on(const hardware::DeviceProfile& device);

/// Weights as published, but 16 bits for a checkpoint in fp32 (`dtype: auto` of vLLM and SGLang), and the 16
/// bits of the device for one in bf16.
[[nodiscard]] DefaultFormat default_weights(kernel::NumberFormat checkpoint,
                                            const hardware::DeviceProfile& device);

/// By the device's own table of peaks: FP8, NVFP4 and MXFP4 weights meet activations as narrow where the
/// device multiplies them, else 16 bits: weight-only kernels, as vLLM's Marlin runs FP8 and FP4 checkpoints
/// on GPUs without such tensor cores. A network that ships in MXFP4 (`checkpoint`) was trained for wider
/// activations and gets FP8 ones on devices with MXFP4 (MXFP8, the default of TensorRT-LLM and vLLM there).
/// INT4 and INT8 weights are taken as weight-only (GPTQ, AWQ).
[[nodiscard]] DefaultFormat default_activations(kernel::NumberFormat weights, kernel::NumberFormat checkpoint,
                                                const hardware::DeviceProfile& device);

}  // namespace mtok::planner
