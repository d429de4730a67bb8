// Compiles a deployment into step times: tables by token count, attention from its load.
#include "sim/engine/deployment.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>
#include <map>

#include "sim/engine/decode_table.hpp"
#include "sim/engine/demand.hpp"

namespace mtok::engine {
namespace {

std::int64_t ceil_div(std::int64_t a, std::int64_t b) {
  return (a + b - 1) / b;
}
double real(std::int64_t n) {
  return static_cast<double>(n);
}

/// What prefill asks of attention, all chunks together, cut to a window (0: none).
model::AttentionLoad prefill_load(std::span<const PrefillChunk> chunks, std::int64_t window,
                                  bool without_hits) {
  model::AttentionLoad load{.phase = kernel::Phase::prefill};
  for (const PrefillChunk& chunk : chunks) {
    const double context = real(without_hits ? chunk.context - chunk.prefix_hit : chunk.context);
    const double q = real(chunk.new_tokens);
    const double w = window > 0 ? real(window) : std::numeric_limits<double>::infinity();
    // New token i (1..q) sees min(context + i, w) keys: a ramp up to the window, then a plateau.
    const double ramp = std::clamp(w - context, 0.0, q);
    const double plateau = q - ramp;
    load.query_key_pairs += ramp * context + ramp * (ramp + 1) / 2 + (plateau > 0 ? plateau * w : 0);
    load.kv_tokens += q + std::min(context, w);
    load.query_tokens += q;
    load.sequences += 1;
  }
  return load;
}

class CompiledStepTimer final : public StepTimer {
 public:
  explicit CompiledStepTimer(const Deployment& deployment)
      : d_(deployment),
        decode_([this](std::int64_t sequences) { return decode_without_context(sequences); },
                [this](std::int64_t sequences, std::int64_t window, std::int64_t context) {
                  return decode_attention(sequences, window, context);
                }) {
    for (const model::LayerGroup& group : d_.architecture->groups) {
      const std::int64_t window = group.layer.attention.reach();
      if (window > 0 && std::find(windows_.begin(), windows_.end(), window) == windows_.end()) {
        windows_.push_back(window);
      }
    }
    decode_.set_windows(windows_);
    eager_launches_ = d_.framework->eager_layer * real(d_.architecture->layers()) +
                      d_.framework->eager_kernel * real(kernels_of_layers());
  }

  [[nodiscard]] std::span<const std::int64_t> windows() const override { return windows_; }

  [[nodiscard]] Watts idle_power() const override {
    const hardware::DeviceProfile& profile = d_.device->profile();
    return profile.tdp * profile.idle_power_fraction * real(d_.sharding.devices());
  }

  [[nodiscard]] DecodeRun decode_run(const StepShape& shape,
                                     std::span<const std::int64_t> windowed_growth) override {
    return decode_.run(shape, windowed_growth);
  }

  [[nodiscard]] StepCost cost_of(const StepShape& shape) override {
    std::int64_t new_tokens = 0;
    std::int64_t prompts_done = 0;
    bool any_hit = false;
    for (const PrefillChunk& chunk : shape.prefill) {
      new_tokens += chunk.new_tokens;
      prompts_done += chunk.emits ? 1 : 0;
      any_hit = any_hit || chunk.prefix_hit > 0;
    }
    const auto chunks = static_cast<std::int64_t>(shape.prefill.size());
    const std::int64_t decoded = shape.decode_sequences * (1 + shape.draft_tokens);
    const Demand attention_decode = shape.decode_sequences == 0 ? Demand{}
                                    : shape.draft_tokens > 0    ? verify_attention(shape)
                                                                : decode_.attention(shape);
    const Demand attention_prefill = chunks > 0 ? prefill_attention(shape.prefill, false) : Demand{};

    Demand step = tokens_demand(decoded + new_tokens);
    step += head_demand(decoded + prompts_done);
    step += attention_prefill;
    step.energy = step.energy * real(d_.sharding.devices());
    step += attention_decode;
    const Seconds slack = attention_slack(decoded + new_tokens);
    step.time -= std::min(slack, attention_prefill.time + attention_decode.time);
    const Seconds busy = step.time;
    const Seconds duration = duration_of(busy, decoded + prompts_done, shape.decode_sequences, chunks);

    StepCost cost{.duration = duration,
                  .energy = step.energy + idle_power() * (duration - busy),
                  .compute_peak = step.compute_peak,
                  .memory_peak = step.memory_peak};
    if (chunks == 0) {
      cost.decode = cost.duration;
      return cost;
    }
    double prefill_share = 1;
    if (shape.decode_sequences > 0) {
      const double prefill_alone =
          duration_of(device_time(new_tokens, prompts_done, attention_prefill.time), prompts_done, 0, chunks)
              .base();
      const double decode_alone = duration_of(device_time(decoded, decoded, attention_decode.time), decoded,
                                              shape.decode_sequences, 0)
                                      .base();
      prefill_share = prefill_alone / (prefill_alone + decode_alone);
    }
    cost.prefill = cost.duration * prefill_share;
    cost.decode = cost.duration - cost.prefill;
    if (any_hit) {
      const auto shown = [&](Seconds prefill) {
        return std::max(Seconds{}, prefill + attention_decode.time - slack);
      };
      const Seconds without = prefill_attention(shape.prefill, true).time;
      cost.cached = std::clamp(shown(attention_prefill.time) - shown(without), Seconds{}, cost.prefill);
      cost.prefill -= cost.cached;
    }
    return cost;
  }

 private:
  [[nodiscard]] std::int64_t ways() const { return d_.sharding.pipeline * d_.sharding.data; }

  /// Every data rank has a scheduler process of its own for its share of the sequences.
  [[nodiscard]] Seconds host_time(std::int64_t sequences) const {
    return d_.framework->step_overhead * real(d_.sharding.pipeline) +
           d_.framework->sequence_overhead * real(ceil_div(sequences, d_.sharding.data));
  }

  /// Frameworks that prepare the next step while this one runs do so without pipeline stages only: with them
  /// a stage waits for the tokens of the last one (vLLM's asynchronous scheduling, TensorRT-LLM's overlap
  /// scheduler).
  [[nodiscard]] double host_hidden() const {
    return d_.sharding.pipeline > 1 ? 0 : d_.framework->host_hidden;
  }

  /// From the devices' work to the step: the stages that have no head wait for the one that has it, once for
  /// each other micro-batch; without graphs the launches set a least time; host time that does not overlap
  /// comes on top, its constant part for each micro-batch.
  [[nodiscard]] Seconds duration_of(Seconds busy, std::int64_t emitting, std::int64_t decodes,
                                    std::int64_t chunks) {
    const double micro_batches = real(d_.sharding.pipeline);
    const Seconds piped = busy + head_demand(emitting).time * (micro_batches - 1);
    const Seconds device = std::max(piped, launch_time(chunks));
    const Seconds host = host_time(decodes + chunks);
    return device + host - std::min(device, host) * host_hidden();
  }

  /// Kernels of all layers, their attention included, as the graphs have them.
  [[nodiscard]] std::int64_t kernels_of_layers() const {
    std::int64_t kernels = 0;
    for (const model::StepPart& part :
         model::layer_parts(*d_.architecture, d_.sharding, d_.formats, 1, d_.routing)) {
      kernels += std::ssize(part.graph.nodes()) * part.repeats;
    }
    for (const model::LayerGroup& group : d_.architecture->groups) {
      constexpr std::int64_t kIndexerKernels = 2;
      kernels += group.count * (group.layer.attention.index_heads > 0 ? 1 + kIndexerKernels : 1);
    }
    return kernels;
  }

  /// Steps of decodes alone run as captured graphs; prompt tokens come in any number, so their kernels are
  /// launched.
  [[nodiscard]] Seconds launch_time(std::int64_t chunks) const {
    return chunks > 0 ? eager_launches_ : Seconds{};
  }

  /// A kernel of a step: launched back to back, it starts under the tail of the one before, so only a share
  /// of the floor that it shows alone remains.
  [[nodiscard]] hardware::KernelTime in_step(const kernel::Kernel& kernel) const {
    hardware::KernelTime time = d_.device->time_of(kernel);
    time.launch = time.launch * d_.framework->launch_share;
    return time;
  }

  [[nodiscard]] Demand demand_of(const kernel::Kernel& kernel) const {
    return demand_of(kernel, in_step(kernel));
  }
  [[nodiscard]] Demand demand_of(const kernel::Kernel& kernel, const hardware::KernelTime& time) const {
    const hardware::DeviceProfile& profile = d_.device->profile();
    Demand demand{.time = time.total(), .energy = d_.device->energy_of(time)};
    const Flops flops = kernel::flops_of(kernel);
    if (flops > Flops{}) {
      const auto peak = profile.peak.find(multiply_format(kernel));
      demand.compute_peak = peak != profile.peak.end() ? flops / peak->second : Seconds{};
    }
    demand.memory_peak = kernel::bytes_of(kernel) / profile.memory_bandwidth;
    return demand;
  }

  [[nodiscard]] kernel::NumberFormat multiply_format(const kernel::Kernel& kernel) const {
    if (const auto* gemm = std::get_if<kernel::Gemm>(&kernel)) {
      return d_.device->multiply_format(gemm->weights, gemm->activations);
    }
    if (const auto* grouped = std::get_if<kernel::GroupedGemm>(&kernel)) {
      return d_.device->multiply_format(grouped->weights, grouped->activations);
    }
    if (const auto* attention = std::get_if<kernel::Attention>(&kernel)) {
      return d_.device->multiply_format(attention->compute, attention->compute);
    }
    if (const auto* linear = std::get_if<kernel::LinearAttention>(&kernel)) {
      return d_.device->multiply_format(linear->compute, linear->compute);
    }
    return kernel::NumberFormat::fp32;
  }

  /// Walks the graph of a part: its critical path, and the energy and demand of all its kernels.
  [[nodiscard]] Demand demand_of(const model::StepPart& part) const {
    Demand sum;
    sum.time = part.graph.critical_path([&](const kernel::Kernel& kernel) {
      const hardware::KernelTime time = in_step(kernel);
      sum += demand_of(kernel, time);
      return time.total();
    });
    return sum * real(part.repeats);
  }

  /// An entry of a table that is filled on first use.
  template <class Compute>
  static const Demand& memo(std::vector<Demand>& table, std::int64_t index, const Compute& compute) {
    const auto i = static_cast<std::size_t>(index);
    if (i >= table.size()) {
      table.resize(std::max(i + 1, table.size() * 2), Demand{.time = kUnknown});
    }
    if (table[i].time == kUnknown) {
      table[i] = compute();
    }
    return table[i];
  }

  [[nodiscard]] const Demand& tokens_demand(std::int64_t tokens) {
    const std::int64_t here = ceil_div(tokens, ways());
    return memo(by_tokens_, here, [&] {
      Demand sum;
      Seconds slack;
      if (here > 0) {
        for (const model::StepPart& part :
             model::layer_parts(*d_.architecture, d_.sharding, d_.formats, here, d_.routing)) {
          sum += demand_of(part);
          slack += slack_of(part);
        }
      }
      if (slack > Seconds{}) {
        slack_by_tokens_[here] = slack;
      }
      return sum;
    });
  }

  /// For how long the compute stream of overlapped half batches waits for communication.
  [[nodiscard]] Seconds slack_of(const model::StepPart& part) const {
    if (part.overlapped_layers == 0) {
      return {};
    }
    const auto time_of = [this](const kernel::Kernel& kernel) { return in_step(kernel).total(); };
    return part.graph.critical_path(time_of) - part.graph.time_on(model::Stream::compute, time_of);
  }

  /// How much attention over the cache costs nothing in a step of so many tokens, since it runs while the
  /// devices would wait for the exchange of the other half batch.
  [[nodiscard]] Seconds attention_slack(std::int64_t tokens) {
    static_cast<void>(tokens_demand(tokens));
    const auto slack = slack_by_tokens_.find(ceil_div(tokens, ways()));
    return slack == slack_by_tokens_.end() ? Seconds{} : slack->second;
  }

  /// The devices' work on so many tokens with their attention.
  [[nodiscard]] Seconds device_time(std::int64_t tokens, std::int64_t emitting, Seconds attention) {
    return tokens_demand(tokens).time + head_demand(emitting).time +
           std::max(Seconds{}, attention - attention_slack(tokens));
  }

  [[nodiscard]] const Demand& head_demand(std::int64_t emitting) {
    const std::int64_t here = ceil_div(emitting, ways());
    return memo(by_emitting_, here, [&] {
      return here > 0 ? demand_of(model::head_part(*d_.architecture, d_.sharding, d_.formats, here))
                      : Demand{};
    });
  }

  [[nodiscard]] model::AttentionLoad on_one_rank(model::AttentionLoad load) const {
    const double share = 1.0 / real(ways());
    load.sequences = ceil_div(load.sequences, ways());
    load.query_tokens *= share;
    load.query_key_pairs *= share;
    load.kv_tokens *= share;
    return load;
  }

  [[nodiscard]] Demand demand_of_layers(const kernel::Kernel& kernel, std::int64_t layers) const {
    return demand_of(kernel) * real(layers);
  }

  /// `load` is cut to what the layers reach.
  [[nodiscard]] Demand attention_demand(const model::LayerGroup& group,
                                        const model::AttentionLoad& load) const {
    const model::AttentionSpec& attention = group.layer.attention;
    const model::AttentionLoad own = on_one_rank(load);
    if (attention.form == model::AttentionSpec::Form::linear) {
      return demand_of_layers(model::linear_attention_kernel(attention, d_.sharding, own), group.count);
    }
    return demand_of_layers(model::attention_kernel(attention, d_.sharding, d_.formats, own), group.count);
  }

  /// `load` is not cut: the indexer looks at all keys.
  [[nodiscard]] Demand index_demand(const model::LayerGroup& group, const model::AttentionLoad& load) const {
    const model::IndexKernels kernels = model::index_kernels(group.layer.attention, on_one_rank(load));
    Demand sum = demand_of_layers(kernels.scores, group.count);
    sum += demand_of_layers(kernels.choice, group.count);
    return sum;
  }

  /// A step of decodes alone but for its attention.
  [[nodiscard]] DecodeTable::Fixed decode_without_context(std::int64_t sequences) {
    const Demand& head = head_demand(sequences);
    Demand device = tokens_demand(sequences) + head;
    device.energy = device.energy * real(d_.sharding.devices());
    return {.device = device,
            .waiting = head.time * (real(d_.sharding.pipeline) - 1),
            .attention_slack = attention_slack(sequences),
            .host = host_time(sequences),
            .host_hidden = host_hidden(),
            .idle = idle_power()};
  }

  /// Attention of the layers with this reach (0: everything) over `context` keys of all sequences together.
  /// Indexers look at all keys, whatever the reach of their layers.
  [[nodiscard]] Demand decode_attention(std::int64_t sequences, std::int64_t reach,
                                        std::int64_t context) const {
    Demand sum;
    for (const model::LayerGroup& group : d_.architecture->groups) {
      const model::AttentionLoad load{.phase = kernel::Phase::decode,
                                      .sequences = sequences,
                                      .query_tokens = real(sequences),
                                      .query_key_pairs = real(context),
                                      .kv_tokens = real(context)};
      if (group.layer.attention.reach() == reach) {
        sum += attention_demand(group, load);
      }
      if (reach == 0 && group.layer.attention.index_heads > 0) {
        sum += index_demand(group, load);
      }
    }
    sum.energy = sum.energy * real(d_.sharding.devices());
    return sum;
  }

  /// Query i of a sequence sees i keys more than its first; windows are cut as for the first one.
  [[nodiscard]] Demand verify_attention(const StepShape& shape) const {
    const double queries = real(1 + shape.draft_tokens);
    const double sequences = real(shape.decode_sequences);
    const auto load_over = [&](std::int64_t context, bool grows) {
      const double more = grows ? sequences * real(shape.draft_tokens) : 0;
      return model::AttentionLoad{.phase = kernel::Phase::decode,
                                  .sequences = shape.decode_sequences,
                                  .query_tokens = sequences * queries,
                                  .query_key_pairs = real(context) * queries + more * queries / 2,
                                  .kv_tokens = real(context) + more};
    };
    Demand sum;
    for (const model::LayerGroup& group : d_.architecture->groups) {
      const std::int64_t reach = group.layer.attention.reach();
      const auto window = std::find(windows_.begin(), windows_.end(), reach);
      const std::int64_t context =
          window == windows_.end()
              ? shape.decode_context
              : shape.decode_windowed[static_cast<std::size_t>(std::distance(windows_.begin(), window))];
      sum += attention_demand(group, load_over(context, reach == 0));
      if (group.layer.attention.index_heads > 0) {
        sum += index_demand(group, load_over(shape.decode_context, true));
      }
    }
    sum.energy = sum.energy * real(d_.sharding.devices());
    return sum;
  }

  [[nodiscard]] Demand prefill_attention(std::span<const PrefillChunk> chunks, bool without_hits) const {
    Demand sum;
    for (const model::LayerGroup& group : d_.architecture->groups) {
      if (group.layer.attention.index_heads > 0) {
        sum += sparse_prefill(group, chunks, without_hits);
      } else {
        sum += attention_demand(group, prefill_load(chunks, group.layer.attention.window, without_hits));
      }
    }
    return sum;
  }

  /// While a sequence has no more keys than the indexer would choose, it is computed as if there were none;
  /// then the indexer chooses, and each query gathers its own. Source: DeepSeek-AI, "DeepSeek-V3.2", arXiv
  /// 2512.02556, section 2 (masked MHA for short prefill).
  [[nodiscard]] Demand sparse_prefill(const model::LayerGroup& group, std::span<const PrefillChunk> chunks,
                                      bool without_hits) const {
    const std::int64_t reach = group.layer.attention.index_topk;
    std::vector<PrefillChunk> dense;
    std::vector<PrefillChunk> sparse;
    for (const PrefillChunk& chunk : chunks) {
      (chunk.context + chunk.new_tokens <= reach ? dense : sparse).push_back(chunk);
    }
    Demand sum;
    if (!dense.empty()) {
      sum += attention_demand(group, prefill_load(dense, 0, without_hits));
    }
    if (!sparse.empty()) {
      model::AttentionLoad load = prefill_load(sparse, reach, without_hits);
      load.chosen = true;
      sum += attention_demand(group, load);
      sum += index_demand(group, prefill_load(sparse, 0, without_hits));
    }
    return sum;
  }

  static constexpr Seconds kUnknown{-1};
  Deployment d_;
  Seconds eager_launches_{};
  std::vector<std::int64_t> windows_;
  DecodeTable decode_;
  std::vector<Demand> by_tokens_;                    ///< by tokens on one device
  std::vector<Demand> by_emitting_;                  ///< by emitting sequences on one device
  std::map<std::int64_t, Seconds> slack_by_tokens_;  ///< by tokens on one device, where there is any
};

}  // namespace

std::unique_ptr<StepTimer> compile(const Deployment& deployment) {
  assert(deployment.architecture && deployment.device && deployment.framework);
  return std::make_unique<CompiledStepTimer>(deployment);
}

MemoryPlan plan_memory(const Deployment& deployment, double memory_fraction, std::int64_t block_size,
                       std::int64_t max_num_batched_tokens) {
  const model::Architecture& architecture = *deployment.architecture;
  const kernel::Formats& formats = deployment.formats;
  MemoryPlan plan;
  plan.per_device = deployment.device->profile().memory;
  plan.weights_total = model::weight_bytes(architecture, formats.weights);
  plan.weights_per_device =
      model::weight_bytes_per_device(architecture, formats.weights, deployment.sharding);
  plan.reserved_per_device = hardware::activation_bytes(*deployment.framework, max_num_batched_tokens);
  plan.kv_per_device = hardware::kv_budget(*deployment.framework, memory_fraction, plan.per_device,
                                           plan.weights_per_device, plan.reserved_per_device);
  plan.kv_per_token = model::kv_bytes_per_token(architecture, formats.kv_cache);
  plan.kv_per_token_per_device =
      model::kv_bytes_per_token_per_device(architecture, formats.kv_cache, deployment.sharding);
  plan.state_per_sequence_per_device =
      model::state_bytes_per_sequence_per_device(architecture, deployment.sharding);
  const double block_bytes = plan.kv_per_token_per_device.base() * real(block_size);
  const double blocks = std::floor(std::max(0.0, plan.kv_per_device.base()) / block_bytes);
  plan.kv_blocks = static_cast<std::int64_t>(blocks) * deployment.sharding.data;
  return plan;
}

}  // namespace mtok::engine
