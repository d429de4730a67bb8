// Writes down the formulas of memory: weights, workspace, adapters, and the blocks of the KV cache.
#include "sim/planner/kv_geometry.hpp"
#include "sim/planner/provenance_writer.hpp"

namespace mtok::planner {
namespace {

using Id = FigureGraph::Id;

double real(std::int64_t count) {
  return static_cast<double>(count);
}

class MemoryFigures {
 public:
  explicit MemoryFigures(FigureWriter& writer) : w_(writer), r_(writer.result) {}

  void add() {
    const engine::MemoryPlan& memory = r_.memory;
    const std::vector<Id> network{w_.sources.network()};
    const std::string bytes_rule = "docs/formulas.md, Bytes: shapes times the bytes of their formats";
    const Id capacity =
        w_.sources.of_device("memory.device_bytes", "memory.capacity", memory.per_device.base(), "B");
    w_.shaped("memory.weights_bytes", "weights of one copy of the network", memory.weights_total.base(), "B",
              bytes_rule, network);
    const Id weights = w_.shaped("memory.weights_bytes_per_device", "weights of the fullest device",
                                 memory.weights_per_device.base(), "B", bytes_rule, network);
    w_.shaped("memory.kv_bytes_per_token", "K and V of one token in all layers", memory.kv_per_token.base(),
              "B", bytes_rule, network);
    const Id token = w_.shaped("memory.kv_bytes_per_token_per_device", "K and V of one token on one device",
                               memory.kv_per_token_per_device.base(), "B", bytes_rule, network);
    w_.shaped("memory.state_bytes_per_sequence_per_device", "what a sequence keeps whatever its length",
              memory.state_per_sequence_per_device.base(), "B", bytes_rule, network);
    const Id reserve = add_reserve();
    const double fraction = r_.scenario.engine.gpu_memory_utilization.value_or(r_.framework.memory_fraction);
    const Id share =
        w_.sources.setting("engine.gpu_memory_utilization", "engine.gpu_memory_utilization", fraction);
    const Id kv = add_kv_budget(capacity, weights, reserve, share);
    const Id block_size = w_.sources.setting("memory.block_size", "engine.block_size",
                                             real(r_.scheduler.kv_geometry.block_size));
    w_.simulated("memory.kv_peak_blocks", "most blocks that one replica held",
                 real(peak_blocks_of_first_pool(r_.run)));
    const Id ranks = w_.find("deployment.data_parallel_size");
    if (r_.scenario.engine.num_gpu_blocks) {
      const Id blocks = w_.sources.setting("engine.num_gpu_blocks", "engine.num_gpu_blocks",
                                           real(*r_.scenario.engine.num_gpu_blocks));
      w_.work_out("memory.kv_blocks", "blocks of a replica, as stated", Rule::product, "", {blocks, ranks});
      return;
    }
    const Id block =
        w_.work_out("memory.block_bytes", "a block on one device", Rule::product, "B", {token, block_size});
    const Id blocks =
        w_.work_out("memory.kv_blocks_exact", "blocks that fit", Rule::quotient, "", {kv, block});
    const Id whole =
        w_.work_out("memory.kv_blocks_of_rank", "whole blocks of a data rank", Rule::whole, "", {blocks});
    w_.work_out("memory.kv_blocks", "blocks of a replica", Rule::product, "", {whole, ranks});
  }

 private:
  Id add_reserve() {
    const hardware::FrameworkProfile& framework = r_.framework;
    const Id full = w_.sources.of_framework("framework.activations_bytes", "memory.activations",
                                            framework.activation_memory.base(), "B");
    const Id usual =
        w_.sources.of_framework("framework.max_num_batched_tokens", "limits.max_num_batched_tokens",
                                real(framework.max_num_batched_tokens), "tokens");
    const Id share = w_.work_out("memory.workspace_share", "tokens of a step over those of the profile",
                                 Rule::quotient, "", {w_.find("engine.max_num_batched_tokens"), usual});
    return w_.work_out("memory.reserved_bytes_per_device", "activations and graphs", Rule::product, "B",
                       {full, share});
  }

  Id add_kv_budget(Id capacity, Id weights, Id reserve, Id share) {
    const bool of_total = r_.framework.budget_rule == hardware::FrameworkProfile::BudgetRule::share_of_total;
    const std::optional<Id> adapters = add_adapters();
    if (!of_total && r_.draft) {  // the draft model's weights come out of the share, not of what is shared
      return w_.shaped("memory.kv_bytes_per_device", "left for the KV cache", r_.memory.kv_per_device.base(),
                       "B",
                       "docs/formulas.md: share of what weights and workspace leave, less the draft model",
                       {share, capacity, weights, reserve, w_.sources.network()});
    }
    if (of_total) {
      const Id usable = w_.work_out("memory.usable_bytes", "what the framework uses of a device",
                                    Rule::product, "B", {share, capacity});
      std::vector<Id> parts{usable, weights, reserve};
      if (adapters) {
        parts.push_back(*adapters);
      }
      return w_.work_out("memory.kv_bytes_per_device", "left for the KV cache", Rule::difference, "B", parts);
    }
    const Id free = w_.work_out("memory.free_bytes", "what weights and workspace leave of a device",
                                Rule::difference, "B", {capacity, weights, reserve});
    if (!adapters) {
      return w_.work_out("memory.kv_bytes_per_device", "left for the KV cache", Rule::product, "B",
                         {share, free});
    }
    const Id all = w_.work_out("memory.kv_and_adapter_bytes", "for the KV cache and adapters", Rule::product,
                               "B", {share, free});
    return w_.work_out("memory.kv_bytes_per_device", "left for the KV cache", Rule::difference, "B",
                       {all, *adapters});
  }

  /// What all slots of low-rank adapters take of a device.
  std::optional<Id> add_adapters() {
    const std::optional<LoraChoice>& lora = r_.scenario.lora;
    if (!lora) {
      return std::nullopt;
    }
    const Id slots = w_.sources.setting("lora.max_loras", "engine.max_loras", real(lora->max_loras));
    const Id rank =
        w_.sources.setting("lora.max_lora_rank", "engine.max_lora_rank", real(lora->max_lora_rank));
    const Id one = w_.shaped("lora.adapter_bytes_per_device", "one adapter's part on one device",
                             (r_.memory.adapters_per_device / real(lora->max_loras)).base(), "B",
                             "docs/formulas.md, Low-rank adapters", {rank, w_.sources.network()});
    const Id link = w_.sources.of_device("lora.host_link", "links.host", r_.device.host_link.base(), "B/s");
    w_.work_out("lora.load_ms", "an adapter from the host to its device", Rule::quotient, "ms",
                {w_.work_out("lora.adapter_milli_bytes", "the same times a thousand", Rule::product, "mB",
                             {one, w_.constant("milli_per_one", 1e3, "", "definition")}),
                 link});
    return w_.work_out("lora.bytes_per_device", "all slots on one device", Rule::product, "B", {one, slots});
  }

  FigureWriter& w_;
  const RunResult& r_;
};

}  // namespace

void add_memory_figures(FigureWriter& writer) {
  MemoryFigures(writer).add();
}

}  // namespace mtok::planner
