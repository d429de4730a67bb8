// Reads the keys of low-rank adapters, and finds the size of one.
#include "sim/planner/lora.hpp"

#include "sim/planner/scenario_blocks.hpp"

namespace mtok::planner {
namespace {

constexpr const char* kFlag = "default of vLLM's flag";

workload::AdapterDraw read_draw(config::Reader& reader) {
  workload::AdapterDraw draw;
  draw.adapters = reader.integer("adapters", {.least = 1, .most = 100'000});
  draw.skew = reader.number_or("skew", draw.skew, {.least = 0, .most = 10});
  draw.share = reader.number_or("share", draw.share, config::kFraction);
  return draw;
}

}  // namespace

std::optional<LoraChoice> read_lora(config::Reader& engine, config::Reader& root,
                                    std::vector<Assumption>& defaults) {
  constexpr config::IntRange kSlots{.least = 1, .most = 4096};
  const bool enabled = engine.flag_or("enable_lora", false);
  LoraChoice choice;
  const auto with_default = [&](const char* key, std::int64_t& value, config::IntRange range) {
    if (engine.has(key)) {
      value = engine.integer(key, range);
    } else if (enabled) {
      defaults.push_back({std::string("engine.") + key, std::to_string(value), kFlag, ""});
    }
  };
  with_default("max_loras", choice.max_loras, kSlots);
  with_default("max_lora_rank", choice.max_lora_rank, {.least = 1, .most = 1024});
  if (engine.has("max_cpu_loras")) {
    choice.max_cpu_loras = engine.integer("max_cpu_loras", {.least = 1, .most = 1'000'000});
    if (*choice.max_cpu_loras < choice.max_loras) {
      engine.fail("max_cpu_loras", "is less than max_loras " + std::to_string(choice.max_loras));
    }
  }
  if (std::optional<config::Reader> block = root.find_mapping("lora")) {
    if (block->has("adapters")) {
      choice.draw = read_draw(*block);
    }
    if (block->has("storage_bandwidth")) {
      choice.storage = block->quantity<BytesPerSecond>("storage_bandwidth", kBandwidth);
    }
    block->done();
  }
  for (const char* key : {"max_loras", "max_lora_rank", "max_cpu_loras"}) {
    if (!enabled && engine.has(key)) {
      engine.fail(key, "needs enable_lora: true");
    }
  }
  if (!enabled && root.has("lora")) {
    root.fail("lora", "needs engine: {enable_lora: true}");
  } else if (choice.max_cpu_loras.has_value() != choice.storage.has_value() && enabled) {
    engine.fail(choice.max_cpu_loras ? "max_cpu_loras" : "enable_lora",
                "max_cpu_loras and lora.storage_bandwidth belong together",
                "what the host has no room for comes from storage");
  }
  return enabled ? std::optional(choice) : std::nullopt;
}

engine::AdapterLimits adapters_of(const LoraChoice& choice, const engine::Deployment& deployment,
                                  engine::MemoryPlan& memory, std::int64_t block_size) {
  const Bytes on_device = engine::adapter_bytes_per_device(deployment, choice.max_lora_rank);
  engine::make_room_for_adapters(memory, on_device, choice.max_loras, block_size, deployment.sharding.data);
  engine::AdapterLimits limits{.max_loras = choice.max_loras,
                               .max_cpu_loras = choice.max_cpu_loras.value_or(0),
                               .load = on_device / deployment.device->profile().host_link};
  if (choice.storage) {
    limits.fetch = on_device *
                   static_cast<double>(deployment.sharding.tensor * deployment.sharding.pipeline) /
                   *choice.storage;
  }
  return limits;
}

}  // namespace mtok::planner
