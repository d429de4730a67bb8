// Layers and forward passes of the kernel library, timed.
#include "sim/validation/host_layers.hpp"

#include <algorithm>

#include "sim/host/attention.hpp"
#include "sim/host/ffn.hpp"
#include "sim/host/row_pass.hpp"
#include "sim/host/stopwatch.hpp"

namespace mtok::validation {
namespace {

using kernel::NumberFormat;

std::size_t count(std::int64_t n) {
  return static_cast<std::size_t>(n);
}

HostSample sample_of(const host::Library& library, const HostWork& work, const host::Timing& timing) {
  return {.work = work,
          .isa = library.machine().isa,
          .threads = library.machine().threads,
          .least = timing.least,
          .median = timing.median};
}

std::vector<float> random_rows(std::int64_t values, std::uint32_t seed) {
  std::vector<float> rows(count(values));
  host::fill_f32(rows.data(), rows.size(), seed);
  return rows;
}

/// As many caches as the last level of the processor cannot hold, filled by turns.
HostSample measure_attention(const host::Library& library, const HostWork& work) {
  const host::AttentionShape shape{.sequences = work.m,
                                   .fresh = work.n,
                                   .context = work.context,
                                   .capacity = work.context,
                                   .heads = work.heads,
                                   .kv_heads = work.kv_heads,
                                   .head_dim = work.head_dim,
                                   .format = work.format};
  host::Attention attention(library, shape);
  const double bytes = 2 * static_cast<double>(work.m * work.context * work.kv_heads * work.head_dim) *
                       kernel::bytes_per_value(work.format).base();
  const double wanted = std::min(2 * library.machine().last_level_cache.base(), 1e9);
  std::vector<host::KvCache> caches;
  for (std::int64_t i = 0; i < std::clamp<std::int64_t>(static_cast<std::int64_t>(wanted / bytes), 1, 64);
       ++i) {
    caches.emplace_back(shape);
  }
  const std::vector<float> q = random_rows(work.m * work.n * work.heads * work.head_dim, 1);
  std::vector<float> out(q.size());
  std::size_t next = 0;
  const host::Timing timing = host::time_of(
      [&] {
        attention.run(caches[next], q.data(), out.data());
        next = (next + 1) % caches.size();
      },
      {.time = Seconds(0.03), .least_readings = 4, .burst = Seconds(1e-3)});
  HostSample sample = sample_of(library, work, timing);
  sample.implementation = attention.implementation();
  return sample;
}

/// Groups of tokens over which distinct experts are counted; the mean then has an error of about a quarter of
/// a percent.
constexpr std::int64_t kCountedGroups = 400;

double distinct_experts(host::Ffn& layer, const HostWork& work) {
  std::int64_t sum = 0;
  for (std::int64_t group = 0; group < kCountedGroups; ++group) {
    const auto seed = static_cast<std::uint32_t>(1000 + group);
    const std::vector<float> x = random_rows(work.m * work.k, seed);
    sum += layer.distinct_experts(x.data(), work.m).front();
  }
  return static_cast<double>(sum) / static_cast<double>(kCountedGroups);
}

}  // namespace

HostSample measure_kernel(const host::Library& library, const HostWork& work) {
  if (work.kind == HostKind::attention) {
    return measure_attention(library, work);
  }
  host::RowPass pass(library, work.format, work.m, work.n);
  HostSample sample = sample_of(
      library, work, host::time_of([&] { pass.run(); }, {.time = Seconds(0.01), .least_readings = 5}));
  sample.implementation = "gated activation";
  return sample;
}

HostSample measure_layer(const host::Library& library, const HostWork& work, host::Buffer& weights) {
  const bool moe = work.kind == HostKind::moe;
  const host::FfnShape shape{.tokens = work.m,
                             .hidden = work.k,
                             .intermediate = work.n,
                             .experts = moe ? work.experts : 1,
                             .top_k = moe ? work.top_k : 1,
                             .format = work.format};
  const std::size_t bytes = host::Ffn::weight_bytes(library, shape);
  if (weights.size() < bytes) {
    weights = host::Buffer();
    weights = host::Buffer(bytes);
    host::fill_bf16(weights.as<std::uint16_t>(), weights.size() / 2, 7);
  }
  host::Ffn layer(library, shape, weights.data());
  const std::int64_t inputs = work.m <= 2 ? 8 : work.m <= 16 ? 4 : 2;
  const std::size_t copies = moe ? 1 : weights.size() / bytes;
  const std::vector<float> x = random_rows(inputs * work.m * work.k, 17);
  std::vector<float> out(count(work.m * work.k));
  std::vector<host::FfnParts> best(count(inputs));
  std::vector<std::vector<double>> totals(count(inputs));
  const Seconds start = host::now();
  constexpr Seconds kEnough{0.15};
  std::size_t copy = 0;
  for (int round = 0; round < 3 || host::now() - start < kEnough; ++round) {
    for (std::int64_t i = 0; i < inputs; ++i) {
      layer.use_memory(weights.data() + copy * bytes);
      copy = (copy + 1) % copies;
      const host::FfnParts parts = layer.run(x.data() + i * work.m * work.k, out.data());
      totals[count(i)].push_back(parts.total().base());
      if (round == 1 || (round > 1 && parts.total() < best[count(i)].total())) {  // the first creates kernels
        best[count(i)] = parts;
      }
    }
  }
  host::Timing timing;
  Seconds products;
  const auto share = 1 / static_cast<double>(inputs);
  for (std::int64_t i = 0; i < inputs; ++i) {
    std::vector<double>& all = totals[count(i)];
    std::nth_element(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(all.size() / 2), all.end());
    timing.least += best[count(i)].total() * share;
    timing.median += Seconds(all[all.size() / 2]) * share;
    products += best[count(i)].products * share;
  }
  HostSample sample = sample_of(library, work, timing);
  sample.split = Split::composition;
  sample.products = products;
  sample.distinct = moe ? distinct_experts(layer, work) : 0;
  sample.implementation = "one product an expert";
  return sample;
}

host::NetworkShape shape_of(const model::Architecture& architecture, NumberFormat format) {
  const model::Layer& layer = architecture.groups.front().layer;
  const bool moe = layer.ffn.experts > 0;
  const NumberFormat kept = format == NumberFormat::fp32 ? NumberFormat::fp32 : NumberFormat::bf16;
  return {.hidden = architecture.hidden_size,
          .layers = architecture.layers(),
          .heads = layer.attention.heads,
          .kv_heads = layer.attention.kv_heads,
          .head_dim = layer.attention.head_dim,
          .intermediate = moe ? layer.ffn.moe_intermediate_size : layer.ffn.intermediate_size,
          .experts = moe ? layer.ffn.experts : 1,
          .top_k = moe ? layer.ffn.experts_per_token : 1,
          .vocab = architecture.vocab_size,
          .qk_norm = layer.attention.qk_norm,
          .format = format,
          .kv_format = kept,
          .head_format = kept};
}

HostSample measure_step(const host::Library& library, host::Network& network, const HostWork& work) {
  const std::int64_t fresh = work.kind == HostKind::prefill ? work.context : 1;
  host::ForwardPass pass(library, network, fresh, work.context);
  const std::vector<float> embedded = random_rows(work.m * fresh * network.shape().hidden, 23);
  std::vector<float> x(embedded.size());
  const host::Timing timing = host::time_of(
      [&] {
        std::copy(embedded.begin(), embedded.end(), x.begin());
        pass.run(x.data());
      },
      {.time = Seconds(0.25), .least_readings = 3});
  HostSample sample = sample_of(library, work, timing);
  sample.split = Split::composition;
  sample.implementation = "composed of products";
  return sample;
}

}  // namespace mtok::validation
