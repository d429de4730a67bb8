// Low-rank products from the shapes of the dense ones.
#include "sim/engine/adapter_timer.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <string_view>
#include <utility>
#include <vector>

namespace mtok::engine {
namespace {

double real(std::int64_t n) {
  return static_cast<double>(n);
}

/// One dense product that adapters stand beside, on one device.
struct Product {
  std::int64_t n = 0;
  std::int64_t k = 0;
  std::int64_t merged = 1;   ///< so many products of the network in one
  std::int64_t repeats = 1;  ///< layers

  /// Values of X and Y of one adapter, all layers.
  [[nodiscard]] double values(std::int64_t rank) const {
    return real(repeats) * real(rank) * (real(merged * k) + real(n));
  }
};

std::int64_t merged_in(std::string_view name) {
  const auto has = [&](const char* part) { return name.find(part) != std::string_view::npos; };
  if (has("qkv")) {
    return 3;
  }
  return has("gate_up") || has("_and_") ? 2 : 1;
}

std::vector<Product> products_of(const Deployment& deployment) {
  model::Sharding sharding = deployment.sharding;
  sharding.two_batch_overlap = false;  // halves of a batch are the same products
  std::vector<Product> products;
  for (const model::StepPart& part :
       model::layer_parts(*deployment.architecture, sharding, deployment.formats, 1, deployment.routing)) {
    for (const model::Node& node : part.graph.nodes()) {
      const auto* gemm = std::get_if<kernel::Gemm>(&node.kernel);
      const bool adapted = gemm != nullptr && gemm->batch == 1 && node.name.ends_with("_proj") &&
                           !node.name.starts_with("index_") && !node.name.starts_with("beta_");
      if (adapted) {
        products.push_back(
            {.n = gemm->n, .k = gemm->k, .merged = merged_in(node.name), .repeats = part.repeats});
      }
    }
  }
  return products;
}

class AdapterTimer final : public StepTimer {
 public:
  AdapterTimer(std::unique_ptr<StepTimer> timer, AdapterDemand demand)
      : timer_(std::move(timer)), demand_(std::move(demand)) {}

  [[nodiscard]] std::span<const std::int64_t> windows() const override { return timer_->windows(); }
  [[nodiscard]] Watts idle_power() const override { return timer_->idle_power(); }

  [[nodiscard]] StepCost cost_of(const StepShape& shape) override {
    StepCost cost = timer_->cost_of(shape);
    std::int64_t prompt = 0;
    for (const PrefillChunk& chunk : shape.prefill) {
      prompt += chunk.new_tokens;
    }
    const std::int64_t tokens = prompt + shape.decode_sequences;
    const Demand& more = added(tokens, shape.adapters);
    const Seconds for_prompts = more.time * (real(prompt) / real(tokens));
    cost.duration += more.time;
    cost.prefill += for_prompts;
    cost.decode += more.time - for_prompts;
    cost.energy += more.energy;
    cost.compute_peak += more.compute_peak;
    cost.memory_peak += more.memory_peak;
    return cost;
  }

  [[nodiscard]] DecodeRun decode_run(const StepShape& shape,
                                     std::span<const std::int64_t> windowed_growth) override {
    DecodeRun run = timer_->decode_run(shape, windowed_growth);
    const Demand& more = added(shape.decode_sequences, shape.adapters);
    run.duration += Ticks::from(more.time);
    run.energy += more.energy;
    run.compute_peak += more.compute_peak;
    run.memory_peak += more.memory_peak;
    return run;
  }

 private:
  [[nodiscard]] const Demand& added(std::int64_t tokens, std::int64_t adapters) {
    const auto [entry, is_new] = known_.try_emplace({tokens, adapters});
    if (is_new && adapters > 0) {
      entry->second = demand_(tokens, adapters);
    }
    return entry->second;
  }

  std::unique_ptr<StepTimer> timer_;
  AdapterDemand demand_;
  std::map<std::pair<std::int64_t, std::int64_t>, Demand> known_;
};

}  // namespace

std::unique_ptr<StepTimer> with_adapters(std::unique_ptr<StepTimer> timer, AdapterDemand demand) {
  return std::make_unique<AdapterTimer>(std::move(timer), std::move(demand));
}

AdapterDemand low_rank_demand(const Deployment& deployment, std::int64_t rank) {
  return [deployment, rank, products = products_of(deployment)](std::int64_t tokens, std::int64_t adapters) {
    const hardware::DeviceProfile& profile = deployment.device->profile();
    const std::int64_t ways = deployment.sharding.pipeline * deployment.sharding.data;
    const double here = real((tokens + ways - 1) / ways);
    Demand sum;
    const auto add = [&](std::int64_t n, std::int64_t k, std::int64_t repeats) {
      const kernel::Kernel product =
          kernel::GroupedGemm{.rows = here, .experts = std::min(here, real(adapters)), .n = n, .k = k};
      hardware::KernelTime time = deployment.device->time_of(product);
      time.launch = time.launch * deployment.framework->launch_share;
      const auto peak = profile.peak.find(kernel::NumberFormat::bf16);
      const Demand one{
          .time = time.total(),
          .energy = deployment.device->energy_of(time),
          .compute_peak = peak != profile.peak.end() ? kernel::flops_of(product) / peak->second : Seconds{},
          .memory_peak = kernel::bytes_of(product) / profile.memory_bandwidth};
      sum += one * real(repeats);
    };
    for (const Product& product : products) {
      add(product.merged * rank, product.k, product.repeats);
      add(product.n, rank, product.repeats);
    }
    sum.energy = sum.energy * real(deployment.sharding.devices());
    return sum;
  };
}

Bytes adapter_bytes_per_device(const Deployment& deployment, std::int64_t rank) {
  constexpr Bytes kValue{2};
  double values = 0;
  for (const Product& product : products_of(deployment)) {
    values += product.values(rank);
  }
  return kValue * (values / real(deployment.sharding.pipeline));
}

void make_room_for_adapters(MemoryPlan& plan, Bytes adapter_per_device, std::int64_t slots,
                            std::int64_t block_size, std::int64_t data_ranks) {
  plan.adapters_per_device = adapter_per_device * real(slots);
  plan.kv_per_device -= plan.adapters_per_device;
  const Bytes block = plan.kv_per_token_per_device * Tokens(real(block_size));
  plan.kv_blocks =
      static_cast<std::int64_t>(std::floor(std::max(Bytes{}, plan.kv_per_device) / block)) * data_ranks;
}

}  // namespace mtok::engine
