// Reads default formats off the peaks of a device.
#include "sim/planner/default_formats.hpp"

#include "sim/planner/shared_blocks.hpp"

namespace mtok::planner {
namespace {

using hardware::DeviceProfile;
using kernel::NumberFormat;

bool is_fp8(NumberFormat format) {
  return format == NumberFormat::fp8 || format == NumberFormat::fp8_block;
}

bool multiplies(const DeviceProfile& device, NumberFormat format) {
  return device.peak.contains(format);
}

std::string named(NumberFormat format) {
  return std::string(kernel::name_of(format));
}

}  // namespace

NumberFormat sixteen_bits_on(const DeviceProfile& device) {
  const bool half = multiplies(device, NumberFormat::fp16) && !multiplies(device, NumberFormat::bf16);
  return half ? NumberFormat::fp16 : NumberFormat::bf16;
}

DefaultFormat default_weights(NumberFormat checkpoint, const DeviceProfile& device) {
  const NumberFormat wide = sixteen_bits_on(device);
  if (checkpoint == NumberFormat::fp32) {
    return {wide, "fp32 checkpoint of the model, loaded in 16 bits as vLLM's and SGLang's dtype auto does"};
  }
  if (checkpoint == NumberFormat::bf16 && wide != checkpoint) {
    return {wide, "bf16 checkpoint of the model, loaded in fp16: " + device.name + " does not multiply bf16"};
  }
  return {checkpoint, "checkpoint of the model"};
}

DefaultFormat default_activations(NumberFormat weights, NumberFormat checkpoint,
                                  const DeviceProfile& device) {
  const NumberFormat wide = sixteen_bits_on(device);
  const bool four_bit_floats = weights == NumberFormat::nvfp4 || weights == NumberFormat::mxfp4;
  if (is_fp8(weights) || four_bit_floats) {
    const bool native =
        is_fp8(weights) ? multiplies(device, NumberFormat::fp8) || multiplies(device, NumberFormat::fp8_block)
                        : multiplies(device, weights);
    if (!native) {
      return {wide, "weight-only: " + device.name + " does not multiply " + named(weights)};
    }
    if (weights == NumberFormat::mxfp4 && checkpoint == weights) {
      return {NumberFormat::fp8,
              "the network ships in mxfp4, which " + device.name + " multiplies with 8-bit activations"};
    }
    return {weights, device.name + " multiplies " + named(weights)};
  }
  if (weights == NumberFormat::int4 || weights == NumberFormat::int8) {
    return {wide, "weight-only, as GPTQ and AWQ checkpoints are"};
  }
  return {wide, std::string(kDefaultSource)};
}

}  // namespace mtok::planner
