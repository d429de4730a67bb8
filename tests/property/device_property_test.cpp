// Laws that hold for every shipped device and many kernels.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <random>
#include <vector>

#include "sim/hardware/device.hpp"

namespace mtok::hardware {
namespace {

using kernel::Attention;
using kernel::Gemm;
using kernel::GroupedGemm;
using kernel::Kernel;
using kernel::NumberFormat;
using kernel::Phase;

constexpr double kRounding = 1e-12;  // relative; sums and quotients of doubles in another order

const std::vector<DeviceProfile>& shipped() {
  static const std::vector<DeviceProfile> profiles = [] {
    const std::filesystem::path folder = MTOK_SOURCE_DIR "/hwprofiles";
    std::vector<std::filesystem::path> paths;
    for (const auto& entry : std::filesystem::directory_iterator(folder / "devices")) {
      paths.push_back(entry.path());
    }
    std::sort(paths.begin(), paths.end());
    std::vector<DeviceProfile> read;
    for (const auto& path : paths) {
      read.push_back(load_device(path, folder / "efficiency.yaml"));
    }
    return read;
  }();
  return profiles;
}

/// Draws devices and kernels; the same ones in every run.
class Draw {
 public:
  explicit Draw(std::uint64_t seed) : bits_(seed) {}

  /// least <= result <= most; the tiny bias of the remainder does not matter here.
  std::int64_t integer(std::int64_t least, std::int64_t most) {
    return least + static_cast<std::int64_t>(bits_() % static_cast<std::uint64_t>(most - least + 1));
  }
  /// Sizes over several orders of magnitude, round or not.
  std::int64_t size() {
    const std::int64_t power = std::int64_t{1} << integer(0, 14);
    return integer(0, 1) == 0 ? power : integer(1, power);
  }
  const DeviceProfile& device() {
    return shipped()[static_cast<std::size_t>(integer(0, static_cast<std::int64_t>(shipped().size()) - 1))];
  }
  NumberFormat format() {
    return kernel::kNumberFormats[static_cast<std::size_t>(integer(0, kernel::kNumberFormats.size() - 1))]
        .format;
  }
  Gemm gemm() {
    return {.m = size(),
            .n = size(),
            .k = size(),
            .weights = format(),
            .activations = format(),
            .batch = integer(1, 8)};
  }
  GroupedGemm grouped_gemm() {
    return {.rows = static_cast<double>(size()),
            .experts = static_cast<double>(integer(1, 128)),
            .n = size(),
            .k = size(),
            .weights = format(),
            .activations = format()};
  }
  Attention attention() {
    const std::int64_t sequences = integer(1, 256);
    const std::int64_t kv_heads = integer(1, 16);
    const bool decode = integer(0, 1) == 0;
    const auto count = static_cast<double>(sequences);
    const double queries = decode ? 1 : static_cast<double>(size());
    const double context = queries + static_cast<double>(size());
    return {.phase = decode ? Phase::decode : Phase::prefill,
            .sequences = sequences,
            .query_tokens = count * queries,
            .query_key_pairs = count * queries * (context - queries / 2),
            .kv_tokens = count * context,
            .q_heads = kv_heads * integer(1, 8),
            .kv_heads = kv_heads,
            .kv_bytes_per_token = Bytes(static_cast<double>(kv_heads * 512)),
            .compute = format()};
  }
  kernel::LinearAttention linear_attention() {
    const std::int64_t sequences = integer(1, 256);
    const bool decode = integer(0, 1) == 0;
    const std::int64_t heads = integer(1, 64);
    const std::int64_t dim = std::int64_t{1} << integer(5, 8);
    return {.phase = decode ? Phase::decode : Phase::prefill,
            .sequences = sequences,
            .tokens = static_cast<double>(sequences * (decode ? 1 : size())),
            .key_heads = integer(1, heads),
            .value_heads = heads,
            .key_dim = dim,
            .value_dim = dim,
            .state_bytes = Bytes(static_cast<double>(4 * heads * dim * dim)),
            .compute = format()};
  }
  Kernel kernel() {
    switch (integer(0, 3)) {
      case 0:
        return gemm();
      case 1:
        return grouped_gemm();
      case 2:
        return linear_attention();
      default:
        return attention();
    }
  }

 private:
  std::mt19937_64 bits_;
};

constexpr int kTrials = 5000;

/// The rate of the fastest format.
FlopsPerSecond highest_peak(const DeviceProfile& profile) {
  FlopsPerSecond highest;
  for (const auto& [format, peak] : profile.peak) {
    highest = std::max(highest, peak);
  }
  return highest;
}

TEST(DeviceProperty, NoKernelBeatsTheRoofline) {
  Draw draw(1);
  for (int trial = 0; trial < kTrials; ++trial) {
    const DeviceProfile& profile = draw.device();
    const Kernel kernel = draw.kernel();
    const Seconds total = make_device(profile)->time_of(kernel).total();
    ASSERT_GE(total * (1 + kRounding), kernel::flops_of(kernel) / highest_peak(profile)) << profile.name;
    if (profile.kind != DeviceKind::cpu) {  // a cache of a CPU may hold the operands
      ASSERT_GE(total * (1 + kRounding), kernel::bytes_of(kernel) / profile.memory_bandwidth) << profile.name;
    }
  }
}

TEST(DeviceProperty, MoreBandwidthIsNeverSlower) {
  Draw draw(2);
  for (int trial = 0; trial < kTrials; ++trial) {
    DeviceProfile profile = draw.device();
    const Kernel kernel = draw.kernel();
    const Seconds before = make_device(profile)->time_of(kernel).total();
    profile.memory_bandwidth = profile.memory_bandwidth * 1.5;
    ASSERT_LE(make_device(profile)->time_of(kernel).total(), before * (1 + kRounding)) << profile.name;
  }
}

TEST(DeviceProperty, HigherPeaksAreNeverSlower) {
  Draw draw(3);
  for (int trial = 0; trial < kTrials; ++trial) {
    DeviceProfile profile = draw.device();
    const Kernel kernel = draw.kernel();
    const Seconds before = make_device(profile)->time_of(kernel).total();
    for (auto& [format, peak] : profile.peak) {
      peak = peak * 1.5;
    }
    ASSERT_LE(make_device(profile)->time_of(kernel).total(), before * (1 + kRounding)) << profile.name;
  }
}

// On a CPU fewer bytes may move a product from memory into a cache; that is faster, too. What it costs to
// widen the weights is left aside: where compute is the bound, weight-only products are slower.
TEST(DeviceProperty, WeightsOfFewerBitsNeverMoveMoreBytesNorTakeLonger) {
  Draw draw(4);
  for (int trial = 0; trial < kTrials; ++trial) {
    DeviceProfile profile = draw.device();
    profile.efficiency.dequantize_fraction_of.clear();
    const Gemm wide{.m = draw.size(), .n = draw.size(), .k = draw.size()};
    Gemm narrow = wide;
    narrow.weights = NumberFormat::int4;
    ASSERT_LE(kernel::bytes_of(narrow), kernel::bytes_of(wide));
    const auto device = make_device(profile);
    ASSERT_LE(device->time_of(narrow).total(), device->time_of(wide).total() * (1 + kRounding))
        << profile.name;
  }
}

TEST(DeviceProperty, DecodeAttentionIsLinearInTheContext) {
  Draw draw(5);
  for (int trial = 0; trial < kTrials; ++trial) {
    const auto device = make_device(draw.device());
    Attention attention = draw.attention();
    attention.phase = Phase::decode;
    const auto at = [&](double context) {
      const auto count = static_cast<double>(attention.sequences);
      attention.query_tokens = count;
      attention.kv_tokens = count * context;
      attention.query_key_pairs = count * context;
      return device->time_of(attention);
    };
    // Beyond the ramp at the start of the cache.
    const double ramp = device->profile().efficiency.cache_ramp.base() / attention.kv_bytes_per_token.base();
    const double start = 100 + ramp;
    const KernelTime near = at(start);
    const KernelTime middle = at(start + 50000);
    const KernelTime far = at(start + 100000);
    ASSERT_NEAR((near.memory + far.memory).base(), 2 * middle.memory.base(), kRounding * far.memory.base());
    ASSERT_NEAR((near.compute + far.compute).base(), 2 * middle.compute.base(),
                kRounding * far.compute.base());
    ASSERT_EQ(near.launch, far.launch);
    ASSERT_EQ(far.unhidden, Seconds{});
  }
}

TEST(DeviceProperty, LargerMessagesNeverTakeLessTime) {
  Draw draw(6);
  for (int trial = 0; trial < kTrials; ++trial) {
    const auto device = make_device(draw.device());
    const auto op = static_cast<kernel::CollectiveOp>(draw.integer(0, 4));
    const std::int64_t ranks = draw.integer(2, 128);
    Seconds last;
    for (double bytes = 1; bytes < 1e10; bytes *= 3) {
      const Seconds now =
          device->time_of(kernel::Collective{.op = op, .bytes = Bytes(bytes), .ranks = ranks}).total();
      ASSERT_GE(now, last) << device->profile().name << " at " << bytes << " B among " << ranks;
      last = now;
    }
  }
}

}  // namespace
}  // namespace mtok::hardware
