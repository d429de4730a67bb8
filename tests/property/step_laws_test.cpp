// Laws of the time of one step and of the size of a network, for every shipped network on devices of all
// kinds.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "sim/engine/deployment.hpp"
#include "sim/model/step_graph.hpp"

namespace mtok::engine {
namespace {

namespace fs = std::filesystem;
using kernel::NumberFormat;
using model::Architecture;

constexpr double kRounding = 1e-12;  // relative; sums of doubles in another order
const fs::path kRoot = MTOK_SOURCE_DIR;

/// Every network that needs no configuration, in the order of its name.
const std::vector<Architecture>& shipped_models() {
  static const std::vector<Architecture> models = [] {
    std::vector<fs::path> paths;
    for (const auto& entry : fs::directory_iterator(kRoot / "models")) {
      const std::string name = entry.path().stem().string();
      if (name != "quality" && name != "alternatives" && name != "api_prices" && name != "checkpoints") {
        paths.push_back(entry.path());
      }
    }
    std::sort(paths.begin(), paths.end());
    std::vector<Architecture> read;
    std::transform(paths.begin(), paths.end(), std::back_inserter(read), model::load_architecture);
    return read;
  }();
  return models;
}

std::vector<hardware::DeviceProfile> some_devices() {
  std::vector<hardware::DeviceProfile> devices;
  for (const char* name :
       {"h100-sxm", "a100-80gb-sxm", "l40s", "b200-sxm", "mi300x", "tpu-v5e", "gaudi3", "epyc-9654"}) {
    devices.push_back(hardware::load_device(kRoot / "hwprofiles/devices" / (std::string(name) + ".yaml"),
                                            kRoot / "hwprofiles/efficiency.yaml"));
  }
  return devices;
}

/// One device and its timer for one network in 16 bits, without host time.
struct Bench {
  Bench(const Architecture& of, const hardware::DeviceProfile& profile)
      : device(hardware::make_device(profile)),
        network(&of),
        timer(compile({.architecture = &of, .device = device.get(), .framework = &framework})) {}

  [[nodiscard]] StepCost decode(std::int64_t sequences, std::int64_t context) const {
    std::vector<std::int64_t> windowed;
    for (const std::int64_t window : timer->windows()) {
      windowed.push_back(sequences * std::min(window, context));
    }
    return timer->cost_of(
        {.decode_sequences = sequences, .decode_context = sequences * context, .decode_windowed = windowed});
  }
  [[nodiscard]] StepCost prefill(std::int64_t tokens, std::int64_t context) const {
    const PrefillChunk chunk{.new_tokens = tokens, .context = context, .emits = true};
    return timer->cost_of({.prefill = std::span(&chunk, 1)});
  }
  /// Small and large steps of both phases.
  [[nodiscard]] std::vector<StepCost> all_kinds() const {
    return {decode(1, 100), decode(1, 30'000), decode(64, 1'000), decode(256, 4'000),
            prefill(1, 0),  prefill(200, 0),   prefill(8'192, 0), prefill(512, 20'000)};
  }

  hardware::FrameworkProfile framework{};
  std::unique_ptr<const hardware::Device> device;
  const Architecture* network;
  std::unique_ptr<StepTimer> timer;
};

/// Calls visit(bench, bench of the same device after `change`) for every network and device.
template <class Change, class Visit>
void for_each_change(const Change& change, const Visit& visit) {
  for (const hardware::DeviceProfile& profile : some_devices()) {
    hardware::DeviceProfile changed = profile;
    change(changed);
    for (const Architecture& network : shipped_models()) {
      SCOPED_TRACE(profile.name + " " + network.name);
      const Bench before(network, profile);
      const Bench after(network, changed);
      visit(before, after);
    }
  }
}

void expect_never_slower(const Bench& before, const Bench& after) {
  const std::vector<StepCost> slow = before.all_kinds();
  const std::vector<StepCost> fast = after.all_kinds();
  for (std::size_t i = 0; i < slow.size(); ++i) {
    EXPECT_LE(fast[i].duration, slow[i].duration * (1 + kRounding)) << "step " << i;
  }
}

TEST(StepLaws, MoreMemoryBandwidthIsNeverSlower) {
  for_each_change([](auto& device) { device.memory_bandwidth = device.memory_bandwidth * 1.3; },
                  expect_never_slower);
}

TEST(StepLaws, HigherPeaksAreNeverSlower) {
  for_each_change(
      [](auto& device) {
        for (auto& [format, peak] : device.peak) {
          peak = peak * 1.3;
        }
      },
      expect_never_slower);
}

// A cache of a CPU may hold what it reads, so only its multipliers bound it.
TEST(StepLaws, NoStepBeatsTheRoofline) {
  for_each_change([](auto&) {},
                  [](const Bench& bench, const Bench&) {
                    for (const StepCost& step : bench.all_kinds()) {
                      EXPECT_GE(step.duration * (1 + kRounding), step.compute_peak);
                      if (bench.device->profile().kind != hardware::DeviceKind::cpu) {
                        EXPECT_GE(step.duration * (1 + kRounding), step.memory_peak);
                      }
                    }
                  });
}

bool has_indexer(const Architecture& network) {
  return std::any_of(network.groups.begin(), network.groups.end(),
                     [](const model::LayerGroup& group) { return group.layer.attention.index_heads > 0; });
}

// But for prompts of networks with an indexer: beyond the keys that it would choose, attention runs over
// those alone, which may be quicker than over all of a context that is just too short for it (GLM-5 on MI300X
// by 0.5 %).
TEST(StepLaws, ALongerContextIsNeverCheaper) {
  for_each_change([](auto&) {},
                  [](const Bench& bench, const Bench&) {
                    Seconds decode;
                    Seconds prefill;
                    for (std::int64_t context = 1; context < 200'000; context += 1 + context / 3) {
                      const Seconds next_decode = bench.decode(32, context).duration;
                      const Seconds next_prefill = bench.prefill(64, context).duration;
                      EXPECT_GE(next_decode * (1 + kRounding), decode) << "decode at " << context;
                      if (!has_indexer(*bench.network)) {
                        EXPECT_GE(next_prefill * (1 + kRounding), prefill) << "prefill at " << context;
                      }
                      decode = next_decode;
                      prefill = next_prefill;
                    }
                  });
}

TEST(NetworkLaws, FewerBitsAreNeverMoreWeightBytes) {
  std::vector<NumberFormat> formats;
  for (const kernel::NamedFormat& entry : kernel::kNumberFormats) {
    formats.push_back(entry.format);
  }
  std::stable_sort(formats.begin(), formats.end(), [](NumberFormat a, NumberFormat b) {
    return kernel::bytes_per_value(a) < kernel::bytes_per_value(b);
  });
  for (const Architecture& network : shipped_models()) {
    Bytes last_weights;
    BytesPerToken last_cache;
    for (const NumberFormat format : formats) {
      // A checkpoint that keeps all but its experts wide is smaller in its own format than in a narrower one.
      if (!(network.only_experts_quantized && format == network.checkpoint_format)) {
        // NVFP4 leaves some projections of latent attention in 16 bits.
        const bool latent =
            model::matrix_formats(network, NumberFormat::nvfp4).attention == NumberFormat::bf16;
        const Bytes weights = model::weight_bytes(network, format);
        if (!(latent && format == NumberFormat::nvfp4)) {
          EXPECT_GE(weights, last_weights) << network.name << " in " << kernel::name_of(format);
          last_weights = weights;
        }
      }
      const BytesPerToken cache = model::kv_bytes_per_token(network, format);
      EXPECT_GE(cache, last_cache) << network.name << " in " << kernel::name_of(format);
      last_cache = cache;
    }
  }
}

/// Flops of the products of a step of `tokens` but for the router's.
double product_flops(const Architecture& network, std::int64_t tokens) {
  double sum = 0;
  for (const model::StepPart& part : model::layer_parts(network, {}, {}, tokens)) {
    for (const model::Node& node : part.graph.nodes()) {
      const bool product = std::holds_alternative<kernel::Gemm>(node.kernel) ||
                           std::holds_alternative<kernel::GroupedGemm>(node.kernel);
      sum += product && node.name != "router"
                 ? kernel::flops_of(node.kernel).base() * static_cast<double>(part.repeats)
                 : 0;
    }
  }
  return sum;
}

/// What the router adds: one vector an expert (and its bias) in each layer that has experts.
std::int64_t router_parameters(const Architecture& network) {
  std::int64_t sum = 0;
  for (const model::LayerGroup& group : network.groups) {
    const model::FfnSpec& ffn = group.layer.ffn;
    sum += group.count * ffn.experts * (network.hidden_size + (ffn.router_bias ? 1 : 0));
  }
  return sum;
}

/// The network with a dense FFN as wide as the experts that a token passes.
Architecture dense_of_active_size(Architecture network) {
  for (model::LayerGroup& group : network.groups) {
    model::FfnSpec& ffn = group.layer.ffn;
    if (ffn.experts > 0) {
      ffn = {.intermediate_size = ffn.experts_per_token * ffn.moe_intermediate_size, .gated = ffn.gated};
    }
  }
  return network;
}

/// The shipped mixtures whose experts are plain, without bias or shared experts, after `change` of each FFN.
template <class Change>
std::vector<Architecture> plain_mixtures(const Change& change) {
  std::vector<Architecture> mixtures;
  for (Architecture network : shipped_models()) {
    bool plain = false;
    for (model::LayerGroup& group : network.groups) {
      model::FfnSpec& ffn = group.layer.ffn;
      plain = ffn.experts > 0 && ffn.shared_intermediate_size == 0 && !ffn.bias;
      change(ffn);
    }
    if (plain) {
      mixtures.push_back(network);
    }
  }
  return mixtures;
}

void expect_dense(const Architecture& mixture) {
  const Architecture dense = dense_of_active_size(mixture);
  EXPECT_EQ(model::count_parameters(mixture).total,
            model::count_parameters(dense).total + router_parameters(mixture));
  EXPECT_EQ(model::count_parameters(mixture).active,
            model::count_parameters(dense).active + router_parameters(mixture));
  for (const std::int64_t tokens : {1, 17, 4096}) {
    const double flops = product_flops(dense, tokens);
    EXPECT_NEAR(product_flops(mixture, tokens), flops, kRounding * flops) << tokens << " tokens";
  }
}

TEST(NetworkLaws, ATokenThatPassesAllExpertsPassesADenseNetwork) {
  const std::vector<Architecture> mixtures =
      plain_mixtures([](model::FfnSpec& ffn) { ffn.experts_per_token = ffn.experts; });
  EXPECT_GE(mixtures.size(), 3U);
  for (const Architecture& mixture : mixtures) {
    SCOPED_TRACE(mixture.name);
    expect_dense(mixture);
    const std::int64_t experts = mixture.groups.front().layer.ffn.experts;
    EXPECT_DOUBLE_EQ(model::expected_experts(experts, experts, 1, {}), static_cast<double>(experts));
  }
}

TEST(NetworkLaws, OneExpertIsADenseNetwork) {
  for (const Architecture& mixture : plain_mixtures(
           [](model::FfnSpec& ffn) { ffn.experts = ffn.experts_per_token = ffn.experts > 0 ? 1 : 0; })) {
    SCOPED_TRACE(mixture.name);
    expect_dense(mixture);
  }
}

}  // namespace
}  // namespace mtok::engine
