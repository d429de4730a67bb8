// Work on a host as kernels, and their time.
#include "sim/validation/host_prediction.hpp"

#include <algorithm>

#include "sim/engine/deployment.hpp"
#include "sim/hardware/device.hpp"
#include "sim/model/step_graph.hpp"

namespace mtok::validation {
namespace {

using kernel::Elementwise;
using kernel::NumberFormat;

/// More than any cache holds.
constexpr Bytes kNoCacheHoldsIt{1e12};
constexpr double kActivationFlops = 8;  // exponential, divide, product; as in sim/model
constexpr double kQuantizeFlops = 4;    // largest magnitude, scale, round, store
constexpr double kUnscaleFlops = 3;     // sum of the column off, two scales
constexpr Bytes kWide{4};               // the host keeps values between products in F32

double real(std::int64_t n) {
  return static_cast<double>(n);
}

/// Reads F32 values, writes operands of the next product.
Elementwise quantized(double rows, std::int64_t width, NumberFormat format) {
  const double values = rows * real(width);
  return {.bytes_read = values * kWide,
          .bytes_written = values * kernel::bytes_per_value(format),
          .flops = Flops(kQuantizeFlops * values)};
}

/// Results of int8 products become numbers again where they are read.
double unscale_flops(NumberFormat format) {
  return format == NumberFormat::int8 ? kUnscaleFlops : 0;
}

/// Gate and up side by side in, one operand out.
Elementwise activated(double rows, std::int64_t width, NumberFormat format, bool results) {
  const double values = rows * real(width);
  const double unscaled = results ? 2 * unscale_flops(format) : 0;
  return {.bytes_read = 2 * values * kWide,
          .bytes_written = values * kernel::bytes_per_value(format),
          .flops = Flops((unscaled + kActivationFlops + kQuantizeFlops) * values)};
}

/// Down from k to n values and back, gated.
void add_dense(std::vector<kernel::Kernel>& kernels, const HostWork& work) {
  kernel::Gemm gemm{
      .m = work.m, .n = 2 * work.n, .k = work.k, .weights = work.format, .activations = work.format};
  kernels.emplace_back(quantized(real(work.m), work.k, work.format));
  kernels.emplace_back(gemm);
  kernels.emplace_back(activated(real(work.m), work.n, work.format, true));
  gemm.n = work.k;
  gemm.k = work.n;
  kernels.emplace_back(gemm);
  const double values = real(work.m) * real(work.k);
  kernels.emplace_back(Elementwise{.bytes_read = values * kWide,
                                   .bytes_written = values * kWide,
                                   .flops = Flops((1 + unscale_flops(work.format)) * values)});
}

void add_moe(std::vector<kernel::Kernel>& kernels, const HostWork& work) {
  const double tokens = real(work.m);
  const double rows = tokens * real(work.top_k);
  kernels.emplace_back(kernel::Gemm{.m = work.m,
                                    .n = work.experts,
                                    .k = work.k,
                                    .weights = NumberFormat::fp32,
                                    .activations = NumberFormat::fp32});
  const Bytes copies = rows * real(work.k) * kernel::bytes_per_value(work.format);
  kernels.emplace_back(quantized(tokens, work.k, work.format));
  kernels.emplace_back(Elementwise{.bytes_read = copies, .bytes_written = copies});
  kernel::GroupedGemm gemm{.rows = rows,
                           .experts = model::expected_experts(work.experts, work.top_k, tokens),
                           .n = 2 * work.n,
                           .k = work.k,
                           .weights = work.format,
                           .activations = work.format};
  kernels.emplace_back(gemm);
  kernels.emplace_back(activated(rows, work.n, work.format, true));
  gemm.n = work.k;
  gemm.k = work.n;
  kernels.emplace_back(gemm);
  kernels.emplace_back(Elementwise{.bytes_read = rows * real(work.k) * kWide,
                                   .bytes_written = tokens * real(work.k) * kWide,
                                   .flops = Flops((2 + unscale_flops(work.format)) * rows * real(work.k))});
}

kernel::Attention attention_of(const HostWork& work) {
  const double sequences = real(work.m);
  const double fresh = real(work.n);
  const double cached = real(work.context);
  return {
      .phase = work.n > 1 ? kernel::Phase::prefill : kernel::Phase::decode,
      .sequences = work.m,
      .query_tokens = sequences * fresh,
      .query_key_pairs = sequences * fresh * (cached - (fresh - 1) / 2),
      .kv_tokens = sequences * cached,
      .q_heads = work.heads,
      .kv_heads = work.kv_heads,
      .qk_dim = work.head_dim,
      .v_dim = work.head_dim,
      .kv_bytes_per_token = 2 * real(work.kv_heads * work.head_dim) * kernel::bytes_per_value(work.format),
      .kv_format = work.format,
      .compute = work.format};
}

}  // namespace

std::vector<kernel::Kernel> kernels_of(const HostWork& work) {
  std::vector<kernel::Kernel> kernels;
  switch (work.kind) {
    case HostKind::gemm:
      kernels.emplace_back(kernel::Gemm{
          .m = work.m, .n = work.n, .k = work.k, .weights = work.format, .activations = work.format});
      break;
    case HostKind::elementwise:
      kernels.emplace_back(activated(real(work.m), work.n, work.format, false));
      break;
    case HostKind::attention:
      kernels.emplace_back(attention_of(work));
      break;
    case HostKind::moe:
      add_moe(kernels, work);
      break;
    case HostKind::dense_active:
    case HostKind::dense_total:
      add_dense(kernels, work);
      break;
    case HostKind::prefill:
    case HostKind::decode:
      break;
  }
  return kernels;
}

Seconds predicted_time(const hardware::DeviceProfile& profile, const HostWork& work) {
  const auto device = hardware::make_device(profile, work.cold ? kNoCacheHoldsIt : Bytes{});
  Seconds total;
  for (const kernel::Kernel& kernel : kernels_of(work)) {
    total += device->time_of(kernel).total();
  }
  return total;
}

hardware::DeviceProfile at_pace(const hardware::DeviceProfile& profile, double memory_pace) {
  hardware::DeviceProfile slower = profile;
  slower.memory_bandwidth = profile.memory_bandwidth * memory_pace;
  for (auto& [format, share] : slower.efficiency.cache_fraction_of) {
    share = std::min(1.0, share / memory_pace);
  }
  return slower;
}

model::Architecture architecture_of(const planner::Catalogue& catalogue, const std::string& name,
                                    std::int64_t layers) {
  const planner::Catalogue::Lookup found = catalogue.find_model(name, {});
  if (!found.file) {
    throw config::Error({.message = found.problem, .hint = found.hint});
  }
  model::Architecture architecture = model::load_architecture(*found.file);
  if (layers > 0) {
    architecture.groups.resize(1);
    architecture.groups.front().count = layers;
    architecture.order.clear();
  }
  return architecture;
}

Seconds predicted_step(const hardware::DeviceProfile& profile, const HostWork& work,
                       const planner::Catalogue& catalogue) {
  const model::Architecture architecture = architecture_of(catalogue, work.model, work.n);
  const NumberFormat kept = work.format == NumberFormat::fp32 ? NumberFormat::fp32 : NumberFormat::bf16;
  const kernel::Formats formats{.weights = work.format, .activations = work.format, .kv_cache = kept};
  const auto device =
      hardware::make_device(profile, model::weight_bytes_per_device(architecture, work.format, {}));
  const hardware::FrameworkProfile none;
  const auto timer = engine::compile(
      {.architecture = &architecture, .device = device.get(), .framework = &none, .formats = formats});
  if (work.kind == HostKind::decode) {
    return timer->cost_of({.decode_sequences = work.m, .decode_context = work.m * work.context}).duration;
  }
  const std::vector<engine::PrefillChunk> chunks(static_cast<std::size_t>(work.m),
                                                 {.new_tokens = work.context, .emits = true});
  return timer->cost_of({.prefill = chunks}).duration;
}

}  // namespace mtok::validation
