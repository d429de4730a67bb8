// Default formats: every kind of checkpoint on every family of devices, by the device's own peaks.
#include "sim/planner/default_formats.hpp"

#include <gtest/gtest.h>

#include "sim/planner/shared_blocks.hpp"
#include "tests/unit/planner/shipped.hpp"

namespace mtok::planner {
namespace {

using enum kernel::NumberFormat;
using kernel::NumberFormat;

hardware::DeviceProfile device(const std::string& name) {
  return testing::catalogue().device(*testing::catalogue().find_device(name, {}).file);
}

struct Case {
  NumberFormat checkpoint{};
  std::string device{};
  NumberFormat weights{};
  NumberFormat activations{};
};

// Ampere has no FP8 and no FP4 tensor cores, Hopper no FP4, Blackwell all of them, CDNA4 MXFP4 but no NVFP4,
// Turing neither bf16, CPUs bf16 and INT8 only (the peaks of hwprofiles/devices).
TEST(DefaultFormats, AreWhatTheDeviceMultiplies) {
  const std::vector<Case> cases{{bf16, "a100-80gb-sxm", bf16, bf16},
                                {bf16, "t4", fp16, fp16},
                                {fp16, "h100-sxm", fp16, bf16},
                                {fp32, "h100-sxm", bf16, bf16},
                                {fp32, "t4", fp16, fp16},
                                {fp8, "a100-80gb-sxm", fp8, bf16},
                                {fp8_block, "a100-80gb-sxm", fp8_block, bf16},
                                {fp8, "t4", fp8, fp16},
                                {fp8, "mi250x", fp8, bf16},
                                {fp8, "epyc-9654", fp8, bf16},
                                {fp8, "tpu-v5e", fp8, bf16},
                                {fp8, "l40s", fp8, fp8},
                                {fp8_block, "h100-sxm", fp8_block, fp8_block},
                                {fp8_block, "mi300x", fp8_block, fp8_block},
                                {fp8_block, "b200-sxm", fp8_block, fp8_block},
                                {nvfp4, "a100-80gb-sxm", nvfp4, bf16},
                                {nvfp4, "h100-sxm", nvfp4, bf16},
                                {nvfp4, "mi355x", nvfp4, bf16},
                                {nvfp4, "b200-sxm", nvfp4, nvfp4},
                                {nvfp4, "rtx-5090", nvfp4, nvfp4},
                                {mxfp4, "h100-sxm", mxfp4, bf16},
                                {mxfp4, "b200-sxm", mxfp4, fp8},
                                {mxfp4, "mi355x", mxfp4, fp8},
                                {int4, "a100-80gb-sxm", int4, bf16},
                                {int4, "b200-sxm", int4, bf16},
                                {int8, "h100-sxm", int8, bf16}};
  for (const Case& c : cases) {
    const kernel::Formats formats = FormatChoice{}.on(c.checkpoint, device(c.device));
    const std::string what = std::string(kernel::name_of(c.checkpoint)) + " on " + c.device;
    EXPECT_EQ(kernel::name_of(formats.weights), kernel::name_of(c.weights)) << what;
    EXPECT_EQ(kernel::name_of(formats.activations), kernel::name_of(c.activations)) << what;
  }
}

// Quark's checkpoints of networks trained in 16 bits multiply MXFP4 by MXFP4 on CDNA4.
TEST(DefaultFormats, MultiplyMxfp4ByItselfWhereTheNetworkWasQuantizedAfterTraining) {
  EXPECT_EQ(default_activations(mxfp4, bf16, device("mi355x")).format, mxfp4);
  EXPECT_EQ(default_activations(mxfp4, fp8_block, device("mi300x")).format, bf16);
}

TEST(DefaultFormats, GiveWayToWhatIsStatedAndTellTheReasonOfTheOthers) {
  const FormatChoice stated{.weights = fp32, .activations = fp16};
  std::vector<Assumption> defaults;
  const kernel::Formats formats = stated.on(nvfp4, device("h100-sxm"), &defaults);
  EXPECT_EQ(formats.weights, fp32);
  EXPECT_EQ(formats.activations, fp16);
  ASSERT_EQ(defaults.size(), 1);
  EXPECT_EQ(defaults[0].key, "formats.kv_cache");
  defaults.clear();
  static_cast<void>(FormatChoice{}.on(nvfp4, device("h100-sxm"), &defaults));
  ASSERT_EQ(defaults.size(), 3);
  EXPECT_EQ(defaults[1].value, "bf16");
  EXPECT_EQ(defaults[1].source, "weight-only: h100-sxm does not multiply nvfp4");
}

}  // namespace
}  // namespace mtok::planner
