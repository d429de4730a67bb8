// The shipped device profiles: all load, are plausible, and say where their numbers come from.
#include "sim/hardware/device_profile.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>
#include <vector>

#include "sim/config/diagnostic.hpp"
#include "sim/hardware/device.hpp"

namespace mtok::hardware {
namespace {

const std::filesystem::path kProfiles = MTOK_SOURCE_DIR "/hwprofiles";

DeviceProfile shipped(const std::string& name) {
  return load_device(kProfiles / "devices" / (name + ".yaml"), kProfiles / "efficiency.yaml");
}

std::vector<DeviceProfile> all_shipped() {
  std::vector<DeviceProfile> profiles;
  for (const auto& entry : std::filesystem::directory_iterator(kProfiles / "devices")) {
    profiles.push_back(load_device(entry.path(), kProfiles / "efficiency.yaml"));
    EXPECT_EQ(profiles.back().name, entry.path().stem().string());
  }
  return profiles;
}

/// The message of the error that loading a changed copy of a shipped profile throws; empty when it loads.
std::string error_after_change(const std::string& name, const std::string& from, const std::string& to) {
  std::ifstream in(kProfiles / "devices" / (name + ".yaml"));
  std::stringstream text;
  text << in.rdbuf();
  std::string changed = text.str();
  const std::size_t at = changed.find(from);
  EXPECT_NE(at, std::string::npos);
  changed.replace(at, from.size(), to);
  const auto path = std::filesystem::path(testing::TempDir()) / "changed-device.yaml";
  std::ofstream(path) << changed;
  try {
    (void)load_device(path, kProfiles / "efficiency.yaml");
  } catch (const config::Error& error) {
    return error.what();
  }
  return {};
}

TEST(DeviceProfiles, AtLeastFortyLoadWithSourcesAndRates) {
  const std::vector<DeviceProfile> profiles = all_shipped();
  EXPECT_GE(profiles.size(), 40U);
  for (const DeviceProfile& profile : profiles) {
    SCOPED_TRACE(profile.name);
    for (const char* group : {"compute: ", "memory: ", "links: ", "power: ", "efficiency of "}) {
      EXPECT_NE(profile.source.find(group), std::string::npos) << group;
    }
    EXPECT_EQ(profile.released.size(), 10U);
    EXPECT_GT(profile.efficiency.peak_fraction, 0);
    EXPECT_GT(profile.efficiency.kernel_floor.base(), 0);
    EXPECT_GT(profile.idle_power_fraction, 0);
  }
}

TEST(DeviceProfiles, HoldTheDataSheetOfAnH100) {
  const DeviceProfile h100 = shipped("h100-sxm");
  EXPECT_DOUBLE_EQ(h100.memory.base(), 80 * 1073741824.0);
  EXPECT_DOUBLE_EQ(h100.memory_bandwidth.base(), 3.35e12);
  EXPECT_DOUBLE_EQ(h100.peak.at(kernel::NumberFormat::bf16).base(), 989.4e12);
  EXPECT_DOUBLE_EQ(h100.peak.at(kernel::NumberFormat::fp8_block).base(), 1978.9e12);
  EXPECT_FALSE(h100.peak.contains(kernel::NumberFormat::nvfp4));
  EXPECT_EQ(h100.compute_units, 132);
  EXPECT_EQ(h100.scale_up.domain, 8);
  EXPECT_TRUE(h100.scale_up.in_network_reduction);
}

// B300 gave up INT8: 153.5 TOP/s against 4500 on B200. A plan in INT8 must see it.
TEST(DeviceProfiles, KnowThatB300HasAlmostNoInt8) {
  const kernel::Gemm gemm{.m = 8192,
                          .n = 8192,
                          .k = 8192,
                          .weights = kernel::NumberFormat::int8,
                          .activations = kernel::NumberFormat::int8};
  const Seconds b200 = make_device(shipped("b200-sxm"))->time_of(gemm).total();
  const Seconds b300 = make_device(shipped("b300-sxm"))->time_of(gemm).total();
  EXPECT_GT(b300 / b200, 20.0);
}

// T4 has no bf16 unit: models run in fp16 there, and bf16 is not native.
TEST(DeviceProfiles, KnowThatT4HasNoBf16) {
  const auto t4 = make_device(shipped("t4"));
  EXPECT_FALSE(t4->native(kernel::NumberFormat::bf16));
  EXPECT_EQ(t4->multiply_format(kernel::NumberFormat::bf16, kernel::NumberFormat::bf16),
            kernel::NumberFormat::fp16);
}

TEST(LoadDevice, NamesAnUnknownKey) {
  EXPECT_NE(error_after_change("h100-sxm", "vendor:", "colour: green\nvendor:").find("colour"),
            std::string::npos);
}

TEST(LoadDevice, NamesAnUnknownNumberFormat) {
  EXPECT_NE(error_after_change("h100-sxm", "fp8_block:", "fp9:").find("fp9"), std::string::npos);
}

TEST(LoadDevice, WantsAUnit) {
  EXPECT_NE(error_after_change("h100-sxm", "bandwidth: 3.35 TB/s", "bandwidth: 3.35").find("bandwidth"),
            std::string::npos);
}

// A thousandth of a unit slips in easily; a step of such a device would outlast the clock of a run.
TEST(LoadDevice, RefusesRatesOfNoDevice) {
  EXPECT_NE(error_after_change("h100-sxm", "bandwidth: 3.35 TB/s", "bandwidth: 3.35 B/s").find("bandwidth"),
            std::string::npos);
  EXPECT_NE(error_after_change("h100-sxm", "bf16: 989.4 TFLOP/s", "bf16: 1 FLOP/s").find("bf16"),
            std::string::npos);
  EXPECT_NE(error_after_change("h100-sxm", "latency: 0.75 us", "latency: 750 s").find("latency"),
            std::string::npos);
}

TEST(LoadDevice, LetsADeviceOverrideSingleShares) {
  std::ifstream in(kProfiles / "devices" / "h100-sxm.yaml");
  std::stringstream text;
  text << in.rdbuf() << "efficiency:\n  peak_fraction: 0.5\n  source: \"own measurement\"\n";
  const auto path = std::filesystem::path(testing::TempDir()) / "override-device.yaml";
  std::ofstream(path) << text.str();
  const DeviceProfile own = load_device(path, kProfiles / "efficiency.yaml");
  EXPECT_DOUBLE_EQ(own.efficiency.peak_fraction, 0.5);
  EXPECT_DOUBLE_EQ(own.efficiency.bandwidth_fraction, shipped("h100-sxm").efficiency.bandwidth_fraction);
  EXPECT_NE(own.source.find("own measurement"), std::string::npos);
}

}  // namespace
}  // namespace mtok::hardware
